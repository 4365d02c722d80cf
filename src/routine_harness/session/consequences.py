"""The consequences of a call and its answer: effects with their outcomes, a failure, a look, findings.

A world, a recording, a fault or a refusal may have answered: what follows is decided here alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from routine_harness.finding import Finding
from routine_harness.session.answer import Answer, Asked, OwnTools
from routine_harness.session.gaps import outcome_gaps
from routine_harness.session.proof import Printed, proved_effects
from routine_harness.session.run import AnsweredBy
from routine_harness.world.effect import Effect, EffectOutcome
from routine_harness.world.effect_table import attempted_effects, recognised
from routine_harness.world.failures import failure_of, refused_effects, settled_effects
from routine_harness.world.own_answers import NOTHING_PRINTED
from routine_harness.world.registry import Registry
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolCall, ToolResult

OPAQUE: Final = "command.opaque"


class Judged(NamedTuple):
    """Effects with their outcomes, why the call failed (empty: it did not), and whether it looks at
    something."""

    effects: tuple[Effect, ...]
    failure: str
    looks: bool


class Consequences:
    """Draws the consequences of the calls of one run; ``own`` knows where its shell stands."""

    __slots__ = ("_own", "_registry", "_run", "_strict", "_variables")

    def __init__(
        self,
        registry: Registry,
        variables: Mapping[str, str],
        own: OwnTools | None = None,
        *,
        run: int = 1,
        strict: bool = False,
    ) -> None:
        self._registry = registry
        self._variables = variables
        self._own = own
        self._run = run
        self._strict = strict

    def of_result(
        self, asked: Asked, result: ToolResult, by: AnsweredBy, findings: tuple[Finding, ...] = ()
    ) -> Answer:
        """The answer ``result`` that no world gave: the call's effects are those that it attempts by the
        table, in the words that the world has for its ids; the world stays as it was."""
        call, command = asked.call, self._registry.command_of(asked.call)
        looks = False
        if command is None:
            attempted = attempted_effects(call, self._registry, self._variables)
        else:
            attempted, looks = self._read(asked.world, command)
        judged = self.judged(call, recognised(attempted, asked.world, self._registry), result, looks=looks)
        effects = stamped(judged.effects, call, asked.number)
        return Answer(asked.world, result, by, judged.looks, effects, True, findings, judged.failure)

    def of_outcome(
        self,
        asked: Asked,
        outcome: Outcome,
        by: AnsweredBy,
        effects: Sequence[Effect],
        failure: str = "",
        *,
        looks: bool,
    ) -> Answer:
        """The answer that a world gave, with findings where the world had only a part of it."""
        opaque = all(effect.kind == OPAQUE for effect in effects)
        gaps = outcome_gaps(
            asked, outcome, looks=looks, acts=bool(effects), strict=self._strict,
            opaque=opaque and self._registry.command_of(asked.call) is not None,
        )  # fmt: skip
        findings = tuple(msgspec.structs.replace(gap, run=self._run, calls=(asked.number,)) for gap in gaps)
        depends_on = () if asked.believed is not None else outcome.depends_on
        complete = not outcome.incomplete and not outcome.unanswered
        done = stamped(effects, asked.call, asked.number)
        return Answer(outcome.world, outcome.result, by, looks, done, complete, findings, failure, depends_on)

    def judged(self, call: ToolCall, effects: Sequence[Effect], result: ToolResult, *, looks: bool) -> Judged:
        """``effects`` with their outcomes by ``result``; ``looks``: the command, as it was read, looks at
        something."""
        command = self._registry.command_of(call)
        looks = self._looks(call, effects, result, looks=looks)
        if command is None:
            failure = failure_of(call, result)
            return Judged(_answered(effects, failure), failure, looks)
        printed = Printed.of(result, command, self._variables)
        return Judged(proved_effects(effects, printed), printed.failure, looks)

    def _looks(self, call: ToolCall, effects: Sequence[Effect], result: ToolResult, *, looks: bool) -> bool:
        """Whether ``call`` looks at something. The output of a program that cannot be read shows that it
        looked."""
        if call.connector:
            return self._registry.access(call).kind == "read"
        if self._registry.command_of(call) is None:
            return call.tool in self._registry.own_tools.looks
        opaque = any(effect.kind == OPAQUE for effect in effects)
        printed = result.text.strip() not in ("", NOTHING_PRINTED)
        return looks or (opaque and not result.is_error and printed)

    def _read(self, world: World, command: str) -> tuple[tuple[Effect, ...], bool]:
        """The effects that a command attempts where the run stands, and whether it looks at something."""
        # Imported here: the shell's grammar costs 20 ms that a run without commands need not pay.
        from routine_harness.world.shell.act_effects import act_effects
        from routine_harness.world.shell.command_reading import read_shell

        own = self._own
        reading = own.read(world, command) if own is not None else read_shell(command, self._variables)
        return tuple(effect for act in reading.acts for effect in act_effects(act)), reading.looks


def stamped(effects: Iterable[Effect], call: ToolCall, number: int) -> tuple[Effect, ...]:
    """``effects`` with the call's number and its tool."""
    return tuple(msgspec.structs.replace(effect, call=number, tool=call.name) for effect in effects)


def carried_out(outcome: Outcome, before: World, failure: str) -> tuple[Effect, ...]:
    """The effects of the world's answer. A ``failure`` refuses them, even if the answer reports success."""
    if failure and not outcome.result.is_error:
        return refused_effects(outcome.effects, failure)
    return settled_effects(outcome, before)


def _answered(effects: Sequence[Effect], failure: str) -> tuple[Effect, ...]:
    """The effects of the service's own answer. Its success counts, even where a world would refuse."""
    if failure:
        return refused_effects(tuple(effects), failure)
    applied: EffectOutcome = "applied"
    return tuple(
        msgspec.structs.replace(effect, outcome=applied) if effect.outcome == "refused" else effect
        for effect in effects
    )
