"""Spans of time as people write them: ``90m``, ``2d``, ``-1h 30m``."""

from __future__ import annotations

import re
from typing import Final

from routine_harness.pattern import lazy_pattern

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SPAN = lazy_pattern(r"([+-]?)\s*(\d{1,9}[smhdw](?:\s*\d{1,9}[smhdw])*)\Z")


def parse_duration(text: str) -> int | None:
    """Seconds in ``text`` (``s``, ``m``, ``h``, ``d``, ``w``; may be negative), or None if it is none."""
    found = _SPAN.match(text.strip())
    if found is None:
        return None
    parts = re.findall(r"(\d+)([smhdw])", found[2])
    seconds = sum(int(number) * _UNITS[unit] for number, unit in parts)
    return -seconds if found[1] == "-" else seconds
