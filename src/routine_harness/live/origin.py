"""``origin``: a bare repository per repository of the routine, served from outside the sandbox.

The agent reaches it by git's own HTTP protocol alone, so its hooks and configuration are out of
reach. Every push is unpacked and looked at before it is taken: a rule decides, and commits and
diff are kept either way.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import msgspec

from routine_harness.live.egress import HttpRequest, HttpResponse
from routine_harness.live.git import EMPTY_TREE, GIT_SECONDS, ZERO, git_environment, ref_hash, run_git
from routine_harness.store.interactions import TooLargeError, inflated

MAXIMUM_DIFF: Final = 200_000
MAXIMUM_FILES: Final = 100
MAXIMUM_FILE: Final = 100_000
_SERVICES: Final = ("git-upload-pack", "git-receive-pack")


class Commit(msgspec.Struct, frozen=True):
    sha: str
    author: str
    email: str
    message: str


class Push(msgspec.Struct, frozen=True):
    """One ref of one push: what it was and should become, commits oldest first, and why it was refused.

    ``changes`` are the texts of the changed files as they would become, None where one is deleted;
    what is no text, or too long, is left out.
    """

    repository: str
    ref: str
    before: str
    after: str
    commits: tuple[Commit, ...] = ()
    diff: str = ""
    files: tuple[str, ...] = ()
    changes: dict[str, str | None] = {}
    forced: bool = False
    refused: str = ""

    @property
    def branch(self) -> str:
        """The branch's name; empty where the ref is no branch."""
        return self.ref.removeprefix("refs/heads/") if self.ref.startswith("refs/heads/") else ""

    @property
    def creates(self) -> bool:
        return self.before == ZERO

    @property
    def deletes(self) -> bool:
        return self.after == ZERO


Refuse = Callable[[Push], str]
"""Why a push may not be, or an empty text; asked before the push is taken."""


class Origins:
    """The bare repositories of a session, by full name."""

    def __init__(self, folder: Path, refuse: Refuse, pushed: Callable[[Push], None]) -> None:
        self.folder = folder
        self._refuse = refuse
        self._pushed = pushed
        self._count = 0

    def path(self, full_name: str) -> Path:
        return self.folder / f"{full_name}.git"

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request of git's smart HTTP protocol."""
        found = split_git_path(request.path)
        if found is None or not self.path(found[0]).is_dir():
            return HttpResponse(404, {"content-type": "text/plain"}, b"Repository not found.\n")
        full_name, action = found
        protocol = request.headers.get("git-protocol", "")
        if action == "info/refs":
            service = parse_qs(urlsplit(request.url).query).get("service", [""])[0]
            return self._advertise(full_name, service, protocol)
        body = request.body
        if request.headers.get("content-encoding") == "gzip":
            try:
                body = inflated(body, "gzip")
            except TooLargeError:
                raise  # a finding, and not an answer alone
            except ValueError as error:
                return HttpResponse(400, {"content-type": "text/plain"}, f"{error}\n".encode())
        if action == "git-upload-pack":
            return _reply("upload-pack", "result", self._serve(full_name, "upload-pack", body, protocol))
        return self._receive(full_name, body, protocol)

    def _advertise(self, full_name: str, service: str, protocol: str) -> HttpResponse:
        if service not in _SERVICES:
            return HttpResponse(403, {"content-type": "text/plain"}, b"dumb HTTP is not served\n")
        command = service.removeprefix("git-")
        refs = self._serve(full_name, command, b"", protocol, "--http-backend-info-refs")
        plain = "version=2" not in protocol or command == "receive-pack"
        header = _packet(f"# service={service}\n") + b"0000" if plain else b""
        return _reply(command, "advertisement", header + refs)

    def _serve(
        self, full_name: str, command: str, body: bytes, protocol: str, *options: str, push: str = ""
    ) -> bytes:
        environment = git_environment() | {"GIT_PROTOCOL": protocol, "ROUTINE_PUSH": push}
        arguments = ["git", command, "--stateless-rpc", *options, str(self.path(full_name))]
        done = subprocess.run(  # noqa: S603 - our own arguments
            arguments, input=body, capture_output=True, env=environment, timeout=GIT_SECONDS, check=False
        )
        return done.stdout

    def _receive(self, full_name: str, body: bytes, protocol: str) -> HttpResponse:
        try:
            commands, pack = parse_commands(body)
        except ValueError:
            return HttpResponse(400, {"content-type": "text/plain"}, b"malformed push\n")
        self._count += 1
        folder = self.folder / f"push-{self._count}"
        folder.mkdir()
        try:
            seen = self._inspect(full_name, commands, pack, folder)
            judged = [msgspec.structs.replace(push, refused=self._refuse(push)) for push in seen]
            for push in judged:
                if push.refused:
                    (folder / ref_hash(push.ref)).write_text(push.refused + "\n")
            answer = self._serve(full_name, "receive-pack", body, protocol, push=str(folder))
        finally:
            shutil.rmtree(folder)
        for push in judged:
            self._pushed(push)
        return _reply("receive-pack", "result", answer)

    def _inspect(
        self, full_name: str, commands: list[tuple[str, str, str]], pack: bytes, folder: Path
    ) -> list[Push]:
        """The pushes with commits and diff, from the objects unpacked beside the repository."""
        path = self.path(full_name)
        objects = folder / "objects"
        (objects / "pack").mkdir(parents=True)
        environment = git_environment() | {
            "GIT_DIR": str(path),
            "GIT_OBJECT_DIRECTORY": str(objects),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(path / "objects"),
        }
        if pack:
            run_git("index-pack", "--stdin", "--fix-thin", content=pack, environment=environment)
        return [
            _inspected(Push(full_name, ref, before, after), environment) for before, after, ref in commands
        ]


