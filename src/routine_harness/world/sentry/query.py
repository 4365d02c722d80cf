"""Sentry's query syntax on a record: ``is:unresolved !timesSeen:<5 zero*``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from routine_harness.plain import Record

_TERM: Final = re.compile(r'(!?)([\w.]+):("[^"]*"|\[[^\]]*\]|\S+)|("[^"]*"|\S+)')


def query_test(query: str) -> Callable[[Record], bool]:
    """Whether ``is:``, ``key:value`` (with ``!``, ``*`` and lists) and free words all hold of a record."""
    tests = [_test(*term) for term in _TERM.findall(query)]
    return lambda record: all(test(record) for test in tests)


def fits_query(record: Record, query: str) -> bool:
    """The same for a single record."""
    return query_test(query)(record)


def _test(negated: str, key: str, value: str, word: str) -> Callable[[Record], bool]:
    if word:
        return _saying(word.strip('"').lower())
    held, wanted = not negated, value.strip('"')
    return lambda record: _fits_term(record, key, wanted) is held


def _saying(word: str) -> Callable[[Record], bool]:
    def says(record: Record) -> bool:
        fields = ("title", "culprit", "message", "shortId")
        return word in " ".join(str(record.get(field) or "") for field in fields).lower()

    return says


def _fits_term(record: Record, key: str, value: str) -> bool:
    if key == "is":
        wanted = "ignored" if value == "archived" else value
        if wanted in ("assigned", "unassigned"):
            return bool(record.get("assignedTo")) is (wanted == "assigned")
        return wanted in (record.get("status"), record.get("substatus"))
    if key in ("timesSeen", "times_seen", "users"):
        return _compares(int(record["count" if key != "users" else "userCount"]), value)
    field = {"assigned": "assignedTo", "error.type": "title", "issue": "shortId", "message": "title"}.get(
        key, key
    )
    actual = record.get(field, (record.get("tags") or {}).get(key))
    listed = [part.strip() for part in value.strip("[]").split(",")] if value.startswith("[") else [value]
    return any(_like(str(actual if actual is not None else ""), one) for one in listed)


def _like(actual: str, wanted: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in wanted.split("*"))
    return re.fullmatch(pattern, actual, re.IGNORECASE | re.DOTALL) is not None


def _compares(count: int, value: str) -> bool:
    match = re.fullmatch(r"(>=|<=|>|<)?(\d+)", value)
    if match is None:
        return False
    number = int(match[2])
    return {">=": count >= number, "<=": count <= number, ">": count > number, "<": count < number}.get(
        match[1], count == number
    )
