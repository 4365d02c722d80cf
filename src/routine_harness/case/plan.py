"""What two runs of a case start from: worlds, firings, prompts. Pure; the harness carries it out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from routine_harness.case.arrivals import incoming_wakes
from routine_harness.case.case import Case
from routine_harness.case.cloud_session import CloudSession, cloud_session, readdressed
from routine_harness.case.event import event_of, next_start
from routine_harness.case.seed import reseed_world, seed_world
from routine_harness.routine.duration import parse_duration
from routine_harness.routine.edition import Edition
from routine_harness.routine.render import hangs_on, render_turns
from routine_harness.routine.spec import Routine
from routine_harness.session.answer import Recorded
from routine_harness.session.faults import Fault
from routine_harness.session.lifecycle import Budget
from routine_harness.session.pair import Execute, PairPlan, Plan, refiring, second_instant
from routine_harness.session.run import Run
from routine_harness.session.transcript import Turn
from routine_harness.trigger.event import Firing
from routine_harness.verdict.policy.rules import Policy
from routine_harness.world.own_tools import OwnTools
from routine_harness.world.registry import Registry
from routine_harness.world.state import World
from routine_harness.world.tool import Connector

Rewind = Callable[[], Recorded | None]
"""Gives recorded interactions as if none had been played."""


class Setting(msgspec.Struct, frozen=True, eq=False):
    """A case with all that it needs besides its agent.

    ``policy`` is what holds for the case, read once; ``records`` are the rows of World 0 that recorded reads
    reveal; ``base`` is the world that World 0 is made on, where somebody hands one over. ``lay`` changes
    World 0 once it is made; ``cut``, ``striking``, ``begun`` and ``lone`` are the pair's (see ``PairPlan``).
    """

    case: Case
    routine: Routine
    edition: Edition
    registry: Registry
    firing: Firing
    records: tuple[dict[str, object], ...] = ()
    rewind: Rewind = lambda: None
    policy: Policy = Policy()
    base: World | None = None
    lay: Callable[[World], World] = lambda world: world
    cut: int = 0
    striking: tuple[Fault, ...] = ()
    begun: Execute | None = None
    lone: bool = False


def plan_pair(setting: Setting) -> PairPlan:
    """World 0 and both runs of a case.

    Raises:
        SpecError: a world of the case does not hold together.
    """
    case, routine = setting.case, setting.routine
    repositories = tuple(repository.full_name for repository in routine.repositories)
    connectors = connectors_of(setting)
    return PairPlan(
        routine=routine,
        registry=setting.registry,
        world=setting.lay(
            seed_world(
                routine, setting.firing, case, connectors, setting.edition, setting.records, base=setting.base
            )
        ),
        first=plan_first(setting),
        second=lambda run: _second(setting, run),
        faults=case.faults,
        budget=Budget.of({**setting.policy.budget, **case.budget}),
        strict=case.strict,
        cut=setting.cut,
        striking=setting.striking,
        begun=setting.begun,
        lone=setting.lone,
        own=lambda number: _own_tools(setting, connectors, repositories, session_of(setting, number)),
    )


def plan_first(setting: Setting) -> Plan:
    """The first run of a case alone: for another firing on a world that is there already."""
    return _planned(setting, setting.firing)


def session_of(setting: Setting, run: int) -> CloudSession:
    """The cloud session of the first or the second run."""
    return cloud_session(setting.routine, setting.firing, setting.edition, run)


def _own_tools(
    setting: Setting, connectors: Mapping[str, Connector], repositories: Sequence[str], session: CloudSession
) -> OwnTools:
    return OwnTools(
        connectors,
        repositories,
        setting.routine.environment,
        table=setting.edition.own_tools,
        branch=session.branch,
        starts=session.starts,
        commands=setting.case.commands,
    )


def _second(setting: Setting, first: Run) -> Plan:
    """The second run: the same firing or the one that the case names, later, after what others did."""
    rerun, edition = setting.case.rerun, setting.edition
    after = parse_duration(rerun.after) if rerun.after else None
    trigger = rerun.trigger
    if trigger is None:
        following = (
            next_start(setting.routine, first.firing.at, edition)
            if first.firing.event.kind == "schedule"
            else None
        )
        firing = refiring(first.firing, second_instant(first, after, following))
    else:
        event = event_of(trigger, setting.routine, edition, 0, source=first.firing.event.source)
        at = max(event.at, first.world.clock) if trigger.at else second_instant(first, after)
        firing = Firing(msgspec.structs.replace(event, at=at), first.firing.trigger)
    came = {entry.wake for entry in first.transcript if isinstance(entry, Turn)}
    return _planned(setting, firing, lambda world: _between(setting, firing, world), came)


def _planned(
    setting: Setting,
    firing: Firing,
    prepare: Callable[[World], World] = lambda world: world,
    came: Collection[int] = (),
) -> Plan:
    """One run for ``firing``, its context where the case puts it.

    ``came`` are the numbers of the wakes that came into an earlier run.
    """
    turns = render_turns(setting.routine, firing, setting.edition, setting.case.placement)
    told = hangs_on(firing.event) if turns.told or turns.later else ()
    wakes = setting.case.wakes
    incoming = incoming_wakes(wakes, firing, setting.edition, connectors_of(setting), came) if wakes else ()
    return Plan(firing, turns.first, turns.later, turns.told, prepare, setting.rewind, told, incoming)


def plan_firing(setting: Setting, firing: Firing, before: Firing) -> Plan:
    """A further run for ``firing`` on the world that the run of ``before`` has left."""
    earlier = msgspec.structs.replace(setting, firing=before)
    return _planned(setting, firing, lambda world: _between(earlier, firing, world))


def plan_late(setting: Setting, firing: Firing) -> Plan:
    """A second run for a firing whose payload is older than the world, which stays as it is."""
    return _planned(setting, firing, lambda world: _between(setting, setting.firing, world))


def _between(setting: Setting, firing: Firing, world: World) -> World:
    """World 1 at the time of the second run, with what its payload says and what others did."""
    case = setting.case
    source = case.source.below("rerun", "meanwhile")
    world = readdressed(world, session_of(setting, 1), session_of(setting, 2))
    return reseed_world(
        world, firing, case.rerun.meanwhile, connectors_of(setting), source, before=setting.firing
    )


def connectors_of(setting: Setting) -> dict[str, Connector]:
    """The models that a case needs: of what the routine grants and of what its worlds speak of."""
    routine, registry = setting.routine, setting.registry
    names = ["github"] if routine.repositories or _is_about_github(setting) else []
    names += [*(grant.connector for grant in routine.connectors), *routine.organisation]
    names += [name for world in (*setting.case.worlds, setting.case.rerun.meanwhile) for name in world]
    names += [table.partition(".")[0] for table in (setting.base or World()).tables]
    found = [registry.get(name) for name in dict.fromkeys(names)]
    return {connector.name: connector for connector in found if connector is not None}


def _is_about_github(setting: Setting) -> bool:
    """Whether an event of GitHub starts the session of a case, or comes into it."""
    return setting.firing.event.kind == "github" or any(wake.event for wake in setting.case.wakes)
