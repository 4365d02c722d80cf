"""What tokens cost, and what sessions may spend together: enough to hold a limit, not to write a bill."""

from __future__ import annotations

from typing import Final

import msgspec

from routine_harness.session.transcript import Usage, total_usage

PRICES: Final[dict[str, tuple[float, float]]] = {
    "haiku": (1.0, 5.0),
    "sonnet": (3.0, 15.0),
    "opus": (15.0, 75.0),
}
"""US dollars for a million tokens in and out, by family; the dearest that a family ever cost, and an
unknown model counts as the dearest of all: a spending limit has to hold."""

WEIGHTS: Final = {"input_tokens": 1.0, "cache_creation_input_tokens": 2.0, "cache_read_input_tokens": 0.1}
"""What a token of the input costs beside one that no cache of prompts holds: kept in it for an hour, which is
the dearest, or read from it."""


def price(model: str) -> tuple[float, float]:
    """US dollars for a million tokens in and out."""
    return next((cost for family, cost in PRICES.items() if family in model), max(PRICES.values()))


class Spending:
    """One limit over several sessions in a row, in US dollars; 0 means no limit."""

    def __init__(self, limit_usd: float = 0.0) -> None:
        self.limit_usd = limit_usd
        self.spent = Usage()

    def add(self, usage: Usage) -> None:
        """Add what a session that has ended has cost."""
        spent = total_usage((self.spent, usage))
        self.spent = msgspec.structs.replace(spent, cost_usd=round(spent.cost_usd, 6))

    def reached(self, more_usd: float = 0.0) -> bool:
        """Whether nothing is left, ``more_usd`` of a session that goes on included."""
        return bool(self.limit_usd) and self.spent.cost_usd + more_usd >= self.limit_usd
