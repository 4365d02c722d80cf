"""The sandbox as bubblewrap makes it; the sockets that listen inside are opened by a helper of ours."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from typing import Final

from routine_harness.errors import AgentError
from routine_harness.live import netns
from routine_harness.live.contained import START_SECONDS, Contained, spawn
from routine_harness.live.view import USER, Program, Step, view_of

PROGRAM: Final = "bwrap"


def why_not() -> str:
    """Why there is no bubblewrap to be had here; empty if it works."""
    program = shutil.which(PROGRAM)
    if program is None:
        return "bubblewrap (bwrap) is not installed"
    try:
        tried = subprocess.run(  # noqa: S603 - our own arguments
            [program, *_namespaces("routine"), *_options(view_of(())), "true"],
            capture_output=True, text=True, timeout=START_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bwrap does not start: {error}"
    return "" if tried.returncode == 0 else f"bwrap failed: {tried.stderr.strip() or tried.returncode}"


def start(program: Program, ports: Sequence[int] = ()) -> Contained:
    """Start ``program``, which waits for ``release``, with exactly ``ports`` open on its loopback.

    Raises:
        AgentError: it cannot be started.
    """
    information, told = os.pipe()
    waiting, gate = os.pipe()
    try:
        with tempfile.TemporaryFile() as options:
            options.write("\0".join(_told(program, told, waiting)).encode() + b"\0")
            options.seek(0)
            process = spawn(
                [PROGRAM, "--args", str(options.fileno()), "--", *program.arguments],
                pass_fds=(options.fileno(), told, waiting), environment={}, folder="/",
            )  # fmt: skip
    except BaseException:
        os.close(information)
        os.close(gate)
        raise
    finally:
        os.close(told)
        os.close(waiting)
    contained = Contained(process, [], gate)
    try:
        with os.fdopen(information, "rb") as told_by_it:
            pid = _first_process(told_by_it.read())
        contained.watch(os.pidfd_open(pid))
        contained.listeners = _listen_inside(pid, ports) if ports else []
    except (AgentError, OSError) as error:
        said = contained.last_words()
        contained.end()
        if isinstance(error, AgentError) and not said:
            raise
        raise AgentError.at("", 0, f"the sandbox did not start: {said or error}") from error
    except BaseException:
        contained.end()
        raise
    return contained


def _namespaces(hostname: str) -> list[str]:
    """Options for namespaces of its own, an ordinary user and no capability."""
    return ["--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts",
            "--unshare-cgroup-try", "--uid", str(USER), "--gid", str(USER), "--hostname", hostname,
            "--cap-drop", "ALL", "--die-with-parent", "--new-session"]  # fmt: skip


def _options(view: Iterable[Step]) -> list[str]:
    """The steps of a view as bubblewrap's options."""
    options: list[str] = []
    for kind, *words in view:
        options += ["--perms", "1777"] if kind == "tmpfs" else []
        options += [f"--{kind}", *words]
    return options


def _told(program: Program, told: int, waiting: int) -> list[str]:
    options = [*_namespaces(program.hostname), *_options(view_of(program.mounts)), "--clearenv"]
    options += ["--info-fd", str(told), "--block-fd", str(waiting), "--chdir", program.folder]
    for name, value in sorted(program.environment.items()):
        options += ["--setenv", name, value]
    return options


def _first_process(information: bytes) -> int:
    try:
        return int(json.loads(information)["child-pid"])
    except (ValueError, KeyError, TypeError) as error:
        raise AgentError.at("", 0, f"the sandbox did not start: it said {information!r}") from error


def _listen_inside(pid: int, ports: Sequence[int]) -> list[socket.socket]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        try:
            helper = subprocess.run(  # noqa: S603 - our own arguments
                [sys.executable, "-I", "-S", netns.__file__, str(pid), str(theirs.fileno()),
                 *map(str, ports)],
                pass_fds=(theirs.fileno(),), capture_output=True, text=True, timeout=START_SECONDS,
                check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            message = f"cannot listen inside the sandbox within {START_SECONDS:.0f} seconds"
            raise AgentError.at("", 0, message) from error
        if helper.returncode:
            said = helper.stderr.strip().splitlines() or ["no reason given"]
            raise AgentError.at("", 0, f"cannot listen inside the sandbox: {said[-1]}")
        _, descriptors, _, _ = socket.recv_fds(ours, 1, len(ports))
    return [socket.socket(fileno=descriptor) for descriptor in descriptors]
