"""The timeline of a run: its tool calls, numbered, with the lines that matter marked."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from routine_harness.report.ink import PLAIN, Ink
from routine_harness.report.plan import render_effect
from routine_harness.report.text import cells, clip, fold, one_line, short_value
from routine_harness.session.run import CallRecord, Run
from routine_harness.session.transcript import Call, Turn
from routine_harness.verdict.words import counted

_INDENT: Final = " " * 6
_MOST_LINES: Final = 4
"""Lines that one argument of a marked call may take."""


def render_timeline(
    run: Run, *, marked: Collection[int] = (), width: int = 80, around: int | None = None, ink: Ink = PLAIN
) -> Iterator[str]:
    """A line per call, a line per effect, one where a further turn came, and how the run ended.

    ``marked`` are the numbers of the calls that matter: nothing of theirs is cut. With ``around``,
    calls further than that from a marked one are folded into ``… n more calls``.
    """
    yield f"run {run.number}: {run.status}, {counted(len(run.calls), 'tool call')}"
    hidden, turns = 0, turn_lines(run)
    dim = "faint" if marked else ""
    for record in run.calls:
        for turn in turns.pop(record.id, ()):
            yield ink(clip(_INDENT + turn, width), dim)
        if around is not None and marked and not _near(record.number, marked, around):
            hidden += 1
            continue
        if hidden:
            yield ink(f"{_INDENT}… {counted(hidden, 'more call')}", dim)
            hidden = 0
        if record.number in marked:
            yield from render_marked(record, width=width, ink=ink)
        else:
            yield from (ink(line, dim) for line in render_call(record, width=width))
    if hidden:
        yield ink(f"{_INDENT}… {counted(hidden, 'more call')}", dim)
    for turn in turns.get("", ()):
        yield ink(clip(_INDENT + turn, width), dim)
    if run.closing:
        yield ink(clip(f"{_INDENT}says {short_value(run.closing)}", width), dim)


def turn_lines(run: Run) -> dict[str, list[str]]:
    """Lines of further turns by the id of the call that came next, empty for those after the last."""
    found: dict[str, list[str]] = {}
    waiting: list[str] = []
    for entry in run.transcript:
        if isinstance(entry, Turn):
            text = entry.text[entry.text.find("\n<") + 1 :]  # the banner before a block says nothing new
            waiting.append(f"{f'wake {entry.wake}' if entry.wake else 'turn'} {short_value(text)}")
        elif isinstance(entry, Call) and waiting:
            found[entry.id], waiting = waiting, []
    return {**found, "": waiting} if waiting else found


def render_call(record: CallRecord, *, width: int = 80) -> Iterator[str]:
    """The line of one call, and one for its answer or each of its effects, each cut to the width."""
    arguments = " ".join(_arguments(record))
    yield clip(f"{record.number:5} {record.call.name} {arguments}".rstrip(), width)
    yield from (clip(line, width) for line in _came_of_it(record, width))


def render_marked(record: CallRecord, *, width: int = 80, ink: Ink = PLAIN) -> Iterator[str]:
    """The same behind ``>``: what does not fit a line goes on in the next."""
    head = f">{record.number:4} {record.call.name}"
    whole = " ".join((head, *_arguments(record)))
    if len(whole) <= width:
        yield ink(whole, "code")
    else:
        yield ink(clip(head, width), "code")
        for argument in _packed(_arguments(record), width - len(_INDENT)):
            lines = fold(argument, width, _INDENT)
            yield from lines[: _MOST_LINES - 1]
            yield from _last(lines, width)
    for line in _came_of_it(record, width):
        yield ink(line, "error" if record.result.is_error else "")


def _packed(arguments: list[str], room: int) -> Iterator[str]:
    """The arguments in their order, as many beside each other as fit."""
    line = ""
    for argument in arguments:
        if line and cells(line) + 1 + cells(argument) > room:
            yield line
            line = argument
        else:
            line = f"{line} {argument}".lstrip()
    if line:
        yield line


def _last(lines: list[str], width: int) -> list[str]:
    """The last line that is shown of an argument, which says that it is cut where it is."""
    rest = lines[_MOST_LINES - 1 :]
    return rest if len(rest) <= 1 else [clip(rest[0], width - 1).removesuffix("…") + "…"]


def _arguments(record: CallRecord) -> list[str]:
    return [f"{name}={short_value(value)}" for name, value in record.call.arguments.items()]


def _came_of_it(record: CallRecord, width: int) -> Iterator[str]:
    if record.result.is_error:
        yield clip(f"{_INDENT}✗ {one_line(record.result.text) or 'error'}", width)
    for effect in record.effects:
        yield _INDENT + render_effect(effect, width=width - len(_INDENT))


def _near(number: int, marked: Collection[int], around: int) -> bool:
    return any(abs(number - mark) <= around for mark in marked)
