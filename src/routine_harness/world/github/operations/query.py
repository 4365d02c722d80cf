"""A search query taken apart: words, quoted texts, qualifiers, ``OR``, ``NOT``, ``-``; ranges."""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable
from typing import Final

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json
from routine_harness.world.github.records.tables import as_number


class Term(msgspec.Struct, frozen=True):
    """One part of a query: a word or a quoted text, or ``name:value``; ``negated`` by a minus or NOT."""

    value: str
    name: str = ""
    negated: bool = False


_PART: Final = lazy_pattern(
    r"""(?P<minus>-?)(?:
        (?P<name>[A-Za-z][A-Za-z-]*):(?P<quoted>"[^"]*"|(?P<bare>[^\s"]+))
      | "(?P<text>[^"]*)"
      | (?P<word>[^\s"]+)
    )""",
    re.VERBOSE,
)


def parse_query(query: str) -> list[list[Term]]:
    """The alternatives of ``query`` (separated by OR), each a list of terms that must all hold.

    A qualifier counts for every alternative: GitHub's ``OR`` stands between words alone.
    """
    alternatives: list[list[Term]] = [[]]
    qualifiers: list[Term] = []
    negate = False
    for match in _PART.finditer(query):
        word = match["word"]
        if word in ("AND", "OR", "NOT") and not match["minus"]:
            alternatives += [[]] if word == "OR" else []
            negate = word == "NOT"
            continue
        negated, negate = bool(match["minus"]) or negate, False
        if match["name"] and "://" not in match[0]:
            qualifiers.append(Term(match["quoted"].strip('"'), match["name"].lower(), negated))
        else:
            text = match["text"] if match["text"] is not None else match[0].removeprefix("-")
            alternatives[-1].append(Term(text, "", negated))
    return [words + qualifiers for words in alternatives if words] or [qualifiers]


def in_range(given: Json, wanted: str) -> bool:
    """Whether a number or time satisfies ``>=3``, ``2026-01-01..2026-02-01``, ``*..5`` or a plain one."""
    return all(_holds(given, *bound) for bound in _bounds(wanted))


@functools.lru_cache(maxsize=64)
def _bounds(wanted: str) -> tuple[tuple[str, str, int | None], ...]:
    """What a range asks: sign, text, and the text as a number where it is one."""
    low, dots, high = wanted.partition("..")
    match = re.match(r"(>=|<=|>|<)(.+)", wanted)
    plain = (match[1], match[2]) if match else ("=", wanted)
    bounds = ((">=", low), ("<=", high)) if dots else (plain,)
    return tuple((sign, text, as_number(text)) for sign, text in bounds if text != "*")


def _holds(given: Json, sign: str, text: str, number: int | None) -> bool:
    if isinstance(given, int):
        return number is not None and _SIGNS[sign](given, number)
    left = str(given or "")
    if sign in ("=", "<=", ">") and len(text) < len(left):
        left = left[: len(text)]  # a day covers all its hours
    return _SIGNS[sign](left, text)


_SIGNS: Final[dict[str, Callable[[Json, Json], bool]]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq,
}  # fmt: skip
