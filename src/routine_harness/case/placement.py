"""When the context of a case's firing reaches its agent, and under which other placements it is run too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from routine_harness.case.case import Case, CaseTrigger
from routine_harness.routine.render import Placement
from routine_harness.verdict.further import CONTEXT, Further
from routine_harness.verdict.policy import Policy

DEFAULT: Final[Placement] = "together"


def settle_case(case: Case, policy: Policy) -> Case:
    """``case`` with what the policy says of its context where it says nothing itself."""
    context = case.context or policy.context or DEFAULT
    check = {**policy.checks, **case.checks}.get(CONTEXT, Further())
    others = tuple(each for each in check.placements if each != context)
    return msgspec.structs.replace(
        case,
        context=context,
        checks={**policy.checks, **case.checks},
        contexts=others if places_context(case) else (),
    )


def places_context(case: Case) -> bool:
    """Whether an event of the case brings a context or a payload, which can come later."""
    return any(map(_tells, _triggers(case)))


def under(case: Case, placement: Placement) -> Case:
    """The case as it is run with its context elsewhere; with its own placement it stays as it is."""
    if placement == case.context:
        return case
    return msgspec.structs.replace(case, context=placement, contexts=(), placed=placement)


def _triggers(case: Case) -> Iterator[CaseTrigger]:
    yield case.trigger
    if case.rerun.trigger is not None:
        yield case.rerun.trigger


def _tells(trigger: CaseTrigger) -> bool:
    return trigger.kind == "github" or bool(trigger.kind != "schedule" and trigger.payload.get("text"))
