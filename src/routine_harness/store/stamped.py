"""What a file or folder was read as, kept until it changes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

Value = TypeVar("Value")
Stamp = tuple[int, int, int, int]


class Stamped(Generic[Value]):
    """Reads a path once for each state of it (device, file number, size, time of change).

    ``others`` names the further files that a value was read from; their states count as well.
    """

    __slots__ = ("_kept", "_others", "_read")

    def __init__(
        self, read: Callable[[str], Value], others: Callable[[Value], Iterable[str]] | None = None
    ) -> None:
        self._read = read
        self._others = others
        self._kept: dict[str, tuple[Stamp, Value, dict[str, Stamp | None]]] = {}

    def get(self, path: str) -> Value:
        """What ``path`` holds; errors of reading are never kept."""
        path = os.path.abspath(path)  # noqa: PTH100 - links are kept: messages name what was asked for
        stamp = _stamp(path)
        kept = self._kept.get(path)
        unchanged = kept is not None and stamp is not None and kept[0] == stamp
        if kept is not None and unchanged and all(_stamp(path) == was for path, was in kept[2].items()):
            return kept[1]
        value = self._read(path)
        if stamp is not None:
            others = self._others(value) if self._others is not None else ()
            self._kept[path] = (stamp, value, {other: _stamp(other) for other in others})
        return value


def _stamp(path: str) -> Stamp | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - called for every case
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
