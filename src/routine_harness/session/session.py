"""One run as a state machine without I/O: it answers tool calls and keeps the transcript.

It knows no agent, no file and no clock but the world's. ``session.answering`` answers the calls,
``session.lifecycle`` says what is legal when.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from routine_harness.finding import Finding
from routine_harness.plain import Json
from routine_harness.routine.spec import Routine
from routine_harness.session.answer import Answer, Asked, Trust
from routine_harness.session.answering import Answering
from routine_harness.session.faults import Fault
from routine_harness.session.lifecycle import (
    DEFAULT_BUDGET,
    ENDING,
    TRANSITIONS,
    Budget,
    Event,
    IllegalEvent,
    State,
    explain_illegal,
)
from routine_harness.session.log import RunLog
from routine_harness.session.run import CallRecord, Run
from routine_harness.session.transcript import RunStatus, Usage
from routine_harness.session.wakes import Incoming, Wakes
from routine_harness.trigger.event import Firing
from routine_harness.world.commands import Commands
from routine_harness.world.effect import Effect
from routine_harness.world.registry import Registry
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall, ToolResult


class Session:
    """A run in progress.

    The agent's side is ``prompt``, ``next_turn``, ``wait``, ``known_firing``, ``call`` and ``say``, which
    never raise: what is refused is a result with ``is_error``. The harness's side is ``handle`` (a call
    as a server receives it), ``replay``, ``wake``, ``spend``, ``add_finding`` and ``finish``.
    """

    __slots__ = (
        "_answering", "_before", "_budget", "_cut", "_log", "_prompt", "_state", "_told", "_waiting",
        "_wakes", "firing", "number", "world",
    )  # fmt: skip

    def __init__(
        self,
        routine: Routine,
        world: World,
        firing: Firing,
        prompt: str,
        registry: Registry,
        *,
        later: tuple[str, ...] = (),
        told: bool = True,
        number: int = 1,
        answering: Answering | None = None,
        faults: tuple[Fault, ...] = (),
        budget: Budget = DEFAULT_BUDGET,
        strict: bool = False,
        cut: int = 0,
        wakes: tuple[Incoming, ...] = (),
    ) -> None:
        """``later`` are the texts of the turns that come after the first one, ``told`` says whether that
        one tells of the firing; ``answering`` says who answers what a world cannot; ``number`` is the
        run's, 1 or 2. After call number ``cut`` the session dies: what the call did stays done. ``wakes``
        come when the agent waits."""
        self.number = number
        self.firing = firing
        self.world = world
        self._before = world
        self._prompt = prompt
        self._waiting = later
        self._told = told
        self._budget = budget
        self._cut = cut
        self._answering = answering or Answering(routine, registry, faults=faults, run=number, strict=strict)
        self._state: State = "open"
        self._log = RunLog(number, world.clock, prompt)
        self._wakes = Wakes(wakes, world.clock)

    @property
    def prompt(self) -> str:
        """The rendered prompt with the context blocks that the platform injects."""
        return self._prompt

    @property
    def waiting(self) -> tuple[str, ...]:
        """The texts of the turns that have not come yet."""
        return self._waiting

    @property
    def wakes_left(self) -> tuple[int, ...]:
        """The numbers of the wakes that have not come yet, from 1."""
        return self._wakes.left

    @property
    def known_firing(self) -> Firing:
        """The firing as an agent knows it by now: before its context has come, only its kind and its time."""
        if self._told:
            return self.firing
        event = self.firing.event
        unknown = msgspec.structs.replace(event, name=event.kind, payload={}, id="")
        return msgspec.structs.replace(self.firing, event=unknown)

    @property
    def now(self) -> datetime:
        """The world's time, in UTC; a second passes with every call."""
        return datetime.fromtimestamp(self.world.clock, UTC)

    @property
    def state(self) -> State:
        return self._state

    @property
    def died(self) -> bool:
        """Whether the session has been cut off: nobody reads an answer any more."""
        return 0 < self._cut <= len(self._log.calls)

    @property
    def budget(self) -> Budget:
        """What this run may use."""
        return self._budget

    @property
    def calls(self) -> tuple[CallRecord, ...]:
        """The calls answered so far."""
        return tuple(self._log.calls)

    @property
    def effects(self) -> tuple[Effect, ...]:
        """The effects so far."""
        return tuple(effect for record in self._log.calls for effect in record.effects)

    def next_turn(self) -> str | None:
        """End the turn and take the next one: its text, None where no further one comes."""
        if not self._waiting or self._state != "open":
            return None
        text = self._waiting[0]
        self.hear(text)
        return text

    def hear(self, text: str) -> None:
        """Take a further turn of the user, ``text``; it stands for the first of those that wait."""
        if not self._step("hear"):
            return
        self._waiting, self._told = self._waiting[1:], True
        self._log.add_turn(self.world.clock, text)

    def wait(self) -> str | None:
        """End the turn and take what comes next: its text, None where nothing more comes.

        A turn that waits comes before a wake. The world's clock goes on to the time of the wake.
        """
        if self._waiting or self._state != "open":
            return self.next_turn()
        return self.wake(self._wakes.due(self.world, self.effects, len(self._log.calls)))

    def wake(self, number: int, text: str | None = None) -> str | None:
        """Let wake ``number`` come, whether it is due or not: its text, None where there is nothing to tell.
        With ``text`` it is worded so."""
        if self._state != "open":
            return None
        arrival = self._wakes.take(number, self.world, self.effects)
        if arrival is None:
            return None
        self._step("hear")
        self.world, self._told = arrival.world, True
        said = arrival.text if text is None else text
        self._log.add_turn(self.world.clock, said, number)
        return said

    def call(self, tool: str, /, **arguments: Json) -> ToolResult:
        """Call ``connector.tool``, or one of the agent's own tools by its bare name."""
        return self.handle(tool, arguments)

    def say(self, text: str, *, turn: int = 0) -> None:
        """Say something; the last thing said is the closing message.

        After the end nobody listens any more: nothing is kept.
        """
        if not self._step("say"):
            return
        said = str(text)
        self._log.add_findings(self._answering.check_said(said))
        self._log.add_message(self.world.clock, said, turn)
        self._wakes.hear(said)

    def handle(
        self,
        tool: str,
        arguments: Mapping[str, Json],
        *,
        server: str = "",
        turn: int = 0,
        call_id: str = "",
        via: str = "",
    ) -> ToolResult:
        """Answer one call of ``tool``, in any of its spellings.

        ``turn`` is the model's where it is known; else every call is a turn of its own. ``via`` is
        the id of the command through which a program of the sandbox made the call.
        """
        return self._answer(tool, arguments, server=server, turn=turn, call_id=call_id, via=via)

    def replay(
        self,
        tool: str,
        arguments: Mapping[str, Json],
        recorded: ToolResult,
        *,
        server: str = "",
        turn: int = 0,
        call_id: str = "",
        trust: Trust = "world",
        via: str = "",
        captured: bool = False,
    ) -> CallRecord | None:
        """Answer a recorded call; ``recorded`` is what was answered then.

        With ``trust`` ``world`` what the world models is answered by it again, so that the caller
        can compare; with ``recorded`` the recorded answer stands and only the effects are the
        world's. None where the session is not open any more. With ``captured`` a command's outward acts
        are calls of their own (``via``), and the command is not read for them.
        """
        calls = self._log.calls
        answered = len(calls)
        self._answer(
            tool, arguments, server=server, turn=turn, call_id=call_id, via=via,
            recorded=recorded, trust=trust, captured=captured,
        )  # fmt: skip
        return calls[-1] if len(calls) > answered else None

    @property
    def commands(self) -> Commands:
        """What programs print where nobody runs them, and which of it this run has asked for."""
        return self._answering.commands

    def grants(self, connector: str) -> bool:
        """Whether the routine of this run grants a connector."""
        return self._answering.grants(connector)

    def stand_on(self, branch: str, folder: str = "") -> None:
        """Note the branch that was checked out when a recorded session began, and where it worked."""
        self._answering.stand_on(branch)
        self._answering.work_in(folder)

    def spend(self, usage: Usage) -> None:
        """Note what the run has cost up to now, as the agent's driver reports it."""
        self._log.usage = usage

    def depend_on(self, *settings: str) -> None:
        """Note the settings of the edition on which something in this run depends."""
        self._log.depend_on(settings)

    def add_finding(self, finding: Finding) -> None:
        """Keep what an agent's driver observed about this run."""
        self._log.add_findings([msgspec.structs.replace(finding, run=self.number)])

    def finish(self, status: RunStatus = "finished", reason: str = "") -> Run:
        """End the session and give the run.

        A session that its budget or its death has ended already stays so.

        Raises:
            IllegalEvent: the session was finished, failed or interrupted before.
        """
        if self._state != "over_budget" and not self.died:
            self._finish(status, reason)
            if status == "finished":
                self._log.add_findings(self._answering.leftovers(self.world))
                self._log.add_findings(self._idle_wakes())
        return self._log.run(self.firing, self._prompt, self._before, self.world, self._waiting)

    def _idle_wakes(self) -> list[Finding]:
        return [msgspec.structs.replace(finding, run=self.number) for finding in self._wakes.idle()]

    def _answer(
        self,
        tool: str,
        arguments: Mapping[str, Json],
        *,
        server: str,
        turn: int,
        call_id: str,
        via: str,
        recorded: ToolResult | None = None,
        trust: Trust = "world",
        captured: bool = False,
    ) -> ToolResult:
        if not self._step("call"):
            return ToolResult(explain_illegal(f"call {tool}", self._state), is_error=True)
        number = len(self._log.calls) + 1
        turn = turn or self._log.turn
        seconds = self.world.clock - self._before.clock
        exceeded = self._budget.exceeded(turns=turn, calls=number, seconds=seconds, usage=self._log.usage)
        if exceeded:
            self._finish("over_budget", f"{exceeded} are used up; {tool} was not let through")
            return ToolResult(f"the budget of this session is used up: {exceeded}", is_error=True)
        call = self._answering.tool_call(tool, arguments, server)
        world = self.world.at(self.world.clock + 1) if call is not None else self.world
        asked = Asked(
            world, call or ToolCall("", str(tool), {}), number, turn,
            call_id or f"call_{self.number}_{number}", via, recorded, trust, captured,
        )  # fmt: skip
        if call is None:
            refusal = ToolResult("the arguments are not JSON values", is_error=True)
            return self._keep(asked, Answer(world, refusal, "refused"))
        return self._keep(asked, self._answering.answer(asked))

    def _keep(self, asked: Asked, answer: Answer) -> ToolResult:
        result = answer.result
        if self._state != "open":  # a script that was given up on while it was being answered
            return result
        self._log.add_call(asked, answer, self.world.clock)
        self.world = answer.world
        if asked.number == self._cut:
            self._finish("interrupted", f"the session died after call {asked.number}")
        return result

    def _step(self, event: Event) -> bool:
        """Take the transition for ``event``; False, and nothing changed, where there is none."""
        following = TRANSITIONS.get((self._state, event))
        if following is None:
            return False
        self._state = following
        return True

    def _finish(self, status: RunStatus, reason: str) -> None:
        event = ENDING[status]
        if not self._step(event):
            raise IllegalEvent(event, self._state)
        self._log.close(self.world.clock, status, reason)
