"""The turns of a run, each as a run of its own, for expectations of single turns."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from routine_harness.finding import Finding, Location
from routine_harness.routine.render import holds_context
from routine_harness.session.run import Run
from routine_harness.session.transcript import Call, Entry, Message, Turn
from routine_harness.verdict.call_forms import CallReader
from routine_harness.verdict.ending import acts_of
from routine_harness.verdict.words import counted


def turns_of(run: Run) -> tuple[Run, ...]:
    """What happened in each turn of ``run``: its calls and what it said.

    A wake begins a turn, and so does a word of the user. The context of the trigger does not, so that
    turns count alike wherever a case puts its context.
    """
    parts: list[list[Entry]] = [[]]
    for entry in run.transcript:
        if isinstance(entry, Turn) and (entry.wake or not holds_context(entry.text)):
            parts.append([])
        parts[-1].append(entry)
    return tuple(_part(run, entries) for entries in parts)


def _part(run: Run, entries: list[Entry]) -> Run:
    called = {entry.id for entry in entries if isinstance(entry, Call)}
    said = [entry.text for entry in entries if isinstance(entry, Message)]
    return msgspec.structs.replace(
        run,
        calls=tuple(record for record in run.calls if record.id in called),
        transcript=tuple(entries),
        closing=said[-1] if said else "",
    )


def check_quiet(run: Run, _: CallReader, place: Location) -> Iterator[Finding]:
    """``nothing: true`` of one turn: no effect. It need not look: what woke it may say enough."""
    yield from acts_of(run, place)


def missing_turn(number: int, found: int, place: Location) -> Finding:
    """``expect.turn-missing``: the run had fewer turns than the case expects."""
    return Finding(
        code="expect.turn-missing",
        message=f"there was no turn {number}: the run had {counted(found, 'turn')}, the first of them turn 0",
        location=place,
        hint="let the agent wait, or correct the wakes of the case",
        run=1,
    )
