"""How far long work has come: rich's bar on standard error, wiped away when the work is done.

A bar never shares a line with what a command prints: where standard output is a terminal as well, a
command that prints while it works draws no bar.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

import click

from routine_harness.cli.terminal import terminal_width

if TYPE_CHECKING:
    from rich.progress import Progress

_CELLS: Final = 30
Item = TypeVar("Item")


class Bar:
    """``checking ━━━━━━ 3/12``; draws nothing without a ``progress``."""

    def __init__(self, label: str, total: int, progress: Progress | None) -> None:
        self._total = total
        self._done = 0
        self._progress = progress
        if progress is not None:
            self._task = progress.add_task(label, total=max(total, 1), note=f"0/{total}")
            progress.refresh()

    def advance(self) -> None:
        """One more piece of work is done."""
        self.reach(self._done + 1)

    def reach(self, done: int, note: str = "") -> None:
        """So much of the work is done; ``note`` stands in the place of the count."""
        self._done = done
        if self._progress is not None:
            note = note or f"{done}/{self._total}"
            self._progress.update(self._task, completed=done, note=note, refresh=True)


@contextmanager
def drawn_bar(label: str, total: int) -> Iterator[Bar]:
    """A bar for work during which nothing is printed."""
    if not sys.stderr.isatty():
        yield Bar(label, total, None)
        return
    with _rich_progress() as progress:
        yield Bar(label, total, progress)


def counted_off(items: Iterable[Item], label: str, total: int) -> Iterator[Item]:
    """``items`` one by one, for a command that prints between them: a bar only where its output goes
    elsewhere."""
    if not (sys.stderr.isatty() and _goes_elsewhere()):
        yield from items
        return
    with drawn_bar(label, total) as bar:
        for item in items:
            yield item
            bar.advance()


def _goes_elsewhere() -> bool:
    """Whether what is printed comes to no terminal: what reads a pipe may write to the same one."""
    return not (sys.stdout.isatty() or stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode))


def _rich_progress() -> Progress:
    # Imported here: 45 ms, which only who watches pays.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    context = click.get_current_context(silent=True)
    no_colour = True if context is not None and context.color is False else None
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(_CELLS),
        TextColumn("{task.fields[note]}", markup=False),
        console=Console(stderr=True, width=terminal_width(), no_color=no_colour),
        transient=True,
        auto_refresh=False,  # a thread that draws would run while processes are forked
        redirect_stdout=False,
        redirect_stderr=False,
    )
