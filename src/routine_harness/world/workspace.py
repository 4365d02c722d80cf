"""The clone that a run works in: the repository's files as the world holds them, with local edits.

Lives as long as one run; what is edited here reaches the world only by a push.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from routine_harness.world.github import tables
from routine_harness.world.github.contents import known_files
from routine_harness.world.state import World
from routine_harness.world.tool import ToolResult

MAX_LINES: Final = 2000
_ROOTS: Final = ("/home/user/", "/workspace/", "/workspaces/", "/root/")


class Workspace:
    """Files of the checked-out repositories; ``repositories`` are full names, the first one is where
    a run begins."""

    def __init__(self, repositories: Sequence[str]) -> None:
        self.repositories = tuple(repositories)
        self.branch = ""
        self.edited: dict[tuple[str, str], str | None] = {}
        self.written: dict[str, str] = {}
        """What shell commands wrote, by the path as seen from where the session began: no push takes it."""

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
        if path in committed_files(world, repository, self.branch)[0]:
            return f"the text of {path} in {repository}"
        files, whole = self._held(world, repository)
        name = repository or "the workspace"
        return "" if whole else f"all files of {name}" if files else f"the files of {name}"

    def _held(self, world: World, repository: str) -> tuple[dict[str, str], bool]:
        committed, whole = committed_files(world, repository, self.branch)
        held = {path: text for path, text in committed.items() if isinstance(text, str)}
        for (owner, path), text in self.edited.items():
            if owner != repository:
                continue
            if text is None:
                held.pop(path, None)
            else:
                held[path] = text
        return held, whole

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


def committed_files(world: World, repository: str, branch: str = "") -> tuple[Mapping[str, Any], bool]:
    """The files of ``branch``, else of the default branch, as far as the world holds them, and whether
    those are all."""
    row = tables.get(world, "repositories", repository) or {}
    names = [branch, str(row.get("default_branch") or "main")]
    found = [known_files(world, repository, name) for name in dict.fromkeys(filter(None, names))]
    return next((one for one in found if one[1]), next((one for one in found if one[0]), ({}, False)))


def read_file(workspace: Workspace, world: World, arguments: Mapping[str, Any]) -> tuple[ToolResult, str]:
    """``Read``: numbered lines; the second value names what the world lacks."""
    path = str(arguments.get("file_path") or arguments.get("path") or "")
    repository, inside = workspace.place(world, path)
    text = workspace.files(world, repository).get(inside)
    if text is None:
        missing = workspace.unknown(world, repository, inside)
        return ToolResult(f"File does not exist: {path}", is_error=True), missing
    lines = text.splitlines()
    start = max(_whole(arguments.get("offset"), 1), 1)
    end = start - 1 + _whole(arguments.get("limit"), MAX_LINES)
    return ToolResult(
        "\n".join(f"{n:>6}\t{line}" for n, line in enumerate(lines, 1) if start <= n <= end)
    ), ""


def _whole(value: Any, default: int) -> int:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else default


def find_paths(workspace: Workspace, world: World, arguments: Mapping[str, Any]) -> tuple[ToolResult, str]:
    """``Glob``: the paths that match, one a line."""
    pattern = str(arguments.get("pattern", "**"))
    repository, inside = workspace.place(world, str(arguments.get("path") or "."))
    files, missing = workspace.files(world, repository), workspace.unknown(world, repository)
    if not files and missing:
        return ToolResult("No files found", is_error=True), missing
    found = [path for path in files if _below(path, inside) and matches_glob(path, pattern, inside)]
    return ToolResult("\n".join(found) or "No files found"), missing


def _below(path: str, folder: str) -> bool:
    return folder in (".", "") or path == folder or path.startswith(folder + "/")


def matches_glob(path: str, pattern: str, folder: str = ".") -> bool:
    """Whether ``pattern`` names ``path``: ``*`` stops at a slash, ``**`` does not, ``{a,b}`` is either."""
    relative = path if folder in (".", "") else path[len(folder) + 1 :]
    if braces := re.search(r"\{([^{}]*)\}", pattern):
        before, after = pattern[: braces.start()], pattern[braces.end() :]
        return any(matches_glob(path, before + choice + after, folder) for choice in braces[1].split(","))
    return _matches(relative.split("/"), pattern.removeprefix("./").split("/"))


def _matches(parts: list[str], patterns: list[str]) -> bool:
    reached = {0}
    for pattern in patterns:
        if pattern == "**":
            reached = set(range(min(reached, default=len(parts) + 1), len(parts) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(parts) and fnmatchcase(parts[at], pattern)}
    return len(parts) in reached


def search_text(workspace: Workspace, world: World, arguments: Mapping[str, Any]) -> tuple[ToolResult, str]:
    """``Grep``: files, lines or counts that match, in the tool's output modes."""
    # Imported here: 10 ms that a run without a search need not pay; linear-time on any pattern.
    import re2

    repository, inside = workspace.place(world, str(arguments.get("path") or "."))
    files, missing = workspace.files(world, repository), workspace.unknown(world, repository)
    if not files and missing:
        return ToolResult("No files found", is_error=True), missing
    flags = "(?i)" if arguments.get("-i") else ""
    try:
        pattern = re2.compile(flags + str(arguments.get("pattern", "")))
    except re2.error as error:
        return ToolResult(f"regex parse error: {error}", is_error=True), ""
    glob = arguments.get("glob")
    wanted = [
        path
        for path in files
        if _below(path, inside)
        and (not glob or matches_glob(path, str(glob)) or matches_glob(path, f"**/{glob}"))
    ]
    hits = [
        (path, number, line)
        for path in wanted
        for number, line in enumerate(files[path].splitlines(), 1)
        if pattern.search(line)
    ]
    mode = str(arguments.get("output_mode", "files_with_matches"))
    return ToolResult(_shown(hits, mode, arguments)), missing


