"""The six tools of the CLI that work on files and commands, carried out by a shell in the sandbox.

What they are asked is checked as the CLI does, and what they answer has its words (``world.own_words``).
"""

from __future__ import annotations

import errno
import os
import posixpath
from collections.abc import Callable, Mapping
from typing import Final

from routine_harness.live.sandbox.shell import Shell
from routine_harness.plain import Json
from routine_harness.world import own_answers as words
from routine_harness.world.grep import Hit, names_path, search_of, searched
from routine_harness.world.shell.syntax import last_words
from routine_harness.world.tool import ToolResult

SECONDS: Final = 120.0
MOST_SECONDS: Final = 600.0
"""How long a command may take that says nothing of it, and one that does."""
WHOLE: Final = 64 * 1024 * 1024
SEARCHED: Final = 8 * 1024 * 1024
"""The bytes of a file that is searched at most."""
BATCH: Final = 200

_Types = Mapping[str, type]
_ARGUMENTS: Final[dict[str, tuple[_Types, _Types]]] = {
    "Bash": ({"command": str}, {"timeout": int, "description": str, "run_in_background": bool,
                                "dangerouslyDisableSandbox": bool}),
    "Read": ({"file_path": str}, {"offset": int, "limit": int, "pages": str, "allow_large": bool}),
    "Write": ({"file_path": str, "content": str}, {}),
    "Edit": ({"file_path": str, "old_string": str, "new_string": str}, {"replace_all": bool}),
    "Glob": ({"pattern": str}, {"path": str}),
    "Grep": ({"pattern": str}, {
        "path": str, "glob": str, "type": str, "output_mode": str, "-A": int, "-B": int, "-C": int,
        "context": int, "-n": bool, "-i": bool, "-o": bool, "head_limit": int, "offset": int,
        "multiline": bool,
    }),
}  # fmt: skip
"""Tool → the arguments that it needs, and those that it takes besides [CLI 2.1.332]."""

SHELL_TOOLS: Final = frozenset(_ARGUMENTS)


