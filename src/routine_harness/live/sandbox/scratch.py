"""A scratch folder of one live session: made private, and always removed.

Ctrl-C and SIGTERM are turned into exceptions while one is open, so that removal runs.
"""

from __future__ import annotations

import itertools
import os
import signal
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

PREFIX = "routine-harness-"


class Terminated(SystemExit):
    """The harness was asked to end (SIGTERM, SIGHUP) while a live session was open."""


class Scratch:
    """The folders of one run, all shown inside: ``home`` alone may be written there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "home"
        self.clock = root / "clock"
        self.tools = root / "tools"
        for folder in (self.home, self.clock, self.tools):
            folder.mkdir()


@contextmanager
def scratch_folder(parent: Path | None = None) -> Iterator[Path]:
    """A fresh private folder, gone afterwards, also after Ctrl-C, SIGTERM and SIGHUP."""
    with ended_by_signal():
        root = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        try:
            yield root
        finally:
            remove_folder(root)


def remove_folder(root: Path) -> None:
    """Remove ``root``, also where its folders lie deep or a program took their permissions away.

    Every folder is moved to the top before it is emptied, so that no path is long and nothing recurses.
    """
    root.chmod(stat.S_IRWXU)
    top = Path(tempfile.mkdtemp(dir=root))
    numbers = itertools.count()
    with _opened(top) as above:
        with _opened(root) as folder:
            _empty(folder, above, numbers, kept=top.name)
        while folders := list(top.iterdir()):
            for each in folders:
                with _opened(each) as folder:
                    _empty(folder, above, numbers)
                each.rmdir()
    top.rmdir()
    root.rmdir()


def _empty(folder: int, above: int, numbers: Iterator[int], kept: str = "") -> None:
    """Remove the files of ``folder`` and move its folders into ``above``, under numbers."""
    with os.scandir(folder) as listed:
        entries = [entry for entry in listed if entry.name != kept]
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            os.chmod(entry.name, stat.S_IRWXU, dir_fd=folder)
            os.rename(entry.name, str(next(numbers)), src_dir_fd=folder, dst_dir_fd=above)
        else:
            os.unlink(entry.name, dir_fd=folder)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield folder
    finally:
        os.close(folder)


@contextmanager
def ended_by_signal() -> Iterator[None]:
    """Raise ``Terminated`` on SIGTERM and SIGHUP in the body; nothing outside the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _: FrameType | None) -> None:
        raise Terminated(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
