"""What programs inside see of this machine: the system's programs, read-only, and nothing of anybody's.

The devices of a sandbox that the superuser starts need more: whoever runs the harness as the superuser owns
them inside, too, and an owner needs no capability to change their rights. Bubblewrap has no option against
that: what it makes read-only (``--remount-ro``) is no device any more. So they are made read-only before it
takes them over.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from routine_harness.live.sandbox.limits import LIMITS, Limits

Step = tuple[str, ...]

SYSTEM: Final = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
ETC: Final = ("alternatives", "ssl/openssl.cnf", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "mime.types",
              "magic", "protocols", "services", "bash.bashrc", "profile", "python3", "python3.11",
              "python3.12", "perl", "inputrc", "terminfo", "debian_version", "os-release")  # fmt: skip
KERNEL: Final = ("sys", "sysrq-trigger", "irq", "bus", "fs", "mtrr", "acpi", "scsi", "driver", "asound")
"""What of ``/proc`` is the whole machine's, and the superuser's to write without any capability."""
USER: Final = 1000
"""The user and the group that programs inside are."""
_DEVICES: Final = ("null", "zero", "full", "random", "urandom", "tty")
_FASTEN: Final = 'mount --all --fstab "$0" && exec env -i "$@"'


@dataclass(frozen=True)
class Mount:
    """A path of this machine shown inside at ``target``; read-only unless ``writable``."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True)
class Program:
    """What to run inside: its arguments, its whole environment, its folder, what it may see.

    One that ``converses`` is asked and answers as long as it runs: its input is a socket, too.
    """

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    folder: str
    mounts: tuple[Mount, ...] = ()
    hostname: str = "routine"
    limits: Limits = LIMITS
    converses: bool = False


def view_options(mounts: Iterable[Mount], limits: Limits) -> Iterator[str]:
    """Bubblewrap's options for the system's programs and libraries with the few files of ``/etc`` that they
    need, then ``mounts``. Folders in memory have their size, and what is made around them cannot be written.
    """
    shown = [
        ("bind" if mount.writable else "ro-bind", str(mount.source.resolve()), mount.target)
        for mount in mounts
    ]
    for kind, *words in [*_system(), *shown]:
        if kind == "tmpfs":
            yield from ("--perms", "1777", "--size", str(limits.folder))
        yield from (f"--{kind}", *words)
    for place in ("/dev", "/"):
        yield from ("--remount-ro", place)


def _system() -> list[Step]:
    """Steps as bubblewrap has them: ``bind`` and ``ro-bind`` SOURCE TARGET, ``symlink`` TO PATH,
    ``proc`` PATH, ``dev`` PATH, ``tmpfs`` PATH, ``dir`` PATH."""
    view: list[Step] = [("ro-bind", "/usr", "/usr")]
    for path in map(Path, SYSTEM):
        if path.is_symlink():
            view.append(("symlink", str(path.readlink()), str(path)))
        elif path.is_dir():
            view.append(("ro-bind", str(path), str(path)))
    view += [("proc", "/proc"), ("dev", "/dev"), ("tmpfs", "/dev/shm"), ("tmpfs", "/tmp"),  # noqa: S108 - its own
             ("tmpfs", "/run"), ("tmpfs", "/var"), ("dir", "/var/tmp")]  # fmt: skip  # noqa: S108 - its own
    kernel = [f"/proc/{name}" for name in KERNEL if Path(f"/proc/{name}").exists()]
    view += [("ro-bind", path, path) for path in kernel]
    for name in ETC:
        path = Path("/etc") / name
        if path.exists():
            view.append(("ro-bind", str(path.resolve()), str(path)))
    return view


def needs_fastening() -> bool:
    """Whether the devices belong to the user who starts the sandbox."""
    return os.geteuid() == 0


def device_table() -> bytes:
    """The devices as ``mount`` reads them (``fstab``)."""
    paths = [path for path in (Path("/dev") / name for name in _DEVICES) if path.exists()]
    return "".join(f"{path} {path} none bind,ro 0 0\n" for path in paths).encode()


def fastened(words: Sequence[str], table: int) -> list[str]:
    """The command ``words`` where the devices are read-only; the descriptor ``table`` holds their table."""
    namespaces = ["unshare", "--user", "--map-root-user", "--mount", "--"]
    return [*namespaces, "sh", "-c", _FASTEN, f"/proc/self/fd/{table}", *words]
