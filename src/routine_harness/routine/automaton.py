"""A pattern → an automaton that takes exactly the texts that RE2 matches as a whole.

What RE2 and Python's parser read differently is refused: nothing is said of such a pattern.
"""

from __future__ import annotations

import functools
import importlib
import re
import warnings
from collections.abc import Iterable
from typing import Final

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json
from routine_harness.routine.character_sets import (
    DIGITS,
    SPACES,
    TOP,
    WORD,
    Span,
    Spans,
    case_folded,
    inverted,
)

_parser: Json = importlib.import_module("re._parser")
op: Json = importlib.import_module("re._constants")

MAX_PARTS: Final = 20_000
_CATEGORIES: Final = {op.CATEGORY_DIGIT: DIGITS, op.CATEGORY_SPACE: SPACES, op.CATEGORY_WORD: WORD}
_NEGATED: Final = {
    op.CATEGORY_NOT_DIGIT: op.CATEGORY_DIGIT,
    op.CATEGORY_NOT_SPACE: op.CATEGORY_SPACE,
    op.CATEGORY_NOT_WORD: op.CATEGORY_WORD,
}
_ASSERTIONS: Final = {
    op.AT_BEGINNING: "start",
    op.AT_BEGINNING_STRING: "start",
    op.AT_END: "end",
    op.AT_END_STRING: "end",
    op.AT_BOUNDARY: "boundary",
    op.AT_NON_BOUNDARY: "inside",
}
_OTHER_DIALECT: Final = lazy_pattern(r"\[\[:|\\[pPQCzEG]|\(\?[a-zA-Z]*U|\(\?P=|\(\?[<#(>]|[*+?}]\+|\{,")
"""What RE2 and Python's parser read differently; a pattern with it is refused."""
_LEADING_FLAGS: Final = lazy_pattern(r"\(\?([ims]+)\)")

State = tuple[frozenset[int], str]
"""Parts before assertions are looked at, and what came before: start, word or other."""


class Unproved(ValueError):  # noqa: N818 - a verdict on a pattern
    """The pattern cannot be made into an automaton of bearable size."""


class Automaton:
    """One pattern: per part, where it goes freely (``free``) and on what (``eats``)."""

    def __init__(self, pattern: str, *, dot_matches_newline: bool) -> None:
        """Raises:
        Unproved: nothing can be said of ``pattern``.
        """
        self.free: list[list[tuple[int, str]]] = []
        self.eats: list[list[tuple[Spans, int]]] = []
        parsed = _parse(pattern, re.DOTALL if dot_matches_newline else re.NOFLAG)
        self._end = self._new()
        start = self._build(parsed, self._end, parsed.state.flags)
        self.start: State = (frozenset({start}), "start")

    def sets(self) -> Iterable[Spans]:
        """The sets of characters that it tells apart."""
        return (spans for eats in self.eats for spans, _ in eats)

    def accepts(self, state: State) -> bool:
        """Whether a text that leads to ``state`` may end there."""
        return self._end in self.reached(state, "end")

    def reached(self, state: State, after: str) -> set[int]:
        """Every part that can be reached without a character where ``after`` is what follows."""
        held, before = state
        apart = (before == "word") is not (after == "word")
        holds = {
            "": True,
            "start": before == "start",
            "end": after == "end",
            "boundary": apart,
            "inside": not apart,
        }
        found, queue = set(held), list(held)
        while queue:
            for target, assertion in self.free[queue.pop()]:
                if target not in found and holds[assertion]:
                    found.add(target)
                    queue.append(target)
        return found

    def _new(self) -> int:
        if len(self.free) >= MAX_PARTS:
            raise Unproved(f"it has more than {MAX_PARTS} parts")
        self.free.append([])
        self.eats.append([])
        return len(self.free) - 1

    def _build(self, items: Json, end: int, flags: int) -> int:
        """The part from which ``items`` lead to ``end``."""
        for code, value in reversed(list(items)):
            end = self._one(code, value, end, flags)
        return end

    def _one(self, code: Json, value: Json, end: int, flags: int) -> int:
        spans = _spans(code, value, flags)
        if spans is not None:
            part = self._new()
            self.eats[part].append((spans, end))
            return part
        if code is op.BRANCH:
            part = self._new()
            self.free[part] += [(self._build(way, end, flags), "") for way in value[1]]
            return part
        if code is op.SUBPATTERN:
            _, added, removed, inner = value
            if added & re.MULTILINE:
                raise Unproved("(?m) cannot be proved: write the line breaks out")
            return self._build(inner, end, (flags | added) & ~removed)
        if code in (op.MAX_REPEAT, op.MIN_REPEAT):
            return self._repeat(value, end, flags)
        if code is op.AT and value in _ASSERTIONS:
            part = self._new()
            self.free[part].append((end, _ASSERTIONS[value]))
            return part
        raise Unproved(f"{str(code).lower().replace('_', ' ')} cannot be proved")

    def _repeat(self, value: Json, end: int, flags: int) -> int:
        least, most, inner = value
        if most == op.MAXREPEAT:
            loop = self._new()
            self.free[loop] += [(self._build(inner, loop, flags), ""), (end, "")]
            end = loop
        else:
            after = end
            for _ in range(most - least):
                part = self._new()
                self.free[part] += [(self._build(inner, end, flags), ""), (after, "")]
                end = part
        for _ in range(least):
            end = self._build(inner, end, flags)
        return end


