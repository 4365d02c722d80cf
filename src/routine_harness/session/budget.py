"""What a session may use; checked before it acts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from routine_harness.session.transcript import Usage


class Budget(msgspec.Struct, frozen=True):
    """The most that one run may use; 0 means no limit.

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
        """Which limit the next act would break, in words; empty if none.

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
