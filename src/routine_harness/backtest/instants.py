"""The instants of an archive's events: text → seconds, each text read once."""

from __future__ import annotations

from typing import Final

from routine_harness.plain import Json
from routine_harness.trigger.arrivals import parse_instant

_MOST: Final = 8_192
_SECONDS: Final = {f"{second:02d}Z": second for second in range(60)}


class Instants(dict[Json, int]):
    """``created_at`` → seconds since the epoch, 0 where it is no time; what is missing is worked out."""

    def __init__(self) -> None:
        super().__init__()
        self._minutes: dict[str, int] = {}

    def __missing__(self, text: Json) -> int:
        if len(self) >= _MOST:
            self.clear()
            self._minutes.clear()
        at = self[text] = self._read(text)
        return at

    def _read(self, text: Json) -> int:
        """``parse_instant``, in a tenth of its time for the form that archives use."""
        if not isinstance(text, str):
            return parse_instant(text) if isinstance(text, int | float) else 0
        second = _SECONDS.get(text[17:])
        if second is None or text[10:17:3] != "T::":
            return parse_instant(text)
        minute = text[:17]
        start = self._minutes.get(minute)
        if start is None:
            start = self._minutes[minute] = parse_instant(minute + "00Z")
        elif start:  # not the only one of its minute: the others will be asked for too
            self.update({minute + end: start + after for end, after in _SECONDS.items()})
        return start + second if start else 0
