"""A file's text cut where lint marks it, so that a page shows each mark at its words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from routine_harness.report.text import visible


def marked_lines(file: str, text: str, findings: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A line each: its ``parts`` as (text, severity, title) and the ``notes`` below it.

    A character that turns the direction of text around, or that cannot be seen, is spelt out.
    """
    by_line: dict[int, list[Mapping[str, Any]]] = {}
    for finding in findings:
        place = finding.get("location")
        if place and place["file"] == file:
            by_line.setdefault(place["line"], []).append(finding)
    return [
        {"parts": list(_parts(line, by_line.get(number, ()))), "notes": by_line.get(number, [])}
        for number, line in enumerate(text.split("\n"), 1)
    ]


def _parts(line: str, findings: Iterable[Mapping[str, Any]]) -> Iterator[list[str]]:
    at = 0
    for finding in sorted(findings, key=lambda each: int(each["location"]["column"])):
        start = max(at, finding["location"]["column"] - 1)
        end = start + max(1, finding.get("length", 0))
        title = f"{finding['code']}: {finding['message']}"
        yield [visible(line[at:start]), "", ""]
        yield [visible(line[start:end]), finding["severity"], visible(title)]
        at = end
    yield [visible(line[at:]), "", ""]
