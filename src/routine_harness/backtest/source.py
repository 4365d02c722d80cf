"""Archives on disk: which files, in which parts, and their lines in blocks.

A plain file of lines is read in ranges, so that one large file too can be shared among processes.
"""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, Literal, cast

import msgspec

from routine_harness.routine.document import NOT_JSON
from routine_harness.trigger.lines import Line, arrival_of

BLOCK: Final = 1 << 18
RANGE: Final = 1 << 25
"""Bytes of a range; never fewer than those of a block."""
LONGEST_LINE: Final = 1 << 25
MARK: Final = b"\xef\xbb\xbf"
"""The byte order mark that some tools write before UTF-8."""
ARCHIVE_SUFFIXES: Final = (".json", ".jsonl", ".ndjson", ".gz", ".parquet")

Packing = Literal["plain", "gzip", "parquet"]


class ArchiveProblem(msgspec.Struct, frozen=True):
    """Something wrong with an archive: the file, the byte offset in its (unpacked) text, and what.

    ``lost`` says that from there on nothing of the file was read.
    """

    file: str
    offset: int
    message: str
    lost: bool = False

    def __str__(self) -> str:
        return f"{self.file}: at byte {self.offset}: {self.message}"


class Part(msgspec.Struct, frozen=True):
    """A part of an archive: of a plain file, the lines that start in [``start``, ``end``).

    ``at`` is the time of its first event, by which parts are put in order; ``size`` and ``changed``
    are the file's as it was found.
    """

    file: str
    packing: Packing
    start: int
    end: int
    at: int = 0
    size: int = 0
    changed: int = 0


def find_archives(paths: Iterable[Path]) -> tuple[list[Path], list[ArchiveProblem]]:
    """The files that ``paths`` (files and folders) name, each once; and what is not there."""
    found: dict[Path, Path] = {}
    problems: list[ArchiveProblem] = []
    for path in paths:
        if path.is_dir():
            inside = [
                each for each in sorted(path.rglob("*")) if each.is_file() and each.suffix in ARCHIVE_SUFFIXES
            ]
            found.update((each.resolve(), each) for each in inside if each.resolve() not in found)
            if not inside:
                problems.append(ArchiveProblem(str(path), 0, "no archive in this folder"))
        elif path.exists():
            found.setdefault(path.resolve(), path)
        else:
            problems.append(ArchiveProblem(str(path), 0, "no such file"))
    return list(found.values()), problems


def split_archives(files: Iterable[Path], problems: list[ArchiveProblem]) -> list[Part]:
    """The parts of ``files`` in the order of their first events."""
    parts: list[Part] = []
    for path in files:
        try:
            parts += _parts(path)
        except OSError as error:
            problems.append(ArchiveProblem(str(path), 0, error.strerror or str(error)))
    problems += [ArchiveProblem(part.file, 0, "the archive is empty") for part in parts if not part.size]
    return sorted((part for part in parts if part.size), key=lambda part: (part.at, part.file, part.start))


def _parts(path: Path) -> Iterator[Part]:
    stat = path.stat()
    packing = _packing(path)
    size, changed = stat.st_size, stat.st_mtime_ns
    length = RANGE if packing == "plain" and size > RANGE and not _is_document(path) else max(size, 1)
    for start in range(0, max(size, 1), length):
        part = Part(str(path), packing, start, min(start + length, size), 0, size, changed)
        yield msgspec.structs.replace(part, at=_first_instant(part) if size else 0)


def _packing(path: Path) -> Packing:
    with path.open("rb") as file:
        magic = file.read(4)
    return "gzip" if magic[:2] == b"\x1f\x8b" else "parquet" if magic == b"PAR1" else "plain"


def _is_document(path: Path) -> bool:
    """Whether the file seems to be one JSON document, which cannot be read in ranges."""
    with path.open("rb") as file:
        return is_document(file.readline(BLOCK).removeprefix(MARK))


def is_document(text: bytes) -> bool:
    """Whether what begins so seems to be one JSON document, a list or an event over several lines."""
    text = text.lstrip()
    if text[:1] != b"{":
        return text[:1] == b"["
    try:
        msgspec.json.decode(text.partition(b"\n")[0])
    except NOT_JSON:
        return True
    return False


def spans_lines(text: bytes) -> bool:
    """Whether what begins so cannot be one event a line: a list, or an object that opens on its own line."""
    first = text.lstrip().partition(b"\n")[0].strip()
    return first[:1] == b"[" or first == b"{"


