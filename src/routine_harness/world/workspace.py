"""The clone that a run works in: the repository's files as the world holds them, with local edits.

Lives as long as one run; what is edited here reaches the world only by a push.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import Final

from routine_harness.plain import Json
from routine_harness.world import own_answers as words
from routine_harness.world.github.operations.contents import changed_files, known_files
from routine_harness.world.github.records import tables
from routine_harness.world.grep import names_path, search_of, searched
from routine_harness.world.state import World
from routine_harness.world.tool import ToolResult

_ROOTS: Final = ("/home/user/", "/workspace/", "/workspaces/", "/root/")


_AT_DEFAULT: Final[Mapping[str, str]] = {}


class Workspace:
    """Files of the checked-out repositories; ``repositories`` are full names, the first one is where
    a run begins. ``starts`` are the refs at which clones of repositories (in lower case) begin, where that
    is not the default branch."""

    def __init__(self, repositories: Sequence[str], starts: Mapping[str, str] = _AT_DEFAULT) -> None:
        self.repositories = tuple(repositories)
        self.starts = dict(starts)
        self.branch = ""
        self.edited: dict[tuple[str, str], str | None] = {}
        self.written: dict[str, str] = {}
        """What shell commands wrote, by the path as seen from where the session began: no push takes it."""

    @property
    def folder(self) -> str:
        """Where a session of these repositories begins."""
        names = [full_name.rpartition("/")[2] for full_name in self.repositories]
        return f"{words.HOME}/{names[0]}" if len(names) == 1 else words.HOME

    def place(self, world: World, path: str) -> tuple[str, str]:
        """The repository and the path in it that ``path`` means.

        Below a session's home the first folder is a clone. A path from where the run stands may begin
        with the clone, too, or with a folder of the repository that bears its name.
        """
        for root in _ROOTS:
            if path.startswith(root):
                return self._below_home(posixpath.normpath(path.removeprefix(root)))
        whole = posixpath.normpath(path or ".")
        owner, inside = self._below_home(whole)
        if owner == self._first and inside != whole and self._holds(world, owner, whole, inside):
            return owner, whole
        return owner, inside

    @property
    def _first(self) -> str:
        return self.repositories[0] if self.repositories else ""

    def _below_home(self, whole: str) -> tuple[str, str]:
        for full_name in self.repositories:
            name = full_name.rpartition("/")[2]
            if whole == name or whole.startswith(name + "/"):
                return full_name, whole[len(name) + 1 :] or "."
        return self._first, whole

    def _holds(self, world: World, repository: str, whole: str, inside: str) -> bool:
        """Whether ``repository`` has ``whole`` as it stands, or at least the folder in which it begins,
        and not ``inside``."""
        files = self._held(world, repository)[0]
        if whole in files or inside in files:
            return whole in files
        folder = whole.partition("/")[0] + "/"
        return any(path.startswith(folder) for path in files)

    def files(self, world: World, repository: str) -> dict[str, str]:
        """Path → text: what is committed on the branch, under the local edits; sorted by path."""
        held = dict(self._held(world, repository)[0])
        for path, text in self.written.items():
            owner, inside = self.place(world, path)
            if owner == repository:
                held.setdefault(
                    inside, text
                )  # a branch of a script that may not have run may have written it
        return dict(sorted(held.items()))

    def unknown(self, world: World, repository: str, path: str = "") -> str:
        """What the world lacks of the files of ``repository``, in words; empty where it knows all.

        ``path`` is the one that is asked for: of a file that is no text the world may know the name alone.
        """
        if path in self._committed(world, repository)[0]:
            return f"the text of {path} in {repository}"
        files, whole = self._held(world, repository)
        name = repository or "the workspace"
        return "" if whole else f"all files of {name}" if files else f"the files of {name}"

    def _held(self, world: World, repository: str) -> tuple[dict[str, str], bool]:
        committed, whole = self._committed(world, repository)
        held = {path: text for path, text in committed.items() if isinstance(text, str)}
        for (owner, path), text in self.edited.items():
            if owner != repository:
                continue
            if text is None:
                held.pop(path, None)
            else:
                held[path] = text
        return held, whole

    def _committed(self, world: World, repository: str) -> tuple[Mapping[str, Json], bool]:
        return committed_files(world, repository, self.branch, self.starts.get(repository.lower(), ""))

    def pending(self, repository: str) -> list[dict[str, str]]:
        """The edited files as ``push_files`` takes them."""
        return [
            {"path": path, "content": text}
            for (owner, path), text in sorted(self.edited.items())
            if owner == repository and text is not None and not path.startswith("/")
        ]

    def pushed(self, repository: str) -> None:
        """The edits are in the world now."""
        self.edited = {key: text for key, text in self.edited.items() if key[0] != repository}


def committed_files(
    world: World, repository: str, branch: str = "", start: str = ""
) -> tuple[Mapping[str, Json], bool]:
    """The files of ``branch``, else at ``start``, else of the default branch, as far as the world holds
    them, and whether those are all.

    What the pull request at ``start`` is known to change is left out of the default branch's files.
    """
    row = tables.get(world, "repositories", repository) or {}
    default = str(row.get("default_branch") or "main")
    names = [*dict.fromkeys(filter(None, (branch, start, default)))]
    found = {name: known_files(world, repository, name) for name in names}
    chosen = next(
        (name for name in names if found[name][1]), next((n for n in names if found[n][0]), default)
    )
    tree, whole = found[chosen]
    changed = changed_files(world, repository, start) if start and chosen == default else frozenset()
    return {path: tree[path] for path in tree if path not in changed}, whole and not changed & tree.keys()


def read_file(workspace: Workspace, world: World, arguments: Mapping[str, Json]) -> tuple[ToolResult, str]:
    """``Read``: numbered lines; the second value names what the world lacks."""
    path = str(arguments.get("file_path") or arguments.get("path") or "")
    repository, inside = workspace.place(world, path)
    text = workspace.files(world, repository).get(inside)
    if text is None:
        missing = workspace.unknown(world, repository, inside)
        return ToolResult(words.no_file(workspace.folder), is_error=True), missing
    first, limit = _whole(arguments.get("offset"), 1), _whole(arguments.get("limit"), 0)
    return words.numbered(text, first, limit), ""


def _whole(value: Json, default: int) -> int:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else default


def find_paths(workspace: Workspace, world: World, arguments: Mapping[str, Json]) -> tuple[ToolResult, str]:
    """``Glob``: the paths that match, one a line."""
    pattern = str(arguments.get("pattern", "**"))
    repository, inside = workspace.place(world, str(arguments.get("path") or "."))
    files, missing = workspace.files(world, repository), workspace.unknown(world, repository)
    if not files and missing:
        return ToolResult(words.NO_FILES, is_error=True), missing
    below = {path: _relative(path, inside) for path in files if _below(path, inside)}
    return words.listed([path for path, seen in below.items() if names_path(seen, pattern)]), missing


def _below(path: str, folder: str) -> bool:
    return folder in (".", "") or path == folder or path.startswith(folder + "/")


def _relative(path: str, folder: str) -> str:
    return path if folder in (".", "", path) else path[len(folder) + 1 :]


def search_text(workspace: Workspace, world: World, arguments: Mapping[str, Json]) -> tuple[ToolResult, str]:
    """``Grep``: files, lines or counts that match, in the tool's output modes."""
    repository, inside = workspace.place(world, str(arguments.get("path") or "."))
    files, missing = workspace.files(world, repository), workspace.unknown(world, repository)
    if not files and missing:
        return ToolResult(words.NO_FILES, is_error=True), missing
    search = search_of(arguments)
    if isinstance(search, ToolResult):
        return search, ""
    wanted = [path for path in files if _below(path, inside) and search.wants(path)]
    hits = [hit for path in wanted for hit in search.hits(path, files[path])]
    mode = str(arguments.get("output_mode", "files_with_matches"))
    return searched(hits, mode, arguments, one_file=inside in files), missing


def edit_file(workspace: Workspace, world: World, tool: str, arguments: Mapping[str, Json]) -> ToolResult:
    """``Write``, ``Edit`` and ``MultiEdit``, local to the workspace."""
    path = str(arguments.get("file_path") or arguments.get("notebook_path") or "")
    place = workspace.place(world, path)
    text = workspace.files(world, place[0]).get(place[1])
    workspace.written = {
        at: held for at, held in workspace.written.items() if workspace.place(world, at) != place
    }
    if tool == "Write":
        workspace.edited[place] = str(arguments.get("content", ""))
        return words.written(path, new=text is None)
    every = bool(arguments.get("replace_all"))
    for edit in arguments.get("edits") or [arguments]:
        old, new = str(edit.get("old_string", "")), str(edit.get("new_string", ""))
        after = words.edit_text(text, old, new, every=bool(edit.get("replace_all")), folder=workspace.folder)
        if isinstance(after, ToolResult):
            return after
        text = after
    workspace.edited[place] = text or ""
    return words.edited(path, every=every)
