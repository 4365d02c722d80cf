"""What recording cases will cost: what they cost the last time, else what a session may come to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from routine_harness.serve.spending import WEIGHTS, price

RUNS: Final = 2
TURNS: Final = 12
"""How many turns a run is assumed to take where nobody has seen one."""
OPENING: Final = 15_000
"""Tokens that the CLI sends before the first word: its system prompt and its tools [measured in the CLI
2.1.332: 55,000 characters, with a connector]."""
GROWTH: Final = 1_500
"""Tokens that a turn adds to what the next one sends: a call and its answer."""
GIVEN: Final = 300
"""Tokens that a turn says."""


class Estimate(msgspec.Struct, frozen=True):
    """US dollars for one attempt at a case; ``recorded`` where its last recording cost that."""

    usd: float
    recorded: bool


class Known(msgspec.Struct, frozen=True):
    """A case with its routine and its model; ``usd`` is what its recording by the real agent cost, 0 where
    there is none."""

    routine: str
    model: str
    usd: float = 0.0


def estimate_cost(case: Known, others: Iterable[Known]) -> Estimate:
    """What an attempt at ``case`` costs: what its recording cost; without one what the ``others`` of its
    routine cost on average, else all others; where nobody has recorded anything, as much as a session of
    ``TURNS`` turns at the dearest price of its model."""
    if case.usd:
        return Estimate(case.usd, recorded=True)
    known = [each for each in others if each.usd]
    near = [each.usd for each in known if each.routine == case.routine] or [each.usd for each in known]
    return Estimate(sum(near) / len(near) if near else RUNS * run_cost(case.model), recorded=False)


def run_cost(model: str) -> float:
    """US dollars for a run of ``TURNS`` turns of which nothing is known but the model."""
    price_in, price_out = price(model)
    written = OPENING + GROWTH * TURNS
    read = sum(OPENING + GROWTH * turn for turn in range(TURNS))
    # The CLI has what it sends again kept in the cache of prompts.
    taken = WEIGHTS["cache_creation_input_tokens"] * written + WEIGHTS["cache_read_input_tokens"] * read
    return (taken * price_in + GIVEN * TURNS * price_out) / 1e6
