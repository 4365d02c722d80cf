"""A question of a session and its answer, and who can answer besides the world."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from routine_harness.finding import Finding
from routine_harness.session.run import AnsweredBy
from routine_harness.world.commands import Commands
from routine_harness.world.effect import Effect
from routine_harness.world.recorded import Interaction
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolCall, ToolResult

if TYPE_CHECKING:
    from routine_harness.world.shell.command_reading import Reading

Trust = Literal["world", "recorded"]
"""Whose word counts where both the world and a recording have an answer."""


class Asked(msgspec.Struct, frozen=True):
    """The ``number``-th call of a run, asked of a world; ``recorded`` is what was answered once.

    ``turn`` is the model's; ``via`` is the id of the command through which a program of the sandbox made the
    call; ``captured``: a command whose programs made such calls for all that they did outside.
    """

    world: World
    call: ToolCall
    number: int
    turn: int = 1
    id: str = ""
    via: str = ""
    recorded: ToolResult | None = None
    trust: Trust = "world"
    captured: bool = False

    @property
    def believed(self) -> ToolResult | None:
        """The recorded answer where it decides, as in a session that somebody else recorded."""
        return self.recorded if self.trust == "recorded" else None


class Recorded(Protocol):
    """Interactions that were recorded, played in order; the state of one run."""

    def answer(self, call: ToolCall) -> ToolResult | None:
        """What was answered to this call, or None where nothing matches."""
        ...

    def explain(self, call: ToolCall) -> Sequence[str]:
        """The nearest recorded interactions, a line each, with what differs."""
        ...

    def unplayed(self) -> Sequence[Interaction]:
        """The interactions that nothing has asked for."""
        ...


class OwnTools(Protocol):
    """The agent's own tools as the world answers them."""

    @property
    def commands(self) -> Commands:
        """What programs print, and what of it this run has asked for."""
        ...

    def call(self, world: World, call: ToolCall, *, believed: bool = False) -> Outcome | None:
        """The outcome, or None where the world has no answer to this tool."""
        ...

    def read(self, world: World, command: str) -> Reading:
        """A shell's command read where the run stands now; nothing is done to the world."""
        ...

    def ran(self, world: World, command: str) -> None:
        """Note where a command that somebody else carried out leaves the shell."""
        ...

    def stand_on(self, branch: str) -> None:
        """Note the branch that is checked out, as git has printed it."""
        ...


class Answer(msgspec.Struct, frozen=True):
    """One call answered: the world after it, what the agent gets, and what the transcript keeps.

    ``failure`` are the service's words for why the call failed, in any form of failure; ``depends_on``
    names the settings of the edition that the answer depends on.
    """

    world: World
    result: ToolResult
    by: AnsweredBy
    reads: bool = False
    effects: tuple[Effect, ...] = ()
    complete: bool = True
    findings: tuple[Finding, ...] = ()
    failure: str = ""
    depends_on: tuple[str, ...] = ()
