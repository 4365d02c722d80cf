"""How long a session goes on: its states, every transition between them, and the budget that ends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from routine_harness.session.transcript import RunStatus, Usage

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
"""Status of a run → the event that ends its session with it."""


class IllegalEvent(Exception):  # noqa: N818 - it is named after what happened, as h11's are
    """An event that the session's state does not allow; the caller's mistake. Nothing has changed."""

    def __init__(self, event: str, state: State) -> None:
        super().__init__(explain_illegal(event, state))
        self.event, self.state = event, state


def explain_illegal(event: str, state: State) -> str:
    """Why ``event`` is refused, in a sentence."""
    return f"cannot {event}: the session is {state.replace('_', ' ')}"


class Budget(msgspec.Struct, frozen=True):
    """The most that one run may use, checked before it acts; 0 means no limit.

    ``seconds`` are those of the world's clock or those that a live agent reports, whichever are
    more; a scripted agent is stopped after as many seconds of real time, too.
    """

    turns: int = 200
    calls: int = 500
    tokens: int = 0
    seconds: float = 0
    cost_usd: float = 0

    @classmethod
    def of(cls, limits: Mapping[str, float]) -> Budget:
        """The default budget with some limits replaced, by name."""
        known = {name: limits[name] for name in cls.__struct_fields__ if name in limits}
        whole = {name: int(value) if name in _WHOLE else value for name, value in known.items()}
        return msgspec.structs.replace(DEFAULT_BUDGET, **whole)

    def exceeded(self, *, turns: int, calls: int, seconds: float, usage: Usage) -> str:
        """Which limit the next act would break, in words; empty if it breaks no limit.

        ``turns`` and ``calls`` count that act; ``usage`` is what was reported so far.
        """
        if 0 < self.calls < calls:
            return f"{self.calls} calls"
        if 0 < self.turns < turns:
            return f"{self.turns} turns"
        if self.tokens and usage.tokens >= self.tokens:
            return f"{self.tokens} tokens"
        if self.seconds and max(seconds, usage.seconds) >= self.seconds:
            return f"{self.seconds:g} seconds"
        if self.cost_usd and usage.cost_usd >= self.cost_usd:
            return f"{self.cost_usd:g} US dollars"
        return ""


_WHOLE: Final = ("turns", "calls", "tokens")
DEFAULT_BUDGET: Final = Budget()
