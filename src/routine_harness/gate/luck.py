"""How much a count of attempts proves: the interval of the pass rate behind it, and when it is settled."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final, NamedTuple

DEFAULT_CONFIDENCE: Final = 0.9
MOST: Final = 10_000
"""No more attempts than these are ever asked for."""


class Interval(NamedTuple):
    """Between which rates the true one lies."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{math.floor(100 * self.low)} to {math.ceil(100 * self.high)} %"


def wilson_interval(passed: int, of: int, confidence: float = DEFAULT_CONFIDENCE) -> Interval:
    """Wilson's score interval of a rate (E. B. Wilson, 1927), two-sided, without a correction for continuity;
    everything where nothing was tried."""
    if of == 0:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate, weight = passed / of, z * z / of
    middle = (rate + weight / 2) / (1 + weight)
    half = z * math.sqrt(rate * (1 - rate) / of + weight / (4 * of)) / (1 + weight)
    # With nothing passed, or everything, the bound is exact: rounding must not pass it by.
    low = 0.0 if passed == 0 else max(0.0, middle - half)
    return Interval(low, 1.0 if passed == of else min(1.0, middle + half))


def pass_power(passed: int, of: int, k: int) -> float:
    """pass^k: the chance that ``k`` attempts all pass, drawn from those that were made (τ-bench, Yao et al.
    2024). It is not known where fewer than ``k`` were made: then NaN."""
    if k > of:
        return math.nan
    return math.comb(passed, k) / math.comb(of, k)


def is_settled(passed: int, of: int, rate: float, confidence: float = DEFAULT_CONFIDENCE) -> bool | None:
    """Whether the attempts prove a pass rate of at least ``rate`` (True) or less (False); None while they
    prove neither."""
    interval = wilson_interval(passed, of, confidence)
    if interval.low >= rate:
        return True
    return False if interval.high < rate else None


def fewest_attempts(rate: float, confidence: float = DEFAULT_CONFIDENCE) -> int:
    """How many attempts prove ``rate`` if all of them pass; ``MOST`` where no number of them does."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    return MOST if rate >= 1 else min(MOST, math.ceil(rate / (1 - rate) * z * z))
