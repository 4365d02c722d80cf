"""The timeline of a run: its tool calls, numbered, with the lines that matter marked."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from routine_harness.report.plan import render_effect
from routine_harness.report.text import clip, one_line, short_value
from routine_harness.session.run import CallRecord, Run
from routine_harness.session.transcript import Call, Turn
from routine_harness.verdict.words import counted


def render_timeline(
    run: Run, *, marked: Collection[int] = (), width: int = 80, around: int | None = None
) -> Iterator[str]:
    """A line per call, a line per effect, one where a further turn came, and how the run ended.

    ``marked`` are the numbers of the calls that matter. With ``around``, calls further than that
    from a marked one are folded into ``… n more calls``.
    """
    yield f"run {run.number}: {run.status}, {counted(len(run.calls), 'tool call')}"
    hidden, turns = 0, _turns(run)
    for record in run.calls:
        if record.id in turns:
            yield clip(f"      turn {short_value(turns.pop(record.id))}", width)
        if around is not None and marked and not _near(record.number, marked, around):
            hidden += 1
            continue
        if hidden:
            yield f"      … {counted(hidden, 'more call')}"
            hidden = 0
        yield from render_call(record, marked=record.number in marked, width=width)
    if hidden:
        yield f"      … {counted(hidden, 'more call')}"
    for text in turns.values():
        yield clip(f"      turn {short_value(text)}", width)
    if run.closing:
        yield clip(f"      says {short_value(run.closing)}", width)


def _turns(run: Run) -> dict[str, str]:
    """The texts of further turns by the id of the call that came next, empty for the one after the last."""
    found: dict[str, str] = {}
    waiting = ""
    for entry in run.transcript:
        if isinstance(entry, Turn):
            waiting = entry.text[entry.text.find("\n<") + 1 :]  # the banner before a block says nothing new
        elif isinstance(entry, Call) and waiting:
            found[entry.id], waiting = waiting, ""
    return {**found, "": waiting} if waiting else found


def render_call(record: CallRecord, *, marked: bool = False, width: int = 80) -> Iterator[str]:
    """The line of one call, and one for its answer or each of its effects."""
    arguments = " ".join(f"{name}={short_value(value)}" for name, value in record.call.arguments.items())
    head = f"{'>' if marked else ' '}{record.number:4} {record.call.name}"
    yield clip(f"{head} {arguments}".rstrip(), width)
    if record.result.is_error:
        yield clip(f"      ✗ {one_line(record.result.text) or 'error'}", width)
    for effect in record.effects:
        yield "      " + render_effect(effect, width=width - 6)


def _near(number: int, marked: Collection[int], around: int) -> bool:
    return any(abs(number - mark) <= around for mark in marked)
