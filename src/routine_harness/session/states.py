"""The states of a session and every transition between them, in one table."""

from __future__ import annotations

from typing import Final, Literal

from routine_harness.session.transcript import RunStatus

State = Literal["open", "finished", "failed", "over_budget", "interrupted"]
Event = Literal["call", "say", "hear", "finish", "fail", "exhaust", "interrupt"]

TRANSITIONS: Final[dict[tuple[State, Event], State]] = {
    ("open", "call"): "open",
    ("open", "say"): "open",
    ("open", "hear"): "open",
    ("open", "finish"): "finished",
    ("open", "fail"): "failed",
    ("open", "exhaust"): "over_budget",
    ("open", "interrupt"): "interrupted",
}
"""(state, event) → the state after it; what is not listed is illegal. Every state but ``open`` is
an end: no event leads out of it."""

ENDING: Final[dict[RunStatus, Event]] = {
    "finished": "finish",
    "failed": "fail",
    "over_budget": "exhaust",
    "interrupted": "interrupt",
}
"""How a session comes to end with a status."""


class IllegalEvent(Exception):  # noqa: N818 - it is named after what happened, as h11's are
    """An event that the session's state does not allow; the caller's mistake. Nothing has changed."""

    def __init__(self, event: str, state: State) -> None:
        super().__init__(explain_illegal(event, state))
        self.event, self.state = event, state


def explain_illegal(event: str, state: State) -> str:
    """Why ``event`` is refused, in a sentence."""
    return f"cannot {event}: the session is {state.replace('_', ' ')}"
