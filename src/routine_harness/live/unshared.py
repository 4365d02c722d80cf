"""The sandbox as ``unshare`` of util-linux begins it and a helper of ours completes it.

``unshare`` makes the namespaces; ``live.inside``, a program of its own, builds the same view as
bubblewrap does, opens the sockets, and stays as the first process.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, Final

from routine_harness.errors import AgentError
from routine_harness.live import inside
from routine_harness.live.contained import START_SECONDS, Contained, spawn
from routine_harness.live.view import USER, Program, view_of

PROGRAM: Final = "unshare"
NAMESPACES: Final = ("--user", "--map-root-user", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork")


def why_not() -> str:
    """Why ``unshare`` is not to be had here; empty if it works."""
    if shutil.which(PROGRAM) is None:
        return "unshare (util-linux) is not installed"
    try:
        contained = start(Program(("true",), {"PATH": "/usr/bin:/bin"}, "/"))
    except (AgentError, OSError) as error:
        said = error.problems[0].message if isinstance(error, AgentError) else str(error)
        return f"unshare failed: {said}"
    try:
        contained.release()
        code = contained.process.wait(START_SECONDS)
        return f"unshare failed: {contained.last_words() or code}" if code else ""
    except subprocess.TimeoutExpired:
        return f"what unshare started did not end within {START_SECONDS:.0f} seconds"
    finally:
        contained.end()


def start(program: Program, ports: Sequence[int] = ()) -> Contained:
    """Start ``program``, which waits for ``release``, with exactly ``ports`` open on its loopback.

    Raises:
        AgentError: it cannot be started.
    """
    ours, theirs = socket.socketpair()
    with ExitStack() as held, theirs, tempfile.TemporaryFile() as told:
        held.enter_context(ours)
        told.write(json.dumps(_told(program, ports)).encode())
        told.seek(0)
        helper = [sys.executable, "-I", "-S", inside.__file__, str(told.fileno()), str(theirs.fileno())]
        process = spawn(
            [PROGRAM, *NAMESPACES, "--", *helper],
            pass_fds=(told.fileno(), theirs.fileno()), environment={}, folder="/",
        )  # fmt: skip
        held.pop_all()
    contained = Contained(process, [], ours.detach())
    try:
        first, *listeners = _received(contained.gate, 1 + len(ports))
    except BaseException as error:
        said = contained.last_words()
        contained.end()
        if not isinstance(error, OSError | ValueError):
            raise
        raise AgentError.at("", 0, f"the sandbox did not start: {said or error}") from error
    contained.watch(first)
    contained.listeners = [socket.socket(fileno=descriptor) for descriptor in listeners]
    return contained


def _told(program: Program, ports: Sequence[int]) -> dict[str, Any]:
    """What the helper reads: see ``live.inside``."""
    return {
        "view": view_of(program.mounts), "hostname": program.hostname, "ports": list(ports), "user": USER,
        "arguments": program.arguments, "environment": dict(program.environment), "folder": program.folder,
    }  # fmt: skip


def _received(channel: int, count: int) -> list[int]:
    """The descriptors that the helper hands out when all stands: its own process, then its sockets."""
    with socket.fromfd(channel, socket.AF_UNIX, socket.SOCK_STREAM) as copy:
        copy.settimeout(START_SECONDS)
        try:
            _, descriptors, _, _ = socket.recv_fds(copy, 1, count, socket.MSG_CMSG_CLOEXEC)
        finally:
            copy.settimeout(None)  # a descriptor and its copy share it
    if len(descriptors) != count:
        raise ValueError("it ended while it was built up")
    return descriptors
