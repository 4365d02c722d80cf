"""What one part of an archive gave: counts, firings and ids, in a few kilobytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from routine_harness.backtest.recent_ids import Runs
from routine_harness.backtest.remembered_answers import Answers
from routine_harness.backtest.source import ArchiveProblem

_MOST_NAMES: Final = 20_000
MOST_PROBLEMS: Final = 200
"""How many problems are kept in words; all are counted."""


class Tally(msgspec.Struct):
    """What one part gave.

    ``patterns`` holds, per trigger, how often its clauses answered so; ``firings``, per routine,
    the instants (64-bit seconds) at which it fired; ``events`` the new events by minute, late ones
    apart; ``ids`` the ids seen.
    """

    patterns: list[dict[Answers, int]]
    firings: list[bytes]
    authors: list[dict[str, int]]
    branches: list[dict[str, int]]
    undecided: list[int]
    fired: list[int]
    events: int = 0
    repeated: int = 0
    late: int = 0
    minutes: dict[int, int] = {}
    unknown: dict[str, int] = {}
    errors: int = 0
    problems: list[ArchiveProblem] = []
    ids: Runs = ()
    read: int = 0


def told(counts: Mapping[Any, int]) -> dict[str, int]:
    """The counts of what is a text; an author or a branch that is not told has no name."""
    return {name: count for name, count in counts.items() if isinstance(name, str)}


def prune(counts: dict[Any, int]) -> None:
    """Keep the most frequent half of too many names, so that memory does not grow with the archive."""
    if len(counts) > _MOST_NAMES:
        keep = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))[: _MOST_NAMES // 2]
        counts.clear()
        counts.update(keep)
