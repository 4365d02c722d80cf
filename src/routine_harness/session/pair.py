"""Run twice: World 0 → run 1 → World 1 → run 2 → World 2.

Says what a pair is made of and in which order; what executes a run, and what it replays, is the
caller's.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from routine_harness.routine.spec import Routine
from routine_harness.session.answer import OwnTools, Recorded
from routine_harness.session.answering import Answering
from routine_harness.session.faults import Fault
from routine_harness.session.lifecycle import DEFAULT_BUDGET, Budget
from routine_harness.session.run import Run, RunPair
from routine_harness.session.session import Session
from routine_harness.session.wakes import Incoming
from routine_harness.trigger.event import Firing
from routine_harness.world.registry import Registry
from routine_harness.world.state import World

Execute = Callable[[Session], Run | None]
"""Carries out one session and gives its run; None where there is nothing to carry out (a recording
that holds one run only)."""


class Plan(msgspec.Struct, frozen=True, eq=False):
    """What one run starts from, without its world.

    ``prompt`` is its first turn, ``later`` are the turns that come after it; ``told`` says whether the
    first one tells of the firing. ``prepare`` makes the world of this run out of what was there before
    (the payload's facts, what others did meanwhile); ``recorded`` gives freshly rewound interactions;
    ``hangs_on`` names the settings of the edition on which its turns hang; ``wakes`` come when
    the agent waits.
    """

    firing: Firing
    prompt: str
    later: tuple[str, ...] = ()
    told: bool = True
    prepare: Callable[[World], World] = lambda world: world
    recorded: Callable[[], Recorded | None] = lambda: None
    hangs_on: tuple[str, ...] = ()
    wakes: tuple[Incoming, ...] = ()


class PairPlan(msgspec.Struct, frozen=True, eq=False):
    """Everything that two runs of a case need; ``world`` is World 0.

    ``second`` is asked after the first run, since it depends on how late it is by then; ``own`` gives
    each run, by its number, tools of its own, since they hold the state of its clone. The first run dies
    after call number ``cut``: the outside has answered it, the agent does not go on; 0 means it lives.
    ``striking`` are faults of the first run alone. ``begun`` carries out the first run in place of whoever
    executes the second; a ``lone`` run has no second.
    """

    routine: Routine
    registry: Registry
    world: World
    first: Plan
    second: Callable[[Run], Plan]
    faults: tuple[Fault, ...] = ()
    budget: Budget = DEFAULT_BUDGET
    strict: bool = False
    cut: int = 0
    striking: tuple[Fault, ...] = ()
    begun: Execute | None = None
    lone: bool = False
    own: Callable[[int], OwnTools | None] = lambda _: None


def run_pair(plan: PairPlan, execute: Execute) -> RunPair | None:
    """Both runs, one after the other on carried-over state.

    A first run that does not come about gives None, a second one a pair without it.
    """
    first = (plan.begun or execute)(open_session(plan, plan.first, plan.world, 1))
    if first is None:
        return None
    if plan.lone:
        return RunPair(first)
    following = plan.second(first)
    world = first.world.at(max(first.world.clock, following.firing.at))
    return RunPair(first, execute(open_session(plan, following, world, 2)))


def open_session(plan: PairPlan, run: Plan, world: World, number: int) -> Session:
    """The session of one run of ``plan``, not yet executed."""
    answering = Answering(
        plan.routine,
        plan.registry,
        faults=(*plan.faults, *(plan.striking if number == 1 else ())),
        recorded=run.recorded(),
        own=plan.own(number),
        run=number,
        strict=plan.strict,
    )
    session = Session(
        plan.routine,
        run.prepare(world),
        run.firing,
        run.prompt,
        plan.registry,
        later=run.later,
        told=run.told,
        number=number,
        answering=answering,
        budget=plan.budget,
        cut=plan.cut if number == 1 else 0,
        wakes=run.wakes,
    )
    session.depend_on(*run.hangs_on)
    return session


def second_instant(first: Run, after: int | None = None, following: int | None = None) -> int:
    """When the second run starts: ``after`` seconds after the end of the first, else at the next
    instant of the schedule (``following``), else at once; never before the first has ended."""
    ended = first.world.clock
    if after is not None:
        return ended + after
    return ended if following is None else max(ended, following)


def refiring(first: Firing, at: int) -> Firing:
    """The same firing once more, at another instant."""
    return msgspec.structs.replace(first, event=msgspec.structs.replace(first.event, at=at))