def parse_commands(body: bytes) -> tuple[list[tuple[str, str, str]], bytes]:
    """``(before, after, ref)`` of each command of a receive-pack request, and the pack behind them.

    Raises:
        ValueError: the request is not one.
    """
    commands, position = [], 0
    while length := int(body[position : position + 4], 16):
        line = body[position + 4 : position + length].partition(b"\0")[0].decode().rstrip("\n")
        position += length
        if not line.startswith("shallow "):
            before, after, ref = line.split(" ", 2)
            commands.append((before, after, ref))
    return commands, body[position + 4 :]


def split_git_path(path: str) -> tuple[str, str] | None:
    """Full name and action of ``/owner/name.git/info/refs`` and its like; None for any other path."""
    for action in ("info/refs", *_SERVICES):
        if path.endswith(f"/{action}"):
            full_name = path[: -len(action) - 1].strip("/").removesuffix(".git")
            parts = full_name.split("/")
            if len(parts) == 2 and all(part not in ("", ".", "..") for part in parts):
                return full_name, action
    return None


def _inspected(push: Push, environment: dict[str, str]) -> Push:
    if push.deletes:
        return push

    def git(*arguments: str) -> str:
        return run_git(*arguments, environment=environment)

    tip = git("rev-parse", f"{push.after}^{{}}")  # the commit behind an annotated tag
    base = push.before if not push.creates else _fork_point(tip, git)
    spread = [tip, "--not", base] if base else [tip]
    log = git("log", "-z", "--reverse", "--format=%H%x09%an%x09%ae%x09%B", *spread)
    shared = base and not push.creates and git("merge-base", "--all", base, tip).split()
    start = base or EMPTY_TREE
    files = tuple(git("diff", "--name-only", "--no-renames", start, tip).splitlines())
    return Push(
        push.repository, push.ref, push.before, push.after,
        commits=tuple(Commit(*entry.strip().split("\t", 3)) for entry in log.split("\0") if entry.strip()),
        diff=git("diff", start, tip)[:MAXIMUM_DIFF],
        files=files,
        changes=_changes(tip, files, git),
        forced=bool(base) and not push.creates and base not in (shared or []),
    )  # fmt: skip


def _changes(tip: str, files: tuple[str, ...], git: Callable[..., str]) -> dict[str, str | None]:
    changes: dict[str, str | None] = {}
    for name in files[:MAXIMUM_FILES]:
        if not git("ls-tree", "--name-only", "--full-tree", tip, "--", name):
            changes[name] = None
        elif int(git("cat-file", "-s", f"{tip}:{name}")) <= MAXIMUM_FILE:
            text = git("cat-file", "blob", f"{tip}:{name}")
            if "\0" not in text:
                changes[name] = text + "\n"
    return changes


def _fork_point(tip: str, git: Callable[..., str]) -> str:
    """Where a new branch leaves the branches that are there; empty if it shares nothing with them."""
    known = git("for-each-ref", "--format=%(objectname)", "refs/heads").split()
    new = git("rev-list", "--reverse", "--topo-order", tip, "--not", *known).split()
    if not new:
        return tip
    parents = git("rev-list", "--parents", "-n", "1", new[0]).split()[1:]
    return parents[0] if parents else ""


def _packet(text: str) -> bytes:
    return f"{len(text) + 4:04x}{text}".encode()


def _reply(command: str, kind: str, body: bytes) -> HttpResponse:
    content = f"application/x-git-{command}-{kind}"
    return HttpResponse(200, {"content-type": content, "cache-control": "no-cache"}, body)
