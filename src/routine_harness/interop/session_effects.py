"""What an imported session did, and what became of it, in the words of any other run."""

from __future__ import annotations

import msgspec

from routine_harness.interop.imported import Imported
from routine_harness.verdict.looking import is_outward
from routine_harness.verdict.words import counted
from routine_harness.world.effect import Effect, EffectOutcome
from routine_harness.world.effect_table import attempted_effects
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolCall


def describe_outcome(imported: Imported, effects: tuple[Effect, ...]) -> str:
    """What became of the session, in one line: it worked, did nothing, failed or was stopped."""
    end = imported.end
    if end.status != "finished":
        return f"{end.status.replace('_', ' ')}: {end.reason}" if end.reason else end.status
    if not imported.calls:
        return "finished without a single tool call: it did nothing"
    if not effects:
        return "finished and did nothing: it had no effect"
    applied = sum(effect.outcome == "applied" for effect in effects)
    if not applied:
        return f"finished and did nothing: {counted(len(effects), 'effect')}, all refused"
    denied = f"; denied: {', '.join(imported.denied)}" if imported.denied else ""
    refused = f", {len(effects) - applied} refused" if applied < len(effects) else ""
    return f"finished with {counted(applied, 'effect')} applied{refused}{denied}"


def effects_of(imported: Imported, registry: Registry) -> tuple[Effect, ...]:
    """The outward effects that the session attempted; those of a call that failed are refused."""
    found: list[Effect] = []
    results = imported.results
    for number, call in enumerate(imported.calls, 1):
        connector, _, tool = call.tool.rpartition(".")
        asked = ToolCall(connector, tool, call.arguments, call.server)
        outcome: EffectOutcome = "refused" if results[call.id].is_error else "applied"
        found += [
            msgspec.structs.replace(effect, call=number, outcome=outcome)
            for effect in attempted_effects(asked, registry)
            if is_outward(effect)
        ]
    return tuple(found)
