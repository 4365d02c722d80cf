"""The ids that were seen of late, in a few bytes each.

GH Archive counts its ids up, so a set of them is mostly runs: pages of 512 bits hold it in about
three bytes an event. Ids that are no numbers (of deliveries) are kept by their hash.
"""

from __future__ import annotations

import hashlib
from typing import Final

WINDOW_HOURS: Final = 2
_MOST_PAGES: Final = 40_000
_HASHED: Final = 1 << 80
"""Above every numeric id that is taken as it is, so that the two never meet."""

Pages = dict[int, int]
"""id // 512 → the bits of those seen."""


class Seen:
    """Ids by page; what was not met for two hours of the archive's time is forgotten."""

    __slots__ = ("_first", "_newest", "_stamps", "pages")

    def __init__(self, known: Pages | None = None) -> None:
        self.pages: Pages = dict(known or {})
        self._stamps: dict[int, int] = {}
        self._first: int | None = None
        self._newest = 0

    def add(self, identity: str | int, hour: int) -> bool:
        """Whether ``identity`` is new; ``hour`` is its time in hours since the epoch."""
        try:
            number = int(identity)
        except ValueError:
            number = -1
        if not 0 <= number < _HASHED:
            number = _hashed(str(identity))
        key, bit = number >> 9, 1 << (number & 511)
        bits = self.pages.get(key, 0)
        if bits & bit:
            return False
        self.pages[key] = bits | bit
        if self._stamps.get(key) != hour:
            self._stamp(key, hour)
        return True

    def overlap(self, pages: Pages) -> Pages:
        """The ids that both hold."""
        known = self.pages
        return {key: both for key, bits in pages.items() if (both := bits & known.get(key, 0))}

    def merge(self, pages: Pages, hour: int) -> None:
        """Add the ids of another part of the archive whose newest event is of ``hour``."""
        for key, bits in pages.items():
            self.pages[key] = self.pages.get(key, 0) | bits
            self._stamps[key] = max(hour, self._stamps.get(key, hour))

    def forget(self, before: int) -> None:
        """Drop the ids that were last met before the hour ``before``."""
        for key in [key for key, hour in self._stamps.items() if hour < before]:
            del self.pages[key], self._stamps[key]

    def _stamp(self, key: int, hour: int) -> None:
        self._stamps[key] = hour
        if self._first is None:
            self._first = hour
        self._newest = max(self._newest, hour)
        if len(self._stamps) > _MOST_PAGES:
            self._thin()

    def _thin(self) -> None:
        """Keep what neighbouring parts may repeat: the first hours and the last ones."""
        first, last = (self._first or 0) + WINDOW_HOURS, self._newest - WINDOW_HOURS
        for key in [key for key, hour in self._stamps.items() if first < hour < last]:
            del self.pages[key], self._stamps[key]


def _hashed(text: str) -> int:
    return _HASHED + int.from_bytes(hashlib.blake2b(text.encode(), digest_size=9).digest(), "big")
