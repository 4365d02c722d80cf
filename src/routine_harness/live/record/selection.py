"""Which cases want to be recorded, and why the others do not."""

from __future__ import annotations

from typing import Literal

import msgspec

from routine_harness.agents.recording import Header, check_recording
from routine_harness.case.case import REAL, Case
from routine_harness.routine.spec import Routine
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.files import shown

Wanted = Literal["missing", "stale", "all"]
"""``missing``: absent or stale; ``stale``: stale alone."""


class Choice(msgspec.Struct, frozen=True):
    """Whether a case is to be recorded (``due``), and why, or why not; ``hint`` says what would change it."""

    due: bool
    why: str
    hint: str = ""


def choose(
    case: Case, routine: Routine, wanted: Wanted, *, real: bool = False, played: bool = False
) -> Choice:
    """Whether ``case`` is to be recorded. ``real`` asks for the real agent whatever the case names: then a
    recording by a script counts as none; with ``played`` somebody stands in for its model.

    Raises:
        RecordingError: its recording cannot be read.
    """
    if not case.expect.fires:
        return Choice(False, "nothing fires, so nothing runs")
    if case.agent.name == REAL:
        return Choice(False, f"the real agent runs it each time (agent: {REAL})", "leave out agent:")
    files = CaseFiles(case, routine)
    recording = files.recording_to_play()
    if case.agent.name == "scripted" and recording is None and not real:
        hint = "--live has the real agent record beside it"
        return Choice(False, "its own script runs it each time (agent: {scripted: …})", hint)
    place, command = shown(files.recording_path), files.command(recording)
    missed = check_recording(recording, files.digests, file=place, command=command)
    if wanted == "all":
        return Choice(True, missed[0].message if missed else "asked for")
    absent = bool(missed) and missed[0].code != "recording.stale"
    if wanted == "stale" and (absent or not missed):
        why = "there is no recording that could be stale" if absent else "its recording is fresh"
        return Choice(False, why, "leave out --stale" if absent else "--all records it anew")
    if missed:
        return Choice(True, missed[0].message)
    assert recording is not None  # noqa: S101 - nothing misses
    if real and _by_script(recording.header, played=played):
        return Choice(True, "its recording is by a script")
    return Choice(False, f"its recording is fresh{_since(recording.header)}", "--all records it anew")


def _by_script(header: Header, *, played: bool) -> bool:
    """Whether somebody else made a recording than who would make it now."""
    return (header.origin if played else header.made_by) == "scripted"


def _since(header: Header) -> str:
    day = header.time.partition("T")[0]
    return f", of {day}" if day else ""
