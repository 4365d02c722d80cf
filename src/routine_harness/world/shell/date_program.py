"""``date``, answered from the world's clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from routine_harness.world.holes import has_hole
from routine_harness.world.shell.acts import Word
from routine_harness.world.shell.options import parse_options
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.script_reader import Reader

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS: Final = {"second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600, "day": 86_400, "week": 604_800,
                 "fortnight": 1_209_600}  # fmt: skip
_STEP: Final = re.compile(
    r"([+-]?\s*\d+|next|last|a|an)?\s*(second|sec|minute|min|hour|day|week|fortnight|month|year)s?\b\s*(ago)?"
)
_NAMED: Final = {"now": 0, "today": 0, "tomorrow": 86_400, "yesterday": -86_400, "midnight": 0}
_VALUED: Final = ("-d", "--date", "-f", "--file", "-r", "--reference", "-s", "--set", "-v", "-j")
_FORMATS: Final = {
    "F": "%Y-%m-%d", "T": "%H:%M:%S", "D": "%m/%d/%y", "R": "%H:%M", "r": "%I:%M:%S %p", "h": "%b",
    "c": "%a %b %e %H:%M:%S %Y", "x": "%m/%d/%y", "X": "%H:%M:%S", "n": "\n", "t": "\t",
    "+": "%a %b %e %H:%M:%S %Z %Y",
}  # fmt: skip


def date(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """What ``date`` prints; unknown where the clock, the zone or the wording is not known."""
    del stdin
    options = parse_options(
        argv[1:], _VALUED, {"--date": "-d", "--reference": "-r", "--utc": "-u", "--universal": "-u"}
    )
    if reader.context.now is None or {"-f", "--file", "-s", "--set"} & options.values.keys():
        return Text()
    zone = "UTC" if "-u" in options else reader.scope.variables.get("TZ", "UTC") or "UTC"
    try:
        now = datetime.fromtimestamp(reader.context.now, UTC).astimezone(ZoneInfo(zone))
    except (ValueError, OSError, KeyError):
        return Text()
    instant = _instant(options.text("-d"), now) if "-d" in options else _referred(options.text("-r"), now)
    for step in options.texts("-v"):
        instant = None if instant is None else _adjusted(step.text, instant)
    if instant is None:
        return Text()
    written = _written(instant, argv, options.rest)
    return Text(None if written is None else written + "\n")


def _referred(text: str | None, now: datetime) -> datetime | None:
    """BSD's ``-r SECONDS``; a file's time is not known."""
    if text is None:
        return now
    return datetime.fromtimestamp(int(text), now.tzinfo) if text.isdecimal() and len(text) < 12 else None


def _instant(text: str | None, now: datetime) -> datetime | None:
    """The instant that ``-d`` names, as far as GNU's common spellings go."""
    if text is None or has_hole(text):
        return None
    text = text.strip().lower()
    if re.fullmatch(r"@\d{1,11}", text):
        return datetime.fromtimestamp(int(text[1:]), now.tzinfo)
    base = now
    if found := re.match(r"(\d{4}-\d\d-\d\d)(?:[t ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?)?\s*(z|utc)?", text):
        try:
            base = datetime.fromisoformat(f"{found[1]} {found[2] or '00:00'}").replace(
                tzinfo=UTC if found[3] else now.tzinfo
            )
        except ValueError:
            return None
        text = text[found.end() :].strip()
    for name, seconds in _NAMED.items():
        if re.search(rf"\b{name}\b", text):
            base += timedelta(seconds=seconds)
            base = base.replace(hour=0, minute=0, second=0) if name == "midnight" else base
            text = re.sub(rf"\b{name}\b", "", text).strip()
    return _stepped(text, base)


