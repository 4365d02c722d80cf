"""Commit ids of git and of the world: two names of one commit, told apart at the sandbox's edge.

A clone's commits are real ones, so their ids are git's own; the world's are the payload's and the
case's. Inside there are git's alone; what is kept, and replays, has the world's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from routine_harness.live.outside.git_program import Git
from routine_harness.plain import Json
from routine_harness.routine.spec import Routine
from routine_harness.world.github.records import tables
from routine_harness.world.state import World
from routine_harness.world.tool import ToolResult

_ID: Final = re.compile(r"\b[0-9a-f]{7,40}\b")


class Ids:
    """Which commit of the world is which of git's."""

    __slots__ = ("_of_git", "_of_world")

    def __init__(self, of_world: Mapping[str, str] | None = None) -> None:
        """``of_world`` is the world's id → git's."""
        self._of_world: dict[str, str] = {}
        self._of_git: dict[str, str] = {}
        for theirs, ours in (of_world or {}).items():
            self.add(theirs, ours)

    def add(self, theirs: str, ours: str) -> None:
        """The world's commit ``theirs`` is git's ``ours``, unless one of them is known already."""
        if theirs != ours:
            self._of_world.setdefault(theirs, ours)
            self._of_git.setdefault(ours, theirs)

    def of_git(self, theirs: str) -> str:
        """The world's commit as git names it, as far as that is known."""
        return self._of_world.get(theirs, theirs)

    def shown(self, text: str) -> str:
        """``text`` of the world as it is read inside."""
        return _replaced(text, self._of_world)

    def meant(self, value: Json) -> Json:
        """What a program inside says, in the world's ids."""
        return _mapped(value, lambda text: _replaced(text, self._of_git))

    def result(self, result: ToolResult) -> ToolResult:
        """A tool's answer as it is read inside."""
        return ToolResult(self.shown(result.text), result.is_error, _mapped(result.structured, self.shown))


def ids_of(git: Git, origins: Path, routine: Routine, world: World) -> Ids:
    """The tips that the fresh ``origins`` have, beside those of the world that they were made from."""
    pairs: dict[str, str] = {}
    for repository in routine.repositories:
        name = repository.full_name
        tips = git.tips(origins / f"{name}.git")
        known = [(f"refs/heads/{row['name']}", row.get("sha"))
                 for row in tables.of_repository(world, "branches", name)]  # fmt: skip
        known += [(f"refs/pull/{pull['number']}/head", pull.get("head_sha"))
                  for pull in tables.of_repository(world, "pulls", name)]  # fmt: skip
        known += [(f"refs/heads/{pull['base']}", pull.get("base_sha"))
                  for pull in tables.of_repository(world, "pulls", name)]  # fmt: skip
        for ref, sha in known:
            if sha and ref in tips:
                pairs.setdefault(str(sha), tips[ref])
        for ref, tip in tips.items():  # what the world calls a tip that it does not know
            pairs.setdefault(tables.digest("tip", name, ref.removeprefix("refs/heads/")), tip)
    return Ids(pairs)


def _replaced(text: str, ids: Mapping[str, str]) -> str:
    """``text`` with every id exchanged, also where it is abbreviated and only one can be meant."""
    if not ids:
        return text

    def exchange(match: re.Match[str]) -> str:
        found = match.group()
        if found in ids:
            return ids[found]
        near = {other[: len(found)] for one, other in ids.items() if one.startswith(found)}
        return near.pop() if len(near) == 1 else found

    return _ID.sub(exchange, text)


def _mapped(value: Json, change: Callable[[str], str]) -> Json:
    """A JSON value with every text in it changed; keys stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {name: _mapped(part, change) for name, part in value.items()}
    return [_mapped(part, change) for part in value] if isinstance(value, list | tuple) else value
