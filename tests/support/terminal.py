"""A command on a pseudo-terminal of so many columns, and what stands on the screen at its end."""

from __future__ import annotations

import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from fcntl import ioctl
from pathlib import Path

PROGRAM = Path(sys.executable).parent / "routine-harness"
BAR = re.compile(r"\[[#=>. -]{8,}\]|[━╸╺]{4,}|\d+%\s*$")
"""A progress bar as click, rich or we draw it."""

_PIECE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|([\r\n\b])|([^\x1b\r\n\b]+)")


def on_terminal(
    command: Sequence[str | Path],
    folder: Path,
    *,
    columns: int = 80,
    environment: Mapping[str, str] | None = None,
    output: int | None = None,
) -> tuple[int, str]:
    """Exit code and raw output of ``command`` whose input, output and errors are a terminal.

    ``output`` is a file descriptor for standard output, where that is to be no terminal.
    """
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    child = subprocess.Popen(
        list(map(str, command)),
        cwd=folder,
        env={
            "PATH": f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "PYTHONPYCACHEPREFIX": os.environ["PYTHONPYCACHEPREFIX"],
            **(environment or {}),
        },
        stdin=theirs,
        stdout=theirs if output is None else output,
        stderr=theirs,
        close_fds=True,
    )
    os.close(theirs)
    raw = _everything(ours, child)
    os.close(ours)
    return child.wait(), raw.decode("utf-8", "replace")


def _everything(terminal: int, child: subprocess.Popen[bytes]) -> bytes:
    """What is written until nobody can write any more."""
    parts = []
    while True:
        ready, _, _ = select.select([terminal], [], [], 60)
        if not ready:
            child.kill()
            raise TimeoutError(f"nothing came from {child.args!r} in a minute")
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux says so when the last writer has gone
            return b"".join(parts)
        if not part:
            return b"".join(parts)
        parts.append(part)


def frames(raw: str) -> list[str]:
    """Every state that a line was in when the cursor left it or went back to its start."""
    return _drawn(raw)[0]


def screen(raw: str) -> list[str]:
    """The lines that stand there at the end."""
    return [row.rstrip() for row in _drawn(raw)[1]]


def _drawn(raw: str) -> tuple[list[str], list[str]]:
    """The frames and the rows of a screen that is high enough.

    Colours are dropped; erasing (``ESC [ K``), going up (``ESC [ A``) and going back (a bare return) are
    carried out.
    """
    shown, rows, row, at = list[str](), [""], 0, 0
    for code, letter, steer, text in _PIECE.findall(raw):
        line = rows[row]
        if text:
            rows[row] = line[:at].ljust(at) + text + line[at + len(text) :]
            at += len(text)
        elif letter == "K":
            rows[row] = "" if code == "2" else line[:at]
        elif letter == "A":
            shown.append(line)
            row = max(0, row - int(code or 1))
        elif steer == "\r":
            shown.append(line)
            at = 0
        elif steer == "\n":
            shown.append(line)
            row, at = row + 1, 0
            rows += [""] * (row == len(rows))
        elif steer == "\b":
            at = max(0, at - 1)
    return [*shown, rows[row]], rows


def mixed(raw: str) -> list[str]:
    """The lines that hold a bar and a text together, or a bar that was left standing."""
    steps = [line for line in frames(raw) if BAR.search(line)]
    labelled = re.compile(r"^\s*[\w-]+ *\S*(?:\[[#=>. -]{8,}\]|[━╸╺]+)[^\n]{0,40}$")
    standing = [line for line in screen(raw) if BAR.search(line)]
    return [line for line in steps if not labelled.match(line)] + standing
