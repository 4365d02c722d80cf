"""What an account keeps of its production runs: ``list_runs`` and ``get_run_log`` → the lines of a session.

A log holds the newest events alone, and those condensed, so that what it does not show may have happened
all the same. Shapes: what ``RemoteTrigger`` answered in October and November 2026; they are not documented,
so that events are taken as the CLI's own lines, wrapped or flat.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from routine_harness.errors import RecordingError
from routine_harness.interop.account_export import unwrapped
from routine_harness.interop.routine_draft import listed, settings_of
from routine_harness.interop.sessions.session_lines import Line, SessionLines, sorted_out
from routine_harness.plain import Json, Record
from routine_harness.routine.document import NOT_JSON
from routine_harness.verdict.words import counted

NEWEST: Final = 200
"""Events that a log holds at most."""

_WRAPPERS: Final = ("run_log", "log", "run", "data", "runs", "content", "structuredContent", "text", "result",
                    "response", "body", "items")  # fmt: skip
_DEEPEST: Final = 8
_INNER: Final = ("data", "payload", "event")
_TIMES: Final = ("timestamp", "created_at", "time", "started_at")
_IDS: Final = ("session_id", "claude_code_session_id", "run_id", "id")
_CALLS: Final = ("tool_use", "tool_call", "mcp_tool_use", "server_tool_use")
_RESULTS: Final = ("tool_result", "mcp_tool_result", "tool_call_result")
_SAID: Final = {"text": "assistant", "assistant_message": "assistant", "assistant_text": "assistant",
                "assistant": "assistant", "user": "user", "user_message": "user"}  # fmt: skip
_CUT: Final = ("…", "...", "[truncated]", "(truncated)")
_FAILED: Final = ("fail", "error", "cancel", "timed", "timeout")
_ENDED: Final = ("completed", "succeeded", "success", "finished", "ran")


class ListedRun(msgspec.Struct, frozen=True):
    """One row of ``list_runs``: the session, how it ended and when it began, as the account words it."""

    session: str
    status: str = ""
    began: str = ""


class RunLog(msgspec.Struct, frozen=True):
    """One answer of ``get_run_log``: the session and its events, oldest first; ``more``: older ones are not
    in it."""

    session: str
    events: tuple[Record, ...]
    more: bool = False
    status: str = ""

    def encoded(self, status: str = "") -> bytes:
        """The log alone, as a file of its own, with the ``status`` that a list says."""
        held = {"session_id": self.session, "status": self.status or status, "has_more": self.more,
                "events": self.events}  # fmt: skip
        return msgspec.json.encode(held)


def is_run_log(data: bytes) -> bool:
    """Whether ``data`` is an answer of ``get_run_log``."""
    return any(True for _ in run_logs(_value(data)))


def run_logs(value: Json) -> Iterator[RunLog]:
    """The logs in a decoded answer, in its order."""
    for held in _mappings(value):
        events = held.get("events")
        if isinstance(events, list) and all(
            isinstance(each, dict) and "job_config" not in held for each in events
        ):
            told = settings_of(held.get("run")) | held
            kept = _in_order([settings_of(each) for each in events])
            total = next(
                (held[key] for key in ("total", "total_events") if isinstance(held.get(key), int)), 0
            )
            more = bool(held.get("has_more") or held.get("truncated")) or max(total, len(kept)) > len(kept)
            more = more or len(kept) >= NEWEST
            yield RunLog(_first(told, _IDS), tuple(kept), more, str(told.get("status") or ""))


def listed_runs(value: Json) -> Iterator[ListedRun]:
    """The rows of ``list_runs`` in a decoded answer."""
    for held in _mappings(value):
        if "events" not in held and "status" in held and any(key in held for key in _IDS):
            yield ListedRun(_first(held, _IDS), str(held["status"]), _first(held, _TIMES))


def answers_in(data: bytes, file: str) -> tuple[tuple[RunLog, ...], tuple[ListedRun, ...]]:
    """The logs and the listed runs in a file.

    Raises:
        RecordingError: there is neither.
    """
    value = _value(data)
    logs, runs = tuple(run_logs(value)), tuple(listed_runs(value))
    if not logs and not runs:
        hint = "save the answer of RemoteTrigger to get_run_log or list_runs unchanged"
        raise RecordingError.at(file, 0, "expected a log of a run or a list of runs, found neither", hint)
    return logs, runs


def read_run_log(data: bytes, file: str) -> SessionLines:
    """The lines of the session that the log in ``data`` tells of.

    Raises:
        RecordingError: nothing in it is what a session says.
    """
    log = next(run_logs(_value(data)))
    lines = [Line(number, _line(event, number)) for number, event in enumerate(log.events, 1)]
    if not any(line.data.get("type") in ("assistant", "user", "result") for line in lines):
        found = "no event" if not lines else "no event that a session says"
        raise RecordingError.at(file, 0, f"expected the log of a run, found {found}", "ask get_run_log again")
    if not any(line.data.get("type") == "result" for line in lines):
        lines += [Line(len(lines) + 1, end) for end in _end(log.status)]
    shortened = sum(_is_cut(event) for event in log.events)
    notes = ["the log is condensed: what it does not show may still have happened"]
    if log.more:
        notes.append(
            f"it holds the newest {counted(len(log.events), 'event')}; what came before is not in it"
        )
    if shortened:
        notes.append(f"cut short: {counted(shortened, 'event')}")
    return msgspec.structs.replace(sorted_out(lines, 0), condensed=tuple(notes))


def _value(data: bytes) -> Json:
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return msgspec.json.decode(data)
    except NOT_JSON:
        return unwrapped(data.decode("utf-8", "replace")) if data[:4] == b"HTTP" else None


def _mappings(value: Json, depth: int = 0) -> Iterator[Record]:
    """The mappings in an answer that may be a log or a row, wherever it wraps them."""
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        value = unwrapped(value) if value.lstrip()[:1] in ("{", "[") or value[:4] == "HTTP" else None
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, str | list):
            yield from _mappings(each, depth + 1)
        elif isinstance(each, dict):
            yield each
            for key in () if "events" in each else _WRAPPERS:
                yield from _mappings(each[key], depth + 1) if key in each else ()


def _in_order(events: list[Record]) -> list[Record]:
    """The events, the oldest first: by their times where each has one."""
    times = [_first(event, _TIMES) for event in events]
    if not all(times):
        return events
    return [event for _, _, event in sorted(zip(times, range(len(events)), events, strict=True))]


def _first(held: Mapping[str, Json], keys: tuple[str, ...]) -> str:
    return next((str(held[key]) for key in keys if isinstance(held.get(key), str) and held[key]), "")


def _line(event: Record, number: int) -> Record:
    """The event as a line of the CLI's own stream."""
    inner, time = event, _first(event, _TIMES)
    while wrapped := next((inner[key] for key in _INNER if "type" in settings_of(inner.get(key))), None):
        inner = settings_of(wrapped)
        time = time or _first(inner, _TIMES)
    kind = str(inner.get("type"))
    stamp = {"timestamp": time} if time else {}
    if kind in ("system", "result") or "message" in inner:
        return {**inner, **stamp}
    block = _block(kind, inner)
    if block is None:
        return {**inner, **stamp}
    role = "user" if kind in _RESULTS else _SAID.get(kind, "assistant")
    message = {"id": f"event-{number}", "role": role, "content": [block]}
    return {"type": role, "message": message, **stamp}


