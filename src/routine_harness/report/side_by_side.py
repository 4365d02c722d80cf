"""Two runs beside each other: what both did stands on one line, what one did alone on its side."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from types import MappingProxyType
from typing import Final

from routine_harness.report.ink import PLAIN, Ink
from routine_harness.report.text import cells, clip, fold
from routine_harness.report.timeline import render_call, turn_lines
from routine_harness.session.run import CallRecord, Run
from routine_harness.session.transcript import Call, Message, Result, Turn

GUTTER: Final = " │ "


def render_beside(
    first: Run,
    second: Run,
    *,
    width: int = 80,
    ink: Ink = PLAIN,
    marked: Mapping[int, Collection[int]] = MappingProxyType({}),
) -> Iterator[str]:
    """The calls of both runs, equal ones on one line; each half is as wide as the other.

    ``marked`` are the numbers of the calls of each run that fail a check: they are red. What both runs
    did alike is dim.
    """
    half = (width - len(GUTTER)) // 2
    yield from _row([f"run 1: {first.status}"], [f"run 2: {second.status}"], half)
    yield "─" * (half + 1) + "┼" + "─" * (half + 1)
    woken = [_woken(run) for run in (first, second)]
    for left, right in _aligned(first.calls, second.calls):
        yield from _row(_before(left, woken[0]), _before(right, woken[1]), half)
        alike = "faint" if left is not None and right is not None and _key(left) == _key(right) else ""
        styles = [
            "error" if record is not None and record.number in marked.get(run, ()) else alike
            for run, record in ((1, left), (2, right))
        ]
        yield from _row(_cell(left, half), _cell(right, half), half, ink, styles)
    yield from _row(woken[0].get("", []), woken[1].get("", []), half)
    closing = [fold(f"says: {run.closing}", half) if run.closing else [] for run in (first, second)]
    yield from _row(closing[0], closing[1], half)


def _woken(run: Run) -> dict[str, list[str]]:
    """Lines of the wakes by the id of the call that came next."""
    found = turn_lines(run).items()
    return {call: [f"      {line}" for line in lines if line.startswith("wake ")] for call, lines in found}


def _before(record: CallRecord | None, woken: Mapping[str, list[str]]) -> list[str]:
    return [] if record is None else woken.get(record.id, [])


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


def _row(
    left: list[str], right: list[str], half: int, ink: Ink = PLAIN, styles: Sequence[str] = ("", "")
) -> list[str]:
    return [
        (ink(_padded(a, half), styles[0]) + GUTTER + ink(clip(b, half), styles[1])).rstrip()
        for a, b in zip_longest(left, right, fillvalue="")
    ]


def _padded(text: str, width: int) -> str:
    clipped = clip(text, width)
    return clipped + " " * (width - cells(clipped))


def render_transcript(run: Run, *, width: int = 80, ink: Ink = PLAIN) -> Iterator[str]:
    """Every entry of one run with whole arguments and answers."""
    yield f"run {run.number}: {run.status}{f' ({run.reason})' if run.reason else ''}"
    number = 0
    for entry in run.transcript:
        if isinstance(entry, Call):
            number += 1
            yield ink(f"{number:5} {entry.tool}", "code")
            for name, value in entry.arguments.items():
                yield from fold(f"{name}: {value}", width, "        ")
        elif isinstance(entry, Result):
            style = "error" if entry.is_error else "faint"
            lines = fold(entry.text, width, "      ✗ " if entry.is_error else "      → ")
            yield from (ink(line, style) for line in lines)
        elif isinstance(entry, Message):
            yield from fold(entry.text, width, "      says ")
        elif isinstance(entry, Turn):
            yield from fold(entry.text, width, "      turn ")
