"""The clone that a session works in, as far as a decision looks at it: the branch, the files, where a
command starts, and which files are the guard's own."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from routine_harness.guard.hook_settings import FOLDER, HOME, LOCAL_SETTINGS, MANAGED, SETTINGS
from routine_harness.world.shell.acts import Context
from routine_harness.world.shell.paths import meets

MOST_BYTES: Final = 1_000_000
"""Of a script that a command starts; of a longer one nothing is known."""
OWN: Final = (FOLDER, SETTINGS, LOCAL_SETTINGS)
"""The guard's files and the settings that start it, from the root of the repository on."""
_USERS: Final = ".claude/settings.json"
Read = Callable[[Path], str | None]
_HEAD: Final = "ref: refs/heads/"


class Checkout:
    """The working tree at ``root``, seen from the folder ``where`` that a call is made in."""

    def __init__(
        self, root: Path, where: Path | None = None, home: Path | None = None, read: Read | None = None
    ) -> None:
        """``read`` gives the text of the file at a path, None where it is not known."""
        self.root = root.absolute()
        self.where = (where or root).absolute()
        self._home = home or Path.home()
        self._read = read or read_text
        inside = [str(self.root / own) for own in OWN]
        user = [f"~/{_USERS}", str(self._home / _USERS)]
        self.own: Final = (*OWN, *inside, MANAGED, HOME, *user)

    @classmethod
    def around(cls, where: Path, environment: Mapping[str, str]) -> Checkout:
        """The one that the client works in, by its own word or by the nearest ``.git`` above ``where``."""
        named = environment.get("CLAUDE_PROJECT_DIR")
        if named:
            return cls(Path(named), where)
        folders = (where.absolute(), *where.absolute().parents)
        return cls(next((folder for folder in folders if (folder / ".git").exists()), where), where)

    def context(self, repository: str) -> Context:
        """Where a shell stands that a command starts in."""
        here = self.where
        folder = here.relative_to(self.root).as_posix() if here.is_relative_to(self.root) else str(here)
        return Context(
            repository=repository,
            branch=self.branch(),
            directory="" if folder == "." else folder,
            workspace=(*Context().workspace, str(self.root)),
            protected=self.own,
        )

    def variables(self) -> dict[str, str]:
        """The variables of a shell that the client itself sets."""
        return {"CLAUDE_PROJECT_DIR": str(self.root), "HOME": str(self._home), "PWD": str(self.where)}

    def branch(self) -> str:
        """What is checked out; empty where that is no branch, or cannot be told."""
        for folder in (self.where, *self.where.parents):
            elsewhere = self._read(folder / ".git") or ""  # a file in a worktree, else a folder
            git = folder / elsewhere.removeprefix("gitdir:").strip() if elsewhere else folder / ".git"
            head = self._read(git / "HEAD")
            if head is not None:
                return head.strip().removeprefix(_HEAD) if head.startswith(_HEAD) else ""
        return ""

    def file(self, path: str) -> str | None:
        """The text of a file, by a path from the root on or an absolute one; None where it is not known."""
        return self._read(self.root / path)

    def owned(self, path: str) -> str:
        """The place of the guard's own that a tool writes to; empty if it is none of these.

        ``path`` is absolute or relative to where the call is made.
        """
        given = self._home / path.removeprefix("~").lstrip("/") if path.startswith("~") else Path(path)
        normal = Path(os.path.normpath(self.where / given))
        return self._own((str(normal), str(normal.resolve())), whole=False)

    def reached(self, path: str, *, deleted: bool) -> str:
        """The same for a change that a command makes at ``path``, as the reader of commands tells it:
        absolute, or from the root on. What is deleted goes with all that is below it."""
        return self._own((path,), whole=deleted or not path.startswith("/"))

    def _own(self, paths: tuple[str, ...], *, whole: bool) -> str:
        found = (own for own in self.own if any(meets(path, own, whole=whole) for path in paths))
        return next(found, "").removeprefix(f"{self.root}/")


def read_text(path: Path) -> str | None:
    """The text of a regular file of a bearable size."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or found.st_size > MOST_BYTES:
                return None
            return file.read().decode()
    except (OSError, ValueError):
        return None
