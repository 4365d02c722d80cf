"""When the context of a case's firing reaches its agent, and under which other placements it is run too."""

from __future__ import annotations

from typing import Final

import msgspec

from routine_harness.case.case import Case
from routine_harness.routine.edition_rules import PLACEMENTS, Placement
from routine_harness.verdict.further import CONTEXT, Further
from routine_harness.verdict.policy.rules import Policy

TOGETHER: Final[Placement] = "together"
"""The placement of a case that says nothing of it."""


def settle_case(case: Case, policy: Policy) -> Case:
    """``case`` with what the policy says of its context where it says nothing itself."""
    context = case.context or policy.context or TOGETHER
    check = {**policy.checks, **case.checks}.get(CONTEXT, Further())
    others = tuple(each for each in check.placements if each != context)
    return msgspec.structs.replace(
        case,
        context=context,
        checks={**policy.checks, **case.checks},
        contexts=others if case.places_context else (),
    )


def under(case: Case, placement: Placement) -> Case:
    """The case as it is run with its context elsewhere; with its own placement it stays as it is."""
    return case if placement == case.placement else msgspec.structs.replace(case, placed=placement)


def variants_of(case: Case) -> tuple[Case, ...]:
    """The case itself, and what it is under every other placement of its context."""
    others = PLACEMENTS if case.places_context else ()
    return (case, *(under(case, each) for each in others if each != case.placement))


def own_of(case: Case) -> Case:
    """The case of which ``case`` is a variant."""
    return msgspec.structs.replace(case, placed=None) if case.placed else case
