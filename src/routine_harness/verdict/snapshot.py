"""Snapshots: a run pair as readable text, volatile fields masked, one file per case."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterator
from typing import Final

from routine_harness.finding import Finding, Location
from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json
from routine_harness.redaction.redactor import unnumbered
from routine_harness.session.run import CallRecord, Run, RunPair
from routine_harness.session.transcript import Message
from routine_harness.verdict.words import clip
from routine_harness.world.naming import covers_tool

_MOST_DIFF: Final = 24
_WIDTH: Final = 100
_TIME: Final = lazy_pattern(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|\b1[5-9]\d{8}(?:\.\d+)?\b"
)
_UUID: Final = lazy_pattern(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_SHA: Final = lazy_pattern(r"\b(?=[0-9a-f]{0,39}[a-f])(?=[0-9a-f]{0,39}\d)[0-9a-f]{40}\b")


def render_snapshot(pair: RunPair, name: str, any_order: Collection[str] = ()) -> str:
    """The text of a case's snapshot; ends in a line break. Neighbouring calls of the tools in ``any_order``
    (``connector.*`` is all of its tools) are sorted by their text."""
    lines = [f"# {name}", ""]
    for run in pair.runs:
        lines += [*_render_run(run, any_order), ""]
    return "\n".join(lines).rstrip() + "\n"


def judge_snapshot(
    pair: RunPair,
    stored: str | None,
    place: Location,
    name: str,
    redact: Callable[[str], str] = str,
    any_order: Collection[str] = (),
) -> tuple[Finding, ...]:
    """``snapshot.absent`` or ``snapshot.changed`` with a short diff; nothing where both agree.

    What was stored has been redacted, and so is what it is compared with, where they differ.
    """
    current = render_snapshot(pair, name, any_order)
    if stored == current:
        return ()
    current = redact(current)
    # Placeholders are numbered per file, and a replay meets the secrets in the recording's order.
    if stored is not None and unnumbered(stored) == unnumbered(current):
        return ()
    update = "if that is right, run pytest with --routine-update"
    if stored is None:
        message = "there is no snapshot of this case yet"
        return (Finding(code="snapshot.absent", message=message, location=place, hint=update),)
    diff = list(_short_diff(stored, current))
    message = "the transcript is not as the snapshot has it"
    return (
        Finding(code="snapshot.changed", message=message, location=place, hint=update, detail=tuple(diff)),
    )


def orphaned_snapshots(files: Collection[str], expected: Collection[str]) -> tuple[str, ...]:
    """The snapshot files that no case writes, in order; both as the caller spells paths."""
    return tuple(sorted(set(files) - set(expected)))


def mask(text: str) -> str:
    """``text`` without what differs from run to run: times, ids, hashes."""
    for pattern, word in ((_TIME, "‹time›"), (_UUID, "‹uuid›"), (_SHA, "‹sha›")):
        text = pattern.sub(word, text)
    return text


def _render_run(run: Run, any_order: Collection[str]) -> Iterator[str]:
    yield f"## run {run.number}: {run.status}"
    said = _messages(run)
    free: list[CallRecord] = []
    for record in run.calls:
        words = list(said(record.turn, before=True))
        is_free = any(covers_tool(tool, record.call.name) for tool in any_order)
        if words or not is_free:
            yield from _render_sorted(free)
            free.clear()
        yield from words
        if is_free:
            free.append(record)
        else:
            yield from _render_call(record, record.number)
    yield from _render_sorted(free)
    yield from said(0, before=False)


def _render_sorted(records: Collection[CallRecord]) -> Iterator[str]:
    """Calls whose order does not matter: sorted by their text, under the numbers of their places."""
    numbers = [record.number for record in records]
    in_order = sorted(records, key=lambda record: list(_render_call(record, 0)))
    for number, record in zip(numbers, in_order, strict=True):
        yield from _render_call(record, number)


def _messages(run: Run) -> Callable[..., Iterator[str]]:
    """Gives the messages up to a turn once, in order."""
    waiting = [entry for entry in run.transcript if isinstance(entry, Message)]

    def until(turn: int, *, before: bool) -> Iterator[str]:
        while waiting and (not before or waiting[0].turn <= turn):
            yield from _quoted(waiting.pop(0).text)

    return until


def _quoted(text: str) -> Iterator[str]:
    for line in mask(text).splitlines():
        yield f"  > {line}".rstrip()


def _render_call(record: CallRecord, number: int) -> Iterator[str]:
    yield f"{number:3} {record.call.name}"
    for name in sorted(record.call.arguments):
        yield f"      {name}: {_value(record.call.arguments[name])}"
    if record.result.is_error:
        yield f"    ! {clip(mask(record.result.text), _WIDTH)}"
    for effect in record.effects:
        target = f" {mask(effect.target)}" if effect.target else ""
        yield f"    = {effect.kind}{target}" + ("" if effect.outcome == "applied" else f" ({effect.outcome})")


def _value(value: Json) -> str:
    return clip(mask(value if isinstance(value, str) else repr(value)), _WIDTH)


def _short_diff(stored: str, current: str) -> Iterator[str]:
    lines = list(
        difflib.unified_diff(stored.splitlines(), current.splitlines(), "snapshot", "now", lineterm="", n=1)
    )
    yield from lines[:_MOST_DIFF]
    if len(lines) > _MOST_DIFF:
        yield f"… and {len(lines) - _MOST_DIFF} more lines"
