"""What sessions may spend together, and what they have spent so far."""

from __future__ import annotations

import msgspec

from routine_harness.session.transcript import Usage, total_usage


class Spending:
    """One limit over several sessions, in US dollars; 0 is none. They come one after the other."""

    def __init__(self, limit_usd: float = 0.0) -> None:
        self.limit_usd = limit_usd
        self.spent = Usage()

    def add(self, usage: Usage) -> None:
        """A session has ended, and has cost this."""
        spent = total_usage((self.spent, usage))
        self.spent = msgspec.structs.replace(spent, cost_usd=round(spent.cost_usd, 6))

    def reached(self, more_usd: float = 0.0) -> bool:
        """Whether nothing is left, ``more_usd`` of a session that goes on included."""
        return bool(self.limit_usd) and self.spent.cost_usd + more_usd >= self.limit_usd
