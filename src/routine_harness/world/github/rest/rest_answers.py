"""What the REST API answers to an operation: a status, a page with ``Link``, an object with ``etag``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl, urlencode

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.world.github.operations.operation import Arguments, Done, Incomplete, Refused
from routine_harness.world.github.operations.operation_table import Operation
from routine_harness.world.github.records import tables
from routine_harness.world.github.rest.replies import Reply, incomplete_reply, refused_reply, said_reply
from routine_harness.world.github.rest.rest_kinds import repository_named, show
from routine_harness.world.github.rest.rest_objects import ALONE, BODIES
from routine_harness.world.github.rest.rest_paths import address_of_path
from routine_harness.world.github.tools.tool_calls import Step
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome


def write_reply(world: World, operation: Operation, given: Arguments, done: Done, path: str = "") -> Reply:
    """What the API answers where ``operation`` gave ``done``; ``path`` is that of the request."""
    status = _STATUS[operation.name](given) if operation.name in _STATUS else operation.status
    if status == 204 or not operation.rows:
        return Reply(status)
    record, many = operation.rows.removesuffix("*"), operation.rows.endswith("*")
    if many:
        return _page(world, operation, given, done.rows, path)
    if record in ("text", "said", "merge"):
        return Reply(status, done.rows)
    if record == "empty":
        return Reply(status, {})
    write = ALONE.get(record) or BODIES.get(record) or (lambda world, given, row: show(record, world, row))
    value = write(world, given, done.rows)
    headers = {} if status >= 300 or not operation.reads else {"etag": _etag(value)}
    return Reply(status, value, headers)


def _etag(value: Json) -> str:
    return f'W/"{hashlib.sha256(msgspec.json.encode(value)).hexdigest()}"'


_STATUS: Final[dict[str, Callable[[Arguments], int]]] = {
    "file.put": lambda given: 200 if given.get("sha") else 201,
}

DEFAULT: Final = 30
MAXIMUM: Final = 100
_UNPAGED: Final = frozenset({"ref.list", "pull.threads", "repository.rulesets"})
"""What GitHub lists as a whole."""
_ENVELOPES: Final = {
    "check": "check_runs", "run": "workflow_runs", "job": "jobs", "workflow": "workflows",
    "artifact": "artifacts",
}  # fmt: skip
"""Lists that stand beside their ``total_count`` → under which name."""


def _page(world: World, operation: Operation, given: Arguments, rows: list[Record], path: str) -> Reply:
    record = operation.rows.removesuffix("*")
    number, size = _bounds(given)
    listed = rows if operation.name in _UNPAGED else rows[(number - 1) * size : number * size]
    shown = [
        BODIES[record](world, given, row) if record in BODIES else show(record, world, row) for row in listed
    ]
    headers = {}
    if operation.name not in _UNPAGED and (link := _link(world, path, given, number, size, len(rows))):
        headers["link"] = link
    value: Json = shown
    if operation.name.startswith("search."):
        if record in ("commit", "entry"):
            names = [repository_named(world, row, row["repository"]) for row in listed]
            shown = [{**one, "repository": name} for one, name in zip(shown, names, strict=True)]
        items = [{"score": 1.0, **item} for item in shown]
        value = {"total_count": len(rows), "incomplete_results": False, "items": items}
        value |= {"search_type": "lexical"} if operation.name == "search.issues" else {}
    elif record in _ENVELOPES:
        value = {"total_count": len(rows), _ENVELOPES[record]: shown}
    return Reply(200, value, {**headers, "etag": _etag(value)})


def _bounds(given: Arguments) -> tuple[int, int]:
    """Page and size; GitHub takes what is out of bounds for the bound or the default."""
    page = tables.as_number(str(given.get("page", "")))
    size = tables.as_number(str(given.get("per_page", "")))
    return max(page or 1, 1), min(size, MAXIMUM) if size is not None and size > 0 else DEFAULT


def _link(world: World, path: str, given: Arguments, page: int, size: int, total: int) -> str:
    """The pages around this one, in GitHub's order; nothing where there is one page."""
    last = max(1, -(-total // size))
    more = page < last
    pages = {
        "prev": min(page - 1, last) if page > 1 else None,
        "next": page + 1 if more else None,
        "last": last if more else None,
        "first": 1 if page > 1 else None,
    }
    address, _, query = path.partition("?")
    kept = {name: value for name, value in parse_qsl(query, keep_blank_values=True) if name != "page"}
    return ", ".join(
        f'<{address_of_path(world, address)}?{urlencode({**kept, "page": number})}>; rel="{name}"'
        for name, number in pages.items()
        if number is not None
    )


def reply_to(step: Step, outcome: Outcome, path: str = "") -> Reply:
    """The reply to a request (``path`` with its query) whose operation ended in ``outcome``."""
    if outcome.incomplete:
        return incomplete_reply(outcome.incomplete)
    if isinstance(outcome.found, Reply):
        return outcome.found
    if isinstance(outcome.found, Refused):
        return refused_reply(outcome.found)
    if not isinstance(outcome.found, Done):
        return said_reply(422, outcome.result.text)
    operation, given = step
    try:
        return write_reply(outcome.world, operation, given, outcome.found, path)
    except Incomplete as gap:
        return incomplete_reply(gap)
