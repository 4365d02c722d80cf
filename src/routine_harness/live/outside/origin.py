"""``origin``: a bare repository per repository of the routine, served from outside the sandbox.

The agent reaches it by git's own HTTP protocol alone, so its hooks and configuration are out of
reach. Every push is unpacked and looked at before it is taken: a rule decides, and commits and
diff are kept either way. Git works in a sandbox of its own over what a client has sent.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import msgspec

from routine_harness.live.outside.egress import HttpRequest, HttpResponse
from routine_harness.live.outside.git_program import ZERO, Git, GitError
from routine_harness.live.outside.inspection import Inspection
from routine_harness.live.outside.push import Command, Push, Refuse, parse_commands
from routine_harness.live.sandbox.scratch import remove_folder
from routine_harness.report.text import one_line
from routine_harness.store.interactions import TooLargeError, inflated

_SERVICES: Final = ("git-upload-pack", "git-receive-pack")
_PROTOCOL: Final = re.compile(r"[\w=:.-]{1,100}\Z", re.ASCII)
_NOT_TAKEN: Final = "git did not take it"
_MAXIMUM_REASON: Final = 250


class Origins:
    """The bare repositories of a session, by full name."""

    def __init__(self, folder: Path, git: Git, refuse: Refuse, pushed: Callable[[Push], None]) -> None:
        """``git`` is how git works over what a client has sent."""
        self.folder = folder
        self.git = git
        self._refuse = refuse
        self._pushed = pushed

    def path(self, full_name: str) -> Path:
        return self.folder / f"{full_name}.git"

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request of git's smart HTTP protocol."""
        found = split_git_path(request.path)
        if found is None or not self.path(found[0]).is_dir():
            return HttpResponse(404, {"content-type": "text/plain"}, b"Repository not found.\n")
        full_name, action = found
        protocol = request.headers.get("git-protocol", "")
        protocol = protocol if _PROTOCOL.match(protocol) else ""
        if action == "info/refs":
            service = parse_qs(urlsplit(request.url).query).get("service", [""])[0]
            return self._advertise(full_name, service, protocol)
        try:
            body = _body(request)
        except TooLargeError:
            raise  # a finding, and not an answer alone
        except ValueError as error:
            return self._malformed(full_name, str(error))
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
        self, full_name: str, command: str, body: bytes, protocol: str, *options: str, refused: str = ""
    ) -> bytes:
        environment = {"GIT_PROTOCOL": protocol, "ROUTINE_REFUSED": refused}
        return self.git.output(
            self.path(full_name), command, "--stateless-rpc", *options, ".",
            content=body, environment=environment, strict=False,
        )  # fmt: skip

    def _receive(self, full_name: str, body: bytes, protocol: str) -> HttpResponse:
        try:
            commands, pack = parse_commands(body)
            seen = self._inspect(full_name, commands, pack)
        except (ValueError, GitError) as error:
            said = error.problems[0].message if isinstance(error, GitError) else str(error)
            return self._malformed(full_name, said)
        judged = [msgspec.structs.replace(push, refused=self._refuse(push)) for push in seen]
        refused = [
            f"{push.ref} {one_line(push.refused)[:_MAXIMUM_REASON]}" for push in judged if push.refused
        ]
        answer = self._serve(full_name, "receive-pack", body, protocol, refused="\n".join(refused))
        for push in self._settled(full_name, judged, answer):
            self._pushed(push)
        return _reply("receive-pack", "result", answer)

    def _malformed(self, full_name: str, said: str) -> HttpResponse:
        refused = f"malformed push: {said}"
        self._pushed(Push(full_name, malformed=said, refused=refused))
        return HttpResponse(400, {"content-type": "text/plain"}, f"{refused}\n".encode())

    def _inspect(self, full_name: str, commands: list[Command], pack: bytes) -> list[Push]:
        """The pushes with commits and diff, from the objects unpacked beside the repository."""
        if not commands:
            return []
        quarantine = Path(tempfile.mkdtemp(prefix="push-", dir=self.folder))
        try:
            inspection = Inspection(self.git, self.path(full_name), quarantine)
            inspection.unpack(pack)
            return [inspection.look(full_name, command) for command in commands]
        finally:
            remove_folder(quarantine)

    def _settled(self, full_name: str, judged: list[Push], answer: bytes) -> list[Push]:
        """The pushes as they came out: a ref that is not where it should be was not taken by git."""
        if not judged:
            return []
        tips = self.git.tips(self.path(full_name))
        return [
            push if push.refused or tips.get(push.ref, ZERO) == push.after
            else msgspec.structs.replace(push, refused=_why_not_taken(push.ref, answer))
            for push in judged
        ]  # fmt: skip


def _body(request: HttpRequest) -> bytes:
    """The body, unpacked where it is compressed."""
    compressed = request.headers.get("content-encoding") == "gzip"
    return inflated(request.body, "gzip") if compressed else request.body


def _why_not_taken(ref: str, answer: bytes) -> str:
    """What git reports of a ref that it has not taken."""
    found = re.search(rb"ng " + re.escape(ref.encode()) + rb" ([^\n]*)", answer)
    return f"{_NOT_TAKEN}: {found[1].decode(errors='replace')}" if found else _NOT_TAKEN


def split_git_path(path: str) -> tuple[str, str] | None:
    """Full name and action of ``/owner/name.git/info/refs`` and its like; None for any other path."""
    for action in ("info/refs", *_SERVICES):
        if path.endswith(f"/{action}"):
            full_name = path[: -len(action) - 1].strip("/").removesuffix(".git")
            parts = full_name.split("/")
            if len(parts) == 2 and all(part not in ("", ".", "..") for part in parts):
                return full_name, action
    return None


def _packet(text: str) -> bytes:
    return f"{len(text) + 4:04x}{text}".encode()


def _reply(command: str, kind: str, body: bytes) -> HttpResponse:
    content = f"application/x-git-{command}-{kind}"
    return HttpResponse(200, {"content-type": content, "cache-control": "no-cache"}, body)
