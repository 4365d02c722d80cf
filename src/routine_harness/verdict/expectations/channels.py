"""Channels by any of their names: ``general``, ``#general`` or the id are one channel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from routine_harness.routine.reader import suggestion
from routine_harness.verdict.where import Condition, Where
from routine_harness.world.state import World

_LITERAL: Final = ("equals", "is_one_of")


def unknown_channel(where: Where, world: World) -> tuple[str, str] | None:
    """The channel that ``where`` asks for and ``world`` has not, with the nearest that it has.

    None where one is there, where no channel is named outright, or where the world knows none.
    """
    known = dict(_channels(world))
    for condition in where:
        names = list(_named(condition))
        if condition.field != "channel" or not names or not known:
            continue
        if not any(name in known or name in known.values() for name in names):
            return names[0], suggestion(names[0], tuple(known), "the channels")
    return None


def _channels(world: World) -> Iterator[tuple[str, str]]:
    """Name and id of every channel, and of everybody who may be written to."""
    for table, rows in world.tables.items():
        if table.endswith((".channels", ".users")):
            for row in rows:
                name = str(row.get("name") or row.get("id"))
                yield name.removeprefix("#"), str(row.get("id"))


def _named(condition: Condition) -> Iterator[str]:
    """The channels of which a condition asks for one outright; none where a pattern may match others."""
    data = condition.data
    if isinstance(data, str) and "${" not in data:
        yield data
    elif isinstance(data, Mapping):
        [(operator, operand)] = data.items()
        if operator in _LITERAL:
            listed: list[Any] = operand if isinstance(operand, list) else [operand]
            yield from (each for each in listed if isinstance(each, str) and "${" not in each)
