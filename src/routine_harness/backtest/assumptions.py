"""What a backtest took for granted: figures that nobody has published, and undocumented points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from routine_harness.backtest.plan import PlannedTrigger
from routine_harness.backtest.result import LimitFigure, RoutineStatistic
from routine_harness.routine.edition import Edition
from routine_harness.trigger.clauses import LABELED, clause_settings

_NEVER_ASKED: Final = ("redelivery", "chained_fires")
"""An archive's repeated ids count once, whatever a redelivery does; its events are no acts of routines."""


def limit_figures(edition: Edition, account_plan: str) -> tuple[LimitFigure, ...]:
    """The limits that starts by events count against under ``account_plan``."""
    return tuple(
        LimitFigure(
            name=limit.name,
            amount=amount,
            per=limit.per,
            scope=limit.scope,
            beyond=limit.beyond,
            assumed=limit.assumed(account_plan),
        )
        for limit in edition.limits
        if "github" in limit.kinds and (amount := limit.amount_for(account_plan)) is not None
    )


def assumed_settings(edition: Edition) -> dict[str, str]:
    """Every undocumented point that nobody has answered, and what was taken for its answer.

    Points on which no backtest depends are left out.
    """
    return {
        name: str(setting.chosen).lower()
        for name, setting in edition.settings.items()
        if setting.assumed and setting.part == "trigger" and name not in _NEVER_ASKED
    }


def with_assumptions(
    routine: RoutineStatistic, triggers: Iterable[PlannedTrigger], edition: Edition, account_plan: str
) -> RoutineStatistic:
    """The statistic with what it hangs on; ``triggers`` are the routine's own."""
    assumed = {limit.name for limit in edition.limits if limit.assumed(account_plan)}
    limits = tuple(name for name in routine.limits if name in assumed)
    touched = {name for trigger in triggers for name in _touched(routine, trigger, edition)}
    if routine.limits:
        touched.add("limit_window")
    settings = tuple(name for name in edition.settings if name in touched and edition.settings[name].assumed)
    return msgspec.structs.replace(routine, depends_on=limits + settings)


def _touched(routine: RoutineStatistic, trigger: PlannedTrigger, edition: Edition) -> Iterator[str]:
    """The settings that a trigger's file and its clauses ask, of those clauses that were put to events."""
    if any(name in edition.events for name in trigger.events):
        yield "bare_event_fires"
    asked = [
        clause
        for clause in routine.clauses
        if clause.trigger == trigger.index
        and clause.field != "repository"
        and clause.held + clause.failed + clause.undecided
    ]
    if LABELED in trigger.events and any(each.field == "is_draft" and each.failed for each in asked):
        yield "labeled_draft"
    if asked and not all(name.startswith("pull_request") for name in trigger.events):
        yield "filters_elsewhere"
    for clause in asked:
        if clause.operator != "matches_glob":
            yield from clause_settings(clause.field, clause.operator)
