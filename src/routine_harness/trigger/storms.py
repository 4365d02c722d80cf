"""Bursts that real triggers meet, as streams of events: made, not recorded, and the same every time.

A storm of pushes to one pull request, a webhook delivered again, a fire request that its caller
retries: no idempotency key exists, so each of them is a session of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from routine_harness.plain import Record
from routine_harness.routine.edition import Edition
from routine_harness.routine.spec import Routine
from routine_harness.trigger.event import Event
from routine_harness.trigger.match import match_routine
from routine_harness.trigger.quota import Settled, StartRequest, simulate_quota


def redelivered(event: Event, times: int, every: int = 60) -> tuple[Event, ...]:
    """The same delivery ``times`` more, under the same id, as GitHub redelivers on request."""
    return tuple(msgspec.structs.replace(event, at=event.at + number * every) for number in range(times + 1))


def retried_fire(text: str, at: int, delays: Iterable[int] = (1, 2, 4, 8)) -> tuple[Event, ...]:
    """A fire request and its retries after ``delays`` seconds each: every accepted one starts a session."""
    events = [Event("api", "api", {"text": text}, at)]
    for delay in delays:
        at += delay
        events.append(msgspec.structs.replace(events[0], at=at))
    return tuple(events)


def storm_of(event: Event, count: int, seconds: int) -> tuple[Event, ...]:
    """``count`` arrivals like ``event``, spread evenly over ``seconds``, each a delivery of its own.

    A push to a pull request has another head each time.
    """
    pushed = event.name == "pull_request.synchronize"
    return tuple(
        msgspec.structs.replace(
            event,
            payload=_with_head(event.payload, number) if pushed else event.payload,
            at=event.at + number * seconds // max(count, 1),
            id=f"{event.id or 'storm'}-{number}" if event.kind == "github" else event.id,
        )
        for number in range(count)
    )


def simulate_events(
    routines: Iterable[Routine], events: Iterable[Event], edition: Edition, plan: str = "team"
) -> Iterator[Settled]:
    """What becomes of every run that ``events`` (in order of time) would start."""
    return simulate_quota(starts_of(tuple(routines), events, edition), edition, plan)


def starts_of(
    routines: tuple[Routine, ...], events: Iterable[Event], edition: Edition
) -> Iterator[StartRequest]:
    """The starts that ``events`` ask for; a redelivery counts as the edition's setting says."""
    seen: set[str] = set()
    for event in events:
        if event.id and edition.setting("redelivery") == "ignored":
            if event.id in seen:
                continue
            seen.add(event.id)
        for routine in routines:
            # one session per event, however many of the routine's triggers it fires
            if any(match.outcome == "fired" for match in match_routine(routine, event, edition)):
                yield StartRequest(event.at, routine.name, event.kind)


def _with_head(payload: Record, number: int) -> Record:
    pull = payload.get("pull_request")
    if not isinstance(pull, dict) or not isinstance(pull.get("head"), dict):
        return payload
    head = {**pull["head"], "sha": f"{number:040x}"}
    return {**payload, "after": head["sha"], "pull_request": {**pull, "head": head}}
