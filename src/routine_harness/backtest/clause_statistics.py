"""How often each clause held, failed or decided, from how often the clauses of a trigger answered so."""

from __future__ import annotations

from collections.abc import Sequence

from routine_harness.backtest.plan import Plan, compile_plan
from routine_harness.backtest.remembered_answers import Answers
from routine_harness.backtest.result import ClauseStatistic


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
