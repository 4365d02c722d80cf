"""Findings as JSON, and by whom a case was carried out: one document with a published schema
(``routine-harness schema report``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

import msgspec

from routine_harness.agents.acted import ActedBy
from routine_harness.finding import Finding, Severity
from routine_harness.plain import Json, Record

FORMAT: Final = "routine-harness-report"
VERSION: Final = 1


def finding_data(finding: Finding) -> Record:
    """A finding as plain values; fields that say nothing are left out."""
    place = finding.location
    data: Record = {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
    }
    if place is not None and place.file:
        data["location"] = {"file": place.file, "line": place.line, "column": place.column}
    optional = {
        "hint": finding.hint,
        "detail": list(finding.detail),
        "calls": list(finding.calls),
        "data": finding.data,
    }
    data |= {key: value for key, value in optional.items() if value}
    if finding.calls:
        data["run"] = finding.run
    return data


def by_data(by: ActedBy | None) -> Record | None:
    """By whom a case was carried out: the word, the sentence, what stands in it; None where nothing ran."""
    if by is None:
        return None
    return {
        "who": by.word,
        "text": str(by),
        "model": by.model,
        "date": by.date,
        "attempts": {"passed": by.attempts.passed, "of": by.attempts.of},
    }


def render_json(findings: Iterable[Finding], *, kind: str = "lint", routines: int = 0) -> str:
    """A report of findings alone: what lint says."""
    found = list(findings)
    severities = Counter(finding.severity for finding in found)
    summary = {
        "routines": routines,
        "errors": severities[Severity.ERROR],
        "warnings": severities[Severity.WARNING],
    }
    body = {
        "format": FORMAT,
        "version": VERSION,
        "kind": kind,
        "summary": summary,
        "findings": [finding_data(finding) for finding in found],
    }
    return pretty(body)


def pretty(data: Json) -> str:
    """JSON text, indented, with the keys in the order given."""
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n"
