"""The network as the world knows it: answers by method and URL."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlunsplit

import msgspec

from routine_harness.routine.network import DENIED, denial, is_allowed, is_loopback, split_url
from routine_harness.routine.spec import Environment
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolResult


def canonical_url(url: str) -> str:
    """``url`` with its host in lower case, its query sorted, and no fragment or default port."""
    parts = split_url(url if "://" in url else f"https://{url}")
    host = (parts.hostname or "").lower()
    default = {"http": 80, "https": 443}.get(parts.scheme)
    try:
        port = parts.port
    except ValueError:
        port = None
    place = host if port in (None, default) else f"{host}:{port}"
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return urlunsplit((parts.scheme, place, parts.path or "/", query, ""))


def find_answer(world: World, method: str, url: str) -> dict[str, Any] | None:
    """The record of the world's ``http`` table that answers this request.

    A URL that the table holds without a query answers every query; http and https are one.
    """
    table = world.table("http.answers")
    if not len(table):
        return None
    wanted = canonical_url(url).partition("://")[2]
    bare: dict[str, Any] | None = None
    for record in table:
        if record.get("method", "GET") != method:
            continue
        held = canonical_url(str(record["url"])).partition("://")[2]
        if held == wanted:
            return record
        if "?" not in held and held == wanted.partition("?")[0]:
            bare = record
    return bare


def denied(world: World, url: str, environment: Environment) -> Outcome | None:
    """The proxy's answer to a request that ``environment`` does not let through; None where it does.

    A client that cannot reach the host gets no answer of its own, recorded ones included.
    """
    host = split_url(url if "://" in url else f"https://{url}").hostname or ""
    if not host or is_loopback(host) or is_allowed(host, environment):
        return None
    text = f"HTTP 403\nx-deny-reason: {DENIED}\n{denial(host)}".rstrip()
    return Outcome(world, ToolResult(text, is_error=True))


def fetch(world: World, method: str, url: str) -> Outcome:
    """What a client reads at ``url``; an address that the world does not know is incomplete."""
    record = find_answer(world, method, url)
    if record is None:
        missing = f"{method} {url}"
        return Outcome(
            world, ToolResult(f"The world has no answer to {missing}.", is_error=True), (), missing
        )
    status = int(record.get("status", 200))
    body = record.get("body", "")
    text = body if isinstance(body, str) else msgspec.json.encode(body).decode()
    if status >= 400:
        return Outcome(
            world, ToolResult(f"Request failed with status code {status}\n{text}".rstrip(), is_error=True)
        )
    return Outcome(world, ToolResult(text))
