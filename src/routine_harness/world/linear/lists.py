"""What Linear's lists have in common: pages, order, age."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from routine_harness.plain import Record
from routine_harness.world.linear.lookup import refuse
from routine_harness.world.paging import page_of
from routine_harness.world.simulated import Answer, Arguments
from routine_harness.world.state import World
from routine_harness.world.times import parse_instant

_PAGING = ("limit", "cursor")
_UNITS = {"Y": 365 * 86400, "M": 30 * 86400, "W": 7 * 86400, "D": 86400}


def listing(
    world: World,
    name: str,
    rows: list[Record],
    arguments: Arguments,
    show: Callable[[Record], Record],
    *,
    default: int = 50,
) -> Answer:
    """``{name: [...], hasNextPage, cursor}``; the cursor is there only if there is another page.

    Recorded answers of ``list_issues`` have this shape.
    """
    identity = [name, {key: value for key, value in arguments.items() if key not in _PAGING}]
    limit = int(arguments.get("limit", default))
    cursor, refused = arguments.get("cursor") or None, refuse("Invalid cursor.")
    page = page_of(rows, lambda row: str(row["id"]), limit, cursor, identity, refused)
    answer: Record = {name: [show(row) for row in page.rows], "hasNextPage": page.cursor is not None}
    if page.cursor is not None:
        answer["cursor"] = page.cursor
    return Answer(world, answer)


def fits_age(world: World, arguments: Arguments) -> list[Callable[[Record], bool]]:
    """A test for each of ``createdAt`` and ``updatedAt``: since an instant, or for a duration."""
    return [
        _since(field, since(world, arguments[field]))
        for field in ("createdAt", "updatedAt")
        if arguments.get(field)
    ]


def since(world: World, said: str) -> float:
    """The instant that ``2026-05-01`` or ``-P1D`` (counted from now) stands for."""
    match = re.fullmatch(
        r"-?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", said
    )
    if match and said.strip("-") not in ("P", "PT"):
        sizes = (*_UNITS.values(), 3600, 60, 1)
        return world.clock - sum(
            int(count or 0) * size for count, size in zip(match.groups(), sizes, strict=True)
        )
    try:
        return parse_instant(said)
    except ValueError:
        raise refuse(f"Invalid date: {said}") from None


def has_words(said: str | None, *texts: Any) -> bool:
    """Whether all words of a query occur."""
    low = " ".join(str(text or "") for text in texts).lower()
    return all(word in low for word in (said or "").lower().split())


def _since(field: str, edge: float) -> Callable[[Record], bool]:
    return lambda record: parse_instant(record[field]) >= edge
