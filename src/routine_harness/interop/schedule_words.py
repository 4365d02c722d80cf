"""A schedule as people write it → a routine's: a cron expression, ``daily around 9:00``, ``bi-weekly``.

The words are those of agentic workflows, whose compiler spreads runs over hours and days that the words leave
open; a routine needs an instant, and what was open is noted. ``bi-weekly`` is what that compiler makes of it:
every 14th day of a month. Source: https://github.github.io/gh-aw/reference/schedule-syntax, read in November
2026.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK: Final = re.compile(r"\b(\d{1,2})(?::(\d{2}))? ?(am|pm)?\b")
_NAMED: Final = {"midnight": "00:00", "noon": "12:00"}
_OPEN_TIME: Final = "it leaves the time open, a routine runs at 09:00 UTC"
_OPEN_MINUTE: Final = "it leaves the minute open, a routine runs on the hour"
_BETWEEN: Final = re.compile(r"\bbetween (?P<from>.+?) and (?P<to>\S+(?: ?[ap]m)?)")
_ZONE: Final = re.compile(r"\butc(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?\b")
_EVERY_DAYS: Final = re.compile(r"every ([2-9]|[1-9]\d+) ?(?:d|days?)")
_MONTH: Final = 31
_WEEKS: Final = {"bi-weekly": 14, "biweekly": 14, "tri-weekly": 21, "triweekly": 21}
_MONTHLY: Final = re.compile(
    r"monthly(?: on (?:the )?(?P<day>\d{1,2})(?:st|nd|rd|th)?)?(?: (?:at|around) .+)?"
)


class SpokenSchedule(msgspec.Struct, frozen=True):
    """The keys of a schedule trigger, and what they say more exactly than the words."""

    keys: dict[str, str]
    note: str = ""


def schedule_of_words(text: str) -> SpokenSchedule | None:
    """The schedule that an expression or a phrase spells; None where no schedule of a routine says it."""
    if len(text.split()) == 5 and re.fullmatch(r"[\d*/,\-A-Za-z ?LW#]+", text) and text[0] in "0123456789*":
        return SpokenSchedule({"cron": text})
    words = " ".join(text.lower().split())
    zone = _ZONE.search(words)
    if zone is None:
        return _said(words)
    name = _zone_name(zone)
    found = _said(" ".join(words.replace(zone[0], "").split()))
    if name is None or found is None:
        return None
    return SpokenSchedule({**found.keys, "timezone": name}, found.note.replace("UTC", name))


def _zone_name(found: re.Match[str]) -> str | None:
    """The zone of a fixed offset, whose names count the other way; None for parts of an hour."""
    hours = int(found["hours"])
    if int(found["minutes"] or 0) or hours > 14 or (found["sign"] == "-" and hours > 12):
        return None
    return f"Etc/GMT{'-' if found['sign'] == '+' else '+'}{hours}" if hours else "UTC"


def _said(words: str) -> SpokenSchedule | None:
    every = re.fullmatch(r"every (\d+) ?(m|mins?|minutes?|h|hours?|d|days?)( on weekdays)?", words)
    if every is not None and not _EVERY_DAYS.fullmatch(words):
        keys = _every(int(every[1]), every[2][0], "1-5" if every[3] else "*")
        return None if keys is None else _noted(keys)
    days = _WEEKS.get(words) or (int(every_days[1]) if (every_days := _EVERY_DAYS.fullmatch(words)) else 0)
    if days:
        return _by_day_of_month(days) if days <= _MONTH else None
    monthly = _MONTHLY.fullmatch(words)
    if monthly is not None:
        return _monthly(monthly, words)
    preset = {"hourly": "hourly", "daily": "daily", "weekly": "weekly"}.get(words.split()[0] if words else "")
    if preset is None:
        return None
    window = _BETWEEN.search(words)
    return _preset(preset, words) if window is None else _within(preset, words, window)


def _by_day_of_month(days: int) -> SpokenSchedule:
    """Every so many days: a cron expression counts them anew in each month, and so does their compiler."""
    note = f"it is counted anew in each month, from the first in steps of {days} days"
    return SpokenSchedule({"cron": f"0 9 */{days} * *"}, f"{note}; {_OPEN_TIME}")


def _noted(keys: dict[str, str]) -> SpokenSchedule:
    if keys.get("preset") == "hourly":
        return SpokenSchedule(keys, _OPEN_MINUTE)
    return SpokenSchedule(keys, "" if "cron" in keys or "at" in keys else _OPEN_TIME)


def _every(number: int, unit: str, days: str) -> dict[str, str] | None:
    """``every 2h`` and the like, where the clock comes round to the same minutes each hour or day."""
    if unit == "m" and number and 60 % number == 0:
        return {"cron": f"{'0' if number == 60 else f'*/{number}'} * * * {days}"}
    if unit == "h" and number and 24 % number == 0:
        hours = "*" if number == 1 else f"*/{number}"
        return {"preset": "hourly"} if (number, days) == (1, "*") else {"cron": f"0 {hours} * * {days}"}
    return {"preset": "daily" if days == "*" else "weekdays"} if (unit, number) == ("d", 1) else None


def _monthly(found: re.Match[str], words: str) -> SpokenSchedule | None:
    day = int(found["day"] or 1)
    time = _time(words.partition(" at ")[2] or words.partition(" around ")[2])
    if not 1 <= day <= 31:
        return None
    hour, minute = (time or "09:00").split(":")
    notes = [] if found["day"] else ["it leaves the day open, a routine runs on the first"]
    notes += [] if time else [_OPEN_TIME]
    return SpokenSchedule({"cron": f"{int(minute)} {int(hour)} {day} * *"}, "; ".join(notes))


def _preset(preset: str, words: str) -> SpokenSchedule:
    if preset == "hourly":
        return _noted({"cron": "0 * * * 1-5"} if "weekdays" in words else {"preset": "hourly"})
    if preset == "daily" and "weekdays" in words:
        preset = "weekdays"
    day = _day(words) if preset == "weekly" else ""
    time = _time(words)
    at = " ".join(part for part in (day, time or ("09:00" if day else "")) if part)
    return _noted({"preset": preset, **({"at": at} if at else {})})


def _within(preset: str, words: str, window: re.Match[str]) -> SpokenSchedule | None:
    """A time of day that is left open between two: its beginning; each hour from the one to the other."""
    begin, end = _time(window["from"]), _time(window["to"])
    if not begin or not end:
        return None
    if preset == "hourly":
        if begin > end:
            return None
        days = "1-5" if "weekdays" in words else "*"
        return SpokenSchedule({"cron": f"0 {int(begin[:2])}-{int(end[:2])} * * {days}"})
    rest = words.replace(window[0], "")
    found = _preset(preset, f"{rest} at {begin}")
    note = f"it leaves the time open between {begin} and {end}, a routine runs at {begin}"
    return SpokenSchedule(found.keys, note)


def _day(words: str) -> str:
    return next((name for name in _DAYS if name in words), "")


def _time(words: str) -> str:
    found = next((time for word, time in _NAMED.items() if word in words), "")
    clock = _CLOCK.search(words)
    if found or clock is None:
        return found
    hour = int(clock[1]) % 12 + (12 if clock[3] == "pm" else 0) if clock[3] else int(clock[1])
    return f"{hour:02}:{clock[2] or '00'}" if hour < 24 else ""
