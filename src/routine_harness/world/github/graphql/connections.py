"""Pages of records as GraphQL cuts them, and its complaints about a field."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.github.operations.operation import (
    Arguments,
)
from routine_harness.world.github.records import tables

MAXIMUM: Final = 100


class Said(Exception):  # noqa: N818 - GitHub's answer, not an error of ours
    """GitHub's complaint about a field: its type and its words."""

    def __init__(self, type_: str, message: str) -> None:
        super().__init__(message)
        self.type, self.message = type_, message


def not_found(message: str) -> Said:
    return Said("NOT_FOUND", f"Could not resolve to {message}.")


def connection(name: str, rows: Iterable[Json], given: Arguments) -> Record:
    """A page of ``rows``, as ``first``, ``last``, ``after`` and ``before`` cut it."""
    listed = list(rows)
    first, last = given.get("first"), given.get("last")
    if first is None and last is None:
        message = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
        raise Said("MISSING_PAGINATION_BOUNDARIES", message)
    for bound, size in (("first", first), ("last", last)):
        if size is not None and size > MAXIMUM:
            asked = f"Requesting {size} records on the `{name}` connection"
            message = f"{asked} exceeds the `{bound}` limit of {MAXIMUM} records."
            raise Said("EXCESSIVE_PAGINATION", message)
        if size is not None and size < 0:
            raise Said(
                "INVALID_CURSOR_ARGUMENTS", f"`{bound}` on the `{name}` connection cannot be less than zero."
            )
    start, stop = _position(given.get("after"), 0), _position(given.get("before"), len(listed) + 1) - 1
    stop = max(start, min(stop, len(listed)))
    if first is not None:
        stop = min(stop, start + first)
    if last is not None:
        start = max(start, stop - last)
    page = listed[start:stop]
    edges = [{"node": row, "cursor": _cursor(at)} for at, row in enumerate(page, start + 1)]
    around = {
        "hasNextPage": stop < len(listed), "hasPreviousPage": start > 0,
        "startCursor": edges[0]["cursor"] if edges else None,
        "endCursor": edges[-1]["cursor"] if edges else None,
    }  # fmt: skip
    return {"nodes": page, "edges": edges, "totalCount": len(listed), "pageInfo": around}


def _cursor(at: int) -> str:
    return base64.b64encode(f"cursor:v2:{at}".encode()).decode()


def _position(cursor: str | None, default: int) -> int:
    if cursor is None:
        return default
    try:
        number = tables.as_number(base64.b64decode(cursor, validate=True).decode().rpartition(":")[2])
    except ValueError:
        number = None
    if number is None:
        raise Said("INVALID_CURSOR_ARGUMENTS", f"`{cursor}` does not appear to be a valid cursor.")
    return number
