"""What a condition wants and does not find: the nearest place of a long text, and what its references are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Final

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json
from routine_harness.verdict.expectations.context import RunContext
from routine_harness.verdict.passage import Span, find_passage, quote_passage, texts_within
from routine_harness.verdict.reference import references_in
from routine_harness.verdict.where import Condition
from routine_harness.verdict.words import shorten

_LONG: Final = 60
"""A text of more characters is not shown whole."""

_FAR: Final = 20_000
"""How much of a text is searched: the search takes as many steps as both texts are long, multiplied."""

_LEAST: Final = 4
"""Fewer characters in common say nothing."""

_SHOWN: Final = 3
"""Values of a reference that are named."""

_LITERAL: Final = lazy_pattern(r"[\w ]{4,}")


def nearest_place(data: Json, text: str) -> Span | None:
    """Where ``text``, of which ``data`` does not hold, comes nearest to it; None where nothing is alike."""
    if isinstance(data, Mapping) and "not" in data:
        return find_passage(data["not"], text)
    spans = [span for wanted in _wanted(data, text) if (span := _nearest(wanted, text)) is not None]
    return max(spans, key=lambda span: span[1] - span[0], default=None)


def _wanted(data: Json, text: str) -> Iterator[str]:
    """The texts that a condition wants, of several the ones that are missing."""
    if isinstance(data, str):
        yield data
    if not isinstance(data, Mapping) or len(data) != 1:
        return
    [(operator, operand)] = data.items()
    if operator in ("any_of", "all_of"):
        for part in operand:
            if find_passage(part, text) is None:
                yield from _wanted(part, text)
    elif operator == "is_one_of":
        yield from (each for each in operand if isinstance(each, str))
    elif operator == "matches_regex":
        yield from (found.group().strip() for found in _LITERAL.finditer(operand))
    elif operator in ("equals", "contains", "starts_with") and isinstance(operand, str):
        yield operand


def _nearest(wanted: str, text: str) -> Span | None:
    """The longest run of characters that both have, capitals or not, begun and ended at a word."""
    one, other = text[:_FAR].casefold(), wanted.casefold()
    if len(one) != len(text[:_FAR]):  # a letter became two: places would be shifted
        one, other = text[:_FAR], wanted
    found = SequenceMatcher(None, other, one, autojunk=False).find_longest_match()
    begin, end = found.b, found.b + found.size
    while begin < end and text[begin].isspace():
        begin += 1
    while end > begin and text[end - 1].isspace():
        end -= 1
    return (begin, end) if end - begin >= min(_LEAST, len(wanted)) and end > begin else None


def quote_nearest(field: str, value: Json, data: Json) -> tuple[str, ...]:
    """The place of a long text, or of several, that comes nearest to ``data``; none where it is short."""
    texts = texts_within(value)
    if all(len(text) <= _LONG for text in texts):
        return ()
    found = [(text, span) for text in texts if (span := nearest_place(data, text)) is not None]
    if not found:
        return ()
    text, span = max(found, key=lambda each: each[1][1] - each[1][0])
    return quote_passage(field, text, span)


def shown_references(where: Sequence[Condition], context: RunContext) -> Iterator[str]:
    """What each reference of the conditions stands for in this run."""
    for name in dict.fromkeys(name for condition in where for name in references_in(condition.data)):
        values = context.lookup(name)
        told = " or ".join(shorten(value) for value in values[:_SHOWN]) or "nothing in this run"
        yield f"${{{name}}} is {told}"
