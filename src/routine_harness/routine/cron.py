"""Cron expressions and presets as sets of minutes, hours and days; wall clock only, no time zone."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from datetime import MAXYEAR, datetime
from itertools import takewhile
from typing import Final

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PRESETS: Final = ("hourly", "daily", "weekdays", "weekly")
DEFAULT_TIME: Final = "09:00"
NICKNAMES: Final = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
"""What the nicknames of other crons stand for; that the platform takes them is documented nowhere."""
_ZONE: Final = lazy_pattern(r"\s*(?:CRON_)?TZ=(\S+)\s+(.*\S)\s*", re.DOTALL)
"""The prefix by which some crons take a time zone."""

_FIELDS: Final = ("minute", "hour", "day of month", "month", "day of week")
_MOST: Final = (59, 23, 31, 12, 7)
_CLOCK: Final = lazy_pattern(r"([01]?\d|2[0-3]):([0-5]\d)")


class Cron(msgspec.Struct, frozen=True):
    """One parsed expression: when it fires by the wall clock.

    ``every_hour`` is true where the hour is left open, so that the expression means "every so
    many minutes" rather than times of the day; ``unconfirmed`` lists what the platform is not
    known to accept or to read in one way (names, ``L``, ``#``, a day of month beside a weekday).
    """

    expression: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    every_hour: bool
    unconfirmed: tuple[str, ...] = ()

    @property
    def shortest_gap(self) -> int:
        """The fewest minutes between two firings on any day and over midnight, proved from the sets.

        Days are taken to follow each other, so this is a lower bound, and exact within a day.
        """
        instants = [hour * 60 + minute for hour in self.hours for minute in self.minutes]
        following = [*instants[1:], instants[0] + 1440]
        return min(later - earlier for earlier, later in zip(instants, following, strict=True))

    @property
    def names_days(self) -> bool:
        """Whether it fires on some days of the week or of the month alone."""
        _, _, day, _, weekday = self.expression.split()
        return not {day, weekday} <= {"*", "?"}

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The naive wall-clock instants after ``moment``, until the calendar ends with the year 9999."""
        try:
            yield from takewhile(_before_the_last_year, _simulator(self.expression, moment))
        except OverflowError:  # cronsim looks for the next day beyond that year
            return


def split_zone(expression: str) -> tuple[str, str]:
    """The time zone that a prefix names (``CRON_TZ=Europe/Berlin 7 9 * * 1``; empty: none), and the rest."""
    found = _ZONE.fullmatch(expression)
    return (found[1], found[2]) if found else ("", expression)


@functools.lru_cache(maxsize=512)
def parse_cron(expression: str) -> Cron:
    """The expression's sets.

    Raises:
        ValueError: not five fields, a field out of range, or no date that it could ever match.
    """
    fields = expression.split()
    if expression.startswith("@"):
        raise ValueError("no document promises that the platform knows nicknames")
    if split_zone(expression)[0]:
        raise ValueError("a time zone does not stand in the expression")
    if len(fields) != len(_FIELDS):
        raise ValueError(f"expected five fields (minute hour day month weekday), found {len(fields)}")
    _refuse_long_steps(fields)
    simulated = _simulator(expression, datetime(2026, 1, 1))
    first = next(simulated, None)
    if first is None:
        raise ValueError("no date ever matches it")
    return Cron(
        expression=expression,
        minutes=tuple(sorted(simulated.minutes)),
        hours=tuple(sorted(simulated.hours)),
        every_hour=fields[1].startswith("*"),
        unconfirmed=tuple(_unconfirmed(fields)),
    )


def preset_cron(preset: str, at: str | None) -> str:
    """The expression that a preset stands for.

    ``at`` is ``HH:MM``; for ``hourly`` ``:MM``, for ``weekly`` a weekday may come first
    (``friday 09:00``; Monday where there is none).

    Raises:
        ValueError: an unknown preset, or ``at`` is no such time.
    """
    if preset not in PRESETS:
        raise ValueError(f"unknown preset {preset!r}; expected one of {', '.join(PRESETS)}")
    if preset == "hourly":
        minute = re.fullmatch(r"(?:\d{1,2})?:?([0-5]?\d)", at or ":00")
        if not minute:
            raise ValueError(f"expected a minute such as ':07', found {at!r}")
        return f"{int(minute[1])} * * * *"
    day, _, time = (at or DEFAULT_TIME).strip().rpartition(" ")
    clock = _CLOCK.fullmatch(time)
    if not clock:
        raise ValueError(f"expected a time such as '09:07', found {at!r}")
    if day and preset != "weekly":
        raise ValueError(f"{preset} takes a time without a day, found {at!r}")
    days = {"daily": "*", "weekdays": "1-5", "weekly": str(_weekday(day or "monday"))}[preset]
    return f"{int(clock[2])} {int(clock[1])} * * {days}"


def _weekday(name: str) -> int:
    for number, weekday in enumerate(WEEKDAYS, 1):
        if weekday.startswith(name.strip().lower()) and len(name.strip()) >= 3:
            return number % 7
    raise ValueError(f"unknown weekday {name!r}; expected one of {', '.join(WEEKDAYS)}")


def _unconfirmed(fields: list[str]) -> Iterator[str]:
    for name, field in zip(_FIELDS, fields, strict=True):
        if "#" in field:
            yield f"# in the {name}"
        if re.search(r"(?i)(^|\d)L", field):
            yield f"L in the {name}"
        elif re.search(r"[A-Za-z]", field):
            yield f"a name in the {name}"
    if "*" not in (fields[2], fields[4]):
        both = "both" if fields[2].startswith("*") or fields[4].startswith("*") else "either"
        yield f"a day of month beside a day of week (taken as {both})"


def _refuse_long_steps(fields: list[str]) -> None:
    """``*/61`` is not every 61 minutes, and nobody who wrote it wanted every hour."""
    for name, field, most in zip(_FIELDS, fields, _MOST, strict=True):
        for step in re.findall(r"/(\d+)", field):
            if int(step) > most:
                raise ValueError(f"{field!r} steps over every {name} but the first; expected at most /{most}")


def _before_the_last_year(moment: datetime) -> bool:
    """Whether the moment can be told in every time zone: the last day of all is in the year 10000 in some."""
    return moment.year < MAXYEAR


def _simulator(expression: str, moment: datetime) -> Json:
    # Imported here: only routines with schedules need it.
    from cronsim import CronSim, CronSimError

    try:
        return CronSim(expression, moment)
    except CronSimError as error:
        raise ValueError(_explain(str(error), expression)) from error


def _explain(reason: str, expression: str) -> str:
    """cronsim says ``Bad hour``; a person wants the field's text and its range."""
    ranges = {"minute": "0-59", "hour": "0-23", "day-of-month": "1-31", "month": "1-12", "day-of-week": "0-7"}
    fields = expression.split()
    if reason == "Bad day-of-month" and re.fullmatch(r"[1-9]|[12]\d|3[01]", fields[2]):
        return "no date ever matches it"
    for index, (name, allowed) in enumerate(ranges.items()):
        if reason == f"Bad {name}" and len(fields) == len(_FIELDS):
            return f"{fields[index]!r} is no {name.replace('-', ' ')} that exists; expected {allowed}"
    return reason
