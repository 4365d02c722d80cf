"""A session of Claude Code → the entries of a recording, to be judged like any other run.

Calls count wherever they stand (a subagent's and a rewound conversation's acted outside as well);
what is said counts only in the conversation that was carried on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import msgspec

from routine_harness.agents.playing import orphaned_results, results_without_call
from routine_harness.interop.sessions.audit import is_audit, read_audit
from routine_harness.interop.sessions.imported import RUN, Imported
from routine_harness.interop.sessions.run_log import is_run_log, read_run_log
from routine_harness.interop.sessions.session_blocks import (
    abandoned,
    blocks_of,
    is_inner,
    message_id,
    model_of,
    result_text,
    time_of,
    user_text,
    uuid_of,
)
from routine_harness.interop.sessions.session_ending import read_status, read_usage
from routine_harness.interop.sessions.session_lines import Line, SessionLines, read_session_lines
from routine_harness.interop.sessions.session_repository import session_repository
from routine_harness.interop.sessions.session_servers import (
    needed_servers,
    read_servers,
    read_tools,
    silent_connectors,
)
from routine_harness.plain import Json
from routine_harness.routine.render import holds_context
from routine_harness.session.transcript import Call, End, Entry, Message, Result, Start, Turn
from routine_harness.verdict.words import counted
from routine_harness.world.registry import Registry

NO_RESULT: Final = "(the transcript holds no result of this call)"


def import_session(
    data: bytes,
    file: str,
    registry: Registry,
    granted: Collection[str] | None = None,
    inner: Mapping[str, bytes] | None = None,
) -> Imported:
    """The session in ``data``: stream-json, a session file, a JSON array of either, the guard's log, the
    log of a production run.

    ``granted`` are the connectors of the routine, where it is known: a session is not failed by the
    absence of any other server. ``inner`` are the files of its subagents, by name.

    Raises:
        RecordingError: see ``read_session_lines`` and ``read_audit``.
    """
    if is_audit(data):
        held = read_audit(data, file)
    elif data.lstrip()[:1] in (b"{", b"[", b"H") and is_run_log(data):
        held = read_run_log(data, file)
    else:
        held = read_session_lines(data, file, inner)
    return _Import(held, registry, granted).imported()


class _Import:
    """Walks the lines of one session once."""

    def __init__(self, held: SessionLines, registry: Registry, granted: Collection[str] | None) -> None:
        self._held = held
        self._registry = registry
        self._granted = granted
        self._left = abandoned(held.lines)
        self._turns: dict[str, int] = {}
        self._time = next((time for line in held.lines if (time := time_of(line)) is not None), 0)
        self._began = self._time
        self._entries: list[Entry] = []
        self._called: set[str] = set()
        self._answered: set[str] = set()
        self._open: dict[str, Call] = {}
        self._given: list[str] = []
        self._joined = 0
        self._queued: list[str] = []
        self._denied: dict[str, str] = {}
        self._model = ""

    def imported(self) -> Imported:
        lines = self._held.lines
        for line in lines:
            self._take(line)
        self._deny()
        unanswered = [call.tool for call in self._open.values()]
        servers = read_servers(lines)
        needed = needed_servers(servers, self._entries, self._registry, self._granted)
        status, reason = read_status(lines, needed, cut=self._held.cut, unanswered=unanswered)
        missing, offered = self._answer_missing(), read_tools(lines)
        end = End(RUN, len(self._turns), self._time, status, reason, read_usage(lines))
        return Imported(
            (Start(RUN, self._began, self._prompt()), *self._entries, end),
            version=self._first("claude_code_version", "version"),
            model=self._model or self._first("model"),
            session=self._first("session_id", "sessionId"),
            folder=self._first("cwd"),
            servers=servers,
            denied=tuple(dict.fromkeys(self._denied.values())),
            notes=tuple(self._notes(missing)),
            branch=self._first("gitBranch").removeprefix("HEAD"),
            repository=session_repository(self._prompt(), self._entries, self._registry),
            condensed=bool(self._held.condensed),
            silent=silent_connectors(servers, offered, self._entries, self._registry),
            tools=tuple(sorted(name for name in offered if not self._registry.parse(name).connector)),
        )

    def _take(self, line: Line) -> None:
        self._time = max(self._time, time_of(line) or 0)
        kind, data = line.data.get("type"), line.data
        if kind == "assistant":
            self._assistant(line)
        elif kind == "user":
            self._user(line)
        elif kind == "queue-operation" and data.get("operation") == "enqueue":
            self._queued.append(str(data.get("content") or ""))
        elif kind == "system" and data.get("subtype") == "permission_denied":
            self._denied[str(data.get("tool_use_id"))] = str(data.get("tool_name"))
        elif kind == "result":
            for denial in data.get("permission_denials") or []:
                self._refused(denial)

    def _assistant(self, line: Line) -> None:
        turn = self._turns.setdefault(message_id(line), len(self._turns) + 1)
        self._model = self._model or model_of(line)
        silent = is_inner(line) or uuid_of(line) in self._left
        for block in blocks_of(line):
            if block.get("type") == "text" and str(block.get("text", "")).strip() and not silent:
                self._entries.append(Message(RUN, turn, self._time, str(block["text"])))
            elif block.get("type") == "tool_use":
                self._call(turn, str(block.get("id")), str(block.get("name")), block.get("input"))

    def _call(self, turn: int, mark: str, name: str, arguments: Json) -> None:
        if mark in self._called:
            return
        called = self._registry.parse(name)
        tool = f"{called.connector}.{called.tool}" if called.connector else called.tool
        given = arguments if isinstance(arguments, dict) else {}
        call = Call(RUN, turn, mark, self._time, tool, given, called.server)
        self._called.add(mark)
        if mark not in self._answered:
            self._open[mark] = call
        self._entries.append(call)

    def _user(self, line: Line) -> None:
        for block in blocks_of(line):
            if block.get("type") == "tool_result":
                self._result(str(block.get("tool_use_id")), block.get("content"), block.get("is_error"))
        text = user_text(line)
        if not text or uuid_of(line) in self._left:
            return
        if not self._given or not self._turns:
            self._given.append(text)
            return
        # The platform tells of the firing in a message of its own, at times after the first turn.
        self._entries.append(Turn(RUN, len(self._turns) + 1, self._time, text))
        self._joined += not holds_context(text)

    def _result(self, mark: str, content: Json, is_error: Json) -> None:
        call = self._open.pop(mark, None)
        if mark in self._answered:  # said again, as a resumed session does
            return
        self._answered.add(mark)
        turn = call.turn if call is not None else max(len(self._turns), 1)
        self._entries.append(Result(RUN, turn, mark, self._time, result_text(content), bool(is_error)))

    def _refused(self, denial: Json) -> None:
        """Note a denial; its call is added where the transcript does not hold it."""
        if not isinstance(denial, dict):
            return
        mark, name = str(denial.get("tool_use_id")), str(denial.get("tool_name"))
        self._denied[mark] = name
        self._call(max(len(self._turns), 1), mark, name, denial.get("tool_input"))

    def _deny(self) -> None:
        """A call that was denied had no effect, whatever its result says of itself."""
        for place, entry in enumerate(self._entries):
            if isinstance(entry, Result) and entry.id in self._denied and not entry.is_error:
                self._entries[place] = msgspec.structs.replace(entry, is_error=True)
        for mark in [mark for mark in self._denied if mark in self._open]:
            self._result(mark, "permission denied", True)

    def _answer_missing(self) -> int:
        """Close calls without a result: nobody knows that they did anything, so that they are errors."""
        closed: list[Entry] = []
        for entry in self._entries:
            closed.append(entry)
            if isinstance(entry, Call) and entry.id in self._open:
                closed.append(Result(RUN, entry.turn, entry.id, entry.time, NO_RESULT, True))
        self._entries = closed
        return len(self._open)

    def _prompt(self) -> str:
        return "\n\n".join(self._given or [text for text in self._queued if text])

    def _first(self, *names: str) -> str:
        for line in self._held.lines:
            for name in names:
                found = line.data.get(name)
                if isinstance(found, str) and found:
                    return found
        return ""

    def _notes(self, missing: int) -> list[str]:
        notes = [*self._held.condensed]
        if self._held.cut:
            notes.append(f"line {self._held.cut}, the last one, breaks off")
        if self._held.unreadable:
            numbers = ", ".join(map(str, self._held.unreadable[:10]))
            noun = "line" if len(self._held.unreadable) == 1 else "lines"
            notes.append(f"passed over what is no JSON object: {noun} {numbers}")
        if self._held.unknown:
            notes.append(f"passed over lines of unknown types: {', '.join(self._held.unknown)}")
        if missing:
            notes.append(f"no result, and so taken for failed: {counted(missing, 'call')}")
        if orphans := orphaned_results(self._entries):
            notes.append(results_without_call(len(orphans)).message)
        if self._left:
            notes.append(f"left out what was said before a rewind: {counted(len(self._left), 'line')}")
        if self._joined:
            notes.append(f"somebody joined in: {counted(self._joined, 'further message')} of the user")
        return notes
