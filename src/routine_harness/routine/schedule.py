"""Schedules: whether one makes sense, and the instants it fires at, in wall-clock time and in UTC.

Pure: the present instant is an argument. Time zones come from the system's database.
"""

from __future__ import annotations

import difflib
import functools
import itertools
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from routine_harness.routine.cron import NICKNAMES, Cron, parse_cron, preset_cron, split_zone
from routine_harness.routine.edition import Edition
from routine_harness.routine.spec import ScheduleTrigger

ScheduleProblem = tuple[str, str, str]
"""The key that is wrong, what is wrong with it, how to mend it."""

Shift = Literal["", "gap", "repeat"]
YEARS: Final = range(1970, 9000)
"""The years that schedules are told for: every time zone has them, and what follows within years of them."""

_LEAST_HINT: Final = "write five fields: minute hour day month weekday, such as '7 9 * * 1-5'"


class Instant(msgspec.Struct, frozen=True):
    """One firing: ``at`` in seconds since the epoch, ``local`` as the wall clock of its zone shows it.

    ``shift`` is ``gap`` where the wall clock skips the time that was asked for (``wanted``), and
    ``repeat`` where it shows it twice.
    """

    at: int
    local: str
    shift: Shift = ""
    wanted: str = ""


def check_schedule(trigger: ScheduleTrigger) -> tuple[ScheduleProblem, ...]:
    """What is wrong with a schedule as it is written; empty if it can fire.

    How often it may fire is the edition's business: see ``trigger.schedules``.
    """
    given = [key for key in ("cron", "preset", "once") if getattr(trigger, key) is not None]
    problems: list[ScheduleProblem] = []
    if len(given) != 1:
        found = " and ".join(given) if given else "none of them"
        message = f"expected one of cron, preset and once, found {found}"
        problems.append((given[-1] if given else "", message, "keep the one that is meant"))
    if trigger.at is not None and trigger.preset is None:
        problems.append(("at", "'at' belongs to a preset", "write preset: daily beside it"))
    problems += _check_zone(trigger.timezone)
    if trigger.cron is not None:
        problems += _check_cron(trigger.cron)
    if trigger.preset is not None:
        problems += _check_preset(trigger)
    if trigger.once is not None:
        problems += _check_once(trigger.once)
    return tuple(problems)


def cron_of(trigger: ScheduleTrigger) -> Cron | None:
    """The parsed expression of a recurring schedule; None for a one-off.

    Raises:
        ValueError: the schedule is malformed; ``check_schedule`` says how.
    """
    if trigger.cron is not None:
        return parse_cron(trigger.cron)
    if trigger.preset is not None:
        return parse_cron(preset_cron(trigger.preset, trigger.at))
    return None


def once_at(trigger: ScheduleTrigger) -> int | None:
    """The instant of a one-off in seconds since the epoch; None for a recurring schedule."""
    if trigger.once is None:
        return None
    moment = datetime.fromisoformat(trigger.once)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=_zone(trigger.timezone))
    return int(moment.timestamp())


def instants(trigger: ScheduleTrigger, after: int, edition: Edition) -> Iterator[Instant]:
    """The instants after ``after`` (in one of ``YEARS``) in order; of a recurring schedule to the year 9999.

    Wall-clock times that do not exist or exist twice are treated as the edition's settings
    ``schedule_gap`` and ``schedule_repeat`` say; under ``schedule_clock: stored_utc`` the offset
    of ``after`` holds for ever.
    """
    zone = _zone(trigger.timezone)
    once = once_at(trigger)
    if once is not None:
        return iter([_once(trigger.once or "", once, zone)] if once > after else [])
    cron = cron_of(trigger)
    if cron is None:
        return iter(())
    if edition.setting("schedule_clock") == "stored_utc":
        return _stored(cron, zone, after)
    return _distinct(_resolved(cron, zone, after, edition), after)


def next_instants(trigger: ScheduleTrigger, after: int, count: int, edition: Edition) -> tuple[Instant, ...]:
    """The first ``count`` of ``instants``."""
    return tuple(itertools.islice(instants(trigger, after, edition), count))


def other_day_in_utc(trigger: ScheduleTrigger, after: int, edition: Edition) -> Instant | None:
    """The first firing of a year that is on another date in UTC, of a schedule that names days."""
    cron = cron_of(trigger)
    if cron is None or not cron.names_days:
        return None
    year = itertools.takewhile(
        lambda found: found.at < after + 366 * 86_400, instants(trigger, after, edition)
    )
    return next((found for found in year if found.local[:10] != _local(found.at, _zone("UTC"))[:10]), None)


