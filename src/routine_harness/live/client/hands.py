"""The hands of a script that works in a sandbox: its commands and files there, all else in its session.

What a command does outside reaches the session by itself (``live.outside.outside``), as of the real CLI.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from routine_harness.agents.scripted import Stopped
from routine_harness.finding import Severity
from routine_harness.live.outside.calls import Pending
from routine_harness.live.outside.outside import Outside
from routine_harness.live.sandbox.alarm import Alarm
from routine_harness.live.sandbox.layout import HIDDEN
from routine_harness.live.sandbox.limits import Limits
from routine_harness.live.sandbox.shell import ShellOverError
from routine_harness.live.sandbox.shell_tools import SHELL_TOOLS, ShellTools
from routine_harness.routine.edition_rules import OwnToolTable
from routine_harness.world import own_answers as words
from routine_harness.world.tool import ToolCall, ToolResult

SECONDS: Final = 1800.0
"""How long a run may take in real time, as one of the real CLI."""
_ELSEWHERE: Final = ("url", "uri", "query")
"""What a tool looks at that looks at no file of the clone."""


class Hands:
    """Carries out the calls of one run; see ``agents.protocol.Hands``."""

    seconds = SECONDS

    def __init__(
        self, outside: Outside, tools: ShellTools, alarm: Alarm, table: OwnToolTable, limits: Limits,
        token: str,
    ) -> None:  # fmt: skip
        """``table`` are the CLI's own tools; ``token`` is the session's, which no transcript shows."""
        self._outside = outside
        self._session = outside.session
        self._tools = tools
        self._alarm = alarm
        self._limits = limits
        self._token = token
        self._lacking = _lacking(table)
        self._one_by_one = threading.Lock()
        self._count = 0
        self._over = ""

    @property
    def trouble(self) -> str:
        """Why the sandbox has ended before the script."""
        return self._over or self._alarm.reason

    def shown(self, text: str) -> str:
        """A text of the session with the commits' names in the clone."""
        return self._outside.ids.shown(text)

    def say(self, text: str) -> None:
        with self._outside.lock:
            self._session.say(text)

    def call(self, tool: str, arguments: Mapping[str, Any]) -> ToolResult:
        """Answer a call of the script.

        Raises:
            Stopped: the sandbox has ended, and with it the run.
        """
        with self._one_by_one:
            if self.trouble:
                raise Stopped
            given = _plain(arguments)
            if given is None or not self._carries_out(tool, given):
                return self._outside.asked(tool, arguments)
            return self._in_sandbox(tool, given)

    def _carries_out(self, tool: str, arguments: dict[str, Any]) -> bool:
        """Whether a call is one of the sandbox's, and the session would let it through."""
        ours = tool in SHELL_TOOLS or tool in self._lacking
        return ours and self._session.state == "open" and self._outside.grants(ToolCall("", tool, arguments))

    def _in_sandbox(self, tool: str, arguments: dict[str, Any]) -> ToolResult:
        self._count += 1
        call_id = f"shell_{self._session.number}_{self._count}"
        calls = self._outside.calls
        calls.announce(Pending(call_id, tool, 0, arguments))
        try:
            result = self._done(call_id, tool, arguments)
        except ShellOverError as error:
            self._over = str(error)
            result = ToolResult(f"no answer: {error}", is_error=True)
        finally:
            calls.settle(call_id)
        with self._outside.lock:
            record = self._session.replay(tool, arguments, result, call_id=call_id, captured=True)
            calls.move()
        if self._over:
            raise Stopped
        return record.result if record is not None else self._session.handle(tool, arguments)

    def _done(self, call_id: str, tool: str, arguments: dict[str, Any]) -> ToolResult:
        """What came of a call: what a fault of the case says, else what the tool does."""
        said = self._outside.calls.befall(call_id, tool, arguments)
        if said:
            return ToolResult(said, is_error=True)
        if tool not in SHELL_TOOLS:
            known = ", ".join(sorted(SHELL_TOOLS))
            return words.refused(f"Error: No such tool available: {tool}. A sandbox carries out {known}.")
        result = self._tools.call(tool, arguments)
        limit = self._limits.said(result.text) if tool == "Bash" else ""
        if limit:
            self._alarm.exceeded(f"a command says {limit}", severity=Severity.WARNING)
        return ToolResult(result.text.replace(self._token, HIDDEN), result.is_error)


def _lacking(table: OwnToolTable) -> frozenset[str]:
    """The CLI's own tools that work on commands and files, and that no sandbox here carries out: an answer
    of the world's would be about other files than the script's."""
    looks = {tool for tool, what in table.looks.items() if what not in _ELSEWHERE}
    return frozenset({*table.runs, *table.edits, *looks} - SHELL_TOOLS)


def _plain(arguments: Mapping[str, Any]) -> dict[str, Any] | None:
    """The arguments as JSON values; None where they are none."""
    try:
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(dict(arguments)))
    except (TypeError, ValueError, msgspec.MsgspecError):
        return None
    return plain
