"""What Claude Code leaves behind → its lines as JSON objects, whatever the envelope.

Stream-json output, session files on disk, and a JSON array of either. A line that is none is passed
over and named; a file of something else altogether is one clear error.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from typing import Final

import msgspec

from routine_harness.errors import Problem, RecordingError
from routine_harness.plain import Json, Record
from routine_harness.routine.document import NOT_JSON

MAX_LINE: Final = 10 * 1024 * 1024
"""The CLI takes no more on its own standard input either."""
_SWOLLEN: Final = (
    "shorten the tool result that swells it, or drop the line: sed {}d; its call then counts as failed"
)

KNOWN: Final = frozenset({
    "assistant", "user", "system", "result", "summary", "file-history-snapshot", "progress", "attachment",
    "queue-operation", "stream_event", "rate_limit_event", "tool_use_summary", "tool_progress",
    "atis-latch", "api-request", "api-request-shape", "api-request-blob", "last-prompt", "tools-used",
    "cost-state", "mode", "permission-mode", "custom-title", "ai-title", "agent-name", "pr-link",
})  # fmt: skip
_HINT: Final = "import the output of claude --output-format stream-json, or a file of ~/.claude/projects"


class Line(msgspec.Struct, frozen=True):
    """One JSON object and the line it stands on (of an array: its place, from 1)."""

    number: int
    data: Record


class SessionLines(msgspec.Struct, frozen=True):
    """The lines of a session, and what was passed over.

    ``cut`` is the number of the last line if it breaks off, else 0; ``unknown`` are types of lines
    that nobody here knows, ``unreadable`` the numbers of lines that are no JSON object; ``condensed`` says
    what a log that leaves things out lacks, a sentence each.
    """

    lines: tuple[Line, ...]
    cut: int = 0
    unknown: tuple[str, ...] = ()
    unreadable: tuple[int, ...] = ()
    condensed: tuple[str, ...] = ()


def read_session_lines(data: bytes, file: str, inner: Mapping[str, bytes] | None = None) -> SessionLines:
    """The lines of the session in ``data``, and those of its subagents' own files in ``inner``.

    Raises:
        RecordingError: with every line that is too long, or because nothing in it is a session of
            Claude Code.
    """
    _refuse_others(data, file)
    data = data.removeprefix(b"\xef\xbb\xbf")
    head = data.lstrip()[:1]
    found = _from_array(data, file) if head == b"[" else _from_lines(data, file)
    if not any(line.data.get("type") in ("assistant", "user", "result") for line in found.lines):
        what = "an empty file" if not data.strip() else "nothing that a session of Claude Code says"
        raise RecordingError.at(file, 0, f"expected a transcript, found {what}", _HINT)
    agents = [_from_lines(each, name) for name, each in (inner or {}).items()]
    return msgspec.structs.replace(found, lines=_woven(found, agents)) if agents else found


def _woven(session: SessionLines, agents: list[SessionLines]) -> tuple[Line, ...]:
    """The lines of the session and of its subagents by their times, each file in its own order."""
    inner = [
        [Line(line.number, {**line.data, "isSidechain": True}) for line in agent.lines] for agent in agents
    ]
    woven = merge(*map(_timed, (session.lines, *inner)), key=lambda timed: timed[0])
    return tuple(line for _, line in woven)


def _timed(lines: Iterable[Line]) -> Iterator[tuple[str, Line]]:
    """Each line with the latest time that its file has told up to it."""
    latest = ""
    for line in lines:
        stamp = line.data.get("timestamp")
        latest = max(latest, stamp) if isinstance(stamp, str) else latest
        yield latest, line


def _refuse_others(data: bytes, file: str) -> None:
    """Name what is often taken for a transcript and is something else."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        hint = "save the file as UTF-8; PowerShell's > writes UTF-16"
        raise RecordingError.at(file, 1, "expected a transcript in UTF-8, found UTF-16", hint)
    if data[:2] == b"\x1f\x8b":
        hint = f"gunzip -c {file} | routine-harness import transcript - …"
        raise RecordingError.at(file, 0, "expected a transcript, found packed data", hint)
    if b'"routine-harness-recording"' in data[:20_000].split(b"\n", 1)[0]:
        hint = "it needs no import"
        raise RecordingError.at(file, 1, "this is a recording of routine-harness already", hint)


def _json_of(piece: bytes) -> Json:
    """The value of a line, None if it is no JSON. Node writes halves of characters where it cut a text:
    each becomes a question mark."""
    try:
        return msgspec.json.decode(piece)
    except NOT_JSON:
        if b"\\ud" not in piece.lower():
            return None
    try:
        whole = json.dumps(json.loads(piece), ensure_ascii=False).encode("utf-8", "replace")
        return msgspec.json.decode(whole)
    except (ValueError, RecursionError):
        return None


def _from_array(data: bytes, file: str) -> SessionLines:
    try:
        values = msgspec.json.decode(data, type=list[Record])
    except NOT_JSON as error:
        raise RecordingError.at(file, 0, f"expected a JSON array of messages: {error}", _HINT) from error
    return sorted_out([Line(number, value) for number, value in enumerate(values, 1)], 0)


def _from_lines(data: bytes, file: str) -> SessionLines:
    found: list[Line] = []
    problems: list[Problem] = []
    unreadable: list[int] = []
    pieces = [(number, piece) for number, piece in enumerate(data.split(b"\n"), 1) if piece.strip()]
    for number, piece in pieces:
        if len(piece) > MAX_LINE:
            size = len(piece) / (1024 * 1024)
            message = f"expected lines of at most {MAX_LINE // (1024 * 1024)} MB, found one of {size:.1f} MB"
            problems.append(Problem(file, number, message, _SWOLLEN.format(number)))
            continue
        value = _json_of(piece)
        if isinstance(value, dict):
            found.append(Line(number, value))
        else:
            unreadable.append(number)
    if problems:
        raise RecordingError(*problems[:20])
    cut = (
        unreadable.pop()
        if unreadable and unreadable[-1] == pieces[-1][0] and _breaks_off(pieces[-1][1])
        else 0
    )
    return msgspec.structs.replace(sorted_out(found, cut), unreadable=tuple(unreadable))


def _breaks_off(piece: bytes) -> bool:
    """Whether the line is the beginning of a JSON object."""
    try:
        msgspec.json.decode(piece)
    except NOT_JSON:
        return piece.lstrip().startswith(b"{")
    return False


def sorted_out(lines: list[Line], cut: int) -> SessionLines:
    """The lines without repetitions; a resumed session writes earlier ones again."""
    kept: list[Line] = []
    seen: set[str] = set()
    unknown: dict[str, None] = {}
    for line in lines:
        kind = line.data.get("type")
        if not isinstance(kind, str) or kind not in KNOWN:
            unknown[str(kind) if kind is not None else "(none)"] = None
            continue
        mark = line.data.get("uuid")
        if isinstance(mark, str):
            if mark in seen:
                continue
            seen.add(mark)
        kept.append(line)
    return SessionLines(tuple(kept), cut, tuple(unknown))
