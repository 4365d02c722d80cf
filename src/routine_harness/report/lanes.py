"""The two runs of a case as lanes, drawn as SVG: a line leads from what was repeated to what came first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final

import msgspec

from routine_harness.plain import Json
from routine_harness.report.text import clip

_LANE: Final = 330
_GAP: Final = 84
_BELOW: Final = 16
_BEND: Final = 44
"""How far a line that stays on one side bends out."""
_ROW: Final = 30
_TOP: Final = 34
_LETTERS: Final = 39
STYLE: Final = (
    ".lanes{font:12px ui-monospace,Menlo,Consolas,monospace;color:#1c2024}"
    ".lanes text{fill:currentColor}.lanes .lane{fill:#8881}.lanes .act{fill:#2da44e33}"
    ".lanes .again{fill:#b3261e33;stroke:#d1392f}.lanes .link{fill:none;stroke:#d1392f;stroke-width:2}"
    ".lanes .head{font-weight:bold}"
)
_DARK: Final = "@media(prefers-color-scheme:dark){.lanes{color:#e4e7ea}}"

Origin = tuple[int, int]
"""The left upper corner of a lane."""


class _Row(msgspec.Struct, frozen=True):
    """One line of a lane: a call with effect, or the calls without one that follow each other."""

    calls: tuple[int, ...]
    text: str
    acts: bool


def render_lanes(case: Mapping[str, Json], *, alone: bool = False, stacked: bool = False) -> str:
    """The drawing for a case's values (``case_data``); ``alone`` gives a file with a style of its own.

    The lanes stand beside each other, or ``stacked``, for a narrow screen, one below the other.
    """
    runs = case.get("runs", ())
    lanes = [list(_rows(run["calls"])) for run in runs]
    tall = _TOP + _ROW * max((len(rows) for rows in lanes), default=0) + 8
    origins = _origins(len(lanes), tall, stacked)
    width = origins[-1][0] + _LANE + (_BEND if stacked or len(lanes) == 1 else 0) if origins else 0
    height = origins[-1][1] + tall if origins else tall
    repeats = case.get("repeats", ())
    again = {(each["run"], each["call"]) for each in repeats}
    parts = [f"<title>{escape(_said(repeats))}</title>"]
    if alone:
        parts.append(f"<style>{STYLE}{_DARK}</style>")
    for origin, run, rows in zip(origins, runs, lanes, strict=True):
        parts += _lane(origin, run, rows, tall, again)
    parts += [_link(each, lanes, origins, number) for number, each in enumerate(repeats)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lanes" role="img" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}">{"".join(parts)}</svg>'
    )


def _origins(count: int, tall: int, stacked: bool) -> list[Origin]:
    if stacked:
        return [(0, number * (tall + _BELOW)) for number in range(count)]
    return [(number * (_LANE + _GAP), 0) for number in range(count)]


def _said(repeats: Sequence[Mapping[str, Json]]) -> str:
    said = [
        f"run {each['run']}, call {each['call']} repeats run {each['first_run']}, call {each['first_call']}"
        for each in repeats
    ]
    return "; ".join(said) or "the runs of the case; nothing is repeated"


def _rows(calls: Sequence[Mapping[str, Json]]) -> Iterator[_Row]:
    quiet: list[Mapping[str, Json]] = []
    for call in calls:
        if not call.get("effects"):
            quiet.append(call)
            continue
        if quiet:
            yield _quiet(quiet)
            quiet = []
        for _, text in call["effects"]:
            yield _Row((call["n"],), text, acts=True)
    if quiet:
        yield _quiet(quiet)


def _quiet(calls: Sequence[Mapping[str, Json]]) -> _Row:
    numbers = tuple(call["n"] for call in calls)
    tools = ", ".join(dict.fromkeys(call["tool"].rpartition(".")[2] for call in calls))
    return _Row(numbers, f"{len(calls)} × {tools}", acts=False)


def _lane(
    origin: Origin, run: Mapping[str, Json], rows: Sequence[_Row], height: int, again: set[tuple[int, int]]
) -> Iterator[str]:
    left, above = origin
    yield f'<rect class="lane" x="{left}" y="{above}" width="{_LANE}" height="{height}" rx="6"/>'
    head = escape(f"run {run['number']}: {run['status']}")
    yield f'<text class="head" x="{left + 12}" y="{above + 21}">{head}</text>'
    for index, row in enumerate(rows):
        top = above + _TOP + index * _ROW
        if row.acts:
            kind = "again" if (run["number"], row.calls[0]) in again else "act"
            yield f'<rect class="{kind}" x="{left + 8}" y="{top}" width="{_LANE - 16}" height="24" rx="4"/>'
        label = f"{row.calls[0]:>2} {row.text}" if row.acts else f"   {row.text}"
        text = escape(clip(label, _LETTERS))
        yield f'<text x="{left + 14}" y="{top + 16}" xml:space="preserve">{text}</text>'


def _link(
    repeat: Mapping[str, Json], lanes: Sequence[Sequence[_Row]], origins: Sequence[Origin], number: int
) -> str:
    start = _place(lanes, origins, repeat["run"], repeat["call"])
    end = _place(lanes, origins, repeat["first_run"], repeat["first_call"])
    if start is None or end is None:
        return ""
    (left, y1), (other, y2) = start, end
    if left == other:  # lanes that stand below each other, or one lane: the line bends out at the side
        x, out = (left + 8, -_BEND) if left else (left + _LANE - 8, _BEND)
        return f'<path class="link" d="M{x} {y1}C{x + out} {y1} {x + out} {y2} {x} {y2}"/>'
    x1, x2 = left + 8, other + _LANE - 8
    middle = (x1 + x2) // 2
    line = f'<path class="link" d="M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"/>'
    word = (
        f'<text x="{middle}" y="{(y1 + y2) // 2 - 6}" text-anchor="middle">again</text>' if not number else ""
    )
    return line + word


def _place(
    lanes: Sequence[Sequence[_Row]], origins: Sequence[Origin], run: int, call: int
) -> tuple[int, int] | None:
    """The left side of the lane and the height of a call; None where it is not drawn."""
    if run > len(lanes):
        return None
    left, above = origins[run - 1]
    heights = (_TOP + index * _ROW + 12 for index, row in enumerate(lanes[run - 1]) if call in row.calls)
    return next(((left, above + height) for height in heights), None)
