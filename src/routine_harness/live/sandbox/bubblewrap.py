"""The sandbox as bubblewrap makes it, or why it does not and what would help.

The sockets that listen inside are opened by a helper of ours.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from routine_harness.errors import AgentError
from routine_harness.live.sandbox import netns
from routine_harness.live.sandbox.contained import START_SECONDS, Contained, spawn
from routine_harness.live.sandbox.limits import LIMITS
from routine_harness.live.sandbox.system_calls import system_call_filter
from routine_harness.live.sandbox.view import (
    USER,
    Program,
    device_table,
    fastened,
    needs_fastening,
    view_options,
)

PROGRAM: Final = "bwrap"

_APPARMOR: Final = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
_CLONE: Final = Path("/proc/sys/kernel/unprivileged_userns_clone")
_MOST: Final = Path("/proc/sys/user/max_user_namespaces")
_CONTAINERS: Final = (Path("/.dockerenv"), Path("/run/.containerenv"))


def why_not() -> tuple[str, str]:
    """What bubblewrap said that does not work here, and how to make it work; empty where it works."""
    program = shutil.which(PROGRAM)
    if program is None:
        return "bubblewrap (bwrap) is not installed", "apt-get install bubblewrap, or your system's like"
    with contextlib.ExitStack() as stack:
        calls = stack.enter_context(_memory(system_call_filter()))
        options = [*_namespaces("routine", calls), *view_options((), LIMITS)]
        words, descriptors = _command(program, ["--", "true"], stack, options)
        try:
            tried = subprocess.run(  # noqa: S603 - our own arguments
                words, pass_fds=(calls, *descriptors), capture_output=True, text=True,
                timeout=START_SECONDS, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"bwrap does not start: {error}", _remedy(str(error))
    if tried.returncode == 0:
        return "", ""
    said = tried.stderr.strip() or f"exit code {tried.returncode}"
    return f"bwrap failed: {said}", _remedy(said)


def _remedy(said: str) -> str:
    """How to make bubblewrap work where it says this."""
    if "Unknown option" in said:
        return "install bubblewrap 0.7 or newer"
    if any(path.exists() for path in _CONTAINERS):
        return (
            "in a container, start it with --security-opt seccomp=unconfined --security-opt"
            " apparmor=unconfined --security-opt systempaths=unconfined, so that bwrap may make namespaces"
            " and mount /proc"
        )
    if _setting(_APPARMOR) == "1":
        return (
            "AppArmor keeps ordinary users from namespaces: install its profile for bwrap"
            " (bwrap-userns-restrict of the package apparmor-profiles), or"
            " sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
        )
    if _setting(_CLONE) == "0":
        return "the kernel keeps ordinary users from namespaces: sysctl -w kernel.unprivileged_userns_clone=1"
    if _setting(_MOST) == "0":
        return "the kernel allows no user namespace: sysctl -w user.max_user_namespaces=10000"
    return "run `bwrap --unshare-all --ro-bind / / --proc /proc true` by hand until it succeeds"


def _setting(path: Path) -> str:
    """A setting of the kernel's; empty where this one has none of that name."""
    try:
        return path.read_text().strip()
    except OSError:
        return ""


@contextlib.contextmanager
def _memory(content: bytes) -> Iterator[int]:
    """The descriptor of a file that is read from its beginning."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        yield file.fileno()


def start(program: Program, ports: Sequence[int] = ()) -> Contained:
    """Start ``program``, which waits for ``release``, with exactly ``ports`` open on its loopback.

    Raises:
        AgentError: it cannot be started.
    """
    information, told = os.pipe()
    waiting, gate = os.pipe()
    try:
        with contextlib.ExitStack() as stack:
            calls = stack.enter_context(_memory(system_call_filter()))
            options = _told(program, told, waiting, calls)
            words, descriptors = _command(PROGRAM, ["--", *program.arguments], stack, options)
            inherited = (*descriptors, calls, told, waiting)
            process = spawn(words, inherited, {}, "/", converses=program.converses)
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
        program.limits.impose(pid)
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


def _namespaces(hostname: str, calls: int) -> list[str]:
    """Options for namespaces of its own, an ordinary user, no capability, and a filter of system calls,
    which the descriptor ``calls`` holds."""
    return ["--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts",
            "--unshare-cgroup-try", "--uid", str(USER), "--gid", str(USER), "--hostname", hostname,
            "--cap-drop", "ALL", "--die-with-parent", "--new-session", "--seccomp", str(calls)]  # fmt: skip


def _command(
    bubblewrap: str, arguments: Sequence[str], stack: contextlib.ExitStack, options: Sequence[str]
) -> tuple[list[str], tuple[int, ...]]:
    """The words that start bubblewrap, and the descriptors that it reads while ``stack`` is open."""
    told = stack.enter_context(
        _memory("".join(f"{word}\0" for word in options).encode(errors="surrogateescape"))
    )
    words = [shutil.which(bubblewrap) or bubblewrap, "--args", str(told), *arguments]
    if not needs_fastening():
        return words, (told,)
    table = stack.enter_context(_memory(device_table()))
    return fastened(words, table), (told, table)


def _told(program: Program, told: int, waiting: int, calls: int) -> list[str]:
    """All options.

    Raises:
        AgentError: one holds a NUL, where bubblewrap would read the next.
    """
    options = [
        *_namespaces(program.hostname, calls),
        *view_options(program.mounts, program.limits),
        "--clearenv",
    ]
    options += ["--info-fd", str(told), "--block-fd", str(waiting), "--chdir", program.folder]
    for name, value in sorted(program.environment.items()):
        options += ["--setenv", name, value]
    if odd := next((word for word in options if "\0" in word), ""):
        raise AgentError.at("", 0, f"the sandbox takes no word with a NUL in it: {odd!r}")
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
