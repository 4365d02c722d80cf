"""One block of ``expect:`` against one run: who judges it, and what is wrong with a closing message."""

from __future__ import annotations

from routine_harness.finding import Finding, Location
from routine_harness.verdict.call_forms import CallReader
from routine_harness.verdict.expectations.blocks import (
    Block,
    CallsBlock,
    EffectBlock,
    SaysBlock,
    WorldBlock,
)
from routine_harness.verdict.expectations.context import RunContext
from routine_harness.verdict.expectations.judge_calls import judge_calls
from routine_harness.verdict.expectations.judge_effects import judge_effects
from routine_harness.verdict.expectations.nearest import quote_nearest, shown_references
from routine_harness.verdict.expectations.spending import judge_spending
from routine_harness.verdict.expectations.world_changes import judge_world
from routine_harness.verdict.words import shorten
from routine_harness.world.registry import Registry


def judge_block(
    block: Block, context: RunContext, file: str, calls: CallReader, registry: Registry
) -> tuple[Finding, ...]:
    """What one block finds."""
    place = Location(file, block.line)
    if isinstance(block, EffectBlock):
        return judge_effects(block, context, place)
    if isinstance(block, CallsBlock):
        return judge_calls(block, context, place, calls, registry)
    if isinstance(block, SaysBlock):
        return _judge_says(block, context, place)
    if isinstance(block, WorldBlock):
        return judge_world(block, context, place)
    return judge_spending(block, context, place)


def _judge_says(block: SaysBlock, context: RunContext, place: Location) -> tuple[Finding, ...]:
    said = context.run.closing
    for condition in block.text:
        predicate = condition.resolved(context.lookup)
        if predicate.match(said) is not True:
            shown = quote_nearest(condition.field, said, predicate.data)
            found = "another text" if shown else shorten(said) if said else "that nothing was said"
            finding = Finding(
                code="expect.says",
                message=f"expected that the {condition}, found {found}",
                location=place,
                detail=(
                    *shown_references(block.text, context),
                    *(["the nearest place:"] if shown else []),
                    *shown,
                ),
                run=context.run.number,
            )
            return (finding,)
    return ()
