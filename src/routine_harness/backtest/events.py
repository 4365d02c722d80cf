"""Whole events from files, folders and streams, one at a time; what is no event is a problem.

``fires`` and the recorder of witnesses want the whole payload; ``backtest`` reads narrowly instead.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.backtest.source import (
    MARK,
    ArchiveProblem,
    Part,
    damages,
    find_archives,
    read_blocks,
    spans_lines,
    split_archives,
)
from routine_harness.errors import HarnessError
from routine_harness.plain import Json, Record
from routine_harness.routine.document import NOT_JSON, explain, line_named
from routine_harness.trigger.arrivals import event_from_value, is_form, is_http, parse_arrival
from routine_harness.trigger.event import Event
from routine_harness.trigger.webhooks import UNTOLD, WEBHOOKS

_WHOLE: Final = 1 << 27
_ROWS: Final = 200


def read_events(paths: Iterable[Path]) -> Iterator[Event | ArchiveProblem]:
    """The events of ``paths`` (files and folders), in the order of names and lines."""
    files, problems = find_archives(paths)
    yield from problems
    for path in files:
        problems = []
        parts = sorted(split_archives([path], problems), key=lambda part: part.start)
        yield from problems
        number = 0
        for part in parts:
            number = yield from _of_part(part, number)


def parse_events(data: bytes, source: str) -> Iterator[Event | ArchiveProblem]:
    """The events of a text: one document, a list, HTTP with headers, or one event a line."""
    start = len(MARK) if data.startswith(MARK) else 0
    data = data[start:]
    if not data.strip():
        yield ArchiveProblem(source, 0, "there is no event in it")
        return
    if is_http(data) or is_form(data):
        yield from _event(data, source, 0)
        return
    try:
        value = msgspec.json.decode(data)
    except NOT_JSON as error:
        if spans_lines(data):
            yield ArchiveProblem(source, 0, broken_document(data, error))
        else:
            yield from _lines(data, source, start)
        return
    if value == []:
        yield ArchiveProblem(source, 0, "there is no event in it")
    if isinstance(value, dict):
        for each in _value(value, source, source, 0):
            yield with_line(each, data) if isinstance(each, ArchiveProblem) else each
        return
    values = value if isinstance(value, list) else [value]
    for number, each in enumerate(values, 1):
        yield from _value(each, f"{source}[{number}]" if isinstance(value, list) else source, source, 0)


def with_line(problem: ArchiveProblem, data: bytes) -> ArchiveProblem:
    """A problem of the one event in ``data`` with the line of the value that it names."""
    if "`$." not in problem.message:
        return problem
    line = line_named(problem.message, data.decode())
    return msgspec.structs.replace(problem, message=f"line {line}: {problem.message}")


def broken_document(data: bytes, error: Exception) -> str:
    """What is wrong with a document over several lines, and where."""
    message, line = explain(data, error)
    return f"broken document, line {line}: {message}" if line else f"broken document: {message}"


def _of_part(part: Part, number: int) -> Generator[Event | ArchiveProblem, None, int]:
    """The events of a part; gives the lines up to its end, of which ``number`` come before it."""
    if part.packing == "parquet":
        yield from _rows(part)
        return number
    read = part.start
    try:
        if _is_small_document(part):
            yield from parse_events(Path(part.file).read_bytes(), part.file)
            return number
        for offset, view in read_blocks(part):
            block = bytes(view)
            read = offset + len(block)
            yield from _lines(block, part.file, offset, number)
            number += block.count(b"\n")
    except damages() as error:
        yield ArchiveProblem(part.file, read, why_unread(error), lost=True)
    return number


def why_unread(error: Exception) -> str:
    """What kept the rest of a file from being read: the system, or its packed data."""
    if isinstance(error, OSError) and error.errno is not None:
        return f"cannot be read: {error.strerror}"
    return f"the packed data is broken off or damaged: {error}"


def _is_small_document(part: Part) -> bool:
    """Whether the part is a whole plain file that does not seem to hold one event a line."""
    if part.packing != "plain" or part.end - part.start < part.size or part.size >= _WHOLE:
        return False
    with Path(part.file).open("rb") as file:
        first, second = file.readline(), file.readline()
    try:
        msgspec.json.decode(first.removeprefix(MARK))
    except NOT_JSON:
        return not (first.strip()[:1] == b"{" and len(first) > 1 and second.strip()[:1] == b"{")
    return not second.strip()


def _lines(block: bytes, source: str, offset: int, number: int = 0) -> Iterator[Event | ArchiveProblem]:
    for line in block.split(b"\n"):
        number += 1
        if line.strip():
            yield from _event(line, source, offset, number)
        offset += len(line) + 1


def _event(data: bytes, source: str, offset: int, number: int = 0) -> Iterator[Event | ArchiveProblem]:
    try:
        event = parse_arrival(data, f"{source}:{number}" if number else source)
    except HarnessError as error:
        yield ArchiveProblem(source, offset, error.problems[0].message)
        return
    yield from _known(event, source, offset)


def _value(value: Json, place: str, source: str, offset: int) -> Iterator[Event | ArchiveProblem]:
    try:
        event = event_from_value(value, place)
    except HarnessError as error:
        yield ArchiveProblem(source, offset, error.problems[0].message)
        return
    yield from _known(event, source, offset)


def _known(event: Event, source: str, offset: int) -> Iterator[Event | ArchiveProblem]:
    """The event, and a problem after it if its type is one that nobody knows."""
    yield event
    if event.kind == "github" and event.name.partition(".")[0] not in WEBHOOKS:
        yield ArchiveProblem(source, offset, why_unknown(event.name))


def why_unknown(name: str) -> str:
    """What is odd about an event of that name, of which no webhook is known."""
    kind = name.partition(".")[0]
    if kind == UNTOLD:
        return "a webhook body whose event is not told: keep it with its header X-GitHub-Event"
    return f"an event of the unknown type {kind!r}"


def _rows(part: Part) -> Iterator[Event | ArchiveProblem]:
    # Imported here: an extra, and only Parquet archives need it.
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    number = 0
    try:
        with ParquetFile(Path(part.file)) as file:
            for batch in file.iter_batches(batch_size=_ROWS):
                for row in batch.to_pylist():
                    number += 1
                    yield from _row(row, part.file, number)
    except (ArrowException, OSError) as error:
        yield ArchiveProblem(part.file, number, f"the Parquet file is damaged: {error}")


def _row(row: Record, source: str, number: int) -> Iterator[Event | ArchiveProblem]:
    """The event of a row; a problem's offset is the row's, from 0 on."""
    try:
        value = present(row)
    except NOT_JSON as error:
        yield ArchiveProblem(source, number - 1, f"broken row: {error}")
        return
    yield from _value(value, f"{source}:{number}", source, number - 1)


def present(value: Json) -> Json:
    """A row without its nulls, a column of one schema being null in rows of the other.

    A null body beside a title is a body that is empty; a payload saved as text is decoded.

    Raises:
        msgspec.DecodeError: that text is no JSON.
    """
    if isinstance(value, dict):
        kept = {k: present(v) for k, v in value.items() if v is not None}
        if isinstance(kept.get("payload"), str):
            kept["payload"] = msgspec.json.decode(kept["payload"])
        return {**kept, "body": None} if "title" in kept and value.get("body", "") is None else kept
    if isinstance(value, list):
        return [present(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
