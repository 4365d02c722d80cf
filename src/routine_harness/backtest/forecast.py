"""Messages a day: how often a routine would have fired × what its recorded runs post."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from routine_harness.agents.recording import Recording
from routine_harness.backtest.result import Backtest, RoutineStatistic
from routine_harness.plain import Json
from routine_harness.session.transcript import Call, Entry, Result
from routine_harness.trigger.acts import Act
from routine_harness.world.effect import Effect
from routine_harness.world.effect_table import attempted_effects
from routine_harness.world.registry import Registry

NOISY: dict[str, str] = {
    "message.posted": "messages",
    "message.scheduled": "messages",
    "comment.created": "comments",
    "ticket.created": "tickets",
}


class Rate(msgspec.Struct, frozen=True):
    """What the recorded cases of a routine put out per run, by noun and place: on average, and the
    recording that put out most."""

    recordings: int
    per_run: dict[str, dict[str, float]]
    most: dict[str, dict[str, int]]


class Forecast(msgspec.Struct, frozen=True):
    """What one routine puts out at one place a day: the mean run on the mean day, and the worst run
    (``most_per_run``) as often as on the worst day."""

    routine: str
    noun: str
    place: str
    per_run: float
    mean_day: float
    worst_day: float
    recordings: int
    most_per_run: int


class ChannelForecast(msgspec.Struct, frozen=True):
    """The messages a day that all ``routines`` of the account post to one channel.

    The worst day is that of the sum, each run being its routine's worst recording. ``limit`` is the
    strictest policy's of theirs, None if none has one.
    """

    channel: str
    routines: tuple[str, ...]
    mean_day: float
    worst_day: float
    limit: int | None = None

    @property
    def exceeded(self) -> bool:
        return self.limit is not None and self.worst_day > self.limit


class NoiseForecast(msgspec.Struct, frozen=True):
    """What is expected of every routine, and in every channel."""

    routines: tuple[Forecast, ...] = ()
    channels: tuple[ChannelForecast, ...] = ()


def measure_noise(recordings: Iterable[Recording], registry: Registry) -> Rate:
    """What the first runs of ``recordings`` put out, per run; a call whose result was an error put out
    nothing."""
    totals: dict[str, dict[str, float]] = {}
    worst: dict[str, dict[str, int]] = {}
    count = 0
    for recording in recordings:
        entries = recording.runs.get(1)
        if entries is None:
            continue
        count += 1
        names = _names(recording.world(1))
        own: dict[str, dict[str, int]] = {}
        for effect in recorded_effects(entries, registry):
            _add(own, effect, names)
        for noun, places in own.items():
            for place, number in places.items():
                whole, most = totals.setdefault(noun, {}), worst.setdefault(noun, {})
                whole[place] = whole.get(place, 0) + number
                most[place] = max(most.get(place, 0), number)
    means = {
        noun: {place: round(total / count, 3) for place, total in sorted(places.items())}
        for noun, places in sorted(totals.items())
    }
    return Rate(count, means, worst)


def forecast_noise(
    backtest: Backtest, rates: Mapping[str, Rate], limits: Mapping[str, int] | None = None
) -> NoiseForecast:
    """The forecasts for every routine that has recordings and runs; what a limit dropped puts out nothing.

    Runs are those that the archives' events and the routine's own schedules start. ``limits`` are, by
    routine, its policy's ``messages_per_channel_per_day``: held against what all routines post there.
    """
    found: list[Forecast] = []
    channels: dict[str, dict[str, _Messages]] = {}
    for routine in backtest.routines:
        days, rate = _running_days(routine), rates.get(routine.name)
        span, worst = max(backtest.days, len(days)), max(days.values(), default=0)
        if rate is None or not worst:
            continue
        for noun, places in rate.per_run.items():
            for place, per_run in places.items():
                mean = round(per_run * sum(days.values()) / span, 2)
                most = rate.most[noun][place]
                found.append(
                    Forecast(routine.name, noun, place, per_run, mean, most * worst, rate.recordings, most)
                )
                if noun == "messages":
                    channels.setdefault(place, {})[routine.name] = _Messages(days, per_run, most)
    together = (_together(name, each, backtest.days, limits or {}) for name, each in channels.items())
    return NoiseForecast(tuple(found), tuple(together))


class _Messages(msgspec.Struct, frozen=True):
    """What one routine posts to a channel: its runs by day, and the messages of a run."""

    runs: Mapping[int, int]
    per_run: float
    most: int


def _together(
    channel: str, messages: Mapping[str, _Messages], span: int, limits: Mapping[str, int]
) -> ChannelForecast:
    """What all routines post to one channel."""
    total = 0.0
    days: dict[int, int] = {}
    for own in messages.values():
        for day, runs in own.runs.items():
            total += runs * own.per_run
            days[day] = days.get(day, 0) + runs * own.most
    mean = round(total / max(span, len(days)), 2)
    limit = min((limits[name] for name in messages if name in limits), default=None)
    return ChannelForecast(channel, tuple(messages), mean, max(days.values()), limit)


def _running_days(routine: RoutineStatistic) -> dict[int, int]:
    """The number of runs by day since the epoch, without those that failed or were dropped."""
    days = routine.days
    lost = routine.failed + routine.dropped
    for hour, count in routine.stopped.items():
        days[hour // 24] -= round(count * lost / (lost + routine.waited)) if lost else 0
    for day, count in routine.clock_days.items():
        days[day] = days.get(day, 0) + count
    return days


def recorded_effects(entries: Iterable[Entry], registry: Registry) -> Iterator[Effect]:
    """The effects of a transcript's calls; a call whose result was an error had none."""
    entries = tuple(entries)
    answered = {entry.id for entry in entries if isinstance(entry, Result) and not entry.is_error}
    for entry in entries:
        if isinstance(entry, Call) and entry.id in answered:
            yield from attempted_effects(registry.tool_call(entry.tool, entry.arguments), registry)


def recorded_acts(routine: str, recordings: Iterable[Recording], registry: Registry) -> Iterator[Act]:
    """What the first runs of ``recordings`` did on GitHub, for ``find_chains``."""
    for recording in recordings:
        for effect in recorded_effects(recording.runs.get(1, ()), registry):
            if effect.connector in ("github", ""):
                yield Act(routine, effect.kind, effect.fields)


def acting_as(recording: Recording) -> str:
    """The login of the account that the first run acted as on GitHub; "" where its world does not say."""
    me = recording.world(1).get("github", {}).get("me")
    return str(me.get("login", "")) if isinstance(me, Mapping) else str(me or "")


def _names(world: Mapping[str, Json]) -> dict[str, str]:
    """The names of what a world knows by an id: its channels and projects among others."""
    tables = (
        records
        for connector in world.values()
        if isinstance(connector, Mapping)
        for records in connector.values()
        if isinstance(records, list)
    )
    return {
        str(record["id"]): str(record["name"])
        for records in tables
        for record in records
        if isinstance(record, Mapping) and "id" in record and "name" in record
    }


def _add(totals: dict[str, dict[str, int]], effect: Effect, names: Mapping[str, str]) -> None:
    noun = NOISY.get(effect.kind)
    if noun:
        told = str(effect.fields.get("channel") or effect.fields.get("project") or effect.connector)
        place = names.get(told, told.removeprefix("#"))
        places = totals.setdefault(noun, {})
        places[place] = places.get(place, 0) + 1
