"""The numbers of a backtest as shapes: coordinates for the page's charts, no markup."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import msgspec

from routine_harness.backtest.result import Backtest, RoutineStatistic
from routine_harness.trigger.clause_words import condition_words

WIDTH: Final = 720
HEIGHT: Final = 160
_MOST_BARS: Final = 240
_FEWEST_BARS: Final = 12
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Bar(msgspec.Struct, frozen=True):
    """One bar of firings; ``stopped`` is the height of what a limit kept from running at once."""

    x: float
    width: float
    height: float
    stopped: float
    title: str


class Series(msgspec.Struct, frozen=True):
    """Firings over time, from ``first`` to ``end``.

    ``limit`` is where the platform's line is drawn, None where it is off the chart.
    """

    bars: tuple[Bar, ...]
    most: int
    limit: float | None
    limit_label: str
    first: str
    end: str
    unit: str


class Heat(msgspec.Struct, frozen=True):
    """One cell of the heat map: ``share`` of the fullest cell."""

    weekday: str
    hour: int
    count: int
    share: float


class ClauseBar(msgspec.Struct, frozen=True):
    """One clause: percentages that held, failed and could not be decided; ``idle`` if it never decided."""

    label: str
    held: float
    failed: float
    undecided: float
    asked: int
    decided: int

    @property
    def idle(self) -> bool:
        return self.asked > 0 and self.decided == 0


def series_of(routine: RoutineStatistic, backtest: Backtest) -> Series | None:
    """The bars of a routine, by hour where they fit, else by as many hours as make them fit."""
    if not routine.hours:
        return None
    first, last = min(routine.hours), max(routine.hours)
    step = -(-(last - first + 1) // _MOST_BARS)
    counts: dict[int, int] = {}
    stopped: dict[int, int] = {}
    for source, target in ((routine.hours, counts), (routine.stopped, stopped)):
        for hour, count in source.items():
            target[(hour - first) // step] = target.get((hour - first) // step, 0) + count
    name, amount = _limit(backtest, step)
    most = max(*counts.values(), 1)
    top = max(most, amount) if amount and amount <= most * 4 else most
    number = max((last - first) // step + 1, _FEWEST_BARS)
    width = WIDTH / number
    bars = tuple(
        Bar(
            x=round(position * width, 2),
            width=round(max(width - 1, 1), 2),
            height=round(count / top * HEIGHT, 2),
            stopped=round(stopped.get(position, 0) / top * HEIGHT, 2),
            title=f"{_clock(first + position * step)}: {count} fired, {stopped.get(position, 0)} stopped",
        )
        for position, count in sorted(counts.items())
    )
    line = round(HEIGHT - amount / top * HEIGHT, 2) if amount and amount <= top else None
    unit = "an hour" if step == 1 else f"every {step} hours"
    end = _clock(first + number * step)
    return Series(bars, top, line, f"{name}: {amount}" if amount else "", _clock(first), end, unit)


def heat_of(routine: RoutineStatistic) -> tuple[Heat, ...]:
    """The cells by weekday and hour of the day (UTC), Monday at midnight first."""
    table = routine.heat
    most = max(max(row) for row in table) or 1
    return tuple(
        Heat(WEEKDAYS[weekday], hour, count, round(count / most, 3))
        for weekday, row in enumerate(table)
        for hour, count in enumerate(row)
    )


def clauses_of(routine: RoutineStatistic) -> Iterator[ClauseBar]:
    """One bar per clause, in the order of the file."""
    for clause in routine.clauses:
        asked = clause.held + clause.failed + clause.undecided
        held, failed, undecided = (
            round(100 * count / (asked or 1), 1) for count in (clause.held, clause.failed, clause.undecided)
        )
        words = condition_words(clause.field, clause.operator, clause.expected)
        label = f"{clause.trigger + 1}: {words}"
        yield ClauseBar(label, held, failed, undecided, asked, clause.decided)


def _limit(backtest: Backtest, step: int) -> tuple[str, int]:
    """The tightest limit for a bar of ``step`` hours."""
    found = [
        (each.amount * step if each.per == "hour" else max(each.amount * step // 24, each.amount), each.name)
        for each in backtest.limits
    ]
    amount, name = min(found, default=(0, ""))
    return name, amount


def _clock(hour: int) -> str:
    return datetime.fromtimestamp(hour * 3600, UTC).strftime("%Y-%m-%d %H:%M")
