"""What tokens cost: enough to hold a spending limit, not to write a bill."""

from __future__ import annotations

from typing import Final

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
