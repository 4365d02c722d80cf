"""What became of the effects of a call that a model carried out: applied, refused or unchanged."""

from __future__ import annotations

from typing import Final

import msgspec

from routine_harness.world.effect import Effect, EffectOutcome
from routine_harness.world.failures import says_already
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome

MAY_CHANGE_NOTHING: Final = frozenset({
    "updated", "added", "removed", "moved", "enabled", "disabled", "resolved", "unresolved", "closed",
    "reopened", "pushed", "starred", "unstarred", "changed", "dismissed", "requested", "shared",
})  # fmt: skip
"""Verbs whose effect is ``unchanged`` where the world is the same afterwards."""


def settled_effects(outcome: Outcome, before: World) -> tuple[Effect, ...]:
    """The effects of one operation with what became of them.

    Only where a model carried it out does an equal world say that nothing changed.
    """
    if outcome.result.is_error:
        return refused_effects(outcome.effects, outcome.result.text)
    if not outcome.carried or not outcome.world.same_records(before):
        return outcome.effects
    return tuple(
        msgspec.structs.replace(effect, outcome="unchanged") if _may_be_unchanged(effect) else effect
        for effect in outcome.effects
    )


def refused_effects(effects: tuple[Effect, ...], said: str) -> tuple[Effect, ...]:
    """The effects of what the service refused, with ``said``: ``unchanged`` where it was so already."""
    became: EffectOutcome = "unchanged" if says_already(said) else "refused"
    return tuple(msgspec.structs.replace(effect, outcome=became) for effect in effects)


def _may_be_unchanged(effect: Effect) -> bool:
    # What belongs to no connector is in no world, so that an unchanged world says nothing of it.
    return bool(effect.connector) and effect.kind.rpartition(".")[2] in MAY_CHANGE_NOTHING
