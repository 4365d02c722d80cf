"""``backtest --play``: the agent at every firing, and what its channels hear."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from routine_harness.backtest.events import read_events
from routine_harness.backtest.source import ArchiveProblem
from routine_harness.carrying import DAY, carry_firings, messages_by_day, players_of
from routine_harness.case.case import Case
from routine_harness.cli.judged import Judged
from routine_harness.cli.lines import echo, say_errors
from routine_harness.errors import BAD_INPUT, Problem, UsageError
from routine_harness.routine.edition import Edition
from routine_harness.routine.schedule import instants
from routine_harness.routine.spec import ScheduleTrigger
from routine_harness.store.cases import load_case_file
from routine_harness.store.policies import load_policy
from routine_harness.store.routines import discover
from routine_harness.trigger.event import Event, Firing
from routine_harness.trigger.match import Fired, match_routine
from routine_harness.verdict.policy.rules import Policy
from routine_harness.verdict.words import counted


class PlayedChannel(msgspec.Struct, frozen=True):
    """What one channel hears: messages by day (ISO 8601), and the strictest limit of the policies."""

    channel: str
    days: dict[str, int]
    most: int | None = None

    @property
    def worst(self) -> int:
        return max(self.days.values(), default=0)

    @property
    def exceeded(self) -> bool:
        return self.most is not None and self.worst > self.most


class PlayedRoutine(msgspec.Struct, frozen=True):
    """How often a routine fired, how many of these firings were played, and what came of them."""

    routine: str
    fired: int
    played: int
    failed: int
    effects: dict[str, int]


def play_backtest(
    judged: Sequence[Judged], events: Sequence[Path], span: tuple[int, int] | None, *,
    any_repository: bool, as_json: bool,
) -> int:  # fmt: skip
    """Play every firing of the archives, or of the schedules in ``span``; 1 if a channel hears more a day
    than a policy allows.

    Raises:
        UsageError: nobody plays any of the firings.
    """
    problems: list[ArchiveProblem] = []
    arrived = list(_arrivals(events, problems))
    routines: list[PlayedRoutine] = []
    heard = _Heard()
    for each in judged:
        edition = each.edition.with_setting("repository_scope", "any") if any_repository else each.edition
        firings = sorted(_firings(each, edition, arrived, span), key=lambda firing: firing.at)
        runs = list(carry_firings(players_of(each.routine, _cases_of(each)), firings))
        heard.add(messages_by_day(runs), load_policy(each.path))
        effects = Counter(effect.kind for run in runs for effect in run.applied)
        failed = sum(run.status != "finished" for run in runs)
        told = dict(sorted(effects.items()))
        routines.append(PlayedRoutine(each.routine.name, len(firings), len(runs), failed, told))
    if not any(routine.played for routine in routines):
        hint = "a case with a script or a recording plays the firings of its trigger"
        raise UsageError(Problem("", 0, "no firing was played", hint))
    channels = heard.channels()
    _print(routines, channels, as_json=as_json)
    say_errors(problems)
    if any(problem.lost for problem in problems):
        return BAD_INPUT
    return int(any(channel.exceeded for channel in channels))


class _Heard:
    """What the channels have heard from all routines, and the strictest limit of those that post there."""

    def __init__(self) -> None:
        self._days: dict[str, Counter[int]] = {}
        self._limits: dict[str, int] = {}

    def add(self, messages: Mapping[str, Counter[int]], policy: Policy) -> None:
        limit = policy.noise.get("messages_per_channel_per_day")
        for channel, days in messages.items():
            self._days.setdefault(channel, Counter()).update(days)
            if limit is not None:
                self._limits[channel] = min(limit.most, self._limits.get(channel, limit.most))

    def channels(self) -> list[PlayedChannel]:
        return [
            PlayedChannel(name, {_day(day): days[day] for day in sorted(days)}, self._limits.get(name))
            for name, days in sorted(self._days.items())
        ]


def _cases_of(judged: Judged) -> list[Case]:
    """The cases of a routine; those of others beside it are left out."""
    cases = (case for file in discover(judged.path).cases for case in load_case_file(file).cases)
    return [case for case in cases if case.routine == judged.routine.name]


def _arrivals(paths: Sequence[Path], problems: list[ArchiveProblem]) -> Iterator[Event]:
    for each in read_events(list(paths)) if paths else ():
        if isinstance(each, ArchiveProblem):
            problems.append(each)
        else:
            yield each


def _firings(
    judged: Judged, edition: Edition, arrived: Sequence[Event], span: tuple[int, int] | None
) -> Iterator[Firing]:
    """Every firing of a routine: of the events, and of its schedules over the time that they span."""
    for event in arrived:
        fired = (match for match in match_routine(judged.routine, event, edition) if isinstance(match, Fired))
        first = next(fired, None)  # two triggers that fire at once start two sessions; one is played
        if first is not None:
            yield first.firing()
    times = [event.at for event in arrived if event.at]
    begins, ends = span or ((min(times), max(times)) if times else (0, -1))
    for index, trigger in enumerate(judged.routine.triggers):
        if isinstance(trigger, ScheduleTrigger) and trigger.enabled and judged.routine.enabled:
            starts = instants(trigger, begins - 1, edition)
            for start in itertools.takewhile(lambda found: found.at <= ends, starts):
                yield Firing(Event("schedule", "schedule", {}, start.at), index)


def _print(routines: Sequence[PlayedRoutine], channels: Sequence[PlayedChannel], *, as_json: bool) -> None:
    if as_json:
        record = {
            "routines": msgspec.to_builtins(routines),
            "channels": [
                {**msgspec.to_builtins(each), "worst": each.worst, "exceeded": each.exceeded}
                for each in channels
            ],
        }
        echo(json.dumps(record, indent=2, ensure_ascii=False))
        return
    for each in routines:
        told = ", ".join(f"{count:,} {kind}" for kind, count in each.effects.items()) or "no effects"
        echo(f"{each.routine}: {each.played:,} of {each.fired:,} firings played; {told}")
        if each.failed:
            echo(f"  {each.failed:,} runs did not end well")
    for channel in channels:
        heard = counted(sum(channel.days.values()), "message")
        line = f"#{channel.channel}: {heard}, {channel.worst:,} on the worst day"
        allowed = "" if channel.most is None else f"; at most {channel.most:,} allowed"
        echo(line + allowed + (" (exceeded)" if channel.exceeded else ""))
        for day, count in channel.days.items():
            echo(f"  {day}  {count:>5,}  {'#' * min(count, 50)}")


def _day(day: int) -> str:
    return datetime.fromtimestamp(day * DAY, UTC).date().isoformat()
