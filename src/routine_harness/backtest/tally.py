"""What one part of an archive gave, in a few kilobytes: counts, firings, ids, and what clauses answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from routine_harness.backtest.plan import Plan, compile_plan
from routine_harness.backtest.recent_ids import Runs
from routine_harness.backtest.remembered_answers import Answers
from routine_harness.backtest.result import ClauseStatistic
from routine_harness.backtest.source import ArchiveProblem
from routine_harness.plain import Json

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


def named_counts(counts: Mapping[Json, int]) -> dict[str, int]:
    """The counts of names; an event without an author or a branch has none."""
    return {name: count for name, count in counts.items() if isinstance(name, str)}


def prune(counts: dict[Json, int]) -> None:
    """Keep the most frequent half of too many names, so that memory does not grow with the archive."""
    if len(counts) > _MOST_NAMES:
        keep = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))[: _MOST_NAMES // 2]
        counts.clear()
        counts.update(keep)


def clause_statistics(plan: Plan, patterns: Sequence[dict[Answers, int]]) -> list[list[ClauseStatistic]]:
    """The statistics of all clauses, per routine of ``plan``; ``patterns`` are counts per trigger of it."""
    found: list[list[ClauseStatistic]] = [[] for _ in plan.routines]
    compiled = compile_plan(plan).triggers
    for planned, trigger, counted in zip(plan.triggers, compiled, patterns, strict=True):
        for position, clause in enumerate(trigger.clauses):
            statistic = ClauseStatistic(
                trigger=planned.index,
                field=clause.field,
                operator=clause.operator,
                expected=clause.expected,
                **_counts(counted, position),
            )
            found[planned.routine].append(statistic)
    return found


def _counts(patterns: dict[Answers, int], position: int) -> dict[str, int]:
    """A clause decides an event if it alone keeps it from firing."""
    counts = {"held": 0, "failed": 0, "undecided": 0, "decided": 0}
    for answers, count in patterns.items():
        answer = answers[position]
        counts["held" if answer else "undecided" if answer is None else "failed"] += count
        if not answer and all(other for index, other in enumerate(answers) if index != position):
            counts["decided"] += count
    return counts
