"""Recording cases: which ones want it, how often, and what became of each attempt.

How a case is checked is handed in; here it is decided what is recorded, and counted.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Literal

import msgspec

from routine_harness.agents.recording import check_recording
from routine_harness.case.case import Case
from routine_harness.case.result import CaseResult
from routine_harness.routine.spec import Routine
from routine_harness.session.transcript import Call, Message, Result, Turn
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.files import shown
from routine_harness.store.recordings import load_recording

Wanted = Literal["missing", "stale", "all"]
"""``missing``: absent or stale; ``stale``: stale alone."""

GIT_SECONDS: Final = 30.0
UNREVIEWED: Final = "# Recordings of live text that nobody has reviewed: routine-harness record --review"

Check = Callable[[Case, Routine], CaseResult]
"""Executes a case live, judges it and stores the attempt."""


class Attempted(msgspec.Struct, frozen=True, eq=False):
    """One attempt at a case: the ``number``-th ``of`` so many in a row."""

    result: CaseResult
    number: int
    of: int
    recording: str


def keep_untracked(recording: Path) -> None:
    """Keep a recording of live text out of version control until somebody has looked at it."""
    ignored = recording.parent / ".gitignore"
    lines = ignored.read_text().splitlines() if ignored.exists() else [UNREVIEWED]
    if recording.name not in lines:
        ignored.write_text("\n".join([*lines, recording.name]) + "\n")


def unreviewed(folder: Path) -> list[Path]:
    """The recordings of live text below ``folder`` that nobody has reviewed: what git was told to
    take in spite of ``keep_untracked`` somebody has, as it was then."""
    return sorted(
        path
        for ignored in folder.rglob("recordings/.gitignore")
        for line in ignored.read_text().splitlines()
        if not line.startswith("#") and (path := ignored.parent / line).is_file() and not _added(path)
    )


def _added(path: Path) -> bool:
    """Whether git holds ``path`` just as it is."""
    words = ("ls-files", "--error-unmatch"), ("diff", "--quiet")
    return all(_git(path.parent, *each, "--", path.name) for each in words)


def _git(folder: Path, *words: str) -> bool:
    try:
        command = ["git", *words]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=GIT_SECONDS)  # noqa: S603 - the user's own git
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def review_lines(path: Path) -> Iterator[str]:
    """What a recording would commit, as text: every message, call and answer."""
    recording = load_recording(path)
    if recording is None:
        return
    for number, entries in recording.runs.items():
        yield f"run {number}"
        for entry in entries:
            if isinstance(entry, Turn):
                yield f"  turn {entry.text!r}"
            elif isinstance(entry, Message):
                yield f"  says {entry.text!r}"
            elif isinstance(entry, Call):
                yield f"  {entry.tool} {msgspec.json.encode(entry.arguments).decode()}"
            elif isinstance(entry, Result):
                yield f"    {'error ' if entry.is_error else ''}{entry.text!r}"


def why_recorded(case: Case, routine: Routine, wanted: Wanted) -> str:
    """Why ``case`` is to be recorded, in words; empty where its recording may stay as it is."""
    if case.agent.name != "recording":
        return ""
    files = CaseFiles(case, routine)
    place = shown(files.recording_path)
    recording = files.recording()
    command = files.command(recording)
    missed = check_recording(recording, files.digests, file=place, command=command)
    codes = {finding.code for finding in missed}
    if wanted == "all":
        return missed[0].message if missed else "asked for"
    if wanted == "stale" and "recording.stale" not in codes:
        return ""
    return missed[0].message if missed else ""


def attempts(
    case: Case, routine: Routine, check: Check, repeat: int, begun: Callable[[int], None] = lambda _: None
) -> Iterator[Attempted]:
    """``repeat`` attempts at a case, each stored as the store decides; ``begun`` hears of each."""
    place = shown(CaseFiles(case, routine).recording_path)
    for number in range(1, repeat + 1):
        begun(number)
        yield Attempted(check(case, routine), number, repeat, place)
