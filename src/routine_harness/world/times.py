"""Instants as services write them; whole seconds since the epoch (UTC) inside."""

from __future__ import annotations

import functools
import re
from datetime import UTC, date, datetime
from typing import Any


def parse_instant(value: Any) -> float:
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
