"""Effects on other people's records that no expectation mentions: the case does not say if they are right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from routine_harness.finding import Finding, Severity
from routine_harness.verdict.expectations.blocks import EffectBlock, WorldBlock
from routine_harness.verdict.expectations.context import RunContext
from routine_harness.verdict.expectations.expect import Expectations
from routine_harness.verdict.words import shorten
from routine_harness.world.effect import Effect
from routine_harness.world.kinds import is_of, makes_record

_RECORDS: Final = (
    "ticket", "pull_request", "comment", "message", "draft", "document", "release", "review", "project",
    "milestone", "status_update", "branch", "tag", "label", "file", "channel",
)  # fmt: skip
"""Nouns of records that belong to somebody."""
_SHOWN: Final = ("title", "body", "text", "state", "labels", "assignees", "draft")


def judge_unmentioned(context: RunContext, expect: Expectations) -> Iterator[Finding]:
    """``run.unmentioned-effect``, a warning: the run changed a record that it did not make, and the case
    counts no effect of that kind."""
    if expect.nothing or any(isinstance(block, WorldBlock) for block in expect.blocks):
        return  # the one counts every effect, the other every row
    made = {name for effect in context.run.applied if makes_record(effect.kind) for name in _names(effect)}
    for effect in context.run.applied:
        if effect.noun not in _RECORDS or makes_record(effect.kind) or made & _names(effect):
            continue
        if not _is_mentioned(effect, context, expect):
            yield _finding(effect, context.run.number)


def _names(effect: Effect) -> set[tuple[str, str]]:
    fields = effect.fields
    known = (fields.get("id"), fields.get("url"), effect.target)
    return {(effect.noun, str(value)) for value in known if value}


def _is_mentioned(effect: Effect, context: RunContext, expect: Expectations) -> bool:
    blocks = (block for block in expect.all_blocks if isinstance(block, EffectBlock))
    return any(
        is_of(effect.kind, block.kinds) and context.matches(effect, block.kinds, block.where)
        for block in blocks
    )


def _finding(effect: Effect, run: int) -> Finding:
    said = ", ".join(
        f"{name}: {shorten(effect.fields[name], 40)}" for name in _SHOWN if name in effect.fields
    )
    what = f"{effect.kind} {effect.target}".rstrip() + (f" ({said})" if said else "")
    return Finding(
        code="run.unmentioned-effect",
        message=f"the run changed what it did not make, and no expectation mentions it: {what}",
        severity=Severity.WARNING,
        hint=f"if that is right, say so: effects: {{effect: {effect.kind}, count: 1}}",
        run=run,
        calls=(effect.call,),
    )
