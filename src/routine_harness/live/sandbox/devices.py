"""The devices of a sandbox that the superuser starts: to be used, and not to be given other rights.

Whoever runs the harness as the superuser owns the machine's devices, inside the sandbox, too, and an
owner needs no capability to change their rights. Bubblewrap has no option against that: what it makes
read-only (``--remount-ro``) is no device any more. So they are made read-only before it takes them over.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_NAMES: Final = ("null", "zero", "full", "random", "urandom", "tty")
_FASTEN: Final = 'mount --all --fstab "$0" && exec env -i "$@"'


def needs_fastening() -> bool:
    """Whether the devices belong to the user who starts the sandbox."""
    return os.geteuid() == 0


def device_table() -> bytes:
    """The devices as ``mount`` reads them (``fstab``)."""
    paths = [path for path in (Path("/dev") / name for name in _NAMES) if path.exists()]
    return "".join(f"{path} {path} none bind,ro 0 0\n" for path in paths).encode()


def fastened(words: Sequence[str], table: int) -> list[str]:
    """The command ``words`` where the devices are read-only; the descriptor ``table`` holds their table."""
    namespaces = ["unshare", "--user", "--map-root-user", "--mount", "--"]
    return [*namespaces, "sh", "-c", _FASTEN, f"/proc/self/fd/{table}", *words]