def _stepped(text: str, base: datetime) -> datetime | None:
    if found := re.fullmatch(r"(last|next|this)?[\s-]*(mon|tue|wed|thu|fri|sat|sun)[a-z]*", text):
        ahead = (_DAYS.index(found[2]) - base.weekday()) % 7
        ahead = ahead - 7 if found[1] == "last" else ahead + 7 if found[1] == "next" and not ahead else ahead
        return (base + timedelta(days=ahead)).replace(hour=0, minute=0, second=0, microsecond=0)
    while text:
        found = _STEP.match(text)
        if found is None:
            return None
        number = {None: 1, "next": 1, "last": -1, "a": 1, "an": 1}.get(found[1])
        count = int(found[1].replace(" ", "")) if number is None else number
        base_or_none = _moved(base, -count if found[3] else count, found[2])
        if base_or_none is None:
            return None
        base, text = base_or_none, text[found.end() :].strip().removeprefix("and ").strip()
    return base


def _moved(base: datetime, count: int, unit: str) -> datetime | None:
    try:
        if unit in _UNITS:
            return base + timedelta(seconds=count * _UNITS[unit])
        months = base.year * 12 + base.month - 1 + count * (12 if unit == "year" else 1)
        first = base.replace(year=months // 12, month=months % 12 + 1, day=1)
        return first + timedelta(days=base.day - 1)
    except (OverflowError, ValueError):
        return None


def _adjusted(text: str, base: datetime) -> datetime | None:
    """BSD's ``-v-7d``."""
    found = re.fullmatch(r"([+-]\d{1,6})([ymwdHMS])", text)
    units = {"y": "year", "m": "month", "w": "week", "d": "day", "H": "hour", "M": "minute", "S": "second"}
    return _moved(base, int(found[1]), units[found[2]]) if found else None


def _written(instant: datetime, argv: list[Word], rest: list[Word]) -> str | None:
    iso = next(
        (word.text for word in argv[1:] if word.text.startswith(("-I", "--iso-8601", "--rfc-3339"))), None
    )
    if iso is not None:
        kind = iso.partition("=")[2] or iso.removeprefix("-I").removeprefix("--iso-8601") or "date"
        if kind == "date":
            return instant.strftime("%Y-%m-%d")
        between = " " if iso.startswith("--rfc") else "T"
        return instant.isoformat(between, {"hours": "hours", "minutes": "minutes"}.get(kind, "seconds"))
    if any(word.text in ("-R", "--rfc-email", "--rfc-2822") for word in argv[1:]):
        return instant.strftime("%a, %d %b %Y %H:%M:%S %z")
    form = next((word.text[1:] for word in rest if word.text.startswith("+")), "%a %b %e %H:%M:%S %Z %Y")
    return None if has_hole(form) else _formatted(instant, form)


def _formatted(instant: datetime, form: str) -> str:
    def field(found: re.Match[str]) -> str:
        flag, code = found[1], found[2]
        if code in _FORMATS:
            return _formatted(instant, _FORMATS[code])
        made = _field(instant, code)
        if flag == "-":
            return made.lstrip("0 ") or "0"
        return made.lstrip("0").rjust(len(made)) if flag == "_" else made.upper() if flag == "^" else made

    return re.sub(r"%([-_^0]?)(:?[A-Za-z%+])", field, form)


def _field(instant: datetime, code: str) -> str:
    special = {
        "%": "%", "s": str(int(instant.timestamp())), "N": "000000000", "e": f"{instant.day:2d}",
        "k": f"{instant.hour:2d}", "l": f"{instant.hour % 12 or 12:2d}",
        "q": str((instant.month - 1) // 3 + 1), "C": f"{instant.year // 100:02d}",
        "P": instant.strftime("%p").lower(), ":z": f"{instant:%z}"[:3] + ":" + f"{instant:%z}"[3:],
    }  # fmt: skip
    if code in special:
        return special[code]
    return instant.strftime(f"%{code}") if code in "aAbBdGgHIjmMpSuUVwWyYzZ" else f"%{code}"
