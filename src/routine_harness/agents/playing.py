"""The recorded agent: plays the transcripts of a recording, call by call, against the world.

What misses is a finding that names what differs and the command that mends it, never an error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from routine_harness.agents.difference import describe_text_difference
from routine_harness.agents.recording import Recording, missed
from routine_harness.finding import Finding, Severity
from routine_harness.redaction.redactor import unnumbered
from routine_harness.routine.render import holds_context
from routine_harness.session.run import CallRecord, Run
from routine_harness.session.session import Session
from routine_harness.session.transcript import Call, End, Entry, Message, Result, Start, Turn
from routine_harness.world.tool import ToolResult


def play_recording(
    recording: Recording, session: Session, *, command: str, redact: Callable[[str], str] = str
) -> Run | None:
    """Play one run of ``recording``; None where it holds no such run.

    What the world models is answered by the world again and compared with what was recorded, both
    as ``redact`` leaves them; an imported recording's own answers stand. ``command`` records anew.
    """
    entries = recording.runs.get(session.number)
    if not entries:
        return None
    return _Player(recording, session, entries, command, redact).play()


class _Player:
    """Plays the entries of one run and notes what misses."""

    def __init__(
        self,
        recording: Recording,
        session: Session,
        entries: tuple[Entry, ...],
        command: str,
        redact: Callable[[str], str],
    ) -> None:
        self._recording = recording
        self._session = session
        self._entries = entries
        self._command = command
        self._redact = redact
        self._imported = recording.header.origin == "imported"
        self._diverged: list[tuple[CallRecord, ToolResult]] = []

    def play(self) -> Run:
        results = {entry.id: entry for entry in self._entries if isinstance(entry, Result)}
        end: End | None = None
        agent = self._recording.header.agent
        self._session.stand_on(agent.branch, agent.folder)
        for position, entry in enumerate(self._entries):
            if end is not None or self._session.state != "open":
                self._left_over(position)
                break
            if isinstance(entry, Message):
                self._session.say(entry.text, turn=entry.turn)
            elif isinstance(entry, Turn):
                self._hear(entry)
            elif isinstance(entry, Call):
                result = results.get(entry.id)
                if result is None:  # the recording breaks off at it
                    break
                if not self._call(entry, result):
                    self._left_over(position)
                    break
            elif isinstance(entry, End):
                end = entry
        self._report_divergence()
        condensed = self._recording.header.condensed is True
        return msgspec.structs.replace(self._finish(end), elapsed=self._elapsed(end), condensed=condensed)

    def _elapsed(self, end: End | None) -> int:
        """How long the run took by the recorded clock."""
        begun = next((entry.time for entry in self._entries if isinstance(entry, Start)), None)
        return max(0, end.time - begun) if end is not None and begun is not None else 0

    def _hear(self, turn: Turn) -> None:
        """The next turn comes where it came when it was recorded: an imported one as it was worded.

        An imported recording names no wakes: each turn but the trigger's context is the next one.
        """
        left = self._session.wakes_left
        number = turn.wake
        if self._imported and left and not (self._session.waiting and holds_context(turn.text)):
            number = left[0]
        if number and self._session.wake(number, turn.text if self._imported else None) is not None:
            return
        if self._imported or not self._session.waiting:
            self._session.hear(turn.text)
        else:
            self._session.next_turn()

    def _call(self, call: Call, result: Result) -> bool:
        """Play one call; False where the session does not let it through."""
        recorded = ToolResult(result.text, result.is_error, result.structured)
        record = self._session.replay(
            call.tool,
            call.arguments,
            recorded,
            server=call.server,
            turn=call.turn,
            call_id=call.id,
            trust="recorded" if self._imported or self._was_real(call) else "world",
            via=call.via,
            captured=call.captured,
        )
        if record is None:
            return False
        if record.result is not recorded and self._differs(record, recorded):
            self._diverged.append((record, recorded))
        return True

    def _was_real(self, call: Call) -> bool:
        """Whether the call's connector was read from a real server, so that no world knows its answers."""
        return call.tool.partition(".")[0] in self._recording.header.agent.through

    def _differs(self, record: CallRecord, recorded: ToolResult) -> bool:
        got = record.result
        if got.text == recorded.text and got.is_error == recorded.is_error:
            return False
        if record.answered_by == "refused" and (recorded.is_error or self._imported):
            return (
                False  # an imported answer may say no in the service's words; the refusal has its own finding
            )
        if got.is_error != recorded.is_error:
            return True
        # Placeholders are numbered per file, and this run may meet the secrets in another order.
        return unnumbered(self._redact(got.text)) != unnumbered(recorded.text)

    def _finish(self, end: End | None) -> Run:
        session = self._session
        agent = self._recording.header.agent
        if agent.without:
            session.add_finding(lacked_plugins(agent.without))
        for connector in filter(session.grants, agent.silent):
            session.add_finding(offered_nothing(connector))
        if orphans := orphaned_results(self._entries):
            session.add_finding(results_without_call(len(orphans)))
        if end is None and session.state == "open":
            calls = len(session.calls)
            where = f"after call {calls}" if calls else "before the first call"
            message = f"the recording of run {session.number} ends {where}, before the session does"
            cut = self._recording.cut
            session.add_finding(self._missed("exhausted", message, line=cut, calls=(calls,) if calls else ()))
            return session.finish("failed", "the recording is exhausted")
        if end is not None and session.state == "open":
            session.spend(end.usage)
            return session.finish(end.status, end.reason)
        return session.finish()

    def _left_over(self, position: int) -> None:
        rest = [entry for entry in self._entries[position:] if isinstance(entry, Call)]
        if not rest and all(isinstance(entry, Result | End) for entry in self._entries[position:]):
            return
        run = self._session.number
        if rest:
            named = ", ".join(call.tool for call in rest[:3]) + (", …" if len(rest) > 3 else "")
            calls = "1 recorded call" if len(rest) == 1 else f"{len(rest)} recorded calls"
            message = f"{calls} of run {run} {'was' if len(rest) == 1 else 'were'} not played: {named}"
        else:
            message = f"a message that stands after the end of run {run} was not played"
        self._session.add_finding(self._missed("left-over", message))

    def _report_divergence(self) -> None:
        if not self._diverged:
            return
        record, recorded = self._diverged[0]
        more = len(self._diverged) - 1
        message = f"call {record.number}, {record.call.name}, is answered otherwise than it was recorded"
        if more:
            message += f"; so are {more} more"
        now = unnumbered(self._redact(record.result.text))
        detail = describe_text_difference(unnumbered(recorded.text), now)
        if record.result.is_error != recorded.is_error:
            detail = (f"recorded {_kind(recorded)}, now {_kind(record.result)}", *detail)
        numbers = tuple(record.number for record, _ in self._diverged)
        self._session.add_finding(self._missed("diverged", message, detail=detail, calls=numbers))

    def _missed(
        self,
        kind: str,
        message: str,
        *,
        line: int = 0,
        detail: tuple[str, ...] = (),
        calls: tuple[int, ...] = (),
    ) -> Finding:
        file = self._recording.file
        return missed(kind, message, file, self._command, line=line, detail=detail, calls=calls)


