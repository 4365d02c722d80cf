"""Paths of a command: where they lead, and whether that is outside the workspace."""

from __future__ import annotations

import posixpath

from routine_harness.world.shell.acts import SCRATCH, Context


def resolve(directory: str, path: str) -> str:
    """``path`` as seen from the place where the session began; absolute paths stay absolute."""
    if path.startswith(("~", "$HOME")):
        return path
    joined = posixpath.join(directory, path) if directory and not path.startswith("/") else path
    return posixpath.normpath(joined) if joined else ""


def outside(path: str, context: Context) -> bool:
    """Whether a resolved ``path`` lies outside the workspace and the scratch folders."""
    if path.startswith(("~", "$HOME")):
        return True
    if not path.startswith("/"):
        return path == ".." or path.startswith("../")
    return not any(path == root or path.startswith(root + "/") for root in (*context.workspace, *SCRATCH))
