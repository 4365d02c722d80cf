"""Tallies of parts, in order → one result: ids across parts, firings in order of time, limits.

Parts come sorted by their first event. Firings are held back until no later part can precede them,
so that limits see them in order however many processes counted.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Any

from routine_harness.backtest.asked import Answers
from routine_harness.backtest.plan import Plan, compile_plan, edition_of
from routine_harness.backtest.result import ClauseStatistic, RoutineStatistic
from routine_harness.backtest.seen import WINDOW_HOURS, Run, overlap
from routine_harness.backtest.source import ArchiveProblem
from routine_harness.backtest.tally import MOST_PROBLEMS, Tally
from routine_harness.routine.edition import Start
from routine_harness.trigger.quota import Quota

_WINDOW = WINDOW_HOURS * 3600
_SHOWN = 10
StartsAfter = Callable[[int], Iterator[tuple[int, int]]]


class Fold:
    """The sum of tallies.

    ``starts_after`` gives the starts by the clock, (instant, routine), in order of time: they use up
    the limits of the same account.
    """

    def __init__(self, plan: Plan, account_plan: str, starts_after: StartsAfter) -> None:
        self._starts_after = starts_after
        self._starts: Iterator[tuple[int, int]] | None = None
        self._start: tuple[int, int] | None = None
        self.plan = plan
        self.quota = Quota(edition_of(plan), account_plan)
        count = len(plan.routines)
        self.patterns: list[dict[Answers, int]] = [{} for _ in plan.triggers]
        self.authors: list[dict[str, int]] = [{} for _ in range(count)]
        self.branches: list[dict[str, int]] = [{} for _ in range(count)]
        self.undecided, self.fired, self.scheduled = [0] * count, [0] * count, [0] * count
        self.ran = [0] * count
        self.outcomes: list[dict[str, int]] = [{} for _ in range(count)]
        self.limits: list[dict[str, int]] = [{} for _ in range(count)]
        self.waits = [0] * count
        self.hours: list[dict[int, int]] = [{} for _ in range(count)]
        self.stopped: list[dict[int, int]] = [{} for _ in range(count)]
        self.unknown: dict[str, int] = {}
        self.problems: list[ArchiveProblem] = []
        self.events = self.errors = self.repeated = self.late = self.first = self.last = 0
        self._ids: list[Run] = []
        self._newest: dict[str, int] = {}
        self._pending: list[int] = []
        self._clock = 0

    def overlap(self, tally: Tally) -> frozenset[int]:
        """The ids of ``tally`` that earlier parts have counted already."""
        return overlap(self._ids, tally.ids)

    def absorb(self, file: str, tally: Tally, following: int | None) -> None:
        """Add one part's tally; ``following`` is the first instant of the next part, None at the end."""
        for name in ("events", "errors", "repeated"):
            setattr(self, name, getattr(self, name) + getattr(tally, name))
        self.problems += tally.problems[: max(MOST_PROBLEMS - len(self.problems), 0)]
        _add(self.unknown, tally.unknown)
        for known, more in zip(self.patterns, tally.patterns, strict=True):
            _add(known, more)
        for names, others in zip(self.authors + self.branches, tally.authors + tally.branches, strict=True):
            _add(names, others)
        for routine, instants in enumerate(tally.firings):
            self.undecided[routine] += tally.undecided[routine]
            self.fired[routine] += tally.fired[routine]
            self._pending += [at << 16 | routine for at in array("q", instants)]
        self._note_minutes(file, tally)
        self._merge_ids(tally, following)
        self._release(None if following is None else following - _WINDOW)

    def routines(self) -> Iterator[RoutineStatistic]:
        """The statistics of every routine, in the order of the plan."""
        clauses = self._clauses()
        for number, name in enumerate(self.plan.routines):
            outcomes = self.outcomes[number]
            yield RoutineStatistic(
                name=name,
                fired=self.fired[number],
                skipped=self.events - self.fired[number] - self.undecided[number],
                undecided=self.undecided[number],
                ran=self.ran[number],
                waited=outcomes.get("waits", 0),
                failed=outcomes.get("fails", 0),
                dropped=outcomes.get("dropped", 0),
                scheduled=self.scheduled[number],
                longest_wait=self.waits[number],
                limits=dict(sorted(self.limits[number].items())),
                hours=dict(sorted(self.hours[number].items())),
                stopped=dict(sorted(self.stopped[number].items())),
                authors=_most(self.authors[number]),
                branches=_most(self.branches[number]),
                clauses=tuple(clauses[number]),
            )

    def _note_minutes(self, file: str, tally: Tally) -> None:
        """Which events came more than the window after a newer one of their file."""
        before = self._newest.get(file, 0)
        border = before - WINDOW_HOURS * 60
        self.late += tally.late + sum(n for minute, n in tally.minutes.items() if 0 < minute < border)
        told = [minute for minute in tally.minutes if minute]
        if told:
            self._newest[file] = max(before, *told)
            self.last = max(self.last, self._newest[file] * 60)
            self.first = min(self.first or min(told) * 60, min(told) * 60)

    def _merge_ids(self, tally: Tally, following: int | None) -> None:
        if following is None:
            return
        self._ids += tally.ids
        if following:
            self._ids = [run for run in self._ids if run.hour >= following // 3600 - WINDOW_HOURS]

    def _release(self, before: int | None) -> None:
        """Put the firings before that instant, all of them if None, through the limits."""
        self._pending += [
            at << 16 | 1 << 15 | routine
            for at, routine in self._clock_starts(self.last + 1 if before is None else before)
        ]
        self._pending.sort()
        end = len(self._pending) if before is None else bisect_left(self._pending, max(before, 0) << 16)
        released, self._pending = self._pending[:end], self._pending[end:]
        for packed in released:
            self._settle(packed >> 16, packed & 0x7FFF, "schedule" if packed & 0x8000 else "github")

    def _clock_starts(self, before: int) -> Iterator[tuple[int, int]]:
        """The starts by the clock from the archive's first event until ``before``."""
        if self._starts is None:
            if not self.first:
                return
            self._starts = self._starts_after(self.first - 1)
            self._start = next(self._starts, None)
        while self._start is not None and self._start[0] < before:
            yield self._start
            self._start = next(self._starts, None)

    def _settle(self, at: int, routine: int, kind: Start) -> None:
        self._clock = max(self._clock, at)
        runs_at, limit = self.quota.admit(self._clock, self.plan.routines[routine], kind)
        if kind == "schedule":
            self.scheduled[routine] += 1
            return
        hour, hours = at // 3600, self.hours[routine]
        hours[hour] = hours.get(hour, 0) + 1
        if limit is None:
            self.ran[routine] += 1
            return
        limits, stopped, outcomes = self.limits[routine], self.stopped[routine], self.outcomes[routine]
        outcomes[limit.beyond] = outcomes.get(limit.beyond, 0) + 1
        limits[limit.name] = limits.get(limit.name, 0) + 1
        stopped[hour] = stopped.get(hour, 0) + 1
        if runs_at is not None:
            self.waits[routine] = max(self.waits[routine], runs_at - self._clock)

    def _clauses(self) -> list[list[ClauseStatistic]]:
        found: list[list[ClauseStatistic]] = [[] for _ in self.plan.routines]
        compiled = compile_plan(self.plan).triggers
        for planned, trigger, patterns in zip(self.plan.triggers, compiled, self.patterns, strict=True):
            for position, clause in enumerate(trigger.clauses):
                counts = _clause_counts(patterns, position)
                statistic = ClauseStatistic(
                    trigger=planned.index,
                    field=clause.field,
                    operator=clause.operator,
                    expected=clause.expected,
                    held=counts["held"],
                    failed=counts["failed"],
                    undecided=counts["undecided"],
                    decided=counts["decided"],
                )
                found[planned.routine].append(statistic)
        return found


def _clause_counts(patterns: dict[Answers, int], position: int) -> dict[str, int]:
    counts = {"held": 0, "failed": 0, "undecided": 0, "decided": 0}
    for answers, count in patterns.items():
        answer = answers[position]
        counts["held" if answer else "undecided" if answer is None else "failed"] += count
        if not answer and all(other for index, other in enumerate(answers) if index != position):
            counts["decided"] += count
    return counts


def _add(counts: dict[Any, int], more: dict[Any, int]) -> None:
    for key, count in more.items():
        counts[key] = counts.get(key, 0) + count


def _most(counts: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN])
