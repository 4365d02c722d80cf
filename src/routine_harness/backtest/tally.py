"""What one part of an archive gave: counts, firings and ids, in a few kilobytes."""

from __future__ import annotations

from typing import Final

import msgspec

from routine_harness.backtest.asked import Answers
from routine_harness.backtest.seen import Runs
from routine_harness.backtest.source import ArchiveProblem

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
