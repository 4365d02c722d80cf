"""Several files written, or none: what was there before comes back where the writing fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from routine_harness.store.files import remove_file, write_bytes


@contextmanager
def restoring(paths: Iterable[Path]) -> Iterator[None]:
    """Run the body; where it fails, ``paths`` are as they were."""
    before = {path: path.read_bytes() if path.is_file() else None for path in paths}
    try:
        yield
    except BaseException:
        for path, held in before.items():
            if held is not None:
                write_bytes(path, held)
            else:
                remove_file(path)
        raise
