"""Blocks of ``expect:`` against one run: effects, calls, closing message, budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from routine_harness.finding import Finding, Location
from routine_harness.predicate import ABSENT
from routine_harness.verdict.expectations.blocks import (
    Block,
    BudgetBlock,
    CallsBlock,
    EffectBlock,
    SaysBlock,
    WorldBlock,
)
from routine_harness.verdict.expectations.channels import unknown_channel
from routine_harness.verdict.expectations.context import RunContext, field_of
from routine_harness.verdict.expectations.judge_calls import CallReader, judge_calls
from routine_harness.verdict.expectations.nearest import LONG, nearest_place
from routine_harness.verdict.expectations.spending import overspent
from routine_harness.verdict.expectations.world_changes import judge_world
from routine_harness.verdict.passage import appended_texts, quote_first, quote_passage, texts_within
from routine_harness.verdict.reference import references_in
from routine_harness.verdict.where import Condition
from routine_harness.verdict.words import shorten
from routine_harness.world.effect import Effect
from routine_harness.world.kinds import ANY_EFFECT, PLURALS
from routine_harness.world.registry import Registry

_MOST_NEAR: Final = 3
NOUN_WORDS: Final = {
    "tickets": "ticket", "messages": "message", "comments": "comment", "pull_requests": "pull request",
    "branches": "branch", "documents": "document", "effects": "effect",
}  # fmt: skip


def judge_block(
    block: Block, context: RunContext, file: str, calls: CallReader, registry: Registry
) -> tuple[Finding, ...]:
    """What one block finds."""
    place = Location(file, block.line)
    if isinstance(block, EffectBlock):
        return _judge_effects(block, context, place)
    if isinstance(block, CallsBlock):
        return judge_calls(block, context, place, calls, registry)
    if isinstance(block, SaysBlock):
        return _judge_says(block, context, place)
    if isinstance(block, WorldBlock):
        return judge_world(block, context, place)
    return _judge_budget(block, context, place)


def _judge_effects(block: EffectBlock, context: RunContext, place: Location) -> tuple[Finding, ...]:
    found = context.matching(block)
    unknown = unknown_channel(block.where, context.run.world)
    if unknown is not None:
        return (_unknown_channel(block, context, place, *unknown),)
    scheduled = _scheduled(block, context)
    if block.count.holds(len(found)):
        return (_not_silent(block, context, place, scheduled),) if scheduled else ()
    candidates = context.candidates(block)
    shown = found if len(found) > block.count.at_least else candidates
    wanted = f" where {' and '.join(map(str, block.where))}" if block.where else ""
    outcome = "" if block.outcome == "applied" else f" ({block.outcome})"
    what = NOUN_WORDS[block.noun]
    if block.kinds != PLURALS.get(block.noun, (ANY_EFFECT,)):
        what = f"{' or '.join(block.kinds)} effect"
    finding = Finding(
        code=f"expect.{block.noun.replace('_', '-')}",
        message=f"found {len(found)}, expected {block.count.of(what)}{outcome}{wanted}",
        location=place,
        hint=_hint(block, context, candidates, found),
        detail=(
            *_references(block.where, context),
            *(line for effect in shown[:_MOST_NEAR] for line in _described(effect, block, context)),
        ),
        run=context.run.number,
        calls=tuple(effect.call for effect in shown),
        data={"found": len(found)},
    )
    return (finding,)


def _references(where: Sequence[Condition], context: RunContext) -> Iterator[str]:
    """What each reference of the conditions stands for in this run."""
    for name in dict.fromkeys(name for condition in where for name in references_in(condition.data)):
        values = context.lookup(name)
        told = " or ".join(shorten(value) for value in values[:_MOST_NEAR]) or "nothing in this run"
        yield f"${{{name}}} is {told}"


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
        shown = _nearest(condition.field, value, predicate.data)
        if shown:
            return (f"{head}: {condition.field} differs; the nearest:", *shown)
        return (f"{head}: {condition.field} is {shorten(value)}",)
    title = effect.fields.get("title") or effect.fields.get("text") or effect.fields.get("body")
    return (f"{head} {shorten(title)}" if title else head,)


def _titled(shown: tuple[str, ...]) -> tuple[str, ...]:
    return ("the nearest:", *shown) if shown else ()


def _nearest(field: str, value: Any, data: Any) -> tuple[str, ...]:
    """The place of a long text, or of several, that comes nearest to ``data``; none where it is short."""
    texts = texts_within(value)
    if all(len(text) <= LONG for text in texts):
        return ()
    found = [(text, span) for text in texts if (span := nearest_place(data, text)) is not None]
    if not found:
        return ()
    text, span = max(found, key=lambda each: each[1][1] - each[1][0])
    return quote_passage(field, text, span)


def _judge_says(block: SaysBlock, context: RunContext, place: Location) -> tuple[Finding, ...]:
    said = context.run.closing
    for condition in block.text:
        predicate = condition.resolved(context.lookup)
        if predicate.match(said) is not True:
            shown = _nearest(condition.field, said, predicate.data)
            found = "another text" if shown else shorten(said) if said else "that nothing was said"
            finding = Finding(
                code="expect.says",
                message=f"expected that the {condition}, found {found}",
                location=place,
                detail=(
                    *_references(block.text, context),
                    *(["the nearest place:"] if shown else []),
                    *shown,
                ),
                run=context.run.number,
            )
            return (finding,)
    return ()


def _judge_budget(block: BudgetBlock, context: RunContext, place: Location) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            code="expect.budget",
            message=f"found {spent:g} {name}, expected at most {most:g}",
            location=place,
            run=context.run.number,
        )
        for name, most, spent in overspent(context.run, block.most)
    )