def _first_instant(part: Part) -> int:
    """The time of the part's first readable event, 0 if none of its first lines tells."""
    if part.packing == "parquet":
        return 0
    try:
        with open_part(part) as file:
            head = file.read(BLOCK)
    except damages():
        return 0
    lines = head.split(b"\n")
    for line in lines[1 if part.start else 0 :][:20]:
        try:
            arrival = arrival_of(msgspec.json.decode(line, type=Line))
        except (*NOT_JSON, ValueError):
            continue
        if arrival is not None and arrival.at:
            return arrival.at
    return 0


def open_part(part: Part) -> BinaryIO:
    """The unpacked bytes from the part's start."""
    if part.packing == "gzip":
        return open_gzip(part.file)
    file = io.FileIO(part.file)
    # One byte early, so that a line that starts exactly here is known to be ours.
    file.seek(max(part.start - 1, 0))
    return cast(BinaryIO, file)


def open_gzip(path: str) -> BinaryIO:
    """The unpacked bytes of a gzip file, by isal where it is installed: about twice as fast."""
    try:
        # Imported here: an extra, and only packed archives need it.
        from isal.igzip import IGzipFile
    except ImportError:
        return cast(BinaryIO, gzip.GzipFile(path))
    return cast(BinaryIO, IGzipFile(path))  # type: ignore[no-untyped-call]


def damages() -> tuple[type[Exception], ...]:
    """What reading a file may raise, packed or not: isal's own error is none of Python's."""
    isal = sys.modules.get("isal.igzip_lib")
    return (EOFError, OSError, zlib.error, *([isal.IsalError] if isal is not None else ()))


def read_blocks(part: Part) -> Iterator[tuple[int, memoryview]]:
    """Whole lines in blocks, each with the offset of its first byte in the (unpacked) text.

    A block is a view of the one buffer that all are read into: gone when the next one is asked for.
    What is missing at the end of a truncated file raises ``EOFError`` after the last whole block;
    a line longer than ``LONGEST_LINE`` comes in pieces, which no decoder takes for events.
    """
    plain = part.packing == "plain"
    offset = max(part.start - 1, 0) if plain else 0
    buffer, filled = bytearray(BLOCK), 0
    with open_part(part) as file:
        if plain and part.start:
            offset, filled = _skip_line(file, offset, buffer)
        while not plain or offset < part.end:
            if filled == len(buffer):
                buffer = buffer + bytes(filled)
            try:
                count = _read_into(file, memoryview(buffer)[filled:])
            except EOFError:
                if buffer.endswith(
                    b"}", 0, filled
                ):  # else it is half a line, and part of what is told anyway
                    yield offset, memoryview(buffer)[:filled]
                raise
            if not count:
                break
            cut, filled = buffer.rfind(b"\n", filled, filled + count) + 1, filled + count
            if cut == 0 and filled < LONGEST_LINE:
                continue
            cut = cut or filled
            if plain and offset + cut > part.end:
                yield offset, memoryview(buffer)[: _end_within(buffer, cut, part.end - offset)]
                return
            yield offset, memoryview(buffer)[:cut]
            offset, filled = offset + cut, filled - cut
            buffer[:filled] = buffer[cut : cut + filled]
        if filled and (not plain or offset < part.end):
            yield offset, memoryview(buffer)[:filled]


def _read_into(file: BinaryIO, space: memoryview) -> int:
    count: int = file.readinto(space)  # type: ignore[attr-defined]
    return count


def _skip_line(file: BinaryIO, offset: int, buffer: bytearray) -> tuple[int, int]:
    """Read past the line that began before this part: where the next starts, and how much of it was read."""
    while count := _read_into(file, memoryview(buffer)):
        cut = buffer.find(b"\n", 0, count) + 1
        if cut:
            buffer[: count - cut] = buffer[cut:count]
            return offset + cut, count - cut
        offset += count
    return offset, 0


def _end_within(buffer: bytearray, cut: int, end: int) -> int:
    """Where the lines of ``buffer[:cut]`` that start before ``end`` are over."""
    return buffer.find(b"\n", max(end - 1, 0), cut) + 1 or cut


def has_changed(part: Part) -> bool:
    """Whether the file is another one than when it was found."""
    try:
        stat = Path(part.file).stat()
    except OSError:
        return True
    return (stat.st_size, stat.st_mtime_ns) != (part.size, part.changed)