@functools.lru_cache(maxsize=256)
def compile_automaton(pattern: str, *, dot_matches_newline: bool) -> Automaton:
    """The automaton of a pattern that RE2 takes.

    Raises:
        Unproved: nothing can be said of ``pattern``.
    """
    return Automaton(pattern, dot_matches_newline=dot_matches_newline)


def _parse(pattern: str, flags: int) -> Json:
    if _OTHER_DIALECT.search(pattern):
        raise Unproved("it uses syntax that cannot be proved here: classes in [[: :]], \\p, \\z, \\Q or (?U)")
    if leading := _LEADING_FLAGS.match(pattern):
        pattern = f"(?{leading[1]}:{pattern[leading.end() :]})"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of what Python may read otherwise one day
            parsed = _parser.parse(pattern, re.ASCII | flags)
    except (re.error, RecursionError, OverflowError) as error:
        raise Unproved(f"it cannot be read here: {error}") from error
    return parsed


def _spans(code: Json, value: Json, flags: int) -> Spans | None:
    """The characters that an item takes; None where it takes none."""
    if code is op.ANY:
        return ((0, TOP),) if flags & re.DOTALL else inverted([(10, 10)])
    if code is op.LITERAL:
        return _cased([(value, value)], flags)
    if code is op.NOT_LITERAL:
        return inverted(_cased([(value, value)], flags))
    if code is not op.IN:
        return None
    found: list[Span] = []
    negated = False
    for kind, inner in value:
        if kind is op.NEGATE:
            negated = True
        else:
            found += _member(kind, inner, flags)
    return inverted(found) if negated else tuple(found)


def _member(kind: Json, inner: Json, flags: int) -> Spans:
    """One member of a class in brackets."""
    if kind is op.LITERAL:
        return _cased([(inner, inner)], flags)
    if kind is op.RANGE:
        return _cased([inner], flags)
    if kind is op.CATEGORY and inner in _CATEGORIES:
        return _cased(_CATEGORIES[inner], flags)
    if kind is op.CATEGORY and inner in _NEGATED:
        return inverted(_cased(_CATEGORIES[_NEGATED[inner]], flags))
    raise Unproved(f"{str(inner).lower()} cannot be proved")


def _cased(spans: Iterable[Span], flags: int) -> Spans:
    return case_folded(spans) if flags & re.IGNORECASE else tuple(spans)
