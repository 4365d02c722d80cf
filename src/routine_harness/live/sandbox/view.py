"""What is shown inside of this machine: the system's programs, read-only, and nothing of anybody's.

A view is a list of steps, words each, as bubblewrap's options are: ``bind`` and ``ro-bind`` SOURCE
TARGET, ``symlink`` TO PATH, ``proc`` PATH, ``dev`` PATH, ``tmpfs`` PATH, ``dir`` PATH.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from routine_harness.live.sandbox.limits import LIMITS, Limits, Step

SYSTEM: Final = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
ETC: Final = ("alternatives", "ssl/openssl.cnf", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "mime.types",
              "magic", "protocols", "services", "bash.bashrc", "profile", "python3", "python3.11",
              "python3.12", "perl", "inputrc", "terminfo", "debian_version", "os-release")  # fmt: skip
KERNEL: Final = ("sys", "sysrq-trigger", "irq", "bus", "fs", "mtrr", "acpi", "scsi", "driver", "asound")
"""What of ``/proc`` is the whole machine's, and the superuser's to write without any capability."""
USER: Final = 1000
"""The user and the group that programs inside are."""


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


def view_of(mounts: Iterable[Mount]) -> list[Step]:
    """The system's programs and libraries with the few files of ``/etc`` that they need, then ``mounts``."""
    shown = [
        ("bind" if mount.writable else "ro-bind", str(mount.source.resolve()), mount.target)
        for mount in mounts
    ]
    return [*_system(), *shown]


def _system() -> list[Step]:
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
