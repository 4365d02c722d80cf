"""How far long work has come, drawn on standard error and wiped away when the work is done.

A bar never shares a line with what a command prints: where standard output is a terminal as well, a
command that prints while it works draws no bar.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from routine_harness.cli.lines import echo_rendered
from routine_harness.cli.terminal import terminal_width

_CELLS: Final = 30
_WIPE: Final = "\r\x1b[K"
Item = TypeVar("Item")


class Bar:
    """``checking [######------] 3/12``; draws nothing unless ``shown``."""

    def __init__(self, label: str, total: int, *, shown: bool) -> None:
        self._label = label
        self._total = max(total, 1)
        self._done = 0
        self._shown = shown
        self._note = ""
        self._draw()

    def advance(self) -> None:
        """One more piece of work is done."""
        self._done += 1
        self._draw()

    def reach(self, done: int, note: str = "") -> None:
        """So much of the work is done; ``note`` stands in the place of the count."""
        self._done, self._note = done, note
        self._draw()

    def wipe(self) -> None:
        """Leave the line as it was before."""
        if self._shown:
            echo_rendered(_WIPE, nl=False, err=True)

    def _draw(self) -> None:
        if not self._shown:
            return
        filled = "#" * min(_CELLS, _CELLS * self._done // self._total)
        line = f"{self._label} [{filled:-<{_CELLS}}] {self._note or f'{self._done}/{self._total}'}"[
            : terminal_width() - 1
        ]
        echo_rendered(f"{_WIPE}{line}", nl=False, err=True)


@contextmanager
def drawn_bar(label: str, total: int) -> Iterator[Bar]:
    """A bar for work during which nothing is printed."""
    bar = Bar(label, total, shown=sys.stderr.isatty())
    try:
        yield bar
    finally:
        bar.wipe()


def _goes_elsewhere() -> bool:
    """Whether what is printed comes to no terminal: what reads a pipe may write to the same one."""
    return not (sys.stdout.isatty() or stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode))


def counted_off(items: Iterable[Item], label: str, total: int) -> Iterator[Item]:
    """``items`` one by one, for a command that prints between them: a bar only where its output goes
    elsewhere."""
    bar = Bar(label, total, shown=sys.stderr.isatty() and _goes_elsewhere())
    try:
        for item in items:
            yield item
            bar.advance()
    finally:
        bar.wipe()
