"""The result of a backtest as ``backtest --json`` wrote it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from routine_harness.errors import RecordingError
from routine_harness.plain import Record
from routine_harness.routine.document import NOT_JSON, explain
from routine_harness.store.files import read_bytes

_HINT = "write it with `backtest --json`"


class ChannelDay(msgspec.Struct, frozen=True):
    """The messages that ``routines`` post to one channel on the worst day."""

    channel: str
    routines: tuple[str, ...]
    worst_day: float


class RoutineRow(msgspec.Struct, frozen=True):
    """What a report draws of one routine."""

    fired: int
    skipped: int
    failed: int = 0
    dropped: int = 0


class SavedBacktest(msgspec.Struct, frozen=True):
    """What gate and report read of it; ``data`` is all of it."""

    routines: dict[str, RoutineRow]
    events: int
    first: int = 0
    channels: tuple[ChannelDay, ...] = ()
    data: Record = {}


def load_backtest(file: Path) -> SavedBacktest:
    """The backtest saved in ``file``.

    Raises:
        RecordingError: it cannot be read, is no JSON, or is no result of a backtest.
    """
    content = read_bytes(file)
    try:
        data = msgspec.json.decode(content)
        saved = msgspec.json.decode(content, type=SavedBacktest)
    except NOT_JSON as error:
        shape = isinstance(error, msgspec.ValidationError)
        message, line = explain(content, error)
        what = "this is no result of a backtest" if shape else "expected JSON"
        raise RecordingError.at(str(file), line, f"{what}: {message}", _HINT) from error
    return msgspec.structs.replace(saved, data={**data, "first": saved.first})
