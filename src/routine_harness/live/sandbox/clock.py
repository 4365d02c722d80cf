"""The world's clock as programs inside the sandbox see it.

The CLI is a JavaScript program: a module loaded before it shifts ``Date``. What the CLI starts
(shells, ``date``, git, hooks) gets libfaketime where the system has it; else a ``date`` on the PATH
and git's own variables stand in, and the report says that other programs see the real time.

Left to itself libfaketime makes a semaphore and a page of shared memory per process, named by its
id. The program that made them removes them at its end; programs that start just then fail with
``libfaketime: In ft_shm_init(), sem_open failed and recreation attempts failed`` in their output.
So it is given a pair of ours that nobody removes (see ``_SEMAPHORE``).
"""

from __future__ import annotations

import contextlib
import secrets
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from routine_harness.live.sandbox.sleep_library import sleep_library
from routine_harness.live.sandbox.view import Mount

LIBRARIES: Final = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib64/faketime/libfaketime.so.1",
    "/usr/lib/faketime/libfaketime.so.1",
)
FOLDER: Final = "/opt/clock"
_NOW: Final = "now"
_SLEEP: Final = "sleep.so"
_SHARED: Final = "routine_clock"
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - libfaketime's place
_SEMAPHORE: Final = struct.pack("<IIi20x", 1 << 30, 0, 128)
"""A semaphore as glibc keeps it: count, waiters, shared between processes. Nobody ever waits for one
that counts so high, also after programs were killed while they held it; what it guards (a count of
ticks, a place in a file of timestamps) is of no use to a clock that is read from a file."""
_PAGE: Final = bytes(128)
"""The shared page; zeros keep libfaketime from writing a start time into it."""

_PRELOAD: Final = """\
// Shifts the CLI's clock to the world's, and gives its children a clock of their own.
const Real = Date;
const offset = Number(process.env.ROUTINE_CLOCK) * 1000 - Real.now();
function World(...parts) {
  if (!new.target) return new Real(Real.now() + offset).toString();
  return Reflect.construct(Real, parts.length ? parts : [Real.now() + offset], new.target);
}
Object.setPrototypeOf(World, Real);
World.prototype = Real.prototype;
World.now = () => Real.now() + offset;
Real.prototype.constructor = World;
globalThis.Date = World;
delete process.env.BUN_OPTIONS;
delete process.env.ROUTINE_CLOCK;
if (process.env.ROUTINE_PRELOAD) {
  process.env.LD_PRELOAD = process.env.ROUTINE_PRELOAD;
  process.env.ROUTINE_CLI = process.execPath;
  process.execPath = process.env.ROUTINE_SEARCH;  // as what its shell functions know it
}
delete process.env.ROUTINE_SEARCH;
delete process.env.ROUTINE_PRELOAD;
"""

_SEARCH: Final = """\
#!/bin/bash
# The CLI's own grep, find and rg, which its shell functions run: libfaketime cannot be loaded into them.
unset LD_PRELOAD
case "$1 $2" in
  "-G --ignore-files") name=ugrep ;;
  "-S dfs") name=bfs ;;
  *) name=rg ;;
esac
exec -a "$name" "$ROUTINE_CLI" "$@"
"""

_DATE: Final = """\
#!/bin/sh
# date(1) on the world's clock.
for argument; do
  case "$argument" in
    -d* | --date* | -f* | --file* | -r* | --reference* | -s* | --set*) exec /bin/date "$@" ;;
  esac
done
exec /bin/date -d "$(cat {folder}/now)" "$@"
"""


@dataclass(frozen=True)
class ProgramClock:
    """How programs see the world's clock, and what has to be shown and set for it."""

    kind: str
    environment: Mapping[str, str]
    mounts: tuple[Mount, ...]
    folder: Path
    shared: str = ""
    """The name of the pair in this machine's own shared memory, where nothing can be mounted."""

    @contextlib.contextmanager
    def standing(self) -> Iterator[None]:
        """What programs share on this machine is there meanwhile, and gone afterwards."""
        pair = _pair(self.shared) if self.shared else {}
        try:
            for path, content in pair.items():
                path.touch(mode=0o600, exist_ok=False)
                path.write_bytes(content)
            yield
        finally:
            for path in pair:
                path.unlink(missing_ok=True)

    def set(self, instant: int) -> None:
        """Move the clock of programs that start from now on to ``instant`` (seconds, UTC)."""
        write_now(self.folder, instant, moving=self.kind == "libfaketime")


def program_clock(
    folder: Path, instant: int, *, inside: str = FOLDER, library: str | None = None
) -> ProgramClock:
    """Write what programs need into ``folder``, shown inside at ``inside``, and start at ``instant``.

    ``library`` is libfaketime's path; the system's own is looked for where it is None, and an
    empty text does without.
    """
    found = _library() if library is None else library
    (folder / "preload.js").write_text(_PRELOAD)
    write_now(folder, instant, moving=bool(found))
    mounts = [Mount(folder, inside)]
    environment = {
        "TZ": "UTC",
        "ROUTINE_CLOCK": str(instant),
        "BUN_OPTIONS": f"--preload={inside}/preload.js",
    }
    if not found:
        shim = folder / "date"
        shim.write_text(_DATE.format(folder=inside))
        shim.chmod(0o755)
        stamp = f"@{instant} +0000"
        environment |= {"GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp}
        return ProgramClock("date and git", environment, tuple(mounts), folder)
    sleeping = sleep_library()
    if sleeping:
        (folder / _SLEEP).write_bytes(sleeping)
        found = f"{inside}/{_SLEEP}:{found}"
    search = folder / "claude"
    search.write_text(_SEARCH)
    search.chmod(0o755)
    environment |= {
        "ROUTINE_PRELOAD": found,
        "ROUTINE_SEARCH": f"{inside}/claude",
        "FAKETIME_TIMESTAMP_FILE": f"{inside}/{_NOW}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
        "FAKETIME_DISABLE_SHM": "1",  # from 0.9.11 on it does without
    }
    if inside == FOLDER:
        mounts += _shared_memory(folder)
        environment["FAKETIME_SHARED"] = f"/{_SHARED} /{_SHARED}"
        return ProgramClock("libfaketime", environment, tuple(mounts), folder)
    shared = f"{_SHARED}_{secrets.token_hex(8)}" if _MEMORY.is_dir() else ""
    if shared:
        environment["FAKETIME_SHARED"] = f"/{shared} /{shared}"
    return ProgramClock("libfaketime", environment, tuple(mounts), folder, shared)


def write_now(folder: Path, instant: int, *, moving: bool) -> None:
    """The instant as libfaketime reads it (``@``: the clock runs on from there) or as ``date -d`` does."""
    text = datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%d %H:%M:%S")
    beside = folder / f".{_NOW}"
    beside.write_text(f"@{text}\n" if moving else f"{text} UTC\n")
    beside.replace(folder / _NOW)


def _library() -> str:
    return next((path for path in LIBRARIES if Path(path).exists()), "")


def _pair(name: str) -> dict[Path, bytes]:
    """The files of shared memory behind ``FAKETIME_SHARED``: a semaphore and a page, both ``name``."""
    return {_MEMORY / f"sem.{name}": _SEMAPHORE, _MEMORY / name: _PAGE}


def _shared_memory(folder: Path) -> list[Mount]:
    """The pair as mounts, which nobody inside can unlink."""
    mounts = []
    for path, content in _pair(_SHARED).items():
        (folder / path.name).write_bytes(content)
        mounts.append(Mount(folder / path.name, str(path), writable=True))
    return mounts
