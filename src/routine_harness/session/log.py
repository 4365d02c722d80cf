"""The log of one run: its transcript, the calls that were answered, and the findings about them so far."""

from __future__ import annotations

from collections.abc import Iterable

from routine_harness.finding import Finding
from routine_harness.session.answer import Answer, Asked
from routine_harness.session.run import CallRecord, Run
from routine_harness.session.transcript import (
    Call,
    End,
    Entry,
    Message,
    Result,
    RunStatus,
    Start,
    Turn,
    Usage,
)
from routine_harness.trigger.event import Firing
from routine_harness.world.attribution import in_own_words
from routine_harness.world.state import World


class RunLog:
    """Grows only; ``turn`` is the model's turn that comes next, ``usage`` what the run has cost up to now."""

    __slots__ = (
        "_closing", "_depends_on", "_end", "_entries", "_findings", "calls", "number", "turn", "usage",
    )  # fmt: skip

    def __init__(self, number: int, clock: int, prompt: str) -> None:
        self.number = number
        self.turn = 1
        self.usage = Usage()
        self.calls: list[CallRecord] = []
        self._entries: list[Entry] = [Start(number, clock, prompt)]
        self._findings: list[Finding] = []
        self._depends_on: dict[str, None] = {}
        self._closing = ""
        self._end: End | None = None

    def add_turn(self, clock: int, text: str, wake: int = 0) -> None:
        """Keep a further turn of the user; ``wake`` is the number of the wake that it is."""
        if getattr(self._entries[-1], "turn", 0) == self.turn:  # the model has used this turn already
            self.turn += 1
        self._entries.append(Turn(self.number, self.turn, clock, text, wake))

    def add_message(self, clock: int, text: str, turn: int) -> None:
        """Keep what the agent says; the last message is the closing one."""
        self.turn = max(self.turn, turn)
        self._closing = text
        self._entries.append(Message(self.number, self.turn, clock, text))

    def add_call(self, asked: Asked, answer: Answer, clock: int) -> None:
        """Keep a call that was made at ``clock``, with its answer."""
        run, turn, call, result = self.number, asked.turn, asked.call, answer.result
        self.calls.append(CallRecord(
            asked.number, call, result, answer.by, answer.reads, in_own_words(answer.effects),
            answer.complete, turn, asked.id, asked.via, asked.captured, answer.failure,
        ))  # fmt: skip
        self._entries.append(Call(
            run, turn, asked.id, clock, call.name, call.arguments, call.server, asked.via, asked.captured
        ))  # fmt: skip
        self._entries.append(Result(
            run, turn, asked.id, answer.world.clock, result.text, result.is_error, result.structured
        ))  # fmt: skip
        self.add_findings(answer.findings)
        self.depend_on(answer.depends_on)
        # A program's call belongs to the turn of the command that started it.
        self.turn = turn if asked.via else turn + 1

    def add_findings(self, findings: Iterable[Finding]) -> None:
        self._findings += findings

    def depend_on(self, settings: Iterable[str]) -> None:
        """Note settings of the edition on which something in this run depends."""
        self._depends_on.update(dict.fromkeys(settings))

    def close(self, clock: int, status: RunStatus, reason: str) -> None:
        """Keep the end of the run."""
        self._end = End(self.number, self.turn, clock, status, reason, self.usage)
        self._entries.append(self._end)

    def run(self, firing: Firing, prompt: str, before: World, world: World, waiting: tuple[str, ...]) -> Run:
        """The outcome of the run, once it is closed."""
        assert self._end is not None  # noqa: S101 - the caller has closed it
        return Run(
            number=self.number,
            firing=firing,
            prompt=prompt,
            status=self._end.status,
            calls=tuple(self.calls),
            transcript=tuple(self._entries),
            world_before=before,
            world=world,
            closing=self._closing,
            findings=tuple(self._findings),
            usage=self.usage,
            reason=self._end.reason,
            depends_on=tuple(self._depends_on),
            waiting=waiting,
        )