class ShellTools:
    """The tools over one ``shell``."""

    def __init__(self, shell: Shell) -> None:
        self._ask = shell.ask
        self._tools: dict[str, Callable[[Mapping[str, Json]], ToolResult]] = {
            "Bash": self._bash, "Read": self._read, "Write": self._write, "Edit": self._edit,
            "Glob": self._glob, "Grep": self._grep,
        }  # fmt: skip

    def call(self, tool: str, arguments: Mapping[str, Json]) -> ToolResult:
        """The answer of one of ``SHELL_TOOLS``.

        Raises:
            ShellOverError: the sandbox has ended.
        """
        wrong = words.check_arguments(tool, arguments, *_ARGUMENTS[tool])
        result = wrong or self._tools[tool](arguments)
        return ToolResult(_readable(result.text), result.is_error)

    def _bash(self, arguments: Mapping[str, Json]) -> ToolResult:
        command = arguments["command"]
        seconds = min(float(arguments.get("timeout") or SECONDS * 1000) / 1000, MOST_SECONDS)
        background = bool(arguments.get("run_in_background"))
        stops = command.split()[:1] == ["sleep"]  # the CLI moves everything else to the background
        done = self._ask("run", command=command, seconds=seconds, background=background, stops=stops)
        if background:
            return words.in_background(done["task"], done["output"])
        if "task" in done:
            return words.late(done["text"], seconds, done["task"], done["output"])
        if done.get("late"):
            return words.stopped(done["text"], seconds, done["code"])
        last = last_words(command) if done["code"] == 1 else ()
        printed = words.Printed(done["code"], done["text"], last, done.get("back_to", ""))
        return words.told(printed, saved=done["output"])

    def _read(self, arguments: Mapping[str, Json]) -> ToolResult:
        parted = arguments.get("limit") or arguments.get("allow_large")
        got = self._ask("read", path=arguments["file_path"], most=WHOLE if parted else words.MOST_READ)
        if got["is"] == "file" and "\0" in got["text"]:
            return words.binary(posixpath.basename(got["path"]))
        if got["is"] == "file":
            first = arguments.get("offset")
            limit = int(arguments.get("limit") or 0)
            return words.numbered(got["text"], 1 if first is None else int(first), limit)
        if got["is"] == "large":
            return words.too_large(got["size"])
        folder = f"{words.A_FOLDER} '{got['path']}'"
        return ToolResult(folder if got["is"] == "folder" else _why_unread(got), is_error=True)

    def _write(self, arguments: Mapping[str, Json]) -> ToolResult:
        path = arguments["file_path"]
        done = self._ask("write", path=path, text=arguments["content"])
        return _why_unwritten(done, "Write") or words.written(path, new=done["is"] == "new")

    def _edit(self, arguments: Mapping[str, Json]) -> ToolResult:
        path, every = arguments["file_path"], bool(arguments.get("replace_all"))
        got = self._ask("read", path=path, most=WHOLE)
        if got["is"] not in ("file", "absent"):
            return words.refused(f"Error calling tool (Edit): {_why_unread(got)}")
        text: str | None = got.get("text")
        broken = "\r\n" in (text or "")  # lines end as they did
        if text is not None:
            text = text.replace("\r\n", "\n")
        new = words.edit_text(
            text, arguments["old_string"], arguments["new_string"], every=every, folder=got["folder"]
        )
        if isinstance(new, ToolResult):
            return new
        done = self._ask("write", path=path, text=new.replace("\n", "\r\n") if broken else new)
        return _why_unwritten(done, "Edit") or words.edited(path, every=every)

    def _glob(self, arguments: Mapping[str, Json]) -> ToolResult:
        root, pattern = _split(str(arguments.get("path") or "."), arguments["pattern"])
        got = self._ask("files", path=root, ignored=True)
        if got["is"] == "absent":
            return words.no_place("Directory", got["path"], got["folder"])
        seen = {path: _seen(path, got["path"]) for path in got["files"]}
        found = [path for path, below in seen.items() if names_path(below, pattern)]
        found.sort(key=lambda path: (got["files"][path], path))  # the CLI lists by time of change
        return words.listed([_seen(path, got["folder"]) for path in found])

    def _grep(self, arguments: Mapping[str, Json]) -> ToolResult:
        search = search_of(arguments)
        if isinstance(search, ToolResult):
            return search
        got = self._ask("files", path=str(arguments.get("path") or "."), ignored=False)
        if got["is"] == "absent":
            return words.no_place("Path", got["path"], got["folder"])
        mode, files = str(arguments.get("output_mode") or "files_with_matches"), got["files"]
        order = (
            sorted(files, key=lambda path: (-files[path], path)) if mode == "files_with_matches" else files
        )
        wanted = [path for path in order if got["is"] == "file" or search.wants(_seen(path, got["folder"]))]
        hits: list[Hit] = []
        for begin in range(0, len(wanted), BATCH):
            texts = self._ask("texts", paths=wanted[begin : begin + BATCH], most=SEARCHED)["texts"]
            for path, text in texts.items():
                hits += search.hits(_seen(path, got["folder"]), text)
        return searched(hits, mode, arguments, one_file=got["is"] == "file")


def _why_unread(got: Mapping[str, Json]) -> str:
    if got["is"] == "folder":
        return words.A_FOLDER
    if got["is"] == "absent":
        return words.no_file(got["folder"], got["near"])
    return _errno(got)


def _why_unwritten(done: Mapping[str, Json], tool: str) -> ToolResult | None:
    """Why a file could not be written; None where it was."""
    if done["is"] == "link":
        return words.a_link(done["path"], done["to"])
    if done["is"] == "folder":
        return words.not_a_file(done["path"])
    if done["is"] == "closed" and done["errno"] == errno.EACCES:
        return words.refused(f"Error calling tool ({tool}): {_errno(done)}")
    if done["is"] == "closed":
        return ToolResult(_errno(done), is_error=True)
    return None


def _errno(got: Mapping[str, Json]) -> str:
    """An error of the system as Node writes it: ``EROFS: read-only file system, open '/usr/x'``."""
    number = got["errno"]
    return f"{errno.errorcode.get(number, 'EIO')}: {os.strerror(number).lower()}, open '{got['path']}'"


def _split(folder: str, pattern: str) -> tuple[str, str]:
    """Where a search of paths begins, and the pattern below it: a whole path names its own beginning."""
    if not pattern.startswith("/"):
        return folder, pattern
    parts = pattern.split("/")
    plain = next((at for at, part in enumerate(parts[:-1]) if set(part) & set("*?[{")), len(parts) - 1)
    return "/".join(parts[:plain]) or "/", "/".join(parts[plain:])


def _seen(path: str, folder: str) -> str:
    return path.removeprefix(folder.rstrip("/") + "/")


def _readable(text: str) -> str:
    """Text in which every byte that is no UTF-8 is a replacement character."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
