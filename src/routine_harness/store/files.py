"""Reading and writing whole files: the one place where the disk is touched, with clear errors."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import platform
import stat
import tempfile
import zlib
from pathlib import Path
from typing import Final

from routine_harness.errors import Problem, SpecError, UsageError
from routine_harness.pattern import lazy_pattern
from routine_harness.routine.document import MAX_BYTES, Document, load_document, too_large
from routine_harness.routine.spec import Source

_UNFINISHED = lazy_pattern(r"\.([0-9a-f]{8})-(\d{1,9})-[^.]*\.tmp\Z")
"""The end of the name of a file that is being written: machine, process."""
_HINTS: Final = {
    errno.ELOOP: ("expected a file, found symbolic links in a circle", "mend the link"),
    errno.EACCES: ("the file cannot be read", "look at its permissions"),
    errno.EPERM: ("the file cannot be read", "look at its permissions"),
    errno.EISDIR: ("expected a file, found a folder", ""),
    errno.ENAMETOOLONG: ("expected a file, found a name that is too long", ""),
}


def shown(path: str | os.PathLike[str]) -> str:
    """``path`` as a message shows it: relative to the working directory if it is below it."""
    text = os.fspath(path)
    try:
        here = os.getcwd()  # noqa: PTH109 - called per file; a text is what is wanted
    except OSError:
        return text
    if not os.path.isabs(text):  # noqa: PTH117
        return text
    return text[len(here) + 1 :] if text.startswith(here + os.sep) else text


def read_bytes(path: str | os.PathLike[str], name: str = "", *, limit: int = MAX_BYTES) -> bytes:
    """The content of the regular file ``path``, which messages call ``name``.

    Raises:
        SpecError: it is missing, unreadable, no regular file, or larger than ``limit`` bytes.
    """
    name = name or shown(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from error
    try:
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                what = "a folder" if stat.S_ISDIR(found.st_mode) else "a device or pipe"
                raise SpecError(Problem(name, 0, f"expected a file, found {what}"))
            if found.st_size > limit:
                raise too_large(name, found.st_size)
            return file.read()
    except OSError as error:
        raise _unreadable(name, error) from error


def as_committed(data: bytes) -> bytes:
    """Text as the repository holds it, although a checkout for Windows ends its lines in CRLF."""
    return data if b"\0" in data else data.replace(b"\r\n", b"\n")


def _unreadable(name: str, error: OSError | ValueError) -> SpecError:
    if isinstance(error, FileNotFoundError | ValueError):  # a NUL byte in a name is a ValueError
        hint = "paths in a file are relative to the folder that holds it"
        return SpecError(Problem(name.replace("\0", "\\0"), 0, "there is no such file", hint))
    reason = (error.strerror or str(error)).lower()
    message, hint = _HINTS.get(error.errno or 0, (f"the file cannot be read: {reason}", ""))
    return SpecError(Problem(name, 0, message, hint))


def read_document(path: str | os.PathLike[str], name: str = "") -> Document:
    """The values in a YAML or JSON file, with their lines and the file's absolute path.

    Raises:
        SpecError: the file cannot be read, or its text is malformed.
    """
    name = name or shown(path)
    document = load_document(read_bytes(path, name), name)
    source = document.source
    located = Source(source.file, source.text, source.lines, os.path.abspath(path))  # noqa: PTH100 - links are kept
    return Document(document.value, located)


def beside(source: Source, written: str) -> Path:
    """The path that a file means by ``written``: relative to its own folder.

    Raises:
        UsageError: the values came from no file, so that a relative path means nothing.
    """
    path = Path(written)
    if path.is_absolute():
        return path
    if not source.path:
        raise UsageError(
            Problem(source.file, 0, f"{written} is relative, but to no file", "give an absolute path")
        )
    return Path(os.path.normpath(Path(source.path).parent / path))


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write ``text`` to ``path`` whole or not at all: beside it, then renamed over it.

    Missing folders are made; an existing file keeps its permissions.

    Raises:
        UsageError: the place cannot be written.
    """
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """The same for bytes."""
    try:
        target = Path(os.path.realpath(path))  # a link is written through, not replaced
        target.parent.mkdir(parents=True, exist_ok=True)
        _clear(target.parent)
        _replace(target, data)
    except (OSError, ValueError) as error:  # a NUL byte in a name is a ValueError
        reason = ((error.strerror if isinstance(error, OSError) else "") or str(error)).lower()
        raise UsageError(
            Problem(shown(path).replace("\0", "\\0"), 0, f"the file cannot be written: {reason}")
        ) from error


def remove_file(path: Path) -> None:
    """Take back a file that was written, if it can be; for those who clean up after an error."""
    with contextlib.suppress(OSError):
        path.unlink()


def _replace(target: Path, data: bytes) -> None:
    prefix = f".{target.name[:40]}.{_here()}-{os.getpid()}-"
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=prefix, suffix=".tmp")
    beside_it = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside_it.chmod(_mode(target))
        beside_it.replace(target)
    except BaseException:
        remove_file(beside_it)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name last, too; not every system lets a folder be opened or synchronised."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@functools.cache
def _clear(folder: Path) -> None:
    """Remove, once a process, the unfinished files that dead processes of this machine left in ``folder``."""
    for path in folder.glob(".*.tmp"):
        left = _UNFINISHED.search(path.name)
        if left is not None and left[1] == _here() and not _lives(int(left[2])):
            remove_file(path)


def _lives(process: int) -> bool:
    if os.name == "nt":  # there, asking would end it
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True


@functools.cache
def _here() -> str:
    """This machine or container, by whose numbers a process is known."""
    return f"{zlib.crc32(platform.node().encode()):08x}"


def _mode(target: Path) -> int:
    """The permissions that ``target`` has, or that a new file gets."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
