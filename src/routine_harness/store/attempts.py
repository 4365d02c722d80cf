"""The attempts of ``record --repeat``: a recording of each, beside the one that the case plays.

They are there to be looked at: nothing plays, judges or counts them, and git leaves them out.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from routine_harness.agents.recording import Header, Recording
from routine_harness.plain import Record
from routine_harness.routine.layout import ATTEMPTS
from routine_harness.session.run import RunPair
from routine_harness.store.files import write_bytes
from routine_harness.store.recordings import Redact, save_recording
from routine_harness.world.state import World

_IGNORED: Final = b"# What routine-harness record --repeat has tried; recordings/ holds what cases play.\n*\n"


def attempts_of(recording: Path) -> Path:
    """The folder of the attempts at the case of ``recording``."""
    return recording.parent / ATTEMPTS / recording.stem


def save_attempt(
    recording: Path,
    header: Header,
    pair: RunPair,
    describe: Callable[[World], Record],
    redact: Redact,
) -> Path:
    """Write an attempt under its number, which is how many ``header`` counts; the file.

    What an earlier count has left under this number and later ones is removed.

    Raises:
        UsageError: the file cannot be written.
    """
    folder, number = attempts_of(recording), header.attempts.of
    ignored = folder.parent / ".gitignore"
    if not ignored.exists():
        write_bytes(ignored, _IGNORED)
    for left in folder.glob("*.jsonl"):
        if left.stem.isdecimal() and int(left.stem) >= number:
            left.unlink()
    path = folder / f"{number}.jsonl"
    save_recording(path, Recording(header), pair, describe, redact)
    return path
