"""The event of a case: what arrives, and when.

The instant is the one that the trigger or a world file gives, else the one that the payload tells,
else a fixed one; a schedule without an instant starts at its next one. Never the clock on the wall.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from routine_harness.case.case import Case, CaseTrigger
from routine_harness.routine.edition import Edition
from routine_harness.routine.schedule import next_instants
from routine_harness.routine.spec import Routine, ScheduleTrigger
from routine_harness.trigger.arrivals import body_instant, parse_instant
from routine_harness.trigger.event import Event, Firing
from routine_harness.trigger.match import Fired, Skipped, Undecided, match_routine

DEFAULT_INSTANT: Final = int(datetime(2026, 1, 5, 9, 7, tzinfo=UTC).timestamp())
"""When a case happens that says nothing about time: a Monday morning."""

Matches = tuple[Fired | Skipped | Undecided, ...]


def case_event(case: Case, routine: Routine, edition: Edition) -> Event:
    """The event that starts the first run of ``case``."""
    clock = next((parse_instant(w["clock"]) for w in reversed(case.worlds) if w.get("clock")), 0)
    return event_of(case.trigger, routine, edition, clock, source=case.source.file)


def event_of(trigger: CaseTrigger, routine: Routine, edition: Edition, clock: int, *, source: str) -> Event:
    """The event of ``trigger``; ``clock`` is the instant known otherwise, 0 if none is."""
    at = parse_instant(trigger.at) or clock or body_instant(trigger.payload)
    if trigger.kind == "schedule" and not trigger.at:
        at = next_start(routine, at or DEFAULT_INSTANT, edition) or at
    return Event(
        trigger.kind, trigger.event or trigger.kind, trigger.payload, at or DEFAULT_INSTANT, "", source
    )


def next_start(routine: Routine, after: int, edition: Edition) -> int | None:
    """The first instant after ``after`` at which a schedule of ``routine`` fires; None if none does."""
    found = [
        instant.at
        for trigger in routine.triggers
        if isinstance(trigger, ScheduleTrigger) and trigger.enabled
        for instant in next_instants(trigger, after, 1, edition)
    ]
    return min(found, default=None)


def fire(case: Case, routine: Routine, event: Event, edition: Edition) -> tuple[Firing | None, Matches]:
    """The firing of the first trigger that fires, and what every trigger made of the event.

    A trigger that is switched off does not fire, but a case may still ask what it would do: where
    nothing else stands in the way, the firing is given all the same.
    """
    matches = match_routine(routine, event, edition)
    fired = next((match for match in matches if isinstance(match, Fired)), None)
    if fired is not None:
        return fired.firing(), matches
    if case.expect.fires:
        paused = next((match for match in matches if _only_switched_off(match)), None)
        if paused is not None:
            return Firing(event, paused.trigger), matches
    return None, matches


def rerun_matches(case: Case, routine: Routine, edition: Edition) -> Matches:
    """What every trigger makes of the event of ``rerun``; nothing where that is the first one again."""
    trigger = case.rerun.trigger
    if trigger is None or not routine.enabled:
        return ()
    return match_routine(routine, event_of(trigger, routine, edition, 0, source=case.source.file), edition)


def _only_switched_off(match: Fired | Skipped | Undecided) -> bool:
    failed = [clause.field for clause in match.clauses if clause.matches is not True]
    return bool(failed) and all(field in ("trigger.enabled", "routine.enabled") for field in failed)
