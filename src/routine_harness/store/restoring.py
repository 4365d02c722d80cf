"""Several files written, or none: nothing is replaced unasked, and what was there before comes back where
the writing fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from routine_harness.errors import Problem, UsageError
from routine_harness.store.files import remove_file, shown, write_bytes


def refuse_replacing(paths: Iterable[Path], *, force: bool) -> None:
    """Refuse, all at once, the files that are there already.

    Raises:
        UsageError: some are, and ``force`` is not given.
    """
    there = [] if force else [path for path in paths if path.exists()]
    if there:
        hint = "--force replaces it"
        raise UsageError(*(Problem(shown(path), 0, "the file is there already", hint) for path in there))


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
