"""Fixes applied to a text; what overlaps waits for the next round."""

from __future__ import annotations

from collections.abc import Iterable

from routine_harness.lint.run import Edit


def apply_edits(text: str, edits: Iterable[Edit]) -> tuple[str, int]:
    """``text`` with the edits applied from the end, and how many were; overlapping ones are left out.

    A comment that is removed takes the blanks before it along.
    """
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    spans = {}
    for edit in edits:
        if 0 < edit.line <= len(lines):
            start = starts[edit.line - 1] + edit.column - 1
            spans[(start, start + edit.length)] = edit
    applied, floor = 0, len(text) + 1
    for (start, end), edit in sorted(spans.items(), key=lambda item: item[0], reverse=True):
        if end > floor:
            continue
        before = text[:start] if edit.text else _trimmed(text[:start])
        text = before + edit.text + text[end:]
        applied, floor = applied + 1, start
    return text, applied


def _trimmed(before: str) -> str:
    """``before`` without the blanks at its end, but never without its line break."""
    return before.rstrip(" \t")
