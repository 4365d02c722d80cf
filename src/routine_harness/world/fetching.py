"""A page as a client of this run reads it: of GitHub's API by the model, of all others by the table.

``WebFetch`` follows redirects on one host and tells of others [measured in the CLI 2.1.332].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urljoin

import msgspec

from routine_harness.plain import Json
from routine_harness.routine.document import NOT_JSON
from routine_harness.routine.network import split_url
from routine_harness.routine.spec import Environment
from routine_harness.world.http import Page, denied, fetch, find_answer, page_result
from routine_harness.world.state import World
from routine_harness.world.tool import Connector, Outcome, ToolResult

API: Final = "api.github.com"
REDIRECTS: Final = (301, 302, 303, 307, 308)
MOST_HOPS: Final = 10


def visit(
    world: World, connectors: Mapping[str, Connector], method: str, url: str, body: bytes | None = b""
) -> Outcome:
    """What a read of ``url`` finds; its page is ``found``, nothing where none is known."""
    parts = split_url(url if "://" in url else f"https://{url}")
    if (parts.hostname or "").lower() != API or "github" not in connectors or method not in ("GET", "HEAD"):
        return fetch(world, method, url, body)
    row = find_answer(world, method, url, body)
    if row is not None and "operation" not in row:
        return fetch(world, method, url, body)
    # Imported here: a run that fetches nothing of GitHub need not load its operations.
    from routine_harness.world.github.connector import answer_request

    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    reply, outcome = answer_request(world, "GET", parts.path, query)
    if reply.incomplete:
        return outcome
    headers = {"content-type": "application/json; charset=utf-8", **reply.headers}
    page = Page(reply.status, tuple(headers.items()), reply.data)
    return msgspec.structs.replace(outcome, result=page_result(page), found=page)


def web_fetch(
    world: World, connectors: Mapping[str, Connector], arguments: Mapping[str, Json], environment: Environment
) -> Outcome:
    """What the agent's ``WebFetch`` answers."""
    asked = str(arguments.get("url", ""))
    url = asked if "://" in asked else f"https://{asked}"
    url = f"https://{url[7:]}" if url.startswith("http://") else url
    for _ in range(MOST_HOPS + 1):
        refused = denied(world, url, environment)
        if refused is not None:
            return refused
        outcome = visit(world, connectors, "GET", url)
        place = target_of(outcome.found, url)
        if not place:
            return outcome
        world = outcome.world
        if not _is_followed(url, place):
            page: Page = outcome.found
            text = _redirect(asked, place, page, str(arguments.get("prompt", "")))
            return Outcome(world, ToolResult(text), found=page)
        url = place
    return Outcome(world, ToolResult(f"Too many redirects (exceeded {MOST_HOPS})", is_error=True))


def target_of(page: Json, url: str) -> str:
    """Where a page leads on to; empty for one that is no redirect."""
    if not isinstance(page, Page) or page.status not in REDIRECTS or not page.header("location"):
        return ""
    return urljoin(url, page.header("location"))


def _is_followed(url: str, place: str) -> bool:
    """Whether a redirect stays on its host, ``www.`` or not."""
    here, there = split_url(url), split_url(place)
    hosts = {(part.hostname or "").lower().removeprefix("www.") for part in (here, there)}
    try:
        same = here.port == there.port
    except ValueError:
        return False
    return same and here.scheme == there.scheme and len(hosts) == 1 and not there.username


def _redirect(asked: str, place: str, page: Page, prompt: str) -> str:
    return (
        "REDIRECT DETECTED: The URL redirects to a location that was not fetched automatically.\n\n"
        f"Original URL: {asked}\n"
        f"Redirect URL (from the server's Location header — server-supplied, not verified): {place}\n"
        f"Status: {page.status} {page.phrase}\n\n"
        "To complete your request, I need to fetch content from the redirected URL. "
        "Please use WebFetch again with these parameters:\n"
        f'- url: "{place}"\n- prompt: "{prompt}"'
    )


def body_value(body: bytes | None) -> Json:
    """A request's body as JSON values; None where it is none."""
    try:
        return msgspec.json.decode(body) if body else None
    except NOT_JSON:
        return None