def shift_settings(trigger: ScheduleTrigger, found: Iterable[Instant], edition: Edition) -> tuple[str, ...]:
    """The assumed settings that decided about the instants of ``found`` that a change of clocks moves.

    What starts every so many hours goes by the clock that never changes, and depends on none.
    """
    cron = cron_of(trigger)
    shifts = set() if cron is not None and cron.every_hour else {instant.shift for instant in found}
    moved = (("gap", "schedule_gap"), ("repeat", "schedule_repeat"))
    return tuple(name for shift, name in moved if shift in shifts and edition.settings[name].assumed)


def _once(text: str, at: int, zone: ZoneInfo) -> Instant:
    """The one-off at ``at``; one written without an offset may name a time that is skipped or shown twice."""
    wanted = datetime.fromisoformat(text)
    if wanted.tzinfo is not None:
        return Instant(at, _local(at, zone))
    later = int(wanted.replace(tzinfo=zone, fold=1).timestamp())
    shift: Shift = "" if at == later else "gap" if at > later else "repeat"
    return Instant(at, _local(at, zone), shift, wanted.isoformat(" ", "minutes") if shift else "")


def _resolved(cron: Cron, zone: ZoneInfo, after: int, edition: Edition) -> Iterator[Instant]:
    """Every wall-clock time as instants; within a repeated hour they may be out of order."""
    start = datetime.fromtimestamp(after, zone).replace(tzinfo=None) - timedelta(hours=3)
    both = cron.every_hour or edition.setting("schedule_repeat") == "both"
    skip = cron.every_hour or edition.setting("schedule_gap") == "skipped"
    for wanted in cron.after(start):
        first = wanted.replace(tzinfo=zone)
        second = first.replace(fold=1)
        earlier, later = int(first.timestamp()), int(second.timestamp())
        if earlier == later:
            yield Instant(earlier, _local(earlier, zone))
        elif earlier > later:  # fold=0 reads a time in the gap with the offset before it
            if not skip:
                yield Instant(earlier, _local(earlier, zone), "gap", wanted.isoformat(" ", "minutes"))
        else:
            yield Instant(earlier, _local(earlier, zone), "repeat", wanted.isoformat(" ", "minutes"))
            if both:
                yield Instant(later, _local(later, zone), "repeat", wanted.isoformat(" ", "minutes"))


def _distinct(found: Iterator[Instant], after: int) -> Iterator[Instant]:
    """In order of time, each instant once: buffered by the hours that a change of clocks can move."""
    held: dict[int, Instant] = {}
    for instant in found:
        for at in sorted(at for at in held if at < instant.at - 3 * 3600):
            yield held.pop(at)
        if instant.at > after:
            held.setdefault(instant.at, instant)
    for at in sorted(held):
        yield held[at]


def _stored(cron: Cron, zone: ZoneInfo, after: int) -> Iterator[Instant]:
    offset = datetime.fromtimestamp(after, zone).utcoffset() or timedelta()
    start = datetime.fromtimestamp(after, UTC).replace(tzinfo=None) + offset
    for wanted in cron.after(start):
        at = int((wanted - offset).replace(tzinfo=UTC).timestamp())
        yield Instant(at, _local(at, zone))


def _local(at: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at, zone).isoformat(" ", "minutes")


@functools.lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _check_zone(name: str) -> list[ScheduleProblem]:
    try:
        _zone(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError; folders are OSErrors
        # Read here alone: the list costs a walk over the database.
        from zoneinfo import available_timezones

        close = difflib.get_close_matches(name, sorted(available_timezones()), 1, 0.6)
        hint = f"did you mean {close[0]!r}?" if close else "write an IANA name such as 'Europe/Berlin'"
        return [("timezone", f"there is no time zone {name!r}", hint)]
    return []


def _check_cron(expression: str) -> list[ScheduleProblem]:
    try:
        parse_cron(expression)
    except ValueError as error:
        meant = NICKNAMES.get(expression.strip().lower())
        hint = f"write {meant!r}, or any other minute than 0" if meant else _LEAST_HINT
        zone, fields = split_zone(expression)
        if zone:
            hint = f"put the zone under timezone: — cron: {fields!r}, timezone: {zone}"
        return [("cron", f"impossible cron expression {expression!r}: {error}", hint)]
    return []


def _check_preset(trigger: ScheduleTrigger) -> list[ScheduleProblem]:
    try:
        preset_cron(trigger.preset or "", trigger.at)
    except ValueError as error:
        return [
            ("at" if trigger.at is not None else "preset", str(error), "write preset: daily, at: '09:07'")
        ]
    return []


def _check_once(text: str) -> list[ScheduleProblem]:
    hint = "write it as 2026-12-01T09:07:00Z, or without the Z for the trigger's time zone"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return [("once", f"expected a timestamp, found {text!r}", hint)]
    if moment.year not in YEARS:
        return [("once", f"expected a year from {YEARS[0]} to {YEARS[-1]}, found {text!r}", hint)]
    return []
