"""Two runs beside each other: what both did stands on one line, what one did alone on its side."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Final

from routine_harness.report.text import cells, clip, fold
from routine_harness.report.timeline import render_call
from routine_harness.session.run import CallRecord, Run
from routine_harness.session.transcript import Call, Message, Result, Turn

GUTTER: Final = " │ "


def render_beside(first: Run, second: Run, *, width: int = 80) -> Iterator[str]:
    """The calls of both runs, equal ones on one line; each half is as wide as the other."""
    half = (width - len(GUTTER)) // 2
    yield _row([f"run 1: {first.status}"], [f"run 2: {second.status}"], half)[0]
    yield "─" * (half + 1) + "┼" + "─" * (half + 1)
    for left, right in _aligned(first.calls, second.calls):
        yield from _row(_cell(left, half), _cell(right, half), half)
    closing = [fold(f"says: {run.closing}", half) if run.closing else [] for run in (first, second)]
    yield from _row(closing[0], closing[1], half)


def _aligned(
    left: tuple[CallRecord, ...], right: tuple[CallRecord, ...]
) -> Iterator[tuple[CallRecord | None, CallRecord | None]]:
    keys = [[_key(record) for record in side] for side in (left, right)]
    matcher = SequenceMatcher(None, keys[0], keys[1], autojunk=False)
    for _, a, b, c, d in matcher.get_opcodes():
        yield from zip_longest(left[a:b], right[c:d])


def _key(record: CallRecord) -> tuple[str, str]:
    return record.call.name, repr(sorted(record.call.arguments.items(), key=lambda item: item[0]))


def _cell(record: CallRecord | None, width: int) -> list[str]:
    return [] if record is None else list(render_call(record, width=width))


def _row(left: list[str], right: list[str], half: int) -> list[str]:
    return [
        (_padded(a, half) + GUTTER + clip(b, half)).rstrip()
        for a, b in zip_longest(left, right, fillvalue="")
    ]


def _padded(text: str, width: int) -> str:
    clipped = clip(text, width)
    return clipped + " " * (width - cells(clipped))


def render_transcript(run: Run, *, width: int = 80) -> Iterator[str]:
    """Every entry of one run with whole arguments and answers."""
    yield f"run {run.number}: {run.status}{f' ({run.reason})' if run.reason else ''}"
    number = 0
    for entry in run.transcript:
        if isinstance(entry, Call):
            number += 1
            yield f"{number:5} {entry.tool}"
            for name, value in entry.arguments.items():
                yield from fold(f"{name}: {value}", width, "        ")
        elif isinstance(entry, Result):
            yield from fold(entry.text, width, "      ✗ " if entry.is_error else "      → ")
        elif isinstance(entry, Message):
            yield from fold(entry.text, width, "      says ")
        elif isinstance(entry, Turn):
            yield from fold(entry.text, width, "      turn ")
