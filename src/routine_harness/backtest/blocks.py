"""Small questions about a block of lines and the answers of triggers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from routine_harness.backtest.asked import Asked
from routine_harness.trigger.lines import Line, arrival_of
from routine_harness.trigger.payload import Arrival

_MOST_NAMES: Final = 20_000


def plain_names(lines: list[Line], known: Mapping[tuple[Any, Any], str]) -> list[str] | None:
    """The names of a block of events of one form, GH Archive's or flat; None for any other block.

    ``known`` are the names of (type, action) that were met before.
    """
    if not lines:
        return None
    try:
        if lines[0].type is not None:
            kinds = [(line.type, line.payload.action) for line in lines]  # type: ignore[union-attr]
            return [known[kind] for kind in kinds]
    except (AttributeError, KeyError):
        return None  # a payload that is absent or text, or a name that is met for the first time
    found = [line.event for line in lines if line.repository.__class__ is str and line.event]
    return found if len(found) == len(lines) else None


def arrival_or_none(line: Line) -> Arrival | None:
    try:
        return arrival_of(line)
    except (msgspec.MsgspecError, ValueError):
        return None


def outcomes_of(listening: list[Asked], answers: list[bool | None]) -> Iterable[tuple[int, bool | None]]:
    """Per routine True or None, where it is not False: one firing however many triggers fire."""
    outcome: dict[int, bool | None] = {}
    for asked, answer in zip(listening, answers, strict=True):
        if answer is not False and outcome.get(asked.routine) is not True:
            outcome[asked.routine] = answer
    return outcome.items()


def prune(counts: dict[str, int]) -> None:
    """Keep the most frequent half of too many names, so that memory does not grow with the archive."""
    if len(counts) > _MOST_NAMES:
        keep = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[: _MOST_NAMES // 2]
        counts.clear()
        counts.update(keep)
