"""Findings for a terminal: grouped by file, each with its source line and a caret."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from routine_harness.finding import Finding, Location, Severity
from routine_harness.report.ink import Ink
from routine_harness.report.text import cells, clip, fold, visible
from routine_harness.verdict.words import counted

_MARGIN: Final = 4


def render_findings(
    findings: Iterable[Finding], sources: Mapping[str, str], *, width: int = 80, colour: bool = False
) -> str:
    """The findings under the name of their file, with the line that caused them.

    ``sources`` maps a file, as locations name it, to its text; a missing one costs only the excerpt.
    """
    ink = Ink(colour=colour)
    blocks: list[str] = []
    for file, group in groupby(sorted(findings, key=_order), key=lambda finding: _place(finding).file):
        lines = sources[file].split("\n") if file in sources else []
        blocks.append(ink(file or "(no file)", "file"))
        blocks += ["\n".join(_entry(finding, lines, width, ink)) for finding in group]
    return "".join(f"{block}\n\n" for block in blocks)


def render_concise(findings: Iterable[Finding], *, colour: bool = False) -> str:
    """One line a finding: ``file:line:column: code message``, as editors and ``grep`` want it."""
    ink = Ink(colour=colour)
    return "".join(
        f"{visible(place.file)}:{place.line}:{place.column}: {ink(finding.code, finding.severity.value)} "
        f"{visible(finding.message)}\n"
        for finding in sorted(findings, key=_order)
        for place in [_place(finding)]
    )


def render_statistics(findings: Iterable[Finding], *, colour: bool = False) -> str:
    """How often each code was found, the most frequent first; ``*`` marks what can be fixed."""
    ink = Ink(colour=colour)
    found = list(findings)
    counts = Counter(finding.code for finding in found)
    fixable = {finding.code for finding in found if finding.data.get("fixable")}
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    size = len(str(rows[0][1])) if rows else 1
    return "".join(
        f"{count:>{size}}  {ink('[*]' if code in fixable else '[ ]', 'fix')} {ink(code, 'code')}\n"
        for code, count in rows
    )


def render_total(
    findings: Iterable[Finding], *, what: str = "routines", count: int = 0, colour: bool = False
) -> str:
    """The last line: ``2 errors, 3 warnings in 12 routines (1 can be fixed with --fix)``."""
    ink = Ink(colour=colour)
    found = list(findings)
    noun = what if count != 1 else what.removesuffix("s")
    if not found:
        return ink(f"All checks passed: {count} {noun}", "good") + "\n"
    errors = sum(finding.severity is Severity.ERROR for finding in found)
    fixable = sum(bool(finding.data.get("fixable")) for finding in found)
    parts = [counted(errors, "error")] * bool(errors) + [counted(len(found) - errors, "warning")] * (
        len(found) > errors
    )
    hint = f" ({fixable} can be fixed with --fix)" if fixable else ""
    return ink(", ".join(parts), "error" if errors else "warning") + f" in {count} {noun}{hint}\n"


def _place(finding: Finding) -> Location:
    return finding.location or Location("")


def _order(finding: Finding) -> tuple[str, int, int, str]:
    place = _place(finding)
    return place.file, place.line, place.column, finding.code


def _entry(finding: Finding, lines: Sequence[str], width: int, ink: Ink) -> Iterator[str]:
    place = _place(finding)
    at = f"{place.line}:{place.column}" if place.column else str(place.line or "-")
    fix = f" {ink('[*]', 'fix')}" if finding.data.get("fixable") else ""
    yield f"  {at}  {ink(finding.severity.value, finding.severity.value)}  {ink(finding.code, 'code')}{fix}"
    yield from fold(finding.message, width, " " * _MARGIN)
    if 0 < place.line <= len(lines):
        yield from _excerpt(
            lines[place.line - 1], place, int(finding.data.get("length", 0)), width, ink, finding
        )
    for line in finding.detail:
        yield clip(" " * _MARGIN + line, width)
    if finding.hint:
        yield from (ink(line, "faint") for line in fold(f"hint: {finding.hint}", width, " " * _MARGIN))


def _excerpt(
    line: str, place: Location, length: int, width: int, ink: Ink, finding: Finding
) -> Iterator[str]:
    """The source line with the words underlined; a long one is cut to a window around them."""
    number = str(place.line)
    bar = ink(f"{' ' * _MARGIN}{' ' * len(number)} |", "faint")
    head = ink(f"{' ' * _MARGIN}{number} |", "faint")
    room = max(20, width - _MARGIN - len(number) - 3)
    text, start, marked = window(_spaced(line), max(0, place.column - 1), length, room)
    yield f"{head} {text}"
    if place.column:
        carets = "^" * max(1, cells(text[start : start + marked]))
        yield f"{bar} {' ' * cells(text[:start])}{ink(carets, finding.severity.value)}"


def _spaced(line: str) -> str:
    """A source line in which every character takes its own columns, so that carets stand below words."""
    return "".join(" " if char == "\t" or visible(char) != char else char for char in line)


def window(line: str, start: int, length: int, room: int) -> tuple[str, int, int]:
    """A part of ``line`` at most ``room`` columns wide around ``length`` characters at ``start``.

    Returns the part, where the marked characters begin in it, and how many of them are in it.
    """
    if cells(line) <= room:
        return line, start, min(length, max(0, len(line) - start))
    length = min(length, room - 2)
    left = max(0, min(start - (room - length) // 2, len(line) - room + 1))
    part = ("…" if left else "") + line[left + bool(left) :]
    shown = clip(part, room)
    return shown, start - left, max(0, min(length, len(shown) - (start - left)))
