"""Recorded reads of GitHub that the model alone would not answer as they were recorded.

Such a row of ``http.answers`` names the ``operation`` that it asks for and, as ``model``, the digest of
what the model said in the world of the recording (empty: nothing). While the model says the same, nothing
has touched what was asked for, and the recorded answer is the better one; once it says something else, a
write or the case's own world has, and the model's is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.routine.document import NOT_JSON
from routine_harness.routine.network import split_url
from routine_harness.world.github.operations.operation import Done, Refused, found
from routine_harness.world.github.operations.operation_table import Operation
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.rest_records import records_from_rest
from routine_harness.world.github.rest.replies import Reply
from routine_harness.world.github.rest.rest_answers import reply_to
from routine_harness.world.github.tools.tool_calls import Step
from routine_harness.world.http import TABLE, Page, find_answer, pages_of, take_page
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolResult

HOST: Final = "api.github.com"
_PAGING: Final = ("page", "per_page", "after", "first")
_PLAIN: Final = frozenset({*_PAGING, "detail", "include_diff", "fields", "sort", "direction", "method"})
"""Arguments that say how an answer is cut and ordered, not of what it tells."""
_HOPS: Final = ("content-length", "content-encoding", "transfer-encoding", "connection", "status")
"""Headers of a connection or of a body as it was compressed, which are not those of a reply."""


def operation_key(operation: Operation, given: Mapping[str, Json]) -> str:
    """An operation with its arguments as one text; the case of a repository's name does not count."""
    return f"{operation.name} {_spelt({k: v for k, v in given.items() if v not in (None, '')})}"


def _spelt(given: Mapping[str, Json]) -> str:
    named = {**given, "repository": str(given["repository"]).lower()} if "repository" in given else given
    return msgspec.json.encode(named, order="deterministic").decode()


def model_digest(reply: Reply) -> str:
    """What identifies the model's answer; empty where it has none."""
    if reply.incomplete:
        return ""
    return hashlib.sha256(b"%d %s" % (reply.status, reply.data)).hexdigest()[:16]


def reply_of(page: Page) -> Reply:
    """A recorded page as a reply."""
    headers: dict[str, str] = {}
    for name, value in page.headers:
        held = name.lower()
        if held not in _HOPS:
            headers[held] = f"{headers[held]}, {value}" if held in headers else value
    return Reply(page.status, value_of(page), headers, page.body)


def value_of(page: Page) -> Json:
    """The JSON of a page; its text where it is none, None where it is empty."""
    try:
        return msgspec.json.decode(page.body) if page.body else None
    except NOT_JSON:
        return page.text


def believed(outcome: Outcome, step: Step) -> Outcome:
    """``outcome`` of a request of the API, or what was recorded of it where that still holds."""
    operation, given = step
    if not operation.reads:
        return outcome
    rows = outcome.world.table(TABLE).find("operation", operation_key(operation, given))
    row = rows[-1] if rows else None
    if row is None:
        return outcome
    own = model_digest(reply_to(step, outcome))
    if own and row.get("model", own) != own:
        return outcome
    world, page = take_page(outcome.world, row)
    return told(outcome, world, page)


def told(outcome: Outcome, world: World, page: Page) -> Outcome:
    """``outcome`` with a recorded page in place of what the model says."""
    return msgspec.structs.replace(
        outcome,
        world=world,
        result=ToolResult(page.text, is_error=page.status >= 400),
        incomplete="",
        not_simulated="",
        found=reply_of(page),
    )


def by_address(world: World, method: str, path: str, query: Mapping[str, Json]) -> tuple[World, Page] | None:
    """What was recorded for a path for which no operation stands; None where nothing was."""
    pairs = "&".join(f"{name}={value}" for name, value in query.items())
    row = find_answer(world, method, f"https://{HOST}{path}{'?' if pairs else ''}{pairs}", None)
    return None if row is None else take_page(world, row)


# --- other faces


_TABLES: Final = {
    "commit": "commits", "pull": "pulls", "issue": "issues", "comment": "comments", "review": "reviews",
    "review_comment": "review_comments", "run": "workflow_runs", "job": "jobs", "check": "checks",
    "status": "statuses", "label": "labels", "release": "releases", "branch": "branches", "tag": "tags",
    "file": "pull_files", "workflow": "workflows", "repository": "repositories", "user": "users",
    "ruleset": "rulesets", "milestone": "milestones",
}  # fmt: skip
"""The record that an operation answers with → the table whose rows it is made of."""


def recorded_done(world: World, step: Step) -> Done | None:
    """What was recorded of an operation, in the world's own rows, whichever face asks for it now.

    None where nothing was, or where the answer is made of more than rows.

    Raises:
        Refused: the recorded answer is GitHub's no.
    """
    operation, given = step
    table = _TABLES.get(operation.rows.removesuffix("*"))
    pages = _pages(world, operation, given) if operation.reads else []
    if not pages:
        return None
    _, page = pages[0]
    if page.status in (404, 422):
        value = value_of(page)
        said = value.get("message") if isinstance(value, dict) else None
        raise Refused(page.status, str(said or "Not Found"))
    if table is None or page.status >= 300:
        return None
    rows = [one for row, page in pages for one in _rows(world, table, row, page)]
    if operation.rows.endswith("*"):
        return found(world, rows)
    return found(world, rows[0]) if rows else None


def _pages(world: World, operation: Operation, given: Mapping[str, Json]) -> list[tuple[Record, Page]]:
    """The recorded pages of an operation, first page first, however an answer was cut and ordered."""
    wanted = _matter(world, given)
    listed: list[tuple[int, Record]] = []
    for row in world.table(TABLE):
        name, _, spelt = str(row.get("operation", "")).partition(" ")
        if name != operation.name:
            continue
        asked = msgspec.json.decode(spelt)
        if _matter(world, asked) == wanted:
            listed.append((tables.as_number(str(asked.get("page", 1))) or 1, row))
    return [(row, pages_of(row)[0]) for _, row in sorted(listed, key=lambda one: one[0])]


def _matter(world: World, given: Mapping[str, Json]) -> Record:
    """The arguments that say what is asked for, each in one spelling."""
    repository = str(given.get("repository", "")).lower()
    rows = world.table("github.repositories")
    row = next((one for one in rows if str(one["full_name"]).lower() == repository), {})
    branch = row.get("default_branch")
    kept = {
        name: str(value).removeprefix("refs/heads/").strip("/") if isinstance(value, str) else value
        for name, value in given.items()
        if name not in _PLAIN and value not in (None, "", [])
    }
    for name in ("sha", "ref", "branch"):
        if kept.get(name) in (branch, "HEAD") and branch:
            del kept[name]
    return {**kept, "repository": repository}


def _rows(world: World, table: str, row: Record, page: Page) -> list[Record]:
    parts = split_url(str(row["url"]))
    url = f"{parts.path}?{parts.query}" if dict(parse_qsl(parts.query)) else parts.path
    rows: list[Record] = []
    for name, record in records_from_rest("GET", url, page.status, value_of(page)):
        if name == f"github.{table}":
            held = tables.get(world, table, *(record.get(key) for key in tables.TABLES[table]))
            rows += [held] if held is not None else []
    return rows
