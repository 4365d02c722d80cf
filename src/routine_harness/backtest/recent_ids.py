"""The ids that were seen of late, a block at a time.

Archives count their ids up, so a block of new ids nearly always lies above all older ones, and two
bounds decide. Only where ranges meet are ids compared one by one. Kept as 64-bit numbers: eight
bytes an id, of the last two hours of the archive's time.
"""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

import msgspec

WINDOW_HOURS: Final = 2
_RUN: Final = 1 << 15
_HASHED: Final = 1 << 62
"""Ids that are no numbers lie above this one, by their hash."""


class Run(msgspec.Struct, frozen=True):
    """Some ids with their bounds; ``hour`` (since the epoch) is the newest they were met in."""

    low: int
    high: int
    hour: int
    ids: bytes

    def numbers(self) -> set[int]:
        return set(array("q", self.ids))

    def has_any(self, numbers: Iterable[int]) -> bool:
        """Whether it holds one of ``numbers``, which should be few: found in its sorted bytes."""
        near = [number for number in numbers if self.low <= number <= self.high]
        if not near:
            return False
        ids = memoryview(self.ids).cast("q")
        return any(ids[bisect_left(ids, number)] == number for number in near)


Runs = tuple[Run, ...]


class Seen:
    """Ids by run; what was not met for two hours of the archive's time is forgotten."""

    __slots__ = ("_current", "_first", "_high", "_hour", "_runs")

    def __init__(self, known: Iterable[int] = ()) -> None:
        self._current: set[int] = set(known)
        self._high = max(self._current, default=-1)
        self._runs: list[Run] = []
        self._first: int | None = None
        self._hour = 0

    def add(self, identity: str | int, hour: int) -> bool:
        """Whether ``identity`` is new; it is known from now on."""
        number = number_of(identity)
        if number in self._current or (number <= self._high and self._known(number)):
            return False
        self._note(hour)
        self._current.add(number)
        self._high = max(self._high, number)
        if len(self._current) >= _RUN:
            self._close()
        return True

    def add_all(self, numbers: list[int], hour: int) -> list[bool] | None:
        """Add ids; which of them are new, None if all are."""
        block = set(numbers)
        low, high = min(block), max(block)
        if low < 0 or high >= _HASHED:
            return [self.add(number, hour) for number in numbers]
        new = None
        if len(block) < len(numbers) or (low <= self._high and not self._apart(block, low)):
            new = self._tell_apart(numbers)
            if True not in new:
                return new
        self._note(hour)
        self._current |= block
        self._high = max(self._high, high)
        if len(self._current) >= _RUN:
            self._close()
        return new

    def runs(self) -> Runs:
        """All ids as runs."""
        if self._current:
            self._close()
        return tuple(self._runs)

    def _note(self, hour: int) -> None:
        self._hour = max(self._hour, hour)
        if self._first is None:
            self._first = hour

    def _apart(self, block: set[int], low: int) -> bool:
        if not self._current.isdisjoint(block):
            return False
        return not any(run.high >= low and run.has_any(block) for run in self._runs)

    def _tell_apart(self, numbers: list[int]) -> list[bool]:
        """Which of ``numbers`` are new, a number that comes twice only at first."""
        border = max((run.high for run in self._runs), default=-1)
        met, new = set[int](), list[bool]()
        for number in numbers:
            old = number in self._current or number in met or (number <= border and self._known(number))
            met.add(number)
            new.append(not old)
        return new

    def _known(self, number: int) -> bool:
        return any(run.has_any((number,)) for run in self._runs)

    def _close(self) -> None:
        """Pack the current ids; drop runs that neither a neighbour nor the rest can repeat."""
        ids = array("q", sorted(self._current))
        self._runs.append(Run(ids[0], ids[-1], self._hour, ids.tobytes()))
        self._current = set()
        first, last = (self._first or 0) + WINDOW_HOURS, self._hour - WINDOW_HOURS
        self._runs = [run for run in self._runs if not first < run.hour < last]


def overlap(known: Iterable[Run], runs: Iterable[Run]) -> frozenset[int]:
    """The ids that both hold."""
    known, found = tuple(known), set[int]()
    for run in runs:
        met = [each for each in known if each.low <= run.high and run.low <= each.high]
        if met:
            numbers = run.numbers()
            for each in met:
                found |= numbers & each.numbers()
    return frozenset(found)


def number_of(identity: str | int) -> int:
    """A number for an id, the same in every process."""
    try:
        number = int(identity)
    except ValueError:
        number = -1
    if 0 <= number < _HASHED:
        return number
    digest = hashlib.blake2b(str(identity).encode(), digest_size=8).digest()
    return _HASHED | int.from_bytes(digest, "big") >> 2
