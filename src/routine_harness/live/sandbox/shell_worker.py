"""The hands of a script inside the sandbox: runs its commands, reads and writes its files.

Asked and answering in lines of JSON, over sockets that no other program inside can open. Says what is and
what happened, without any words about it: those are ``world.own_words``'. Runs alone, with the standard
library, wherever the sandbox has a Python. Bytes that are no UTF-8 travel as lone surrogates.
"""

from __future__ import annotations

import _json  # the package around it takes as long to load as the interpreter to start
import os
import select
import stat
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:  # what annotations alone need would double the time to start
    from collections.abc import Iterable
    from typing import Any

OUTPUT = 64 * 1024 * 1024
"""The bytes of a command's output that are handed on."""
LATE = 143
"""The exit code of a command that was stopped by SIGTERM."""
STOPPING = 2.0
SIGTERM, SIGKILL = 15, 9
IGNORED = (13, 25)
"""The signals that Python ignores, and programs want to hear: SIGPIPE and SIGXFSZ."""
SKIPPED = {".git", ".hg", ".svn", ".bzr", ".jj", ".sl"}
CLI_ALONE = {"ROUTINE_PRELOAD", "ROUTINE_SEARCH", "ROUTINE_CLOCK", "BUN_OPTIONS"}
"""What the clock tells the CLI alone."""
TASKS = "/tmp/claude-1000/tasks"  # noqa: S108 - the sandbox's own


