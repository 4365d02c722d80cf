"""What a backtest asks of every event, as values that travel to other processes.

A compiled trigger holds functions, which do not travel; a plan holds the words and is compiled
where it arrives, by the same ``compile_trigger`` that ``fires`` uses.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import msgspec

from routine_harness.backtest.forms import ARCHIVE, FLAT, Form
from routine_harness.plain import Json, Record
from routine_harness.predicate import parse_predicate
from routine_harness.routine.edition import Edition, load_edition
from routine_harness.routine.regex import compile_filter_regex
from routine_harness.routine.spec import Filter, GithubTrigger, Routine
from routine_harness.trigger.clauses import CompiledTrigger, compile_trigger

Listeners = dict[str, tuple[tuple[int, CompiledTrigger], ...]]
"""The triggers, with their numbers, that listen to an event, by its name."""


class PlannedTrigger(msgspec.Struct, frozen=True):
    """One github trigger: ``routine`` is the routine's place in the plan, ``index`` the trigger's in it."""

    routine: int
    index: int
    events: tuple[str, ...]
    branches: tuple[str, ...]
    filters: tuple[tuple[str, str, Json], ...]
    repositories: tuple[str, ...]


class Plan(msgspec.Struct, frozen=True):
    """The triggers of all routines under one edition of the platform's rules."""

    edition: str
    overrides: Record
    routines: tuple[str, ...]
    triggers: tuple[PlannedTrigger, ...]


class CompiledPlan(msgspec.Struct, frozen=True):
    """``listeners`` has, per routine and category of events, the triggers that listen to an event.

    ``decoders`` read of a line what the triggers ask for, and what is counted of every event.
    """

    triggers: tuple[CompiledTrigger, ...]
    listeners: dict[tuple[int, str], Listeners]
    decoders: dict[Form, msgspec.json.Decoder[Any]]


def plan_backtest(
    routines: Iterable[Routine], edition: str, overrides: Record, any_repository: bool = False
) -> Plan:
    """The plan for ``routines``; their disabled triggers are left out.

    With ``any_repository`` events of other repositories count too: a public archive then tells what
    a trigger would do in repositories like these.
    """
    names: list[str] = []
    triggers: list[PlannedTrigger] = []
    for position, routine in enumerate(routines):
        names.append(routine.name)
        own = () if any_repository else tuple(each.full_name for each in routine.repositories)
        for index, trigger in enumerate(routine.triggers):
            if isinstance(trigger, GithubTrigger) and trigger.enabled:
                filters = tuple((each.field, each.operator, each.value) for each in trigger.filters)
                scope = () if any_repository else trigger.repositories or own
                triggers.append(
                    PlannedTrigger(position, index, trigger.events, trigger.branches, filters, scope)
                )
    return Plan(edition, overrides, tuple(names), tuple(triggers))


def edition_of(plan: Plan) -> Edition:
    return load_edition(plan.edition, plan.overrides)


def compile_plan(plan: Plan) -> CompiledPlan:
    """The plan's triggers, compiled once per process."""
    return _compile(msgspec.msgpack.encode(plan))


@functools.lru_cache(maxsize=4)
def _compile(data: bytes) -> CompiledPlan:
    plan = msgspec.msgpack.decode(data, type=Plan)
    edition = edition_of(plan)
    compiled = tuple(compile_trigger(_trigger(each), edition) for each in plan.triggers)
    listeners: dict[tuple[int, str], Listeners] = {}
    for number, (planned, trigger) in enumerate(zip(plan.triggers, compiled, strict=True)):
        for name in sorted(trigger.events):
            own = listeners.setdefault((planned.routine, name.partition(".")[0]), {})
            own[name] = (*own.get(name, ()), (number, trigger))
    fields = dict.fromkeys(clause.field for trigger in compiled for clause in trigger.clauses)
    return CompiledPlan(compiled, listeners, {form: form.decoder(fields) for form in (ARCHIVE, FLAT)})


def _trigger(planned: PlannedTrigger) -> GithubTrigger:
    filters = tuple(
        Filter(field, operator, value, parse_predicate({operator: value}, compile_filter_regex))
        for field, operator, value in planned.filters
    )
    return GithubTrigger(planned.events, planned.branches, filters, planned.repositories)
