"""The files that a routine names, on the disk: its prompt's, and those that the agent is to follow.

Neither may lie outside the repository that holds the routine; links are followed to see it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from routine_harness.errors import Problem, SpecError
from routine_harness.routine.document import decode_text
from routine_harness.routine.spec import Source
from routine_harness.store.above import root_above
from routine_harness.store.files import read_bytes, shown

_ROOT_HINT: Final = "a repository's root holds .git, or a policy.yaml with root: true"


class FilesBeside:
    """The files that the routine in the file ``routine`` (an absolute path) names."""

    def __init__(self, routine: str) -> None:
        self._folder = Path(routine).parent

    def prompt(self, written: str) -> Source:
        """See ``NamedFiles``; without a repository around it, the routine's folder is the limit."""
        root = root_above(str(self._folder)) or str(self._folder)
        hint = "paths are relative to the file that holds them"
        return _read(self._inside(self._folder, written, Path(root), hint), written, hint)

    def followed(self, written: str) -> tuple[str, Source]:
        """See ``NamedFiles``; the path has forward slashes."""
        root = root_above(str(self._folder))
        if root is None:
            message = f"no repository around this routine could hold {written}"
            raise SpecError(Problem("", 0, message, _ROOT_HINT))
        hint = f"paths of reads_files are relative to the repository's root, {shown(root)}"
        path = self._inside(Path(root), written, Path(root), hint)
        return path.relative_to(root).as_posix(), _read(path, written, hint)

    @staticmethod
    def _inside(start: Path, written: str, root: Path, hint: str) -> Path:
        """The path that ``written`` means from ``start``, which neither ``..`` nor a link leads out of
        ``root``."""
        if os.path.isabs(written) or "\0" in written:  # noqa: PTH117 - a text is what is written
            shown_text = written.replace("\0", "\\0")
            raise SpecError(Problem("", 0, f"expected a relative path, found {shown_text}", hint))
        path = Path(os.path.normpath(start / written))
        real, limit = os.path.realpath(path), os.path.realpath(root)
        if not path.is_relative_to(root) or not Path(real).is_relative_to(limit):
            raise SpecError(Problem("", 0, f"{written} leaves {shown(root)}", _ROOT_HINT))
        return path


def _read(path: Path, written: str, hint: str) -> Source:
    """The text of ``path``; what is no file is a problem of the routine, which names it."""
    if not os.path.lexists(path):
        raise SpecError(Problem("", 0, f"there is no file {written}", hint))
    if path.is_dir():
        raise SpecError(Problem("", 0, f"expected a file, found the folder {written}"))
    name = shown(path)
    return Source(name, decode_text(read_bytes(path, name), name), path=str(path))
