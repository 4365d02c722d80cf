"""Findings as GitHub Actions' workflow commands: annotations on the files of a pull request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from routine_harness.finding import Finding, Severity

MOST_OF_A_KIND: Final = 10
"""As many annotations of a kind as GitHub shows for a step (docs.github.com, workflow commands, 2026-11)."""


def render_annotations(findings: Iterable[Finding]) -> str:
    """One command a line, errors first; of each kind no more than GitHub shows, and a line on the rest."""
    return "".join(f"{line}\n" for line in _lines(sorted(findings, key=lambda finding: not finding.fails)))


def _lines(findings: Iterable[Finding]) -> Iterator[str]:
    seen: Counter[Severity] = Counter()
    for finding in findings:
        seen[finding.severity] += 1
        if seen[finding.severity] <= MOST_OF_A_KIND:
            yield _command(finding)
    left = [
        f"{count - MOST_OF_A_KIND} {severity.value}{'s' if count - MOST_OF_A_KIND > 1 else ''}"
        for severity, count in seen.items()
        if count > MOST_OF_A_KIND
    ]
    if left:
        yield f"not annotated, because GitHub shows {MOST_OF_A_KIND} of a kind: {', '.join(left)} more"


def _command(finding: Finding) -> str:
    properties = {}
    place = finding.location
    if place is not None and place.file:
        properties["file"] = place.file
        if place.line:
            properties["line"] = str(place.line)
            if place.column:
                properties["col"] = str(place.column)
    properties["title"] = finding.code
    said = ",".join(f"{name}={_escape_property(value)}" for name, value in properties.items())
    text = "\n".join(part for part in (finding.message, *finding.detail, finding.hint) if part)
    return f"::{finding.severity.value} {said}::{_escape(text)}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
