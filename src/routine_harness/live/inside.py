"""Completes a sandbox from within the namespaces that ``unshare`` has made, and is its first process.

Run as a program of its own: ``unshare … python -I -S inside.py DESCRIPTION CHANNEL``, two descriptors.
It reads the description (JSON: ``view``, ``hostname``, ``ports``, ``user``, ``arguments``,
``environment``, ``folder``), builds the view, and sends a descriptor of itself and the listening
sockets over the channel. A byte lets the program begin; when the channel closes, all ends. Standard
library alone, and everything imported at once: once the view stands, the library is out of reach.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import select
import signal
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_CLONE_NEWCGROUP, _CLONE_NEWUSER = 0x02000000, 0x10000000
_RDONLY, _NOSUID, _NODEV, _NOEXEC = 1, 2, 4, 8
_REMOUNT, _BIND, _REC, _PRIVATE = 32, 4096, 16384, 1 << 18
_KEPT = {"ro": _RDONLY, "nosuid": _NOSUID, "nodev": _NODEV, "noexec": _NOEXEC}
_DETACH = 2
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1
_CAPABILITY_DROP, _NO_NEW_PRIVILEGES, _AMBIENT, _CLEAR_ALL = 24, 38, 47, 4
_CAPABILITIES = struct.pack("<Ii", 0x20080522, 0)
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_LINKS = {"stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2",
          "fd": "/proc/self/fd", "core": "/proc/kcore", "ptmx": "pts/ptmx"}  # fmt: skip

OLD, NEW = Path("/old"), Path("/new")
_libc = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> None:
    """Turn a failed system call into an error that says what failed."""
    if result:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def mount(source: object, target: object, kind: str = "", flags: int = 0, data: str = "") -> None:
    words = [str(word).encode() if word else None for word in (source, target, kind)]
    check(_libc.mount(*words, ctypes.c_ulong(flags), data.encode() or None), f"cannot mount {target}")


def pivot(new: str, old: str) -> None:
    check(_libc.pivot_root(new.encode(), old.encode()), "cannot change the root")


def build_view(steps: list[list[str]]) -> None:
    """A root of our own from ``steps``; this machine's is gone afterwards."""
    mount("none", "/", flags=_REC | _PRIVATE)
    mount("tmpfs", "/tmp", "tmpfs", _NOSUID | _NODEV, "mode=0755")  # noqa: S108 - only to stand on
    os.chdir("/tmp")  # noqa: S108
    for folder in (OLD, NEW):
        Path(folder.name).mkdir()
    pivot(".", OLD.name)
    os.chdir("/")
    mount(NEW, NEW, flags=_BIND | _REC)
    for kind, *words in steps:
        _STEPS[kind](*words)
    check(_libc.umount2(str(OLD).encode(), _DETACH), "cannot let go of the old root")
    os.chdir(NEW)
    pivot(".", ".")  # the old one comes to lie above the new one
    check(_libc.umount2(b".", _DETACH), "cannot let go of the old root")
    os.chdir("/")


def bind(source: str, target: str, *, readonly: int = 0) -> None:
    """Show ``source`` of the old root at ``target``, whatever is mounted below it included."""
    _bind(OLD / source.lstrip("/"), _inside(target), readonly, _NODEV)


def _bind(source: Path, place: Path, readonly: int, nodev: int) -> None:
    if source.is_dir():
        place.mkdir(parents=True, exist_ok=True)
    elif not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    mount(source, place, flags=_BIND | _REC)
    for point, kept in _mounts_below(place):
        try:
            mount("none", point, flags=_REMOUNT | _BIND | _NOSUID | readonly | nodev | kept)
        except PermissionError:
            if point == place or os.access(point, os.X_OK):
                raise  # what nobody inside can enter needs no protection


def _mounts_below(place: Path) -> Iterator[tuple[Path, int]]:
    """What is mounted at ``place`` and below, and the flags that cannot be taken from it."""
    for line in os.fsdecode((OLD / "proc/self/mountinfo").read_bytes()).splitlines():
        fields = line.split(" ")
        point = Path(_plain(fields[4]))
        if point == place or place in point.parents:
            yield point, sum(_KEPT.get(option, 0) for option in fields[5].split(","))


def _plain(path: str) -> str:
    """A path as the kernel's list of mounts writes it: some characters are in octal."""
    for code, character in (("040", " "), ("011", "\t"), ("012", "\n"), ("134", "\\")):
        path = path.replace(f"\\{code}", character)
    return path


def _inside(target: str) -> Path:
    return NEW / target.lstrip("/")


def _symlink(to: str, path: str) -> None:
    _inside(path).symlink_to(to)


def _directory(path: str) -> None:
    _inside(path).mkdir(parents=True, exist_ok=True)


