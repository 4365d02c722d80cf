"""What became of the effects of a call: applied, refused or unchanged."""

from __future__ import annotations

from typing import Final

import msgspec

from routine_harness.world.effect import Effect, EffectOutcome
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolCall

MAY_CHANGE_NOTHING: Final = frozenset({
    "updated", "added", "removed", "moved", "enabled", "disabled", "resolved", "unresolved", "closed",
    "reopened", "pushed", "starred", "unstarred", "changed", "dismissed", "requested", "shared",
})  # fmt: skip
"""Verbs whose effect is ``unchanged`` where the world is the same afterwards."""


def stamp_effects(outcome: Outcome, before: World, call: ToolCall, number: int) -> tuple[Effect, ...]:
    """The outcome's effects with the call's number, its tool, and what became of them."""
    refused = outcome.result.is_error
    same = refused or outcome.world.same_records(before)
    return tuple(
        msgspec.structs.replace(
            effect, call=number, tool=call.name, outcome=_outcome_of(effect, refused=refused, same=same)
        )
        for effect in outcome.effects
    )


def _outcome_of(effect: Effect, *, refused: bool, same: bool) -> EffectOutcome:
    if refused:
        return "refused"
    # What belongs to no connector is in no world, so that an unchanged world says nothing of it.
    if same and effect.connector and effect.kind.rpartition(".")[2] in MAY_CHANGE_NOTHING:
        return "unchanged"
    return effect.outcome
