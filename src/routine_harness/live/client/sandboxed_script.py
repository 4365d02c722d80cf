"""Scripted agents with ``shell: sandbox``: a script whose commands run in the sandbox of live runs.

No model, no key, no CLI: the script is the client of the sandbox. Its commands and files are there, all else
is in its session; what a command does outside reaches the session by itself, as of the real CLI.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from routine_harness.agents.recording import Recorder
from routine_harness.agents.scripted import Script, Stopped
from routine_harness.case.plan import Setting
from routine_harness.live.client.live_pair import LivePair
from routine_harness.live.client.live_run import LiveRun
from routine_harness.live.outside.calls import Pending
from routine_harness.live.outside.outside import Outside
from routine_harness.live.sandbox.alarm import Alarm
from routine_harness.live.sandbox.isolation import CONTAINED, Isolation
from routine_harness.live.sandbox.layout import HIDDEN
from routine_harness.live.sandbox.limits import LIMITS, Limits, note_refusal
from routine_harness.live.sandbox.scratch import Scratch, scratch_folder
from routine_harness.live.sandbox.shell import Shell, ShellOverError, worker_words
from routine_harness.live.sandbox.shell_tools import SHELL_TOOLS, ShellTools
from routine_harness.live.sandbox.view import Program
from routine_harness.plain import Json, Record
from routine_harness.routine.edition_rules import OwnToolTable
from routine_harness.session.run import Run
from routine_harness.session.session import Session
from routine_harness.world import own_answers as words
from routine_harness.world.tool import ToolCall, ToolResult


class SandboxedScript:
    """Runs a script's sessions of one pair; ``recorder`` says in what it ran."""

    def __init__(self, live_pair: LivePair, script: Script) -> None:
        self._live_pair = live_pair
        self._script = script
        self.recorder = Recorder(script.name, isolation=str(live_pair.isolation))

    def run(self, session: Session) -> Run:
        """Execute one session; there is always a run.

        Raises:
            AgentError: the sandbox cannot be started.
        """
        self._live_pair.follow(session.world)
        return self._script.run_with(session, self._standing(session, self._live_pair.scratch(session)))

    @contextlib.contextmanager
    def _standing(self, session: Session, scratch: Scratch) -> Iterator[Hands]:
        """The script's hands, with the sandbox around them; everything ended afterwards."""
        live_pair, token = self._live_pair, secrets.token_hex(16)
        live_run = LiveRun(live_pair, session, scratch, token)
        live_run.workplace.set_up(live_run.authority)
        self.recorder = Recorder(
            self._script.name, isolation=str(live_pair.isolation), clock=live_run.clock.kind
        )

        def build(_: Sequence[int]) -> Program:
            words = live_run.workplace.launched(worker_words(scratch.tools, live_run.layout.tools))
            return Program(words, {}, live_run.workplace.folder, converses=True)

        with live_run.standing(build) as contained:
            tools = ShellTools(Shell(contained, live_run.alarm))
            table = live_pair.setting.edition.own_tools
            yield Hands(live_run.outside, tools, live_run.alarm, table, live_pair.limits, token)
        live_run.report()


@contextlib.contextmanager
def sandboxed_script(
    setting: Setting, script: Script, isolation: Isolation = CONTAINED, limits: Limits = LIMITS
) -> Iterator[SandboxedScript]:
    """An agent for one pair; its folders and processes are always gone afterwards."""
    with scratch_folder() as root:
        yield SandboxedScript(LivePair(setting, root, isolation, limits=limits), script)


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

    def call(self, tool: str, arguments: Mapping[str, Json]) -> ToolResult:
        """Answer a call of the script.

        Raises:
            Stopped: the sandbox has ended, and with it the run.
        """
        with self._one_by_one:
            if self.trouble:
                raise Stopped
            given = _as_json(arguments)
            if given is None or not self._carries_out(tool, given):
                return self._outside.asked(tool, arguments)
            return self._in_sandbox(tool, given)

    def _carries_out(self, tool: str, arguments: Record) -> bool:
        """Whether a call is one of the sandbox's, and the session would let it through."""
        ours = tool in SHELL_TOOLS or tool in self._lacking
        return ours and self._session.state == "open" and self._outside.grants(ToolCall("", tool, arguments))

    def _in_sandbox(self, tool: str, arguments: Record) -> ToolResult:
        self._count += 1
        call_id = f"shell_{self._session.number}_{self._count}"
        calls = self._outside.calls
        pending = Pending(call_id, tool, 0, arguments)
        calls.announce(pending)
        try:
            result = self._done(call_id, tool, arguments)
        except ShellOverError as error:
            self._over = str(error)
            result = ToolResult(f"no answer: {error}", is_error=True)
        finally:
            calls.settle(call_id)
        record = calls.record(pending, result)
        if self._over:
            raise Stopped
        return record.result if record is not None else self._session.handle(tool, arguments)

    def _done(self, call_id: str, tool: str, arguments: Record) -> ToolResult:
        """What came of a call: what a fault of the case says, else what the tool does."""
        said = self._outside.calls.befall(call_id, tool, arguments)
        if said:
            return ToolResult(said, is_error=True)
        if tool not in SHELL_TOOLS:
            known = ", ".join(sorted(SHELL_TOOLS))
            return words.refused(f"Error: No such tool available: {tool}. A sandbox carries out {known}.")
        result = self._tools.call(tool, arguments)
        if tool == "Bash":
            note_refusal(self._limits, result.text, self._alarm)
        return ToolResult(result.text.replace(self._token, HIDDEN), result.is_error)


def _lacking(table: OwnToolTable) -> frozenset[str]:
    """The CLI's own tools that work on commands and files, and that no sandbox here carries out: an answer
    of the world's would be about other files than the script's."""
    looks = {tool for tool, what in table.looks.items() if what not in _ELSEWHERE}
    return frozenset({*table.runs, *table.edits, *looks} - SHELL_TOOLS)


def _as_json(arguments: Mapping[str, Json]) -> Record | None:
    """The arguments as JSON values; None where they are none."""
    try:
        plain: Record = msgspec.json.decode(msgspec.json.encode(dict(arguments)))
    except (TypeError, ValueError, msgspec.MsgspecError):
        return None
    return plain
