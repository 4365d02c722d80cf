"""Sets of characters as rows of code points: what a class of a pattern takes, and what it leaves."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable
from typing import Final

Span = tuple[int, int]
"""The first and the last of a row of characters."""
Spans = tuple[Span, ...]

TOP: Final = sys.maxunicode
DIGITS: Final[Spans] = ((48, 57),)
SPACES: Final[Spans] = ((9, 10), (12, 13), (32, 32))
WORD: Final[Spans] = ((48, 57), (65, 90), (95, 95), (97, 122))


def inverted(spans: Iterable[Span]) -> Spans:
    """The characters that are in none of ``spans``."""
    found: list[Span] = []
    at = 0
    for first, last in sorted(spans):
        if first > at:
            found.append((at, first - 1))
        at = max(at, last + 1)
    if at <= TOP:
        found.append((at, TOP))
    return tuple(found)


def case_folded(spans: Iterable[Span]) -> Spans:
    """``spans`` and the characters that differ from one of theirs in nothing but case."""
    spans = tuple(spans)
    more: list[Span] = []
    for code, others in _variants().items():
        if any(first <= code <= last for first, last in spans):
            more += [(other, other) for other in others]
    return (*spans, *more)


@functools.cache
def _variants() -> dict[int, tuple[int, ...]]:
    """Each letter that has a case → the letters that are the same without it (Unicode's simple folding)."""
    groups: dict[str, list[int]] = {}
    for code in range(_LAST_CASED + 1):
        letter = chr(code)
        if letter.lower() != letter or letter.upper() != letter or letter.casefold() != letter:
            groups.setdefault(_folded(letter), []).append(code)
    return {code: tuple(group) for group in groups.values() for code in group if len(group) > 1}


_LAST_CASED: Final = 0x1E943


def _folded(letter: str) -> str:
    folded = letter.casefold()
    return folded if len(folded) == 1 else letter.lower()


class Alphabet:
    """The characters in classes that none of some sets of characters tells apart.

    ``kinds`` are the classes by number; ``holds`` says per set which of them it takes, ``words``
    which consist of the characters of ``\\w``.
    """

    def __init__(self, sets: Iterable[Spans]) -> None:
        known = list(dict.fromkeys(sets))
        edges = {0, *(first for spans in (*known, WORD) for first, _ in spans)}
        edges |= {last + 1 for spans in (*known, WORD) for _, last in spans}
        self._starts = sorted(edge for edge in edges if edge <= TOP)
        members = [_covered(spans, self._starts) for spans in (*known, WORD)]
        signs: dict[tuple[bool, ...], int] = {}
        self._ids = [signs.setdefault(sign, len(signs)) for sign in zip(*members, strict=True)]
        self.kinds = range(len(signs))
        self.words = [sign[-1] for sign in signs]
        self.holds = {spans: [sign[place] for sign in signs] for place, spans in enumerate(known)}

    def rows(self) -> Iterable[tuple[int, Span]]:
        """Every row of characters of one class, with that class."""
        ends = [*(start - 1 for start in self._starts[1:]), TOP]
        return zip(self._ids, zip(self._starts, ends, strict=True), strict=True)


def _covered(spans: Spans, starts: list[int]) -> list[bool]:
    return [any(first <= start <= last for first, last in spans) for start in starts]
