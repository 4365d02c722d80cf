"""The sandbox of a live run: own filesystem view, processes and network; nothing of the user's.

Bubblewrap shows the system's programs read-only, an empty home and the workspace. The network has
loopback alone, and the sockets that listen there belong to the harness: they are opened inside the
namespace and handed out, so that no relay stands in between. Everything ends with the first process.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from routine_harness.errors import AgentError
from routine_harness.live import netns
from routine_harness.live.view import namespaces, system_view

START_SECONDS: Final = 20.0


@dataclass(frozen=True)
class Isolation:
    """What kept a live run in: ``bubblewrap``, or ``none`` where the user gave ``--unsafe``."""

    kind: Literal["bubblewrap", "none"]
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind} ({self.detail})" if self.detail else self.kind


@dataclass(frozen=True)
class Mount:
    """A path of this machine shown inside at ``target``; read-only unless ``writable``."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True)
class Program:
    """What to run inside: its arguments, its whole environment, its folder, what it may see."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    folder: str
    mounts: tuple[Mount, ...] = ()
    hostname: str = "routine"


def probe_isolation(*, unsafe: bool = False) -> Isolation:
    """The isolation to be had here.

    Raises:
        AgentError: there is none and ``unsafe`` does not say that a run may do without.
    """
    reason = _why_not()
    if not reason:
        return Isolation("bubblewrap", "own filesystem view, processes and network")
    if unsafe:
        return Isolation("none", f"--unsafe: {reason}")
    raise AgentError.at(
        "",
        0,
        f"a live run needs isolation, and there is none here: {reason}",
        "install bubblewrap and allow user namespaces, or accept the risk with --unsafe",
    )


def _why_not() -> str:
    if sys.platform != "linux":
        return f"bubblewrap exists on Linux alone, this is {sys.platform}"
    program = shutil.which("bwrap")
    if program is None:
        return "bubblewrap (bwrap) is not installed"
    try:
        tried = subprocess.run(  # noqa: S603 - our own arguments
            [program, *namespaces("routine"), *system_view(), "true"],
            capture_output=True, text=True, timeout=START_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"bwrap did not start within {START_SECONDS:.0f} seconds"
    return "" if tried.returncode == 0 else f"bwrap failed: {tried.stderr.strip() or tried.returncode}"


class Contained:
    """A program that stands ready inside its namespaces and begins with ``release``.

    ``listeners`` are sockets on the program's own loopback. ``end`` ends every process in it.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], listeners: list[socket.socket], gate: int = -1
    ) -> None:
        self.process = process
        self.listeners = listeners
        self._gate = gate
        self._first = -1

    def watch(self, pid: int) -> None:
        """Remember the first process of the namespace; when it is gone, so are all others."""
        self._first = os.pidfd_open(pid)

    def release(self) -> None:
        """Let the program begin; the servers on ``listeners`` should be up by now."""
        if self._gate >= 0:
            os.write(self._gate, b".")
            os.close(self._gate)
            self._gate = -1

    def end(self) -> None:
        """End every process of the sandbox at once; nothing happens where all have ended."""
        if self._gate >= 0:
            os.close(self._gate)
            self._gate = -1
        _end_group(self.process)
        if self._first >= 0:
            select.select([self._first], [], [], START_SECONDS)
            os.close(self._first)
            self._first = -1
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        for listener in self.listeners:
            listener.close()


def contain(program: Program, isolation: Isolation, ports: Sequence[int] = ()) -> Contained:
    """Start ``program``, which waits for ``release``; with pipes for its standard streams.

    ``ports`` are opened on its loopback: exactly these where it has a network of its own, any free
    ones without isolation (see ``free_listeners``, which has to come first there).

    Raises:
        AgentError: it cannot be started.
    """
    if isolation.kind == "none":
        raise ValueError("without isolation use start_exposed")
    information, told = os.pipe()
    waiting, gate = os.pipe()
    with tempfile.TemporaryFile() as options:
        options.write("\0".join(_options(program, told, waiting)).encode() + b"\0")
        options.seek(0)
        process = _spawn(
            ["bwrap", "--args", str(options.fileno()), "--", *program.arguments],
            pass_fds=(options.fileno(), told, waiting), environment={}, folder="/",
        )  # fmt: skip
    os.close(told)
    os.close(waiting)
    contained = Contained(process, [], gate)
    try:
        with os.fdopen(information, "rb") as told_by_it:
            pid = _first_process(told_by_it.read())
        contained.watch(pid)
        contained.listeners = _listen_inside(pid, ports) if ports else []
    except (AgentError, OSError) as error:
        said = _last_words(process)
        contained.end()
        if not said:
            raise
        raise AgentError.at("", 0, f"the sandbox did not start: {said}") from error
    except BaseException:
        contained.end()
        raise
    return contained


def start_exposed(program: Program, listeners: list[socket.socket]) -> Contained:
    """Start ``program`` without isolation, in a process group of its own."""
    process = _spawn(list(program.arguments), (), dict(program.environment), program.folder)
    return Contained(process, listeners)


def free_listeners(count: int) -> list[socket.socket]:
    """Listening sockets on free ports of this machine's own loopback."""
    return [socket.create_server(("127.0.0.1", 0), backlog=128) for _ in range(count)]


def _spawn(
    arguments: list[str], pass_fds: tuple[int, ...], environment: dict[str, str], folder: str
) -> subprocess.Popen[bytes]:
    program = shutil.which(arguments[0])
    if program is None:
        raise AgentError.at("", 0, f"cannot start {arguments[0]!r}: there is no such program")
    pipe = subprocess.PIPE
    return subprocess.Popen(  # noqa: S603 - our own arguments
        [program, *arguments[1:]], stdin=pipe, stdout=pipe, stderr=pipe, env=environment, cwd=folder,
        pass_fds=pass_fds, start_new_session=True,
    )  # fmt: skip


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the group that ``process`` leads; bubblewrap's own death ends all that it holds."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _first_process(information: bytes) -> int:
    try:
        return int(json.loads(information)["child-pid"])
    except (ValueError, KeyError, TypeError) as error:
        raise AgentError.at("", 0, f"the sandbox did not start: it said {information!r}") from error


def _last_words(process: subprocess.Popen[bytes]) -> str:
    """What a sandbox that has ended by itself complained of; empty while it stands."""
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        return ""
    assert process.stderr is not None  # noqa: S101
    return process.stderr.read().decode(errors="replace").strip()


def _listen_inside(pid: int, ports: Sequence[int]) -> list[socket.socket]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        helper = subprocess.run(  # noqa: S603 - our own arguments
            [sys.executable, "-I", "-S", netns.__file__, str(pid), str(theirs.fileno()), *map(str, ports)],
            pass_fds=(theirs.fileno(),), capture_output=True, text=True, timeout=START_SECONDS, check=False,
        )  # fmt: skip
        if helper.returncode:
            said = helper.stderr.strip().splitlines() or ["no reason given"]
            raise AgentError.at("", 0, f"cannot listen inside the sandbox: {said[-1]}")
        _, descriptors, _, _ = socket.recv_fds(ours, 1, len(ports))
    return [socket.socket(fileno=descriptor) for descriptor in descriptors]


def _options(program: Program, told: int, waiting: int) -> list[str]:
    options = [*namespaces(program.hostname), *system_view(), "--clearenv"]
    options += ["--info-fd", str(told), "--block-fd", str(waiting), "--chdir", program.folder]
    for name, value in sorted(program.environment.items()):
        options += ["--setenv", name, value]
    for mount in program.mounts:
        options += ["--bind" if mount.writable else "--ro-bind", str(mount.source), mount.target]
    return options
