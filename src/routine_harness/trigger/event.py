"""What arrives from outside, and what a trigger makes of it."""

from __future__ import annotations

from typing import Literal

import msgspec

from routine_harness.plain import Record

EventKind = Literal["github", "api", "schedule", "manual"]


class Event(msgspec.Struct, frozen=True):
    """One arrival: a webhook delivery, a fire request, a time of the schedule, a manual start.

    ``name`` is the qualified name of a github event (``pull_request.opened``), else the kind.
    ``payload`` is the webhook body, or ``{"text": …}`` of a fire request or a manual start.
    ``at`` is the time in seconds since the epoch (UTC); ``id`` the delivery's, where known;
    ``source`` says where it was read from (``file:line``).
    """

    kind: EventKind
    name: str
    payload: Record = {}
    at: int = 0
    id: str = ""
    source: str = ""


class Firing(msgspec.Struct, frozen=True):
    """One match of one trigger at one time; ``trigger`` is its index, None for a manual start."""

    event: Event
    trigger: int | None = None
    id: str = ""

    @property
    def at(self) -> int:
        """When it fired, in seconds since the epoch (UTC)."""
        return self.event.at
