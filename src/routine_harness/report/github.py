"""Findings as GitHub Actions' workflow commands: annotations on the files of a pull request."""

from __future__ import annotations

from collections.abc import Iterable

from routine_harness.finding import Finding


def render_annotations(findings: Iterable[Finding]) -> str:
    """One command a line; GitHub shows the first ten of a kind and step, so errors come first."""
    ordered = sorted(findings, key=lambda finding: not finding.fails)
    return "".join(f"{_command(finding)}\n" for finding in ordered)


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
