"""Paths of a command: where they lead, and whether that is outside the workspace."""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatchcase
from typing import Final

from routine_harness.world.holes import holes_of, spelt
from routine_harness.world.shell.acts import SCRATCH, Context

_OWN_FOLDER: Final = re.compile(
    r"\$\{?(?:\w*TMP\w*|\w*TEMP\w*|PWD|OLDPWD|CLAUDE_PROJECT_DIR|GITHUB_WORKSPACE|RUNNER_TEMP|\w*CACHE\w*|"
    r"(?:REPO|PROJECT|WORK|BUILD|ROOT|SCRIPT|SRC|OUT|OUTPUT|DIST)_?(?:DIR|ROOT|PATH)?)\b"
    r"|\$\((?:mktemp|pwd|git rev-parse --show-toplevel|dirname)\b",
    re.IGNORECASE,
)


def resolve(directory: str, path: str) -> str:
    """``path`` as seen from the place where the session began; absolute paths stay absolute."""
    if (
        path.startswith(("~", "$HOME"))
        or holes_of(path[:1])
        or ((holes := holes_of(path)) and path.startswith(holes[0]))
    ):
        return path
    joined = posixpath.join(directory, path) if directory and not path.startswith("/") else path
    return posixpath.normpath(joined) if joined else ""


def outside(path: str, context: Context, *, whole: bool = False) -> bool:
    """Whether a resolved ``path`` lies, or may lie, outside the workspace and the scratch folders, or is
    protected within; ``whole``: with all that is below it."""
    if any(meets(path, place, whole=whole) for place in context.protected):
        return True
    holes = holes_of(path)
    if path.startswith(("~", "$HOME")) or (holes and path.startswith(holes[0])):
        return True
    if not path.startswith("/"):
        return path == ".." or path.startswith("../")
    return not any(path == root or path.startswith(root + "/") for root in (*context.workspace, *SCRATCH))


def meets(path: str, place: str, *, whole: bool = False) -> bool:
    """Whether a resolved ``path``, in which ``*`` and ``**`` stand for names, may be ``place`` or lie
    below it; ``whole``: or be a folder that holds it."""
    if path.startswith("/") != place.startswith("/"):
        return False
    return _match(_parts(path), _parts(place), whole=whole)


def _parts(path: str) -> list[str]:
    return ["*" if holes_of(part) else part for part in path.split("/") if part not in ("", ".")]


def _match(pattern: list[str], names: list[str], *, whole: bool) -> bool:
    if not names or not pattern:
        return not names or whole
    if pattern[0] == "**":
        return any(_match(pattern[1:], names[at:], whole=whole) for at in range(len(names)))
    return fnmatchcase(names[0], pattern[0]) and _match(pattern[1:], names[1:], whole=whole)


def is_scratch(path: str) -> bool:
    """Whether a path that begins with a hole names a folder of the run's own: ``$TMPDIR/x``."""
    return bool(_OWN_FOLDER.match(spelt(path)))