class Worker:
    """What stands from one request to the next: the folder, the commands that still run."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.folder = home
        self.count = 0
        self.began = time.time_ns()
        """What is older was there before the session."""
        self.environment = {n: v for n, v in os.environ.items() if n not in CLI_ALONE}
        if preload := os.environ.get("ROUTINE_PRELOAD"):
            self.environment["LD_PRELOAD"] = preload
        self.environment |= {"CLAUDECODE": "1", "GIT_EDITOR": "true"}  # as the CLI's own commands have it
        self.running: dict[str, int] = {}
        """The commands that were left to run, by their shells."""

    def run(self, command: str, seconds: float, background: bool, stops: bool) -> dict[str, Any]:
        """A command in a shell of its own, whose folder the next one begins in.

        One that is late goes on in the background, unless it ``stops``.
        """
        self._reap()
        self.count += 1
        task = f"b{self.count}"
        os.makedirs(TASKS, exist_ok=True)
        output, left = f"{TASKS}/{task}.output", f"{TASKS}/{task}.folder"
        folder = self.folder if os.path.isdir(self.folder) else self.home
        words = f"cd {_quoted(folder)} && eval {_quoted(command)} < /dev/null && pwd -P >| {left}"
        shell = _started(["/bin/bash", "-c", words], self.environment, output)
        code = None if background else _ended(shell, seconds)
        if code is None and (background or not stops):
            self.running[task] = shell
            return {"task": task, "output": output, "text": _text(output)}
        if code is None:
            _stop(shell)
            return {"code": LATE, "text": _text(output), "late": True}
        return {"code": code, "text": _text(output), "output": output, **self._moved(left)}

    def _moved(self, left: str) -> dict[str, Any]:
        """Where the shell was left, if that is below the session's folder; else it is put back."""
        folder = _text(left).removesuffix("\n")
        if not folder:
            return {}
        if folder == self.home or folder.startswith(self.home + "/"):
            self.folder = folder
            return {}
        self.folder = self.home
        return {"back_to": self.home}

    def _reap(self) -> None:
        for task, shell in list(self.running.items()):
            if _ended(shell, 0) is not None:
                del self.running[task]

    def path(self, written: str) -> str:
        """A path as the shell's folder makes it whole."""
        return os.path.normpath(os.path.join(self.folder, os.path.expanduser(written)))

    def read(self, path: str, most: int = OUTPUT) -> dict[str, Any]:
        """A file's text, unless it is longer than ``most``; what else is there."""
        path = self.path(path)
        try:
            mode = os.stat(path)
            if stat.S_ISDIR(mode.st_mode):
                return {"path": path, "is": "folder"}
            if mode.st_size > most:
                return {"path": path, "is": "large", "size": mode.st_size}
            with open(path, "rb") as file:
                return {"path": path, "is": "file", "text": _decoded(file.read(most + 1))}
        except FileNotFoundError:
            return {"path": path, "is": "absent", "near": self._near(path)}
        except OSError as error:
            return {"path": path, "is": "closed", "errno": error.errno or 0}

    def _near(self, path: str) -> str:
        """A file beside ``path`` that differs in its suffix alone."""
        folder, name = os.path.split(path)
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            return ""
        stem = os.path.splitext(name)[0]
        return next((one for one in names if os.path.splitext(one)[0] == stem and one != name), "")

    def write(self, path: str, text: str) -> dict[str, Any]:
        """A file written anew, its folders made where they are missing."""
        path = self.path(path)
        if os.path.islink(path):
            return {"path": path, "is": "link", "to": os.path.realpath(path)}
        try:
            new = not os.path.exists(path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(text.encode("utf-8", "surrogateescape"))
        except IsADirectoryError:
            return {"path": path, "is": "folder"}
        except OSError as error:
            return {"path": path, "is": "closed", "errno": error.errno or 0}
        return {"path": path, "is": "new" if new else "file"}

    def files(self, path: str, ignored: bool) -> dict[str, Any]:
        """The files below ``path``, by their whole paths, with how long after the beginning each was
        changed (nanoseconds); ``ignored`` takes those that git ignores, and git's own."""
        path = self.path(path)
        if not os.path.exists(path):
            return {"path": path, "is": "absent"}
        if os.path.isfile(path):
            return {"path": path, "is": "file", "files": {path: self._changed(path)}}
        found = self._walked(path, set()) if ignored else self._known(path)
        return {"path": path, "is": "folder", "files": {one: self._changed(one) for one in sorted(found)}}

    def _known(self, path: str) -> Iterable[str]:
        """The files that git does not ignore, tracked or not; outside of a clone all of them."""
        names = self._listed(path, "--cached", "--others")
        if names is None:
            return self._walked(path, SKIPPED)
        kept = names - (self._listed(path, "--cached", "--ignored") or set())
        found = [os.path.join(path, name) for name in kept]
        return [one for one in found if os.path.isfile(one) and not os.path.islink(one)]

    def _listed(self, path: str, *which: str) -> set[str] | None:
        """What git lists below ``path``; None where that is in no clone."""
        words = ["git", "-C", path, "ls-files", "-z", "--exclude-standard", *which]
        os.makedirs(TASKS, exist_ok=True)
        listed = f"{TASKS}/listed"
        if _ended(_started(["/usr/bin/env", *words], self.environment, listed, errors="/dev/null"), None):
            return None
        return {name for name in _text(listed).split("\0") if name}

    def _walked(self, path: str, skipped: set[str]) -> Iterable[str]:
        for folder, names, files in os.walk(path):
            names[:] = [name for name in names if name not in skipped]
            for name in files:
                one = os.path.join(folder, name)
                if not os.path.islink(one):
                    yield one

    def _changed(self, path: str) -> int:
        """How long after the beginning a file was changed; 0 of those that were there."""
        try:
            return max(0, os.stat(path).st_mtime_ns - self.began)
        except OSError:
            return 0

    def texts(self, paths: list[str], most: int) -> dict[str, Any]:
        """The texts of files, those left out that cannot be read."""
        return {"texts": {path: got["text"] for path in paths if "text" in (got := self.read(path, most))}}

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what is asked."""
        done: dict[str, Any] = getattr(self, str(request.pop("do")))(**request)
        return {**done, "folder": self.folder}


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


def _started(words: list[str], environment: dict[str, str], output: str, errors: str = "") -> int:
    """The process of a program in a session of its own, which reads nothing and writes into files."""
    made, mode = os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600
    actions: Any = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 1, output, made, mode), (os.POSIX_SPAWN_DUP2, 1, 2)]  # fmt: skip
    if errors:
        actions[2] = (os.POSIX_SPAWN_OPEN, 2, errors, made, mode)
    return os.posix_spawn(words[0], words, environment, file_actions=actions, setsid=True, setsigdef=IGNORED)


def _ended(process: int, seconds: float | None) -> int | None:
    """The exit code of a process that ends in time; None of one that does not.

    A shell that was killed counts as one that ended with 1, as the CLI has it.
    """
    descriptor = os.pidfd_open(process)  # its end wakes us, instead of looking again and again
    try:
        ready, _, _ = select.select([descriptor], [], [], seconds)
    finally:
        os.close(descriptor)
    if not ready:
        return None
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    return code if code >= 0 else 1


def _stop(shell: int) -> None:
    """End a shell and what it has started."""
    for number in (SIGTERM, SIGKILL):
        try:
            os.killpg(shell, number)
        except ProcessLookupError:
            return
        if _ended(shell, STOPPING) is not None:
            return


def _text(path: str) -> str:
    """The text of a file up to what is handed on; empty where there is none."""
    try:
        with open(path, "rb") as file:
            return _decoded(file.read(OUTPUT))
    except OSError:
        return ""


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


class _Reading:
    """How JSON is read: as the standard library's decoder does by itself."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float, parse_int, parse_constant = float, int, float


def _written(value: Any) -> str:
    """A value as JSON."""
    if isinstance(value, str):
        return _json.encode_basestring_ascii(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_written(name)}:{_written(part)}" for name, part in value.items()) + "}"
    return str(value).lower()  # numbers, true and false


def main() -> int:
    reading: Any = _Reading()
    worker, read = Worker(os.getcwd()), _json.make_scanner(reading)
    while line := sys.stdin.buffer.readline():
        request, _ = read(line.decode(), 0)
        sys.stdout.buffer.write(_written(worker.answer(request)).encode() + b"\n")
        sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
