"""Effects of a run against a block that counts them: ``tickets``, ``messages``, ``effects`` …

A channel may be meant by any of its names: ``general``, ``#general`` and the id are one channel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from routine_harness.finding import Finding, Location
from routine_harness.plain import Json
from routine_harness.predicate import ABSENT
from routine_harness.routine.reader import suggestion
from routine_harness.verdict.expectations.blocks import (
    EffectBlock,
)
from routine_harness.verdict.expectations.context import RunContext
from routine_harness.verdict.expectations.nearest import quote_nearest, shown_references
from routine_harness.verdict.passage import appended_texts, quote_first
from routine_harness.verdict.reference import references_in
from routine_harness.verdict.where import Condition, Where, field_of
from routine_harness.verdict.words import shorten
from routine_harness.world.effect import Effect
from routine_harness.world.kinds import ANY_EFFECT, NOUNS, PLURALS
from routine_harness.world.state import World

_MOST_NEAR: Final = 3
_WORDS: Final = {noun.plural: noun.name.replace("_", " ") for noun in NOUNS if noun.plural}
"""One of what a block counts, in words."""
_LITERAL: Final = ("equals", "is_one_of")


def judge_effects(block: EffectBlock, context: RunContext, place: Location) -> tuple[Finding, ...]:
    """What the block finds in the effects of the run."""
    found = context.matching(block)
    unknown = _missing_channel(block.where, context.run.world)
    if unknown is not None:
        return (_unknown_channel(block, context, place, *unknown),)
    scheduled = _scheduled(block, context)
    if block.count.holds(len(found)):
        return (_not_silent(block, context, place, scheduled),) if scheduled else ()
    candidates = context.candidates(block)
    shown = found if len(found) > block.count.at_least else candidates
    wanted = f" where {' and '.join(map(str, block.where))}" if block.where else ""
    outcome = "" if block.outcome == "applied" else f" ({block.outcome})"
    what = _WORDS.get(block.noun, "effect")
    if block.kinds != PLURALS.get(block.noun, (ANY_EFFECT,)):
        what = f"{' or '.join(block.kinds)} effect"
    finding = Finding(
        code=f"expect.{block.noun.replace('_', '-')}",
        message=f"found {len(found)}, expected {block.count.of(what)}{outcome}{wanted}",
        location=place,
        hint=_hint(block, context, candidates, found),
        detail=(
            *shown_references(block.where, context),
            *(line for effect in shown[:_MOST_NEAR] for line in _described(effect, block, context)),
        ),
        run=context.run.number,
        calls=tuple(effect.call for effect in shown),
        data={"found": len(found)},
    )
    return (finding,)


def _described(effect: Effect, block: EffectBlock, context: RunContext) -> Iterator[str]:
    """One candidate, and of the texts that are as the block says the place that is meant."""
    yield from _describe(effect, block, context)
    if not context.matches(effect, block.kinds, block.where):
        return
    arguments = context.run.calls[effect.call - 1].call.arguments if effect.call else {}
    for condition in block.where:
        value = field_of(effect, block.kinds, condition.field)
        data = condition.resolved(context.lookup).data
        yield from quote_first(
            condition.field, value, data, appended_texts(context.run.world_before), arguments
        )


def _scheduled(block: EffectBlock, context: RunContext) -> list[Effect]:
    """The messages that will be posted later, where a case wants none posted."""
    if block.noun != "messages" or block.count.at_most != 0 or block.outcome != "applied":
        return []
    scheduled = [effect for effect in context.run.applied if effect.kind == "message.scheduled"]
    return [effect for effect in scheduled if context.matches(effect, (effect.kind,), block.where)]


def _not_silent(block: EffectBlock, context: RunContext, place: Location, scheduled: list[Effect]) -> Finding:
    return Finding(
        code="expect.messages",
        message=f"found {len(scheduled)} message.scheduled, expected {block.count.of('message')}",
        location=place,
        hint="a message that is scheduled is posted, only later",
        detail=tuple(line for effect in scheduled[:_MOST_NEAR] for line in _describe(effect, block, context)),
        run=context.run.number,
        calls=tuple(effect.call for effect in scheduled),
    )


def _unknown_channel(
    block: EffectBlock, context: RunContext, place: Location, name: str, hint: str
) -> Finding:
    return Finding(
        code=f"expect.{block.noun.replace('_', '-')}",
        message=f"no channel of this world is called {name!r}, so that nothing can match",
        location=place,
        hint=hint,
        run=context.run.number,
    )


def _hint(
    block: EffectBlock, context: RunContext, candidates: Sequence[Effect], found: Sequence[Effect]
) -> str:
    unresolved = [
        c.field for c in block.where if c.predicate is None and not _stands_for_something(c, context)
    ]
    if unresolved:
        return f"the reference in {', '.join(unresolved)} stands for nothing in this run"
    if candidates and not found:
        return "the nearest are shown with what differs"
    refused = [
        effect for effect in context.run.effects if effect.kind in block.kinds and effect.outcome == "refused"
    ]
    if refused and block.outcome == "applied":
        return f"call {refused[0].call} tried, and was refused"
    return ""


def _stands_for_something(condition: Condition, context: RunContext) -> bool:
    return all(context.lookup(reference) for reference in references_in(condition.data))


def _describe(effect: Effect, block: EffectBlock, context: RunContext) -> tuple[str, ...]:
    """One candidate and the first field that is not as wanted; of a long text the nearest place."""
    head = f"call {effect.call}: {effect.kind} {effect.target}".rstrip()
    for condition in block.where:
        value = field_of(effect, block.kinds, condition.field)
        predicate = condition.resolved(context.lookup)
        if predicate.match(value) is True:
            continue
        if value is ABSENT:
            return (f"{head}: has no {condition.field}",)
        shown = quote_nearest(condition.field, value, predicate.data)
        if shown:
            return (f"{head}: {condition.field} differs; the nearest:", *shown)
        return (f"{head}: {condition.field} is {shorten(value)}",)
    title = effect.fields.get("title") or effect.fields.get("text") or effect.fields.get("body")
    return (f"{head} {shorten(title)}" if title else head,)


def _missing_channel(where: Where, world: World) -> tuple[str, str] | None:
    """The channel that ``where`` asks for and ``world`` has not, with the nearest that it has.

    None where one is there, where no channel is named outright, or where the world knows none.
    """
    known = dict(_channels(world))
    for condition in where:
        names = list(_named(condition))
        if condition.field != "channel" or not names or not known:
            continue
        if not any(name in known or name in known.values() for name in names):
            return names[0], suggestion(names[0], tuple(known), "the channels")
    return None


def _channels(world: World) -> Iterator[tuple[str, str]]:
    """Name and id of every channel, and of everybody who may be written to."""
    for table, rows in world.tables.items():
        if table.endswith((".channels", ".users")):
            for row in rows:
                name = str(row.get("name") or row.get("id"))
                yield name.removeprefix("#"), str(row.get("id"))


def _named(condition: Condition) -> Iterator[str]:
    """The channels of which a condition asks for one outright; none where a pattern may match others."""
    data = condition.data
    if isinstance(data, str) and "${" not in data:
        yield data
    elif isinstance(data, Mapping):
        [(operator, operand)] = data.items()
        if operator in _LITERAL:
            listed: list[Json] = operand if isinstance(operand, list) else [operand]
            yield from (each for each in listed if isinstance(each, str) and "${" not in each)
