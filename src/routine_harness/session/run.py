"""A run: the frozen outcome of one session; and a pair of them."""

from __future__ import annotations

from typing import Literal

import msgspec

from routine_harness.finding import Finding
from routine_harness.session.transcript import RunStatus, Transcript, Usage
from routine_harness.trigger.event import Firing
from routine_harness.world.effect import Effect
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall, ToolResult

AnsweredBy = Literal["world", "recorded", "fault", "refused", "own"]


class CallRecord(msgspec.Struct, frozen=True):
    """One tool call with its answer; ``number`` counts from 1 in its run.

    ``reads``: the call looks at the world. ``complete`` is false where the world knows the thing only by
    key. ``via`` is the id of the command that
    made the call from inside the sandbox; ``captured`` says that a command's own words need no
    reading, because what it did is in such calls. ``failure`` are the service's words for why it
    failed, also where the answer is not flagged as an error.
    """

    number: int
    call: ToolCall
    result: ToolResult
    answered_by: AnsweredBy
    reads: bool
    effects: tuple[Effect, ...] = ()
    complete: bool = True
    turn: int = 1
    id: str = ""
    via: str = ""
    captured: bool = False
    failure: str = ""

    @property
    def failed(self) -> bool:
        return bool(self.failure) or self.result.is_error


class Run(msgspec.Struct, frozen=True):
    """The outcome of one session. ``status`` says how it ended, never whether it did right.

    ``elapsed`` are the seconds that a recorded run took by its own clock; ``depends_on`` names the
    settings of the edition on which its answers hang; ``waiting`` holds the texts of the turns that were
    still to come when it ended; ``condensed``: the log that it is played from leaves events out.
    """

    number: int
    firing: Firing
    prompt: str
    status: RunStatus
    calls: tuple[CallRecord, ...]
    transcript: Transcript
    world_before: World
    world: World
    closing: str = ""
    findings: tuple[Finding, ...] = ()
    usage: Usage = Usage()
    reason: str = ""
    elapsed: int = 0
    depends_on: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    condensed: bool = False

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Every effect, in order: applied, refused and unchanged."""
        return tuple(effect for call in self.calls for effect in call.effects)

    @property
    def applied(self) -> tuple[Effect, ...]:
        return tuple(effect for effect in self.effects if effect.outcome == "applied")

    @property
    def tickets(self) -> tuple[Effect, ...]:
        """The tickets that were created."""
        return tuple(effect for effect in self.applied if effect.kind == "ticket.created")

    @property
    def messages(self) -> tuple[Effect, ...]:
        """The messages that were posted."""
        return tuple(effect for effect in self.applied if effect.kind == "message.posted")


class RunPair(msgspec.Struct, frozen=True):
    """Two runs of one case on carried-over state; ``second`` is None where only one is recorded."""

    first: Run
    second: Run | None = None

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs that there are, in order."""
        return (self.first,) if self.second is None else (self.first, self.second)
