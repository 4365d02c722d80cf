"""The dates of exceptions; whether one has passed is for those who know the day."""

from __future__ import annotations

from datetime import date

from routine_harness.routine.reader import Fields, kind_of


def read_date(fields: Fields, key: str) -> str:
    """The ISO date at ``key``, empty if there is none."""
    text = fields.text(key)
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        fields.problem(key, f"expected a date, found {kind_of(text)}", "write it as 2026-12-31")
        return ""