def _shown(hits: list[tuple[str, int, str]], mode: str, arguments: Mapping[str, Any]) -> str:
    if mode == "content":
        numbered = arguments.get("-n", True)
        lines = [f"{path}:{number}:{line}" if numbered else f"{path}:{line}" for path, number, line in hits]
    elif mode == "count":
        paths = dict.fromkeys(path for path, _, _ in hits)
        lines = [f"{path}:{sum(hit[0] == path for hit in hits)}" for path in paths]
    else:
        lines = list(dict.fromkeys(path for path, _, _ in hits))
    limit = arguments.get("head_limit")
    return "\n".join(lines[: int(limit)] if isinstance(limit, int) and limit else lines) or "No matches found"


def edit_file(workspace: Workspace, world: World, tool: str, arguments: Mapping[str, Any]) -> ToolResult:
    """``Write``, ``Edit`` and ``MultiEdit``, local to the workspace."""
    path = str(arguments.get("file_path") or arguments.get("notebook_path") or "")
    place = workspace.place(world, path)
    text = workspace.files(world, place[0]).get(place[1])
    workspace.written = {
        at: held for at, held in workspace.written.items() if workspace.place(world, at) != place
    }
    if tool == "Write":
        workspace.edited[place] = str(arguments.get("content", ""))
        return ToolResult(f"File {'created' if text is None else 'updated'} successfully at: {path}")
    if text is None:
        return ToolResult(f"File does not exist: {path}", is_error=True)
    for edit in arguments.get("edits") or [arguments]:
        old, new = str(edit.get("old_string", "")), str(edit.get("new_string", ""))
        found = text.count(old) if old else 0
        if not found:
            return ToolResult(f"String to replace not found in file.\nString: {old}", is_error=True)
        if found > 1 and not edit.get("replace_all"):
            return ToolResult(
                f"Found {found} matches of the string to replace, but replace_all is false.", is_error=True
            )
        text = text.replace(old, new)
    workspace.edited[place] = text
    return ToolResult(f"The file {path} has been updated.")
