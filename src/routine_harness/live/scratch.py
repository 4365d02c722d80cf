"""A scratch folder of one live session: made private, removed whatever happens.

Ctrl-C and SIGTERM are turned into exceptions while one is open, so that removal runs.
"""

from __future__ import annotations

import os
import shutil
import signal
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType

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
    """Remove ``root``, also where a program inside took the permissions away from its folders."""
    shutil.rmtree(root, onerror=_retry)


def _retry(
    operation: Callable[..., object], path: str, _: tuple[type[BaseException], BaseException, TracebackType]
) -> None:
    parent = Path(path).parent
    for folder in (parent, Path(path)):
        if folder.is_dir() and not folder.is_symlink():
            folder.chmod(folder.stat().st_mode | stat.S_IRWXU)
    if operation is os.scandir or operation is os.open or operation is os.lstat:
        shutil.rmtree(path)
    else:
        operation(path)


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
