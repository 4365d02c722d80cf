"""Times: instants as services write them, and times of world files, which may be relative (``-90m``).

Inside they are seconds since the epoch, in UTC.
"""

from __future__ import annotations

import functools
import re
from datetime import UTC, date, datetime
from typing import Final

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json


def parse_instant(value: Json) -> float:
    """Seconds since the epoch for a number, an ISO 8601 instant or day (no offset means UTC).

    Raises:
        ValueError: ``value`` is none of them.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp()
    text = str(value).strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    try:
        return parse_instant(datetime.fromisoformat(text))
    except ValueError:
        raise ValueError(f"expected a time (ISO 8601 or Unix seconds), found {value!r}") from None


@functools.lru_cache(maxsize=1024)
def iso_millis(seconds: float) -> str:
    """``2026-05-04T09:00:00.000Z``."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


@functools.lru_cache(maxsize=1024)
def iso_seconds(seconds: float) -> str:
    """``2026-05-04T09:00:00Z``."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc_text(seconds: float) -> str:
    """``2026-05-04 09:00:00 UTC``."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def iso_day(seconds: float) -> str:
    """``2026-05-04``."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%d")


_RELATIVE: Final = lazy_pattern(r"([+-])(\d{1,6})([smhdw])\Z")
SIGNS: Final = frozenset(("+", "-"))
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_TIME_FIELD: Final = lazy_pattern(
    r"(?:_at|At|[a-z]On|(?:^|_)ts|[dD]ate|[tT]ime(?:stamp)?|[sS]ince|[uU]ntil)\Z"
)
_DAY_FIELD: Final = lazy_pattern(r"(?:due|start|target|end)_?date\Z", re.IGNORECASE)


def instant(text: str) -> int:
    """The seconds since the epoch of an ISO 8601 time; one without a zone is UTC.

    Raises:
        ValueError: ``text`` is no time.
    """
    parsed = datetime.fromisoformat(text)
    return int((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp())


def is_wrong_relative(field: str, text: str) -> bool:
    """Whether ``text`` begins like a relative time in a field for times, and is none."""
    return text[:1] in SIGNS and bool(_TIME_FIELD.search(field)) and _RELATIVE.match(text) is None


def resolve_times(value: Json, at: int, field: str = "") -> Json:
    """``value`` with every relative time made absolute, in the way its field writes times.

    Only fields for times are looked at, by their names; ``value`` itself where there is none.
    """
    if isinstance(value, str):
        return _resolved(value, at, field) if value[:1] in SIGNS else value
    if isinstance(value, dict):
        return _resolved_fields(value, at)
    if isinstance(value, list):
        parts = [resolve_times(part, at, field) for part in value]
        return parts if any(new is not old for new, old in zip(parts, value, strict=True)) else value
    return value


def _resolved_fields(value: dict[Json, Json], at: int) -> dict[Json, Json]:
    """``value`` with its fields resolved; few begin like a relative time, and only those are looked at."""
    changed: dict[Json, Json] = {}
    for name, part in value.items():
        kind = type(part)
        if (kind is str and part[:1] in SIGNS) or kind is dict or kind is list:
            new = resolve_times(part, at, str(name))
            if new is not part:
                changed[name] = new
    return {**value, **changed} if changed else value


def _resolved(text: str, at: int, field: str) -> str:
    match = _RELATIVE.match(text)
    if match is None or not _TIME_FIELD.search(field):
        return text
    then = at + (-1 if match[1] == "-" else 1) * int(match[2]) * _SECONDS[match[3]]
    if field == "ts" or field.endswith("_ts"):
        return f"{then}.000000"
    return iso_seconds(then)[:10] if _DAY_FIELD.search(field) else iso_seconds(then)
