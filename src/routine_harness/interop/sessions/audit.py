"""The guard's log → the lines of a session, so that a production run is judged like any other.

One line a hook: what was asked and decided, and what came back. A denied call has no result of its
own: what the guard said is what the agent read.
"""

from __future__ import annotations

from typing import Final

import msgspec

from routine_harness.errors import Problem, RecordingError
from routine_harness.interop.sessions.session_lines import Line, SessionLines
from routine_harness.plain import Record
from routine_harness.routine.document import NOT_JSON
from routine_harness.world.effect import Effect

FORMAT: Final = "routine-harness-guard-log"
VERSION: Final = 2


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the log; ``event`` is ``call``, ``result`` or ``end``.

    ``code`` is that of what was held against a call, ``effects`` what it attempts, ``opaque`` the commands
    of it that nobody can read.
    """

    format: str = ""
    version: int = 0
    event: str = ""
    time: str = ""
    session: str = ""
    id: str = ""
    cwd: str = ""
    tool: str = ""
    arguments: Record = {}
    decision: str = ""
    reason: str = ""
    text: str = ""
    is_error: bool = False
    code: str = ""
    effects: tuple[Effect, ...] = ()
    opaque: tuple[str, ...] = ()


_DECODE: Final = msgspec.json.Decoder(Entry).decode


def is_audit(data: bytes) -> bool:
    """Whether ``data`` is a log of the guard."""
    return FORMAT.encode() in data[:200].split(b"\n", 1)[0]


def read_audit(data: bytes, file: str) -> SessionLines:
    """The lines of a session that the log in ``data`` tells of; a last line may break off.

    Raises:
        RecordingError: another version, or with every line that is no entry.
    """
    pieces = [(number, piece) for number, piece in enumerate(data.split(b"\n"), 1) if piece.strip()]
    found: list[Line] = []
    problems: list[Problem] = []
    cut = 0
    for number, piece in pieces:
        try:
            entry = _DECODE(piece)
        except NOT_JSON as error:
            if number == pieces[-1][0] and found:
                cut = number
            else:
                problems.append(Problem(file, number, f"expected an entry of the guard's log: {error}"))
            continue
        if entry.format != FORMAT or entry.version != VERSION:
            message = f"expected {FORMAT} version {VERSION}, found {entry.format} version {entry.version}"
            problems.append(Problem(file, number, message, "import it with the version that installed it"))
            continue
        found += [Line(number, value) for value in _session_lines(entry)]
    if problems:
        raise RecordingError(*problems[:20])
    return SessionLines(tuple(found), cut)


def _session_lines(entry: Entry) -> list[Record]:
    about = {"session_id": entry.session, "timestamp": entry.time, "cwd": entry.cwd}
    if entry.event == "end":
        said = {"type": "text", "text": entry.text}
        message = {"id": "end", "content": [said], "stop_reason": "end_turn"}
        return [{**about, "type": "assistant", "message": message}]
    if entry.event == "result":
        return [
            {**about, "type": "user", "message": {"content": [_result(entry, entry.text, entry.is_error)]}}
        ]
    called = {"type": "tool_use", "id": entry.id, "name": entry.tool, "input": entry.arguments}
    message = {"id": entry.id, "content": [called], "stop_reason": "tool_use"}
    lines: list[Record] = [{**about, "type": "assistant", "message": message}]
    if entry.decision == "deny":
        refused = {"content": [_result(entry, entry.reason, True)]}
        lines.append({**about, "type": "user", "message": refused})
    return lines


def _result(entry: Entry, text: str, is_error: bool) -> Record:
    return {"type": "tool_result", "tool_use_id": entry.id, "content": text, "is_error": is_error}
