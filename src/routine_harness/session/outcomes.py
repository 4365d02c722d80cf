"""What became of the effects of a call, by the answer that it was given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from routine_harness.world.effect import Effect, EffectOutcome
from routine_harness.world.outcomes import refused_effects, settled_effects
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolCall


def stamped(effects: Iterable[Effect], call: ToolCall, number: int) -> tuple[Effect, ...]:
    """``effects`` with the call's number and its tool."""
    return tuple(msgspec.structs.replace(effect, call=number, tool=call.name) for effect in effects)


def by_the_world(outcome: Outcome, before: World, failure: str) -> tuple[Effect, ...]:
    """The effects of what the world answered; ``failure`` says why the answer is none all the same."""
    if failure and not outcome.result.is_error:
        return refused_effects(outcome.effects, failure)
    return settled_effects(outcome, before)


def by_the_answer(effects: Sequence[Effect], failure: str) -> tuple[Effect, ...]:
    """The effects of what the service itself answered: its success counts, whatever a world would say."""
    if failure:
        return refused_effects(tuple(effects), failure)
    became: EffectOutcome = "applied"
    return tuple(
        msgspec.structs.replace(effect, outcome=became) if effect.outcome == "refused" else effect
        for effect in effects
    )
