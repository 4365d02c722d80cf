"""What the programs of a sandbox may use, and what they do use.

The kernel bounds each program (open files, the size of a file, and for ordinary users how many run)
and each folder that lies in memory. What all programs use together is measured from outside while they run:
no limit of the kernel's for that works both for the superuser and for everybody else. More than the limits
sounds the alarm, and the run ends.
"""

from __future__ import annotations

import os
import re
import resource
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from routine_harness.finding import Severity
from routine_harness.live.sandbox.alarm import Alarm

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
METER_SECONDS: Final = 0.25
"""How often the use of all programs is measured."""
PART: Final = "the meter of the sandbox"
RESERVE: Final = GIB
"""What has to stay free of this machine's disk."""
FOLDERS: Final = ("tmp", "var", "run", "dev/shm")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_LONGEST: Final = 4000
_PROC: Final = Path("/proc")


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


def note_refusal(limits: Limits, text: str, alarm: Alarm) -> None:
    """Where a command's output speaks of a limit, that is a warning: the command may have gone on without."""
    if said := limits.said(text):
        alarm.exceeded(f"a command says {said}", severity=Severity.WARNING)


def amount(number: int) -> str:
    """A number as people read it, in the largest unit that it has."""
    for unit, name in ((GIB, "GiB"), (MIB, "MiB")):
        if number >= unit:
            return f"{number / unit:.4g} {name}"
    return f"{number:,}"


class Usage(NamedTuple):
    """What all programs use: processes and threads, bytes of memory, and the processes themselves."""

    tasks: int
    memory: int
    processes: tuple[int, ...]


class Meter:
    """Measures the programs below ``first``, and the folder ``home`` of theirs, until ``close``."""

    def __init__(self, first: int, home: Path, limits: Limits, alarm: Alarm) -> None:
        self._first = first
        self._home = home
        self._limits = limits
        self._alarm = alarm
        self._free = _free(home)
        self._most = min(limits.disk, max(self._free - RESERVE, self._free // 2))
        self._allowed = self._most
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._measure, name=PART, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop measuring; a last time what the home has come to."""
        self._ended.set()
        self._thread.join()

    def _measure(self) -> None:
        try:
            while not self._ended.wait(METER_SECONDS):
                self._look()
            self._check_disk()
        except Exception as error:  # noqa: BLE001 - it ends the run, which says so
            self._alarm.failed(PART, error)

    def _look(self) -> None:
        used = measure(self._first)
        limits = self._limits
        if used.tasks >= limits.tasks:  # the kernel lets an ordinary user have so many and no more
            self._exceeded(f"all of {limits.tasks:,} processes and threads ({used.tasks:,})")
        if used.memory > limits.memory:
            proper = sum(map(_proper, used.processes))  # what they share is counted once
            if proper > limits.memory:
                self._exceeded(f"more than {amount(limits.memory)} of memory ({amount(proper)})")
        for place in _full(used.processes):
            self._exceeded(f"more than {amount(limits.folder)} in /{place}")
        self._check_disk()

    def _check_disk(self) -> None:
        """The disk as a whole costs nothing to look at; the home is added up where that has shrunk."""
        free = _free(self._home)
        gone = self._free - free
        if gone <= self._allowed or self._alarm.reason:
            return
        size, whole = folder_size(self._home)
        if size > self._most or not whole:
            self._exceeded(f"more than {amount(self._most)} of disk ({amount(max(size, gone))})")
        self._free, self._allowed = free, max(self._most - size, 0)

    def _exceeded(self, what: str) -> None:
        self._alarm.exceeded(f"the programs of the run used {what}", ends=True)


def measure(first: int) -> Usage:
    """What the process ``first`` and all below it use; what they share is counted by each."""
    below: dict[int, list[tuple[int, int, int]]] = {}
    for pid, parent, threads, pages in _processes():
        below.setdefault(parent, []).append((pid, threads, pages))
    tasks = pages_used = 0
    found, waiting = [], [first]
    while waiting:
        for pid, threads, pages in below.pop(waiting.pop(), ()):
            tasks, pages_used = tasks + threads, pages_used + pages
            found.append(pid)
            waiting.append(pid)
    return Usage(tasks, pages_used * _PAGE, tuple(found))


def _processes() -> Iterator[tuple[int, int, int, int]]:
    """Every process with its parent, its threads and its pages in memory."""
    for entry in os.scandir(_PROC):
        if entry.name.isdecimal():
            try:
                text = Path(entry.path, "stat").read_text(errors="replace")
            except OSError:
                continue  # it has ended
            fields = text.rpartition(")")[2].split()
            yield int(entry.name), int(fields[1]), int(fields[17]), int(fields[21])


def _proper(pid: int) -> int:
    """The memory of a process, in which what several share is counted by its part."""
    try:
        text = (_PROC / str(pid) / "smaps_rollup").read_text()
    except OSError:
        return 0
    sizes = (line.split()[1] for line in text.splitlines() if line.startswith("Pss:"))
    return sum(map(int, sizes)) * 1024


def _full(processes: tuple[int, ...]) -> list[str]:
    """The folders in memory in which nothing is free, as one of the processes sees them."""
    for pid in reversed(processes):
        root = _PROC / str(pid) / "root"
        try:
            states = {place: os.statvfs(root / place) for place in FOLDERS}
        except OSError:
            continue  # it has ended, or sees no such folder
        return [place for place, state in states.items() if state.f_bavail == 0 and state.f_blocks]
    return []


def _free(folder: Path) -> int:
    state = os.statvfs(folder)
    return state.f_bavail * state.f_frsize


def folder_size(folder: Path) -> tuple[int, bool]:
    """The bytes on disk of everything in ``folder``, and whether that was all: what lies too deep, or is
    closed to us, is left out."""
    size, whole, waiting = 0, True, [str(folder)]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except FileNotFoundError:
            continue
        except OSError:
            whole = False
            continue
        for entry in entries:
            try:
                size += entry.stat(follow_symlinks=False).st_blocks * 512
                within = entry.is_dir(follow_symlinks=False)
            except OSError:
                continue
            if within and len(entry.path) < _LONGEST:
                waiting.append(entry.path)
            elif within:
                whole = False
    return size, whole
