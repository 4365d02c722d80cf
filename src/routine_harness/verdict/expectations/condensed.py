"""What a log with gaps can prove: that something happened, never that something did not happen.

A check fails by what the log shows, and passes where it asks for something that the log shows. Every other
check is undecided.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from routine_harness.finding import Finding
from routine_harness.plain import Json
from routine_harness.verdict.expectations.blocks import Block, BudgetBlock, CallsBlock, EffectBlock, SaysBlock
from routine_harness.verdict.expectations.expect import Expectations
from routine_harness.verdict.verdict import Check

CONDENSED: Final = "the log is condensed, and does not show all that the run did"
"""Why such a check is undecided."""

_FOR_LACK: Final = frozenset({
    "run.claims-unseen", "run.did-nothing", "run.did-not-look", "run.failure-untold", "run.interrupted",
    "run.unmentioned-effect", "call.unplayed", "world.incomplete", "import.result-without-call",
    "recording.exhausted", "expect.turn-missing",
})  # fmt: skip
"""Findings about something that is missing, which the gaps may hold."""


def as_far_as_shown(check: Check, expect: Expectations) -> Check:
    """``check`` of a run whose log leaves events out."""
    if check.skipped:
        return check
    block = next((each for each in expect.all_blocks if each.check == check.name), None)
    kept = tuple(finding for finding in check.findings if not _for_lack(finding, block))
    if any(finding.fails for finding in kept):
        return msgspec.structs.replace(check, findings=kept)
    if check.name == "status" or (check.outcome == "passed" and block is not None and _asks_for_acts(block)):
        return check
    return msgspec.structs.replace(check, findings=kept, skipped=CONDENSED)


def _for_lack(finding: Finding, block: Block | None) -> bool:
    """Whether events in the gaps could refute the finding."""
    if isinstance(block, EffectBlock):
        return bool(finding.data.get("found", 0) < block.count.at_least)
    if isinstance(block, CallsBlock):
        return not _forbids_alone(block)
    if isinstance(block, BudgetBlock):
        return False
    return block is not None or finding.code in _FOR_LACK


def _forbids_alone(block: CallsBlock) -> bool:
    return not (block.in_order or block.any_order or block.counts)


def _asks_for_acts(block: Block) -> bool:
    """Whether further events could not change that the block is met."""
    if isinstance(block, EffectBlock):
        return block.count.at_least > 0 and block.count.at_most is None
    if isinstance(block, CallsBlock):
        bounded = [each for each in (*block.in_order, *block.any_order, *block.counts) if each.count.at_most]
        return not (block.never or bounded or block.count.at_most)
    return isinstance(block, SaysBlock) and all(_is_positive(each.data) for each in block.text)


def _is_positive(data: Json) -> bool:
    """Whether a predicate that holds still holds when text is added."""
    return isinstance(data, Mapping) and set(data) == {"contains"}