def _block(kind: str, inner: Record) -> Record | None:
    """A flat event as a block of a message; None where it is none."""
    mark = _first(inner, ("tool_use_id", "tool_call_id", "id"))
    if kind in _CALLS:
        name = _first(inner, ("name", "tool_name", "tool"))
        given = inner.get("input", inner.get("arguments"))
        return {"type": "tool_use", "id": mark, "name": name, "input": _arguments(name, given)}
    if kind in _RESULTS:
        content = inner.get("content", inner.get("output", inner.get("text", "")))
        failed = bool(inner.get("is_error") or inner.get("error"))
        return {"type": "tool_result", "tool_use_id": mark, "content": content, "is_error": failed}
    if kind in _SAID:
        text = _first(inner, ("text", "content", "message"))
        parts = [str(settings_of(part).get("text") or "") for part in listed(inner.get("content"))]
        return {"type": "text", "text": text or "\n".join(filter(None, parts))}
    return None


def _arguments(tool: str, given: Json) -> Json:
    """A call's arguments: of a text that is no JSON only a shell's command can be told."""
    if not isinstance(given, str):
        return given
    try:
        value = msgspec.json.decode(given)
    except NOT_JSON:
        value = None
    if isinstance(value, dict):
        return value
    return {"command": given} if tool in ("Bash", "Monitor") else {}


def _is_cut(event: Json, depth: int = 0) -> bool:
    """Whether a text of the event ends where a log cuts it."""
    if depth > _DEEPEST:
        return False
    if isinstance(event, dict):
        return bool(event.get("truncated")) or any(_is_cut(each, depth + 1) for each in event.values())
    if isinstance(event, list):
        return any(_is_cut(each, depth + 1) for each in event)
    return isinstance(event, str) and event.rstrip().endswith(_CUT)


def _end(status: str) -> Iterator[Record]:
    """The line that says how it ended, where the account does."""
    word = status.lower()
    if any(each in word for each in _FAILED):
        yield {"type": "result", "subtype": "error_during_execution", "is_error": True, "result": status}
    elif any(each in word for each in _ENDED):
        yield {"type": "result", "subtype": "success", "is_error": False}
