"""Pages of REST lists: their sizes, and the ``Link`` header in which GitHub names the others.

A list that fits on one page has no such header. Repositories go by their number there, as in GitHub's
own; those addresses are understood, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from routine_harness.world.github import tables
from routine_harness.world.github.answers import Incomplete, Refused
from routine_harness.world.github.connector import CONNECTOR
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall

DEFAULT: Final = 30
MAXIMUM: Final = 100
WHOLE: Final = 1_000_000
"""More than any list of a world has."""
_NUMBERED: Final = re.compile(r"/repositories/(\d{1,18})(?=/|\Z)")
_NAMED: Final = re.compile(r"/repos/([^/]+/[^/]+)(?=/|\Z)")
_UNPAGED: Final = frozenset({"get_file_contents"})
"""What GitHub lists as a whole."""


class Paging(msgspec.Struct, frozen=True):
    """Which page of a list is asked for."""

    page: int
    size: int

    @classmethod
    def of(cls, query: Mapping[str, Any]) -> Paging:
        """What a query asks for; GitHub takes what is out of bounds for the bound or the default."""
        page = tables.as_number(str(query.get("page", "")))
        size = tables.as_number(str(query.get("per_page", "")))
        return cls(max(page or 1, 1), min(size, MAXIMUM) if size is not None and size > 0 else DEFAULT)


def named_path(world: World, path: str) -> str:
    """``path`` with the repository's name where it has its number."""

    def name(match: re.Match[str]) -> str:
        rows = world.table("github.repositories")
        found = next((row["full_name"] for row in rows if str(row.get("id")) == match[1]), None)
        return match[0] if found is None else f"/repos/{found}"

    return _NUMBERED.sub(name, path, count=1)


def paged_call(world: World, call: ToolCall, paging: Paging) -> ToolCall | None:
    """``call`` for that page; None beyond the end of a list that has cursors instead of pages."""
    sized: dict[str, Any] = {name: paging.size for name in ("perPage", "per_page") if name in call.arguments}
    given = {**call.arguments, **sized}
    if "page" not in given:
        return msgspec.structs.replace(call, arguments=given)
    if call.tool != "list_issues":
        return msgspec.structs.replace(call, arguments={**given, "page": paging.page})
    del given["page"]
    if paging.page > 1:
        before = _value(world, call, {**given, "perPage": (paging.page - 1) * paging.size})
        cursor = before.get("pageInfo", {}).get("endCursor") if isinstance(before, dict) else None
        if cursor is None:
            return None
        given["after"] = cursor
    return msgspec.structs.replace(call, arguments=given)


def cut_page(
    world: World, call: ToolCall, value: Any, paging: Paging, path: str, query: Mapping[str, Any]
) -> tuple[Any, str]:
    """``value`` with that page of its list, where the operation gave the whole of it, and the ``Link``
    header of the answer; an empty one where there is no other page."""
    rows = rows_of(value)
    if rows is None or call.tool in _UNPAGED or (paging.page == 1 and len(rows) < paging.size):
        return value, ""
    total = value["total_count"] if isinstance(value, dict) else _total(world, call)
    if len(rows) > paging.size or (paging.page > 1 and len(rows) == total):
        cut = rows[(paging.page - 1) * paging.size : paging.page * paging.size]
        value = (
            cut
            if isinstance(value, list)
            else {n: cut if part is rows else part for n, part in value.items()}
        )
        rows = cut
    last = None if total is None else max(1, -(-total // paging.size))
    more = paging.page < last if last is not None else _goes_on(world, call, rows, paging)
    return value, _link(_address(world, path), query, paging.page, more=more, last=last)


def _link(address: str, query: Mapping[str, Any], page: int, *, more: bool, last: int | None) -> str:
    """The pages around this one, in GitHub's order."""
    pages = {
        "prev": min(page - 1, last or page) if page > 1 else None,
        "next": page + 1 if more else None,
        "last": last if more else None,
        "first": 1 if page > 1 else None,
    }
    kept = {name: part for name, part in query.items() if name != "page"}
    return ", ".join(
        f'<{address}?{urlencode({**kept, "page": number})}>; rel="{name}"'
        for name, number in pages.items()
        if number is not None
    )


def rows_of(value: Any) -> list[Any] | None:
    """The rows of a list, bare or beside its ``total_count``; None of anything else."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict) or not isinstance(value.get("total_count"), int):
        return None
    lists = [part for part in value.values() if isinstance(part, list)]
    return lists[0] if len(lists) == 1 else None


def _goes_on(world: World, call: ToolCall, rows: list[Any], paging: Paging) -> bool:
    """Whether a list of which the world does not know the end may have another page."""
    if len(rows) < paging.size:
        return False
    following = {**call.arguments, "perPage": paging.size, "page": paging.page + 1}
    try:
        return bool(_answered(world, call, following))
    except Incomplete:
        return True
    except Refused:
        return False


def _total(world: World, call: ToolCall) -> int | None:
    """How many rows the whole list has; None where the world does not know all of them."""
    given = {name: value for name, value in call.arguments.items() if name not in ("page", "after")}
    value = _value(world, call, {**given, "perPage": WHOLE})
    if isinstance(value, list):
        return len(value)
    total = value.get("totalCount") if isinstance(value, dict) else None
    return total if isinstance(total, int) else None


def _value(world: World, call: ToolCall, arguments: dict[str, Any]) -> Any:
    """What a read would answer; None where it would be refused. Operations are pure: nothing is kept."""
    try:
        return _answered(world, call, arguments)
    except (Incomplete, Refused):
        return None


def _answered(world: World, call: ToolCall, arguments: dict[str, Any]) -> Any:
    return CONNECTOR.operations[call.tool](world, arguments).value


def _address(world: World, path: str) -> str:
    """The API's address of ``path``, the repository by its number."""

    def number(match: re.Match[str]) -> str:
        row = tables.get(world, "repositories", match[1]) or {}
        return f"/repositories/{row['id']}" if row.get("id") else match[0]

    return "https://api.github.com" + _NAMED.sub(number, path, count=1)
