"""A routine's agent run at one firing after the other on one world, which is carried along.

So a routine that posts once and is then silent counts once, where a rate times firings would count it
every time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from routine_harness.agents.recording import Recording
from routine_harness.agents.repeating import repeat_recording
from routine_harness.case.case import Case
from routine_harness.case.plan import Setting, plan_firing, plan_pair
from routine_harness.routine.spec import Routine
from routine_harness.session.pair import Execute, open_session
from routine_harness.session.run import Run
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.settings import fired_setting
from routine_harness.trigger.event import Firing
from routine_harness.world.state import World

DAY = 86_400


class Player(msgspec.Struct, frozen=True, eq=False):
    """Who plays the firings of one trigger: the agent of ``case``; ``execute`` is told whether it has played
    before a firing of the same subject."""

    case: Case
    setting: Setting
    execute: Callable[[bool], Execute]


def players_of(routine: Routine, cases: Sequence[Case]) -> dict[int | None, Player]:
    """For each trigger the first of ``cases`` that it fires and that has a script or a recording; one that
    wants silence comes last.

    Raises:
        HarnessError: a file of a case is malformed.
    """
    found: dict[int | None, Player] = {}
    for case in sorted(cases, key=lambda case: case.expect.nothing):
        player = _player(routine, case)
        if player is not None:
            found.setdefault(player.setting.firing.trigger, player)
    return found


def _player(routine: Routine, case: Case) -> Player | None:
    if case.skip or case.xfail or case.faults:
        return None
    setting = fired_setting(case, routine)
    if setting is None:
        return None
    case = setting.case
    files = CaseFiles(case, setting.routine)
    recording = files.recording_to_play()
    if recording is not None and recording.header.made_by != "scripted":
        return Player(case, setting, _recorded(recording))
    if case.script is None or case.script.shell == "sandbox":
        return None
    script = files.script(case.script)
    return Player(case, setting, lambda _: script.run)


def _recorded(recording: Recording) -> Callable[[bool], Execute]:
    """What the agent did the first time, and what it did when its work was there already."""
    return lambda again: repeat_recording(recording, 2 if again and 2 in recording.runs else 1)


def carry_firings(players: dict[int | None, Player], firings: Iterable[Firing]) -> Iterator[Run]:
    """One run for each of ``firings``, in order, each on the world that the one before has left; those of
    triggers that nobody plays are left out."""
    world: World | None = None
    before: Firing | None = None
    seen: set[object] = set()
    for firing in firings:
        player = players.get(firing.trigger)
        if player is None:
            continue
        setting = msgspec.structs.replace(player.setting, firing=firing)
        plan = plan_pair(setting)
        first = plan.first if world is None else plan_firing(setting, firing, before or firing)
        start = plan.world if world is None else world.at(max(world.clock, firing.at))
        session = open_session(plan, first, start, 1 if world is None else 2)
        subject = _subject(firing)
        run = player.execute(subject in seen)(session)
        if run is None:
            continue
        seen.add(subject)
        world, before = run.world, firing
        yield run


def _subject(firing: Firing) -> object:
    """What a firing is about: an issue or a pull request by its number; a schedule is about one thing."""
    payload = firing.event.payload
    for name in ("pull_request", "issue", "release"):
        if isinstance(payload.get(name), dict):
            return name, payload[name].get("number") or payload[name].get("id")
    return firing.event.kind, payload.get("text")


def messages_by_day(runs: Iterable[Run]) -> dict[str, Counter[int]]:
    """Messages that were posted, by channel and day (days since the epoch, in UTC)."""
    found: dict[str, Counter[int]] = {}
    for run in runs:
        for effect in run.messages:
            channel = str(effect.fields.get("channel") or effect.target).lstrip("#")
            found.setdefault(channel, Counter())[run.firing.at // DAY] += 1
    return found
