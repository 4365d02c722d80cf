"""A week of schedules as values: what starts when, for as many routines as there are.

The terminal and the HTML report draw from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from routine_harness.routine.edition import Edition
from routine_harness.routine.edition_rules import Consequence, Limit, Start
from routine_harness.routine.schedule import Instant, Shift, instants, shift_settings
from routine_harness.routine.spec import Routine, ScheduleTrigger

DAYS: Final = 7


class Ruled(msgspec.Struct, frozen=True):
    """A routine with the platform's rules for it and the plan of its account."""

    routine: Routine
    edition: Edition
    plan: str = "team"


class Slot(msgspec.Struct, frozen=True, order=True):
    """One start: ``at`` in seconds since the epoch, ``time`` of day (``HH:MM``) in the calendar's zone.

    ``depends_on`` names the assumed settings that decided about a start which a change of clocks moves.
    """

    at: int
    routine: str
    time: str
    trigger: int = 0
    shift: Shift = ""
    kind: Start = "schedule"
    depends_on: tuple[str, ...] = ()


class Day(msgspec.Struct, frozen=True):
    """One day of the calendar: its date, and what starts on it, in order of time."""

    date: str
    weekday: str
    slots: tuple[Slot, ...] = ()


class Load(msgspec.Struct, frozen=True):
    """The most starts in one clock hour or day (of UTC), and how many the account may have in it.

    ``limit`` is None where the platform has no such limit; ``assumed`` says that its figure is ours,
    ``beyond`` what becomes of the starts above it.
    """

    per: Literal["hour", "day"]
    most: int
    limit: int | None = None
    assumed: bool = False
    beyond: Consequence | None = None


class Calendar(msgspec.Struct, frozen=True):
    """A week: seven days in one zone, and how full its fullest hour and day are."""

    timezone: str
    days: tuple[Day, ...]
    loads: tuple[Load, ...]


def week_calendar(routines: Iterable[Ruled], after: int, timezone: str) -> Calendar:
    """The week that begins on the day of ``after`` (seconds since the epoch) in ``timezone``.

    Each routine starts by its own edition; of several editions the smallest limits are told.
    """
    routines = tuple(routines)
    zone = ZoneInfo(timezone)
    first = datetime.fromtimestamp(after, zone).date()
    begin, end = _midnight(first, zone), _midnight(first + timedelta(days=DAYS), zone)
    slots = sorted(slot for ruled in routines for slot in _slots(ruled, begin, end, zone))
    days = [first + timedelta(days=number) for number in range(DAYS)]
    return Calendar(
        timezone=timezone,
        days=tuple(_day(day, slots, zone) for day in days),
        loads=tuple(_loads(slots, routines)),
    )


def _slots(ruled: Ruled, begin: int, end: int, zone: ZoneInfo) -> Iterator[Slot]:
    routine, edition = ruled.routine, ruled.edition
    for index, trigger in enumerate(routine.triggers):
        if not isinstance(trigger, ScheduleTrigger) or not trigger.enabled or not routine.enabled:
            continue
        kind: Start = "schedule" if trigger.once is None else "once"
        for instant in takewhile(lambda each: each.at < end, instants(trigger, begin - 1, edition)):
            depends_on = shift_settings(trigger, [instant], edition)
            yield Slot(
                instant.at, routine.name, _clock(instant, zone), index, instant.shift, kind, depends_on
            )


def _clock(instant: Instant, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(instant.at, zone).strftime("%H:%M")


def _day(day: date, slots: list[Slot], zone: ZoneInfo) -> Day:
    own = tuple(slot for slot in slots if datetime.fromtimestamp(slot.at, zone).date() == day)
    return Day(day.isoformat(), day.strftime("%A"), own)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC).timestamp())


def _loads(slots: list[Slot], routines: Iterable[Ruled]) -> Iterator[Load]:
    limits = _limits(routines)
    if not any(limit.per == "hour" for limit, _, _ in limits):
        yield Load("hour", _most(slots, 3600))
    for limit, amount, assumed in limits:
        counted = [slot for slot in slots if slot.kind in limit.kinds]
        yield Load(limit.per, _most(counted, limit.seconds), amount, assumed, limit.beyond)


def _limits(routines: Iterable[Ruled]) -> list[tuple[Limit, int, bool]]:
    """The account's limits on starts by the clock, of each length the smallest, with its amount."""
    found: dict[str, tuple[Limit, int, bool]] = {}
    for ruled in routines:
        for limit in ruled.edition.limits:
            amount = limit.amount_for(ruled.plan)
            if "schedule" not in limit.kinds or limit.scope != "account" or amount is None:
                continue
            if limit.per not in found or amount < found[limit.per][1]:
                found[limit.per] = (limit, amount, limit.assumed(ruled.plan))
    return [found[per] for per in ("hour", "day") if per in found]


def _most(slots: list[Slot], seconds: int) -> int:
    return max(Counter(slot.at // seconds for slot in slots).values(), default=0)