def lacked_plugins(names: Sequence[str]) -> Finding:
    """``plugin.absent``: plugins that a session of the platform would have had, and the run lacked."""
    several = len(names) > 1
    which = f"the plugin{'s' if several else ''} {', '.join(names)}"
    return Finding(
        code="plugin.absent",
        message=f"the repository enables {which}, and the dry run ran without {'them' if several else 'it'}",
        severity=Severity.WARNING,
        hint="by the platform's rules of that date a session installs it; here nothing can be fetched",
        data={"plugins": [*names]},
    )


def offered_nothing(connector: str) -> Finding:
    """``connector.offers-nothing``: nobody can call a connector that lists no tool."""
    return Finding(
        code="connector.offers-nothing",
        message=f"the connector {connector} was connected and offered no tool",
        hint="authorise it anew, or look at its server: the routine could not have used it",
        data={"connector": connector},
    )


def orphaned_results(entries: Sequence[Entry]) -> tuple[str, ...]:
    """The ids of results whose calls are not among the entries."""
    called = {entry.id for entry in entries if isinstance(entry, Call)}
    return tuple(entry.id for entry in entries if isinstance(entry, Result) and entry.id not in called)


def results_without_call(count: int) -> Finding:
    """``import.result-without-call``: a part of the session is in another file."""
    return Finding(
        code="import.result-without-call",
        message=f"{count} {'result' if count == 1 else 'results'} without a call in the file",
        severity=Severity.WARNING,
        hint="the session was resumed, forked or cut: import the file that holds its beginning as well",
    )


def _kind(result: ToolResult) -> str:
    return "an error" if result.is_error else "an answer"
