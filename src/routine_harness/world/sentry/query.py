"""Sentry's query syntax on a record: ``is:unresolved !timesSeen:<5 zero*``."""

from __future__ import annotations

import re
from typing import Final

from routine_harness.world.state import Record

_TERM: Final = re.compile(r'(!?)([\w.]+):("[^"]*"|\[[^\]]*\]|\S+)|("[^"]*"|\S+)')


def fits_query(record: Record, query: str) -> bool:
    """Whether ``is:``, ``key:value`` (with ``!``, ``*`` and lists) and free words all hold."""
    for negated, key, value, word in _TERM.findall(query):
        if word:
            said = " ".join(
                str(record.get(field) or "") for field in ("title", "culprit", "message", "shortId")
            )
            if word.strip('"').lower() not in said.lower():
                return False
        elif _fits_term(record, key, value.strip('"')) is bool(negated):
            return False
    return True


def _fits_term(record: Record, key: str, value: str) -> bool:
    if key == "is":
        states = {
            record.get("status"),
            record.get("substatus"),
            "assigned" if record.get("assignedTo") else "unassigned",
        }
        return {"archived": "ignored"}.get(value, value) in states
    if key in ("timesSeen", "times_seen", "users"):
        return _compares(int(record["count" if key != "users" else "userCount"]), value)
    field = {"assigned": "assignedTo", "error.type": "title", "issue": "shortId", "message": "title"}.get(
        key, key
    )
    actual = record.get(field, (record.get("tags") or {}).get(key))
    wanted = [part.strip() for part in value.strip("[]").split(",")] if value.startswith("[") else [value]
    return any(_like(str(actual if actual is not None else ""), one) for one in wanted)


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
