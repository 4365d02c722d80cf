"""The parts of a search query, and the ranges that qualifiers compare with."""

from __future__ import annotations

import re
import shlex
from typing import Any, Final

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.world.github.tables import as_number


class Term(msgspec.Struct, frozen=True):
    """One part of a query: a word, or ``name:value``; ``negated`` with a minus before it."""

    value: str
    name: str = ""
    negated: bool = False


_TERM: Final = lazy_pattern(r'(-?)([A-Za-z][A-Za-z-]*):("[^"]*"|\S+)')


def parse_query(query: str) -> list[Term]:
    """The parts of ``query``; quotation marks keep words together."""
    terms, rest = [], query
    for match in _TERM.finditer(query):
        if "://" in match[0]:
            continue
        terms.append(Term(match[3].strip('"'), match[2].lower(), bool(match[1])))
        rest = rest.replace(match[0], " ", 1)
    return terms + [Term(word.lstrip("-"), "", word.startswith("-")) for word in _words(rest)]


def _words(text: str) -> list[str]:
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.replace('"', " ").split()
    return [word for word in words if word not in ("AND", "OR", "NOT")]


def in_range(given: Any, wanted: str) -> bool:
    """Whether a number or time satisfies ``>=3``, ``2026-01-01..2026-02-01``, ``*..5`` or a plain one."""
    low, dots, high = wanted.partition("..")
    if dots:
        return _compare(given, ">=", low) and _compare(given, "<=", high)
    match = re.match(r"(>=|<=|>|<)(.+)", wanted)
    return _compare(given, match[1], match[2]) if match else _compare(given, "=", wanted)


def _compare(given: Any, operator: str, wanted: str) -> bool:
    if wanted == "*":
        return True
    if isinstance(given, int):
        number = as_number(wanted)
        if number is None:
            return False
        left: Any = given
        right: Any = number
    else:
        left, right = str(given or ""), wanted
        if operator in ("=", "<=", ">") and len(right) < len(left):
            left = left[: len(right)]  # a day covers all its hours
    results = {
        ">=": left >= right,
        "<=": left <= right,
        ">": left > right,
        "<": left < right,
        "=": left == right,
    }
    return bool(results[operator])
