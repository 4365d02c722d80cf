"""Recording a case: how often, what became of each attempt, and what somebody has to review.

How a case is checked is handed in; which cases are recorded is ``live.record.recording_plan``'s to say.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.case.case import Case
from routine_harness.case.result import CaseResult
from routine_harness.routine.spec import Routine
from routine_harness.session.transcript import Call, Message, Result, Turn
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.files import shown
from routine_harness.store.recordings import load_recording

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


def attempts(
    case: Case,
    routine: Routine,
    check: Check,
    repeat: int,
    begins: Callable[[int], bool] = lambda _: True,
) -> Iterator[Attempted]:
    """``repeat`` attempts at a case, each stored as the store decides; ``begins`` is asked before each
    whether it and the later ones are made."""
    place = shown(CaseFiles(case, routine).recording_path)
    for number in range(1, repeat + 1):
        if not begins(number):
            return
        yield Attempted(check(case, routine), number, repeat, place)
