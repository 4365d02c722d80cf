"""What the programs of a sandbox may use, and the part of it that the kernel holds for us.

The kernel bounds each program (open files, the size of a file, and how many run, save for the superuser)
and each folder that lies in memory. What all programs use together is measured from outside
(``meter``): no limit of the kernel's for that works both for the superuser and for everybody else.
"""

from __future__ import annotations

import os
import re
import resource
from dataclasses import dataclass
from typing import Final

MIB: Final = 1 << 20
GIB: Final = 1 << 30
SHARE: Final = 0.75
"""How much of this machine's memory a sandbox may use at most."""

_SAID: Final = {
    "File size limit exceeded": "file_size", "File too large": "file_size",
    "Too many open files": "open_files", "No space left on device": "folder",
    "Cannot allocate memory": "memory", "fork: retry: Resource temporarily unavailable": "tasks",
}  # fmt: skip
"""How programs report the kernel's refusal, and which limit may be behind it."""
_WORDS: Final = re.compile(rf"(?:: |\] |\d +)({'|'.join(map(re.escape, _SAID))})")
_NAMES: Final = {
    "file_size": "the size of a file", "open_files": "open files of a program", "memory": "memory",
    "folder": "a folder in memory", "tasks": "processes and threads",
}  # fmt: skip


def _memory() -> int:
    """The platform's 16 GiB, or what this machine can spare."""
    here = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(16 * GIB, int(here * SHARE))


@dataclass(frozen=True)
class Limits:
    """The limits of one sandbox, in bytes and numbers.

    ``tasks`` are processes and threads; ``disk`` is what the home may come to; ``folder`` is the size of
    each folder in memory (``/tmp``, ``/var``, ``/run``, ``/dev/shm``); ``space`` bounds the addresses of
    one program where it is set.
    """

    tasks: int = 4096
    memory: int = _memory()
    file_size: int = 8 * GIB
    open_files: int = 16384
    disk: int = 30 * GIB
    folder: int = _memory() // 4
    space: int = 0

    def impose(self, pid: int) -> None:
        """Let the kernel hold each program's limits, for ``pid`` and all that it starts."""
        kinds = [
            (resource.RLIMIT_NPROC, self.tasks),
            (resource.RLIMIT_FSIZE, self.file_size),
            (resource.RLIMIT_NOFILE, self.open_files),
            (resource.RLIMIT_CORE, 0),
        ]
        for kind, most in kinds + ([(resource.RLIMIT_AS, self.space)] if self.space else []):
            _, hard = resource.prlimit(pid, kind)
            least = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.prlimit(pid, kind, (least, least))

    def said(self, text: str) -> str:
        """Which limit the output of a program speaks of, in words; empty for none."""
        found = _WORDS.search(text)
        if found is None:
            return ""
        name = _SAID[found.group(1)]
        return f"{found.group(1)!r}: the limit of {_NAMES[name]} is {amount(getattr(self, name))}"


LIMITS: Final = Limits()


def amount(number: int) -> str:
    """A number as people read it, in the largest unit that it has."""
    for unit, name in ((GIB, "GiB"), (MIB, "MiB")):
        if number >= unit:
            return f"{number / unit:.4g} {name}"
    return f"{number:,}"
