"""Tallies of parts, in order → one result: ids across parts, firings in order of time, limits.

Parts come sorted by their first event. Firings are held back until no later part can precede them,
so that limits see them in order however many processes counted.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator

import msgspec

from routine_harness.backtest.plan import Plan, edition_of
from routine_harness.backtest.recent_ids import WINDOW_HOURS, Run, overlap
from routine_harness.backtest.remembered_answers import Answers
from routine_harness.backtest.result import RoutineStatistic
from routine_harness.backtest.source import ArchiveProblem
from routine_harness.backtest.tally import MOST_PROBLEMS, Tally, clause_statistics
from routine_harness.plain import Json
from routine_harness.routine.edition_rules import Limit, Start
from routine_harness.trigger.quota import Quota

_WINDOW = WINDOW_HOURS * 3600
_SHOWN = 10
StartsAfter = Callable[[int], Iterator[tuple[int, int]]]


class _Shut(msgspec.Struct):
    """Starts that ``limit`` refuses before ``until`` (packed), unless something else is admitted."""

    until: int
    limit: Limit
    count: int = 1


class Fold:
    """The sum of tallies, put through the limits.

    ``starts_after`` gives the starts by the clock in order of time: they use up the account's limits.
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
        self.clock_days: list[dict[int, int]] = [{} for _ in range(count)]
        self.clock_stopped: list[dict[str, int]] = [{} for _ in range(count)]
        self.outcomes: list[dict[str, int]] = [{} for _ in range(count)]
        self.limits: list[dict[str, int]] = [{} for _ in range(count)]
        self.waits = [0] * count
        self.hours: list[Counter[int]] = [Counter() for _ in range(count)]
        self.prompt: list[dict[int, int]] = [{} for _ in range(count)]
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
            ats = array("q", instants)
            self.hours[routine].update([at // 3600 for at in ats])
            self._pending += [at << 16 | routine for at in ats]
        self._note_minutes(file, tally)
        self._merge_ids(tally, following)
        self._release(None if following is None else following - _WINDOW)

    def cover(self, first: int, last: int) -> None:
        """Put the starts by the clock between two instants through the limits, without any event."""
        self.first, self.last = first, last
        self._release(None)

    def routines(self) -> Iterator[RoutineStatistic]:
        """The statistics of every routine, in the order of the plan."""
        clauses = clause_statistics(self.plan, self.patterns)
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
                clock_days=dict(sorted(self.clock_days[number].items())),
                clock_stopped=dict(sorted(self.clock_stopped[number].items())),
                longest_wait=self.waits[number],
                limits=dict(sorted(self.limits[number].items())),
                hours=dict(sorted(self.hours[number].items())),
                stopped=self._stopped(number),
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
        shut: dict[int, _Shut] = {}
        for packed in released:
            known = shut.get(packed & 0xFFFF)
            if known is not None and packed < known.until:
                known.count += 1
            else:
                self._settle(packed, shut)
        for start, known in shut.items():
            self._note_refused(start, known)
        if released:
            self._clock = max(self._clock, released[-1] >> 16)

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

    def _settle(self, packed: int, shut: dict[int, _Shut]) -> None:
        """Ask the limits about one start; ``shut`` has the starts that they refuse for the time being."""
        at, start = packed >> 16, packed & 0xFFFF
        routine, kind = start & 0x7FFF, _kind(start)
        clock = self._clock = max(self._clock, at)
        name = self.plan.routines[routine]
        runs_at, limit = self.quota.admit(clock, name, kind)
        if start in shut:
            self._note_refused(start, shut.pop(start))
        if runs_at is None and limit is not None:
            until = self.quota.refused_until(clock, name, kind)
            shut[start] = _Shut(until << 16, limit)
            return
        for other in list(shut):
            self._note_refused(other, shut.pop(other))
        if kind == "schedule":
            self.scheduled[routine] += 1
            days, day = self.clock_days[routine], (runs_at or clock) // 86400
            days[day] = days.get(day, 0) + 1
            if limit is not None:
                _add(self.clock_stopped[routine], {limit.name: 1})
        elif limit is None:
            self.ran[routine] += 1
            hour, prompt = at // 3600, self.prompt[routine]
            prompt[hour] = prompt.get(hour, 0) + 1
        else:
            self._note_stopped(routine, limit, 1)
            self.waits[routine] = max(self.waits[routine], (runs_at or clock) - clock)

    def _note_refused(self, start: int, known: _Shut) -> None:
        if _kind(start) == "schedule":
            self.scheduled[start & 0x7FFF] += known.count
            _add(self.clock_stopped[start & 0x7FFF], {known.limit.name: known.count})
        else:
            self._note_stopped(start, known.limit, known.count)

    def _note_stopped(self, routine: int, limit: Limit, count: int) -> None:
        outcomes, limits = self.outcomes[routine], self.limits[routine]
        outcomes[limit.beyond] = outcomes.get(limit.beyond, 0) + count
        limits[limit.name] = limits.get(limit.name, 0) + count

    def _stopped(self, routine: int) -> dict[int, int]:
        """Per hour the firings that did not run at once."""
        prompt = self.prompt[routine]
        rest = ((hour, count - prompt.get(hour, 0)) for hour, count in sorted(self.hours[routine].items()))
        return {hour: count for hour, count in rest if count}


def _kind(start: int) -> Start:
    return "schedule" if start & 0x8000 else "github"


def _add(counts: dict[Json, int], more: dict[Json, int]) -> None:
    for key, count in more.items():
        counts[key] = counts.get(key, 0) + count


def _most(counts: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN])
