"""The lines of one part, decoded and counted; what cannot be read is reported and stepped over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.backtest.events import broken_document, present, why_unknown, why_unread
from routine_harness.backtest.plan import Plan
from routine_harness.backtest.source import (
    LONGEST_LINE,
    MARK,
    Part,
    damages,
    is_document,
    open_part,
    read_blocks,
    spans_lines,
)
from routine_harness.backtest.tally import Tally
from routine_harness.backtest.teller import Teller, note_change
from routine_harness.plain import Record
from routine_harness.routine.document import explain
from routine_harness.trigger.lines import Line, arrival_of
from routine_harness.uncollected import uncollected

_DECODER: Final = msgspec.json.Decoder(Line)
_UNREAD: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_VALUE: Final = msgspec.json.Decoder(msgspec.Raw)
_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])
_WHOLE: Final = 1 << 26
_ROWS: Final = 500


def tally_part(plan: Plan, part: Part, known: frozenset[int]) -> Tally:
    """Run one part through the plan; ids in ``known`` are other parts' and count as repeated."""
    teller = Teller(plan, part, known)
    with uncollected():
        if part.packing == "parquet":
            _read_parquet(teller, part)
        else:
            _read_text(teller, part)
    note_change(teller, part)
    return teller.tally()


def _read_text(teller: Teller, part: Part) -> None:
    first = part.start == 0
    try:
        for offset, block in read_blocks(part):
            if first:
                first = False
                if bytes(block[: len(MARK)]) == MARK:
                    offset, block = offset + len(MARK), block[len(MARK) :]
                if is_document(bytes(block)) and _read_document(teller, part):
                    return
            _take_block(teller, offset, block)
    except damages() as error:
        teller.problem(teller.read, why_unread(error), lost=True)


def _take_block(teller: Teller, offset: int, block: memoryview) -> None:
    teller.read = offset + len(block)
    if not _take_plain(teller, block):
        _take_any(teller, offset, block)


def _take_plain(teller: Teller, block: memoryview | bytes) -> bool:
    """Whether all lines are of one form, as they should be; then they are counted."""
    for form in teller.decoders if teller.form is None else (teller.form,):
        try:
            lines = teller.decoders[form].decode_lines(block)
        except _UNREAD:
            continue
        teller.form = form
        return not lines or teller.take_plain(lines, form)
    return False


def _take_any(teller: Teller, offset: int, block: memoryview) -> None:
    """A block with lines of several forms, repeated ids, or whatever else is not plain."""
    try:
        lines = _DECODER.decode_lines(block)
    except _UNREAD:
        _take_lines(teller, offset, block)
        return
    odd = teller.take(lines)
    if odd:
        offsets = [where for where, line in _offsets(offset, block) if line.strip()]
        for position in odd:
            teller.problem(offsets[position], _why_odd(lines[position]))


def _take_lines(teller: Teller, offset: int, block: memoryview) -> None:
    """The block line by line, because one of its lines is broken."""
    for where, line in _offsets(offset, block):
        if not line.strip() or _take_plain(teller, line):
            continue
        try:
            decoded = _DECODER.decode(line)
        except _UNREAD as error:
            long = (
                f"a line of more than {LONGEST_LINE >> 20} MB" if len(line) >= LONGEST_LINE else "broken line"
            )
            teller.problem(where, f"{long}: {error}")
            continue
        if teller.take([decoded]):
            teller.problem(where, _why_odd(decoded))


def _offsets(offset: int, block: memoryview) -> Iterator[tuple[int, bytes]]:
    for line in bytes(block).split(b"\n"):
        yield offset, line
        offset += len(line) + 1


def _why_odd(line: Line) -> str:
    try:
        arrival = arrival_of(line)
    except (msgspec.MsgspecError, ValueError):
        arrival = None
    return "no event that is known" if arrival is None else why_unknown(arrival.name)


def _read_document(teller: Teller, part: Part) -> bool:
    """Take the whole file as one event or a list of them; False if it is neither, but perhaps lines."""
    with open_part(part) as file:
        text = file.read(_WHOLE).removeprefix(MARK)
    teller.read = len(text)
    is_list = text.lstrip()[:1] == b"["
    try:
        values = _LIST.decode(text) if is_list else [_VALUE.decode(text)]
    except _UNREAD as error:
        if not spans_lines(text):
            return False
        large = len(text) >= _WHOLE - len(MARK)
        why = f"broken document: larger than {_WHOLE >> 20} MB; write one event a line"
        teller.problem(0, why if large else broken_document(text, error))
        return True
    lines: list[Line] = []
    for value in values:
        try:
            lines.append(_DECODER.decode(value))
        except _UNREAD as error:
            where = "" if is_list else f", line {explain(text, error)[1]}"
            teller.problem(0, f"broken event{where}: {error}")
    for position in teller.take(lines):
        teller.problem(0, _why_odd(lines[position]))
    return True


def _read_parquet(teller: Teller, part: Part) -> None:
    # Imported here: an extra, and only Parquet archives need it.
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    row = 0
    try:
        with ParquetFile(Path(part.file)) as file:
            for batch in file.iter_batches(batch_size=_ROWS):
                for record in batch.to_pylist():
                    _take_record(teller, row, record)
                    row += 1
    except (ArrowException, OSError) as error:
        teller.problem(row, f"the Parquet file is damaged: {error}")
    teller.read = part.size


def _take_record(teller: Teller, row: int, record: Record) -> None:
    """One row; a problem's offset is the row's number."""
    try:
        line = msgspec.convert(present(record), Line)
    except (msgspec.MsgspecError, RecursionError) as error:
        teller.problem(row, f"broken row: {error}")
        return
    if teller.take([line]):
        teller.problem(row, _why_odd(line))
