"""Where an imported session goes: beside its routine, into a routine's folder, or anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from routine_harness.interop.routine_draft import slug
from routine_harness.routine.layout import CASES, RECORDINGS, ROUTINE
from routine_harness.store.files import shown
from routine_harness.store.policy_edit import outermost_policy
from routine_harness.store.routines import routine_files

SUFFIX: Final = ".jsonl"


class Places(msgspec.Struct, frozen=True):
    """``recording`` and ``case`` are the files to write; ``case`` is None where one is left as it is.

    ``home`` is the routine's folder, None away from one; ``beside`` the case that plays the recording;
    ``routine`` the routine file to write, None where there is one.
    """

    recording: Path
    case: Path | None
    home: Path | None
    beside: Path | None
    routine: Path | None = None

    @classmethod
    def of(cls, output: Path, file: str, case: Path | None) -> Places:
        """The places for the session in ``file``; any ``output`` but a ``.jsonl`` is a routine's folder."""
        if output.suffix == SUFFIX and not output.is_dir():
            home = output.resolve().parent.parent if output.resolve().parent.name == RECORDINGS else None
            return cls._in(home, output, case, None)
        name = slug(Path(file).name.removesuffix(".json").removesuffix(SUFFIX)) if file != "-" else "session"
        written = None if output.is_dir() and routine_files(output) else output / ROUTINE
        return cls._in(output, output / RECORDINGS / f"{name}{SUFFIX}", case, written)

    @classmethod
    def _in(cls, home: Path | None, recording: Path, case: Path | None, routine: Path | None) -> Places:
        beside = home / CASES / f"{_stem(recording)}.yaml" if home is not None else None
        left = case is None and beside is not None and beside.exists() and routine is None
        return cls(recording, case or (None if left else beside), home, beside, routine)

    @property
    def name(self) -> str:
        """The case's name, as the recording says it."""
        return _stem(self.recording)

    @property
    def is_new(self) -> bool:
        """Whether the routine is written, too."""
        return self.routine is not None

    @property
    def policy(self) -> Path:
        """The policy file that may take the default policy back for what lies here."""
        return outermost_policy(self.home or self.recording.parent)

    @property
    def written(self) -> tuple[Path, ...]:
        """The files that are written whatever the session holds."""
        named = (self.recording, self.routine, self.case)
        return tuple(path for path in named if path is not None)

    def notes(self, *, known: bool) -> list[str]:
        """What a reader should know about where the files lie; ``known``: the routine could be read."""
        notes = []
        if self.beside is None or not known:
            wanted = "write it to routines/NAME/recordings"
            notes.append(f"{shown(self.recording)} is judged beside its routine: {wanted}")
        elif self.case is not None and self.case.resolve() != self.beside.resolve():
            notes.append(f"a case plays the recording of its own name: call this one {shown(self.beside)}")
        if self.case is None and self.beside is not None:
            notes.append(
                f"{shown(self.beside)} is left as it is; --case FILE writes the one that the session suggests"
            )
        return notes


def _stem(recording: Path) -> str:
    return recording.name.removesuffix(SUFFIX)
