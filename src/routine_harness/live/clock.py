"""The world's clock as programs inside the sandbox see it.

The CLI is a JavaScript program: a module loaded before it shifts ``Date``. What the CLI starts
(shells, ``date``, git, hooks) gets libfaketime where the system has it; else a ``date`` on the PATH
and git's own variables stand in, and the report says that other programs see the real time.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from routine_harness.live.sandbox import Mount

LIBRARIES: Final = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib64/faketime/libfaketime.so.1",
    "/usr/lib/faketime/libfaketime.so.1",
)
FOLDER: Final = "/opt/clock"
_NOW: Final = "now"
_SHARED: Final = "routine_clock"

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
if (process.env.ROUTINE_PRELOAD) process.env.LD_PRELOAD = process.env.ROUTINE_PRELOAD;
delete process.env.ROUTINE_PRELOAD;
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
    environment |= {
        "ROUTINE_PRELOAD": found,
        "FAKETIME_TIMESTAMP_FILE": f"{inside}/{_NOW}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }
    if inside == FOLDER:
        mounts += _shared_memory(folder)
        environment["FAKETIME_SHARED"] = f"/{_SHARED} /{_SHARED}"
    return ProgramClock("libfaketime", environment, tuple(mounts), folder)


def write_now(folder: Path, instant: int, *, moving: bool) -> None:
    """The instant as libfaketime reads it (``@``: the clock runs on from there) or as ``date -d`` does."""
    text = datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%d %H:%M:%S")
    beside = folder / f".{_NOW}"
    beside.write_text(f"@{text}\n" if moving else f"{text} UTC\n")
    beside.replace(folder / _NOW)


def _library() -> str:
    return next((path for path in LIBRARIES if Path(path).exists()), "")


def _shared_memory(folder: Path) -> list[Mount]:
    """libfaketime's semaphore and shared page, as mounts: a subshell that ends cannot unlink them,
    which is what breaks the programs after it otherwise."""
    (folder / "semaphore").write_bytes(struct.pack("<I28x", 1))
    (folder / "page").write_bytes(bytes(64))
    return [
        Mount(folder / "semaphore", f"/dev/shm/sem.{_SHARED}", writable=True),  # noqa: S108 - libfaketime's place
        Mount(folder / "page", f"/dev/shm/{_SHARED}", writable=True),  # noqa: S108 - libfaketime's place
    ]
