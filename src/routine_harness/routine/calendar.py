"""A week of schedules as values: what starts when, for as many routines as there are.

The terminal and the HTML report draw from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import msgspec

from routine_harness.routine.edition import Edition
from routine_harness.routine.schedule import Shift, instants
from routine_harness.routine.spec import Routine, ScheduleTrigger

DAYS = 7


class Slot(msgspec.Struct, frozen=True, order=True):
    """One start: ``at`` in seconds since the epoch, ``time`` of day (``HH:MM``) in the calendar's zone."""

    at: int
    routine: str
    time: str
    trigger: int = 0
    shift: Shift = ""


class Day(msgspec.Struct, frozen=True):
    """One day of the calendar: its date, and what starts on it, in order of time."""

    date: str
    weekday: str
    slots: tuple[Slot, ...] = ()


class Calendar(msgspec.Struct, frozen=True):
    """A week: seven days in one zone, and per clock hour how many runs the account starts.

    ``busiest`` is the greatest number of starts in one hour, ``limit`` what the platform lets start
    at once in an hour (None: no such limit).
    """

    timezone: str
    days: tuple[Day, ...]
    busiest: int
    limit: int | None


def week_calendar(
    routines: Iterable[Routine], after: int, timezone: str, edition: Edition, plan: str = "team"
) -> Calendar:
    """The week that begins on the day of ``after`` (seconds since the epoch) in ``timezone``."""
    zone = ZoneInfo(timezone)
    first = datetime.fromtimestamp(after, zone).date()
    begin, end = _midnight(first, zone), _midnight(first + timedelta(days=DAYS), zone)
    slots = sorted(
        _slot(routine.name, index, instant.at, instant.shift, zone)
        for routine in routines
        for index, trigger in enumerate(routine.triggers)
        if isinstance(trigger, ScheduleTrigger) and trigger.enabled and routine.enabled
        for instant in takewhile(lambda each: each.at < end, instants(trigger, begin - 1, edition))
    )
    days = [first + timedelta(days=number) for number in range(DAYS)]
    return Calendar(
        timezone=timezone,
        days=tuple(_day(day, slots, zone) for day in days),
        busiest=_busiest(slots),
        limit=_hourly_limit(edition, plan),
    )


def _slot(routine: str, index: int, at: int, shift: Shift, zone: ZoneInfo) -> Slot:
    return Slot(at, routine, datetime.fromtimestamp(at, zone).strftime("%H:%M"), index, shift)


def _day(day: date, slots: list[Slot], zone: ZoneInfo) -> Day:
    own = tuple(slot for slot in slots if datetime.fromtimestamp(slot.at, zone).date() == day)
    return Day(day.isoformat(), day.strftime("%A"), own)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC).timestamp())


def _busiest(slots: list[Slot]) -> int:
    hours: dict[int, int] = {}
    for slot in slots:
        hours[slot.at // 3600] = hours.get(slot.at // 3600, 0) + 1
    return max(hours.values(), default=0)


def _hourly_limit(edition: Edition, plan: str) -> int | None:
    amounts = [
        amount
        for limit in edition.limits
        if "schedule" in limit.kinds
        and limit.per == "hour"
        and (amount := limit.amount_for(plan)) is not None
    ]
    return min(amounts, default=None)
