"""What is wrong with a schedule that can fire: too often, on the hour, drifting with the clocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from routine_harness.finding import Finding, Location, Severity
from routine_harness.routine.cron import Cron
from routine_harness.routine.edition import Edition
from routine_harness.routine.schedule import Instant, cron_of, next_instants, once_at
from routine_harness.routine.spec import Routine, ScheduleTrigger

_YEAR: Final = 366 * 86400
_REFERENCE: Final = 1_767_225_600  # 2026-01-01: where a witness is looked for, so that it stays the same


class ClockChange(msgspec.Struct, frozen=True):
    """A change of a zone's clocks: at that instant, by that many seconds (forward is positive)."""

    at: int
    seconds: int


def check_schedules(routine: Routine, edition: Edition, saved: int = _REFERENCE) -> tuple[Finding, ...]:
    """The findings of every enabled schedule, in the order of the file.

    ``saved`` is when the schedules are taken to be stored (seconds since the epoch): they drift from then on.
    """
    return tuple(
        msgspec.structs.replace(finding, data={"trigger": index, **finding.data})
        for index, trigger in enumerate(routine.triggers)
        if isinstance(trigger, ScheduleTrigger) and trigger.enabled
        for finding in _check(routine, index, trigger, edition, saved)
    )


def clock_changes(zone: str, after: int, before: int) -> tuple[ClockChange, ...]:
    """When the clocks of ``zone`` change between two instants."""
    info, found, at = ZoneInfo(zone), [], after
    while at < before:
        following = min(at + 86400, before)
        if _offset(info, at) != _offset(info, following):
            low, high = at, following
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(info, middle) == _offset(info, at) else (low, middle)
            found.append(ClockChange(high, _offset(info, following) - _offset(info, at)))
        at = following
    return tuple(found)


def drift(trigger: ScheduleTrigger, saved: int) -> tuple[ClockChange, ...]:
    """The changes of the clocks in the year after ``saved`` that move a schedule stored as UTC.

    A cron that was converted once, when it was saved, starts an hour earlier or later by the wall
    clock after each of them.
    """
    if trigger.once is not None or ZoneInfo(trigger.timezone).utcoffset(None) is not None:
        return ()
    return clock_changes(trigger.timezone, saved, saved + _YEAR)


def _check(
    routine: Routine, index: int, trigger: ScheduleTrigger, edition: Edition, saved: int
) -> Iterator[Finding]:
    cron = cron_of(trigger)
    key = "cron" if trigger.cron is not None else "preset" if trigger.preset is not None else "once"
    line = routine.source.line("triggers", index, key)
    place = Location(routine.source.file, line) if routine.source.file else None
    if cron is None:
        yield from _late_once(trigger, edition, place)
        return
    least = edition.schedule.minimum_interval // 60
    if cron.shortest_gap < least:
        yield _too_often(cron, trigger, least, edition, place)
    if edition.schedule.late == "on-the-hour" and cron.minutes == (0,):
        yield _on_the_hour(cron.expression, place)
    if cron.unconfirmed:
        yield Finding(
            code="schedule.dialect",
            message=f"{cron.expression!r} has {', '.join(cron.unconfirmed)}, which no document promises",
            severity=Severity.WARNING,
            location=place,
            hint="write numbers, lists, ranges and steps only",
        )
    changes = drift(trigger, saved)
    if changes:
        yield _drifts(trigger, changes, place)


def _late_once(trigger: ScheduleTrigger, edition: Edition, place: Location | None) -> Iterator[Finding]:
    if edition.schedule.late == "on-the-hour" and (once_at(trigger) or 1) % 3600 == 0:
        yield _on_the_hour(trigger.once or "", place)


def _on_the_hour(words: str, place: Location | None) -> Finding:
    return Finding(
        code="schedule.on-the-hour",
        message=f"{words!r} starts on the hour, when runs may start minutes late",
        severity=Severity.WARNING,
        location=place,
        hint="pick another minute, such as 7",
    )


def _minutes(count: int) -> str:
    return f"{count} minute{'' if count == 1 else 's'}"


def _too_often(
    cron: Cron, trigger: ScheduleTrigger, least: int, edition: Edition, place: Location | None
) -> Finding:
    pair = closest_pair(trigger, edition)
    detail = (f"witness: {pair[0].local} and {pair[1].local}",) if pair else ()
    return Finding(
        code="schedule.too-often",
        message=f"{cron.expression!r} fires {_minutes(cron.shortest_gap)} apart; the least is {least}",
        location=place,
        hint="the platform answers HTTP 400 'cron interval too short'; name one minute an hour",
        detail=detail,
        data={"witness": [each.local for each in pair]} if pair else {},
    )


def closest_pair(trigger: ScheduleTrigger, edition: Edition) -> tuple[Instant, Instant] | None:
    """The two firings in a row that are closest together, among the first of 2026."""
    found = next_instants(trigger, _REFERENCE, 200, edition)
    return min(pairwise(found), key=lambda pair: (pair[1].at - pair[0].at, pair[0].at), default=None)


def _drifts(trigger: ScheduleTrigger, changes: Sequence[ClockChange], place: Location | None) -> Finding:
    days = [datetime.fromtimestamp(change.at, UTC).date().isoformat() for change in changes]
    seconds = changes[0].seconds
    shift = f"{abs(seconds) // 60} minutes {'later' if seconds > 0 else 'earlier'}"
    back = len(changes) > 1 and seconds + changes[1].seconds == 0
    when = f"from {days[0]} to {days[1]}" if back else f"from {days[0]}"
    return Finding(
        code="schedule.drift",
        message=f"stored as UTC, this starts {shift} by the clocks of {trigger.timezone} {when}",
        severity=Severity.WARNING,
        location=place,
        hint="the stored cron is UTC and daylight saving is undocumented: check the time after each change",
    )


def _offset(zone: ZoneInfo, at: int) -> int:
    offset = datetime.fromtimestamp(at, zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0
