"""A pattern → a table that decides it in one step a character: linear time by construction.

Where the guard runs only ``re`` is at hand, which may hang on a pattern that RE2 takes in its stride.
So patterns are made into deterministic automata when the guard is installed; what grows too large is
refused there. ``.`` matches a line break, as everywhere in a policy.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterable
from typing import Any, Final

from routine_harness.routine.regex import compile_regex

_parser: Any = importlib.import_module("re._parser")
op: Any = importlib.import_module("re._constants")

MAX_STATES: Final = 3_000
MAX_PARTS: Final = 20_000
Span = tuple[int, int]
"""The first and the last of a row of characters."""

_TOP: Final = sys.maxunicode
_WORD: Final[tuple[Span, ...]] = ((48, 57), (65, 90), (95, 95), (97, 122))
_CATEGORIES: Final = {
    op.CATEGORY_DIGIT: ((48, 57),),
    op.CATEGORY_SPACE: ((9, 10), (12, 13), (32, 32)),
    op.CATEGORY_WORD: _WORD,
}
_NEGATED: Final = {
    op.CATEGORY_NOT_DIGIT: op.CATEGORY_DIGIT,
    op.CATEGORY_NOT_SPACE: op.CATEGORY_SPACE,
    op.CATEGORY_NOT_WORD: op.CATEGORY_WORD,
}
_OTHER_DIALECT: Final = re.compile(r"\[\[:|\\[pPQCzEG]|\(\?[a-zA-Z]*U|\(\?P=|\(\?[<#(>]|[*+?}]\+")
"""What RE2 and Python's parser read differently; a pattern with it is refused."""


class Unproved(ValueError):  # noqa: N818 - a verdict on a pattern
    """The pattern cannot be made into an automaton of bearable size."""


def compile_automaton(pattern: str) -> dict[str, Any]:
    """The automaton of ``pattern`` over whole values, as JSON values for the guard's ``run_automaton``.

    Raises:
        ValueError: it is not RE2 syntax, or (``Unproved``) it cannot be proved.
    """
    compile_regex(pattern)
    if _OTHER_DIALECT.search(pattern):
        raise Unproved("it uses syntax that cannot be proved here: classes in [[: :]], \\p, \\z, \\Q or (?U)")
    try:
        parsed = _parser.parse(pattern, re.ASCII | re.DOTALL)
    except (re.error, RecursionError, OverflowError) as error:
        raise Unproved(f"it cannot be read here: {error}") from error
    if parsed.state.flags & re.MULTILINE:
        raise Unproved("(?m) cannot be proved: write the line breaks out")
    parts = _Parts()
    end = parts.new()
    start = parts.build(parsed, end, parsed.state.flags)
    return _determinize(parts, start, end)


class _Parts:
    """The automaton before it is deterministic: per part, where it goes freely and on what."""

    def __init__(self) -> None:
        self.free: list[list[tuple[int, str]]] = []
        self.eats: list[list[tuple[tuple[Span, ...], int]]] = []

    def new(self) -> int:
        if len(self.free) >= MAX_PARTS:
            raise Unproved(f"it has more than {MAX_PARTS} parts")
        self.free.append([])
        self.eats.append([])
        return len(self.free) - 1

    def build(self, items: Any, end: int, flags: int) -> int:
        """The part from which ``items`` lead to ``end``."""
        for code, value in reversed(list(items)):
            end = self._one(code, value, end, flags)
        return end

    def _one(self, code: Any, value: Any, end: int, flags: int) -> int:
        spans = _spans(code, value, flags)
        if spans is not None:
            part = self.new()
            self.eats[part].append((spans, end))
            return part
        if code is op.BRANCH:
            part = self.new()
            self.free[part] += [(self.build(way, end, flags), "") for way in value[1]]
            return part
        if code is op.SUBPATTERN:
            _, added, removed, inner = value
            return self.build(inner, end, (flags | added) & ~removed)
        if code in (op.MAX_REPEAT, op.MIN_REPEAT):
            return self._repeat(value, end, flags)
        if code is op.AT and value in _ASSERTIONS:
            part = self.new()
            self.free[part].append((end, _ASSERTIONS[value]))
            return part
        raise Unproved(f"{str(code).lower().replace('_', ' ')} cannot be proved")

    def _repeat(self, value: Any, end: int, flags: int) -> int:
        least, most, inner = value
        if most == op.MAXREPEAT:
            loop = self.new()
            self.free[loop] += [(self.build(inner, loop, flags), ""), (end, "")]
            end = loop
        else:
            after = end
            for _ in range(most - least):
                part = self.new()
                self.free[part] += [(self.build(inner, end, flags), ""), (after, "")]
                end = part
        for _ in range(least):
            end = self.build(inner, end, flags)
        return end


_ASSERTIONS: Final = {
    op.AT_BEGINNING: "start",
    op.AT_BEGINNING_STRING: "start",
    op.AT_END: "end",
    op.AT_END_STRING: "end",
    op.AT_BOUNDARY: "boundary",
    op.AT_NON_BOUNDARY: "inside",
}