def _memory(path: str) -> None:
    _directory(path)
    mount("tmpfs", _inside(path), "tmpfs", _NOSUID | _NODEV, "mode=1777")


def _processes(path: str) -> None:
    _directory(path)
    mount("proc", _inside(path), "proc", _NOSUID | _NODEV | _NOEXEC)


def _devices(path: str) -> None:
    _directory(path)
    place = _inside(path)
    mount("tmpfs", place, "tmpfs", _NOSUID | _NODEV, "mode=0755")
    for name in _DEVICES:  # they can be written to all the same, but not be given other rights
        _bind(OLD / "dev" / name, place / name, _RDONLY, 0)
    for name, to in _LINKS.items():
        (place / name).symlink_to(to)
    (place / "shm").mkdir()
    (place / "shm").chmod(0o1777)
    (place / "pts").mkdir()
    mount("devpts", place / "pts", "devpts", _NOSUID | _NOEXEC, "newinstance,ptmxmode=0666,mode=620")


_STEPS: dict[str, Any] = {
    "bind": bind, "ro-bind": lambda source, target: bind(source, target, readonly=_RDONLY),
    "symlink": _symlink, "dir": _directory, "tmpfs": _memory, "proc": _processes, "dev": _devices,
}  # fmt: skip


def raise_loopback() -> None:
    """The one interface, up; its address comes with it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = fcntl.ioctl(any_socket, _GET_FLAGS, struct.pack("16s24x", b"lo"))
        flags = struct.unpack_from("H", asked, 16)[0] | _UP
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH22x", b"lo", flags))


def hide_arguments() -> None:
    """What this process was started with names folders of the user's, and all inside may read it."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[45]), int(fields[46])
    ctypes.memset(start, 0, end - start)


def drop_capabilities() -> None:
    """No capability from now on, and none that a program could gain."""
    number = 0
    while _libc.prctl(_CAPABILITY_DROP, number, 0, 0, 0) == 0:
        number += 1
    _libc.prctl(_AMBIENT, _CLEAR_ALL, 0, 0, 0)
    check(_libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "cannot give up privileges")
    check(_libc.capset(_CAPABILITIES, bytes(24)), "cannot drop capabilities")


def become(told: dict[str, Any]) -> None:
    """Be an ordinary user with no power over these namespaces, and then the program; does not return."""
    os.setsid()
    check(_libc.unshare(_CLONE_NEWUSER), "cannot become an ordinary user")
    for name, line in (("setgroups", "deny"), ("uid_map", "{} 0 1"), ("gid_map", "{} 0 1")):
        Path(f"/proc/self/{name}").write_text(line.format(told["user"]))
    drop_capabilities()
    os.chdir(told["folder"])
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    program, *_ = told["arguments"]
    try:
        os.execvpe(program, told["arguments"], told["environment"])  # noqa: S606 - what this is for
    except OSError as error:
        raise OSError(error.errno, f"cannot start {program}: {error.strerror}") from error


def supervise(child: int, channel: socket.socket, woken: int) -> int:
    """Collect whatever ends until ``child`` does, or until the harness is gone; the exit code."""
    while True:
        ready, _, _ = select.select([channel.fileno(), woken], [], [])
        if channel.fileno() in ready and not channel.recv(1):
            return 1
        with contextlib.suppress(BlockingIOError):
            os.read(woken, 4096)
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                if found[0] == child:
                    code = os.waitstatus_to_exitcode(found[1])
                    return 128 - code if code < 0 else code


def main(description: int, descriptor: int) -> int:
    """Build up, let the program run, end with it; see the module."""
    with os.fdopen(description, "rb") as file:
        told = json.load(file)
    channel = socket.socket(fileno=descriptor)
    channel.set_inheritable(False)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    hide_arguments()
    _libc.unshare(_CLONE_NEWCGROUP)  # where the kernel has it
    before = os.umask(0o022)
    build_view(told["view"])
    os.umask(before)
    socket.sethostname(told["hostname"])
    raise_loopback()
    listeners = [socket.create_server(("127.0.0.1", port), backlog=128) for port in told["ports"]]
    handed = [os.pidfd_open(os.getpid()), *(listener.fileno() for listener in listeners)]
    socket.send_fds(channel, [b"."], handed)
    for each in listeners:
        each.close()
    if not channel.recv(1):
        return 1
    woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    child = os.fork()
    if not child:
        become(told)
    drop_capabilities()
    return supervise(child, channel, woken)


if __name__ == "__main__":
    try:
        code = main(int(sys.argv[1]), int(sys.argv[2]))
    except BaseException as error:  # noqa: BLE001 - whatever it is, one line says so
        sys.stderr.write(f"{getattr(error, 'strerror', None) or error}\n")
        sys.stderr.flush()
        code = 1
    os._exit(code)
