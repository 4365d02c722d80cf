"""What a backtest found: values, and their JSON."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from routine_harness.backtest.source import ArchiveProblem
from routine_harness.plain import Json, Record
from routine_harness.routine.edition_rules import Consequence, Scope


class ClauseStatistic(msgspec.Struct, frozen=True):
    """How often a clause held, failed or could not be decided, among events its trigger listens to.

    ``decided`` counts the events that it alone kept from firing: where that is 0, leaving the
    clause out would have changed nothing.
    """

    trigger: int
    field: str
    operator: str
    expected: Json
    held: int
    failed: int
    undecided: int
    decided: int


class RoutineStatistic(msgspec.Struct, frozen=True, kw_only=True):
    """One routine over the whole archive.

    ``hours`` maps an hour (since the epoch, UTC) to the firings in it, ``stopped`` to those that a
    limit kept from running at once. ``skipped`` are all other events. ``scheduled`` are the starts that
    its schedules add to the account over the same time, ``clock_days`` those of them that run, by day
    since the epoch, ``clock_stopped`` by limit those that one kept from running at once.
    ``depends_on`` names the assumed limits that stopped some of its firings, and the
    assumed settings that its clauses touched: another answer to one of these may have given other counts.
    """

    name: str
    fired: int
    skipped: int
    undecided: int
    ran: int = 0
    waited: int = 0
    failed: int = 0
    dropped: int = 0
    scheduled: int = 0
    clock_days: dict[int, int] = {}
    clock_stopped: dict[str, int] = {}
    longest_wait: int = 0
    limits: dict[str, int] = {}
    hours: dict[int, int] = {}
    stopped: dict[int, int] = {}
    authors: tuple[tuple[str, int], ...] = ()
    branches: tuple[tuple[str, int], ...] = ()
    clauses: tuple[ClauseStatistic, ...] = ()
    depends_on: tuple[str, ...] = ()

    @property
    def days(self) -> dict[int, int]:
        """Firings by day since the epoch (UTC)."""
        return _by(self.hours, 24)

    @property
    def weeks(self) -> dict[int, int]:
        """Firings by week; a week begins on Monday and is named by its first day since the epoch."""
        weeks: dict[int, int] = {}
        for day, count in self.days.items():
            weeks[_monday(day)] = weeks.get(_monday(day), 0) + count
        return weeks

    @property
    def heat(self) -> list[list[int]]:
        """Firings by weekday (Monday first) and hour of the day."""
        table = [[0] * 24 for _ in range(7)]
        for hour, count in self.hours.items():
            table[(hour // 24 + 3) % 7][hour % 24] += count
        return table

    @property
    def idle_clauses(self) -> tuple[ClauseStatistic, ...]:
        """The clauses that never decided anything, of triggers that were asked at all."""
        return tuple(c for c in self.clauses if not c.decided and c.held + c.failed + c.undecided)


class LimitFigure(msgspec.Struct, frozen=True, kw_only=True):
    """One limit as the backtest applied it: for each routine, or for the account as a whole.

    ``assumed`` says that nobody has published the amount under this plan.
    """

    name: str
    amount: int
    per: Literal["hour", "day"]
    scope: Scope
    beyond: Consequence
    assumed: bool


_SECONDS: Final = {"hour": 3600, "day": 86_400, "week": 7 * 86_400}


class Frequency(msgspec.Struct, frozen=True):
    """Firings an hour, a day or a week: the most, and the mean over all that the archives touch."""

    most: int
    mean: float


class Backtest(msgspec.Struct, frozen=True, kw_only=True):
    """All routines over all archives; ``first`` and ``last`` are instants, 0 if no event has a time."""

    routines: tuple[RoutineStatistic, ...]
    edition: str
    plan: str
    events: int = 0
    errors: int = 0
    repeated: int = 0
    late: int = 0
    files: int = 0
    bytes: int = 0
    seconds: float = 0.0
    first: int = 0
    last: int = 0
    unknown: dict[str, int] = {}
    problems: tuple[ArchiveProblem, ...] = ()
    limits: tuple[LimitFigure, ...] = ()
    settings: dict[str, str] = {}

    @property
    def days(self) -> int:
        """The days (UTC) that the archives touch."""
        return self.last // 86400 - self.first // 86400 + 1

    @property
    def units(self) -> tuple[str, ...]:
        """The units of time that the archives fill: of what is shorter than a day nothing is said a day."""
        seen = self.last - self.first
        return tuple(unit for unit, seconds in _SECONDS.items() if seen >= seconds)

    def per(self, unit: str, routine: RoutineStatistic) -> Frequency:
        """The firings in each ``hour``, ``day`` or ``week``."""
        return {"hour": self.per_hour, "day": self.per_day, "week": self.per_week}[unit](routine)

    def per_hour(self, routine: RoutineStatistic) -> Frequency:
        return _frequency(routine.hours, self.last // 3600 - self.first // 3600 + 1)

    def per_day(self, routine: RoutineStatistic) -> Frequency:
        return _frequency(routine.days, self.days)

    def per_week(self, routine: RoutineStatistic) -> Frequency:
        weeks = (_monday(self.last // 86400) - _monday(self.first // 86400)) // 7 + 1
        return _frequency(routine.weeks, weeks)


def backtest_record(backtest: Backtest) -> Record:
    """The result as JSON values."""
    return {
        "events": backtest.events,
        "errors": backtest.errors,
        "repeated": backtest.repeated,
        "late": backtest.late,
        "files": backtest.files,
        "first": backtest.first,
        "last": backtest.last,
        "seen_seconds": backtest.last - backtest.first,
        "edition": backtest.edition,
        "plan": backtest.plan,
        "unknown": backtest.unknown,
        "limits": [msgspec.to_builtins(limit) for limit in backtest.limits],
        "assumptions": backtest.settings,
        "problems": [msgspec.to_builtins(problem) for problem in backtest.problems],
        "routines": {each.name: _record(each, backtest) for each in backtest.routines},
    }


def _record(routine: RoutineStatistic, backtest: Backtest) -> Record:
    return {
        "fired": routine.fired,
        "skipped": routine.skipped,
        "undecided": routine.undecided,
        "ran": routine.ran,
        "waited": routine.waited,
        "failed": routine.failed,
        "dropped": routine.dropped,
        "scheduled": routine.scheduled,
        "scheduled_stopped": routine.clock_stopped,
        "longest_wait": routine.longest_wait,
        "limits": routine.limits,
        "per_hour": msgspec.to_builtins(backtest.per_hour(routine)),
        "per_day": msgspec.to_builtins(backtest.per_day(routine)),
        "per_week": msgspec.to_builtins(backtest.per_week(routine)),
        "authors": [{"author": name, "fired": count} for name, count in routine.authors],
        "branches": [{"branch": name, "fired": count} for name, count in routine.branches],
        "clauses": [msgspec.to_builtins(clause) for clause in routine.clauses],
        "idle_clauses": [f"{c.field} {c.operator}" for c in routine.idle_clauses],
        "depends_on": list(routine.depends_on),
        "hours": {str(hour * 3600): count for hour, count in sorted(routine.hours.items())},
    }


def _frequency(counts: dict[int, int], units: int) -> Frequency:
    mean = sum(counts.values()) / max(units, len(counts), 1)
    return Frequency(max(counts.values(), default=0), round(mean, 3))


def _monday(day: int) -> int:
    """The first day of the week of a day since the epoch, which was a Thursday."""
    return day - (day + 3) % 7


def _by(counts: dict[int, int], size: int) -> dict[int, int]:
    grouped: dict[int, int] = {}
    for key, count in counts.items():
        grouped[key // size] = grouped.get(key // size, 0) + count
    return grouped
