"""What a call and its answer come to: effects with their outcomes, a failure, a look.

A world, a recording, a fault or a refusal may have answered: the outcomes are decided here alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from routine_harness.session.answer import Asked, OwnTools
from routine_harness.session.evidence import Printed, proved_effects
from routine_harness.world.effect import Effect, EffectOutcome
from routine_harness.world.effect_table import attempted_effects, recognised
from routine_harness.world.failures import failure_of
from routine_harness.world.outcomes import refused_effects, settled_effects
from routine_harness.world.own_words import NOTHING_PRINTED
from routine_harness.world.registry import Registry
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolCall, ToolResult

OPAQUE = "command.opaque"


class Told(NamedTuple):
    """What an answer tells of a call: its effects with what became of them, why it failed (empty: it
    did not), and whether the call looks at something."""

    effects: tuple[Effect, ...]
    failure: str
    reads: bool


class Account:
    """Tells of the calls of one run; ``own`` knows where its shell stands."""

    __slots__ = ("_own", "_registry", "_variables")

    def __init__(self, registry: Registry, variables: Mapping[str, str], own: OwnTools | None) -> None:
        self._registry = registry
        self._variables = variables
        self._own = own

    def attempted(self, asked: Asked, result: ToolResult) -> Told:
        """What the call attempts by the table, in the words that the world has for its ids, and what
        ``result`` tells of it."""
        call, command = asked.call, self._registry.command_of(asked.call)
        looks = False
        if command is None:
            read = attempted_effects(call, self._registry, self._variables)
        else:
            read, looks = self._read(asked.world, command)
        told = self.judged(call, recognised(read, asked.world, self._registry), result, read=looks)
        return told._replace(effects=stamped(told.effects, call, asked.number))

    def judged(self, call: ToolCall, effects: Sequence[Effect], result: ToolResult, *, read: bool) -> Told:
        """``effects`` with what became of them by ``result``; ``read``: the command looks at something."""
        command = self._registry.command_of(call)
        looks = self.looks(call, effects, result, read=read)
        if command is None:
            failure = failure_of(call, result)
            return Told(by_the_answer(effects, failure), failure, looks)
        printed = Printed.of(result, command, self._variables)
        return Told(proved_effects(effects, printed), printed.failure, looks)

    def looks(self, call: ToolCall, effects: Sequence[Effect], result: ToolResult, *, read: bool) -> bool:
        """Whether ``call`` is a look; ``read`` says whether its command, as it was read, looks at something.

        Of a program that cannot be read, what it printed shows that it looked.
        """
        if call.connector:
            return self._registry.access(call).kind == "read"
        if self._registry.command_of(call) is None:
            return call.tool in self._registry.own_tools.looks
        opaque = any(effect.kind == OPAQUE for effect in effects)
        printed = result.text.strip() not in ("", NOTHING_PRINTED)
        return read or (opaque and not result.is_error and printed)

    def _read(self, world: World, command: str) -> tuple[tuple[Effect, ...], bool]:
        """The effects that a command attempts where the run stands, and whether it looks at something."""
        # Imported here: the shell's grammar costs 20 ms that a run without commands need not pay.
        from routine_harness.world.shell.attempts import act_effects
        from routine_harness.world.shell.reading import read_shell

        own = self._own
        reading = own.read(world, command) if own is not None else read_shell(command, self._variables)
        return tuple(effect for act in reading.acts for effect in act_effects(act)), reading.looks


def stamped(effects: Iterable[Effect], call: ToolCall, number: int) -> tuple[Effect, ...]:
    """``effects`` with the call's number and its tool."""
    return tuple(msgspec.structs.replace(effect, call=number, tool=call.name) for effect in effects)


def by_the_world(outcome: Outcome, before: World, failure: str) -> tuple[Effect, ...]:
    """The effects of the world's answer. A ``failure`` refuses them, even if the answer reports success."""
    if failure and not outcome.result.is_error:
        return refused_effects(outcome.effects, failure)
    return settled_effects(outcome, before)


def by_the_answer(effects: Sequence[Effect], failure: str) -> tuple[Effect, ...]:
    """The effects of the service's own answer. Its success counts, even where a world would refuse."""
    if failure:
        return refused_effects(tuple(effects), failure)
    became: EffectOutcome = "applied"
    return tuple(
        msgspec.structs.replace(effect, outcome=became) if effect.outcome == "refused" else effect
        for effect in effects
    )
