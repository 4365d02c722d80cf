"""The files of a repository that a prompt tells the agent to follow, in the world that a run begins with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from routine_harness.routine.spec import FollowedFile
from routine_harness.world.github import tables
from routine_harness.world.github.contents import known_files
from routine_harness.world.state import Record, World


def lay_followed(world: World, files: Iterable[FollowedFile]) -> World:
    """``world``, whose layers are merged and not completed yet, with ``files`` on the default branches.

    Where a layer gives all files of a default branch, each joins them unless the layer names its path;
    else it is known by itself, and of the repository's other files the world goes on to know nothing.
    """
    for file in files:
        world = _lay(world, file)
    return world


def _lay(world: World, file: FollowedFile) -> World:
    row = tables.get(world, "repositories", file.repository) or {"full_name": file.repository}
    default = str(row.get("default_branch") or "main")
    branch = tables.get(world, "branches", file.repository, default)
    given = False
    if isinstance(row.get("files"), dict):
        world, given = tables.merge(world, "repositories", _joined(row, file)), True
    if branch is not None and isinstance(branch.get("files"), dict):
        world, given = tables.merge(world, "branches", _joined(branch, file)), True
    if given:
        return world
    known, whole = known_files(world, file.repository, default)
    if whole or file.path in known:
        return world
    single: Record = {"repository": file.repository, "ref": "", "path": file.path, "content": file.text}
    return tables.put(world, "files", single)


def _joined(record: Record, file: FollowedFile) -> dict[str, Any]:
    return {**record, "files": {file.path: file.text, **record["files"]}}
