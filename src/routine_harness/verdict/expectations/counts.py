"""How many: ``count``, ``at_least``, ``at_most``."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from routine_harness.routine.reader import Fields, Reader, kind_of
from routine_harness.routine.spec import Path

COUNT_KEYS: Final = ("count", "at_least", "at_most")


class Count(msgspec.Struct, frozen=True):
    """Bounds on a number; ``at_most`` None means no upper bound."""

    at_least: int = 0
    at_most: int | None = None

    def holds(self, number: int) -> bool:
        return number >= self.at_least and (self.at_most is None or number <= self.at_most)

    def of(self, noun: str) -> str:
        """The bounds in words: ``exactly 1 ticket``, ``no message``, ``at least 2 tickets``."""
        if self.at_most is None:
            return f"at least {_plural(self.at_least, noun)}"
        if self.at_least == self.at_most:
            return f"exactly {_plural(self.at_least, noun)}" if self.at_least else f"no {noun}"
        if not self.at_least:
            return f"at most {_plural(self.at_most, noun)}"
        return f"{self.at_least} to {_plural(self.at_most, noun)}"


def _plural(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun}es" if noun.endswith("ch") else f"{number} {noun}s"


AT_LEAST_ONE: Final = Count(1)
ANY_NUMBER: Final = Count(0)


def read_count(fields: Fields, default: Count = AT_LEAST_ONE) -> Count:
    """The bounds among the keys of ``fields``; ``default`` where it names none."""
    named = [key for key in COUNT_KEYS if key in fields]
    if not named:
        return default
    if "count" in named and len(named) > 1:
        fields.problem(
            "count", "count stands beside at_least or at_most", "use count alone, or the other two"
        )
    if "count" in named:
        exact = fields.whole("count")
        return Count(exact, exact)
    count = Count(fields.whole("at_least"), fields.whole("at_most") if "at_most" in fields else None)
    if count.at_most is not None and count.at_most < count.at_least:
        fields.problem("at_most", f"at_most {count.at_most} is below at_least {count.at_least}")
    return count


def read_bare_count(reader: Reader, value: Any, path: Path) -> Count | None:
    """The count that a bare number spells; None if ``value`` is no number."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    if value < 0:
        reader.problem(path, f"expected a count from 0, found {kind_of(value)}")
        return Count()
    return Count(value, value)