def _spans(code: Any, value: Any, flags: int) -> tuple[Span, ...] | None:
    """The characters that an item takes; None where it takes none."""
    if code is op.ANY:
        return ((0, _TOP),) if flags & re.DOTALL else _inverted([(10, 10)])
    if code is op.LITERAL:
        return _folded([(value, value)], flags)
    if code is op.NOT_LITERAL:
        return _inverted(_folded([(value, value)], flags))
    if code is not op.IN:
        return None
    found: list[Span] = []
    fixed: list[Span] = []
    negated = False
    for kind, inner in value:
        if kind is op.NEGATE:
            negated = True
        elif kind is op.LITERAL:
            found.append((inner, inner))
        elif kind is op.RANGE:
            found.append(inner)
        elif kind is op.CATEGORY and inner in _CATEGORIES:
            fixed += _folded(_CATEGORIES[inner], flags)
        elif kind is op.CATEGORY and inner in _NEGATED:
            fixed += _inverted(_folded(_CATEGORIES[_NEGATED[inner]], flags))
        else:
            raise Unproved(f"{str(inner).lower()} cannot be proved")
    folded = (*_folded(found, flags), *fixed)
    return _inverted(folded) if negated else folded


def _folded(spans: Iterable[Span], flags: int) -> tuple[Span, ...]:
    spans = tuple(spans)
    if not flags & re.IGNORECASE:
        return spans
    more: list[Span] = []
    for first, last in spans:
        for code in range(first, min(last, first + 5_000) + 1):
            char = chr(code)
            others = {char.lower(), char.upper(), char.casefold(), *_FOLDS.get(char.lower(), ())}
            more += [(ord(other), ord(other)) for other in others if len(other) == 1]
    return (*spans, *more)


_FOLDS: Final = {"s": ("\u017f",), "k": ("\u212a",), "\u00e5": ("\u212b",), "\u03c9": ("\u2126",)}
"""Letters that stand for others when case does not count."""


def _inverted(spans: Iterable[Span]) -> tuple[Span, ...]:
    found: list[Span] = []
    at = 0
    for first, last in sorted(spans):
        if first > at:
            found.append((at, first - 1))
        at = max(at, last + 1)
    if at <= _TOP:
        found.append((at, _TOP))
    return tuple(found)


class _Alphabet:
    """Characters in classes that no part tells apart."""

    def __init__(self, parts: _Parts) -> None:
        sets = list(dict.fromkeys(spans for eats in parts.eats for spans, _ in eats))
        edges = {0, *(first for spans in (*sets, _WORD) for first, _ in spans)}
        edges |= {last + 1 for spans in (*sets, _WORD) for _, last in spans}
        self.starts = sorted(edge for edge in edges if edge <= _TOP)
        members = [_covered(spans, self.starts) for spans in (*sets, _WORD)]
        signs: dict[tuple[bool, ...], int] = {}
        self.ids = [signs.setdefault(sign, len(signs)) for sign in zip(*members, strict=True)]
        self.size = len(signs)
        self.words = [sign[-1] for sign in signs]
        self.holds = {spans: [sign[place] for sign in signs] for place, spans in enumerate(sets)}


def _covered(spans: tuple[Span, ...], starts: list[int]) -> list[bool]:
    return [any(first <= start <= last for first, last in spans) for start in starts]


State = tuple[frozenset[int], str]
"""Parts before assertions are looked at, and what came before: start, word or other."""


def _determinize(parts: _Parts, start: int, end: int) -> dict[str, Any]:
    alphabet = _Alphabet(parts)
    states: dict[State, int] = {(frozenset({start}), "start"): 0}
    table: list[list[int]] = []
    accepting: list[int] = []
    queue: list[State] = list(states)
    for state in queue:
        held, before = state
        if end in _closure(parts, held, before, "end"):
            accepting.append(states[state])
        row: list[int] = []
        closures = {
            word: _closure(parts, held, before, "word" if word else "other") for word in (True, False)
        }
        for kind in range(alphabet.size):
            word = alphabet.words[kind]
            following = frozenset(
                target
                for part in closures[word]
                for spans, target in parts.eats[part]
                if alphabet.holds[spans][kind]
            )
            if not following:
                row.append(-1)
                continue
            reached = (following, "word" if word else "other")
            if reached not in states:
                if len(states) >= MAX_STATES:
                    raise Unproved(f"it has more than {MAX_STATES} states: make it simpler")
                states[reached] = len(states)
                queue.append(reached)
            row.append(states[reached])
        table.append(row)
    return {"starts": alphabet.starts, "ids": alphabet.ids, "table": table, "accepting": accepting}


def _closure(parts: _Parts, held: frozenset[int], before: str, after: str) -> set[int]:
    """Every part that can be reached without a character, between ``before`` and ``after``."""
    apart = (before == "word") is not (after == "word")
    holds = {
        "": True,
        "start": before == "start",
        "end": after == "end",
        "boundary": apart,
        "inside": not apart,
    }
    found = set(held)
    queue = list(held)
    while queue:
        for target, assertion in parts.free[queue.pop()]:
            if target not in found and holds[assertion]:
                found.add(target)
                queue.append(target)
    return found
