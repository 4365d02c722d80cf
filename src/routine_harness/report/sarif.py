"""Findings as SARIF 2.1.0, in the shape that code scanning takes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote

import msgspec

from routine_harness.finding import Finding, Location, Severity
from routine_harness.lint.registry import BUILT_IN
from routine_harness.plain import Record
from routine_harness.report.codes import finding_codes
from routine_harness.report.findings_json import pretty

MOST_RESULTS: Final = 5_000
"""As many as code scanning shows (docs.github.com, SARIF support, 2026-11); errors come first."""

_LINT_PAGE: Final = "reference/lint-rules/"
_FINDING_PAGE: Final = "reference/finding-codes/"
SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
INFORMATION: Final = "https://routine-harness.github.io/"


_RULES: Final = frozenset(rule.code for rule in BUILT_IN)


class RuleText(msgspec.Struct, frozen=True):
    """What a report says about a finding code besides the findings."""

    summary: str
    help: str = ""
    severity: Severity = Severity.ERROR


def render_sarif(
    findings: Iterable[Finding],
    *,
    version: str,
    rules: Mapping[str, RuleText] | None = None,
    docs: str = INFORMATION,
    by: Mapping[str, Mapping[str, int]] | None = None,
) -> str:
    """One SARIF log with one run; ``rules`` describe the codes where more than a name is known.

    ``docs`` is the address of the documentation; ``by`` says for each routine's file who carried out its
    cases, in the run's properties. Above ``MOST_RESULTS`` the rest is counted in a
    notification.
    """
    found = sorted(findings, key=lambda finding: not finding.fails)
    left, found = len(found) - MOST_RESULTS, found[:MOST_RESULTS]
    codes = sorted({finding.code for finding in found})
    index = {code: number for number, code in enumerate(codes)}
    driver = {
        "name": "routine-harness",
        "version": version,
        "semanticVersion": version,
        "informationUri": INFORMATION,
        "rules": [_rule(code, (rules or {}).get(code), docs) for code in codes],
    }
    run: Record = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the repository."}}},
        "results": _results(found, index),
    }
    if by:
        run["properties"] = {"by": by}
    if left > 0:
        text = f"{left} further results were left out: {MOST_RESULTS} are shown"
        notification = {"level": "warning", "message": {"text": text}}
        run["invocations"] = [{"executionSuccessful": True, "toolExecutionNotifications": [notification]}]
    return pretty({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str, text: RuleText | None, docs: str) -> Record:
    rule: Record = {"id": code, "name": _pascal(code)}
    place = _help_place(code)
    if place:
        rule["helpUri"] = f"{docs}{place}"
    known = finding_codes().get(code)
    if text is None and known is not None:
        said = f"{known.means} Usual cause: {known.cause} Fix: {known.fix}"
        rule["shortDescription"] = {"text": known.means}
        rule["help"] = {"text": said, "markdown": said}
    if text is not None:
        rule["shortDescription"] = {"text": text.summary}
        rule["defaultConfiguration"] = {"level": text.severity.value}
        if text.help:
            rule["fullDescription"] = {"text": text.help}
            rule["help"] = {"text": text.help, "markdown": text.help}
    return rule


def _help_place(code: str) -> str:
    """Page and anchor; a code of a third party has none."""
    if code in _RULES:
        return f"{_LINT_PAGE}#{code}"
    return f"{_FINDING_PAGE}#{code}" if code in finding_codes() else ""


def _pascal(code: str) -> str:
    return "".join(word.capitalize() for word in code.replace(".", "-").split("-"))


def _results(findings: Iterable[Finding], index: Mapping[str, int]) -> list[Record]:
    """The results, each with a fingerprint that survives a move to another line."""
    seen: dict[str, int] = {}
    results = []
    for finding in findings:
        place = finding.location
        digest = hashlib.sha256(
            "\0".join((finding.code, place.file if place else "", finding.message)).encode()
        ).hexdigest()[:32]
        seen[digest] = seen.get(digest, 0) + 1
        result: Record = {
            "ruleId": finding.code,
            "ruleIndex": index[finding.code],
            "level": finding.severity.value,
            "message": {"text": "\n".join(part for part in (finding.message, finding.hint) if part)},
            "partialFingerprints": {"routineHarness/v1": f"{digest}:{seen[digest]}"},
        }
        if place is not None and place.file:
            result["locations"] = [{"physicalLocation": _physical(place, finding)}]
        results.append(result)
    return results


def _physical(place: Location, finding: Finding) -> Record:
    artifact: Record = {"uri": quote(place.file.replace("\\", "/"))}
    if not place.file.startswith("/"):
        artifact["uriBaseId"] = "SRCROOT"
    physical: Record = {"artifactLocation": artifact}
    if place.line:
        region: Record = {"startLine": place.line}
        if place.column:
            region["startColumn"] = place.column
            region["endColumn"] = place.column + max(1, int(finding.data.get("length", 1)))
        physical["region"] = region
    return physical
