"""What attempts prove: against the equation that Wilson's interval solves, and against counting."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine_harness.gate.luck import (
    MOST,
    Interval,
    fewest_attempts,
    is_settled,
    pass_power,
    wilson_interval,
)

COUNTS = st.integers(1, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


def by_bisection(passed: int, of: int, confidence: float) -> Interval:
    """The rates that a score test does not reject, found without the formula: the ends of the interval solve
    |p̂ - p| = z * sqrt(p (1 - p) / n)."""
    z, seen = NormalDist().inv_cdf((1 + confidence) / 2), passed / of

    def rejected(rate: float) -> bool:
        return abs(seen - rate) > z * math.sqrt(rate * (1 - rate) / of)

    def end(outside: float) -> float:
        inside = seen
        for _ in range(100):
            middle = (inside + outside) / 2
            inside, outside = (inside, middle) if rejected(middle) else (middle, outside)
        return inside

    return Interval(end(0.0), end(1.0))


@given(COUNTS, st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99]))
def test_the_interval_is_that_of_the_score_test(counts: tuple[int, int], confidence: float) -> None:
    found, wanted = wilson_interval(*counts, confidence), by_bisection(*counts, confidence)
    assert found.low == pytest.approx(wanted.low, abs=1e-9)
    assert found.high == pytest.approx(wanted.high, abs=1e-9)
    assert 0 <= found.low <= counts[0] / counts[1] <= found.high <= 1


@pytest.mark.parametrize(
    ("passed", "of", "confidence", "low", "high"),
    [  # worked by hand from the published formula
        (4, 5, 0.95, 0.3755, 0.9638),
        (0, 10, 0.95, 0.0, 0.2775),
        (10, 10, 0.95, 0.7225, 1.0),
        (1, 29, 0.95, 0.0061, 0.1718),
    ],
)
def test_known_intervals(passed: int, of: int, confidence: float, low: float, high: float) -> None:
    found = wilson_interval(passed, of, confidence)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_without_attempts_nothing_is_known() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert is_settled(0, 0, 0.5) is None


@given(st.integers(0, 7).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))), st.integers(1, 8))
def test_pass_power_is_the_share_of_drawings_in_which_all_pass(counts: tuple[int, int], k: int) -> None:
    passed, of = counts
    drawn = list(itertools.combinations([True] * passed + [False] * (of - passed), k))
    if not drawn:
        assert math.isnan(pass_power(passed, of, k))
    else:
        assert pass_power(passed, of, k) == pytest.approx(float(Fraction(sum(map(all, drawn)), len(drawn))))


@given(st.sampled_from([0.5, 0.75, 0.9, 0.95]), st.sampled_from([0.8, 0.9, 0.95]))
def test_so_many_attempts_prove_a_rate_if_all_pass_and_one_fewer_does_not(rate: float, sure: float) -> None:
    fewest = fewest_attempts(rate, sure)
    assert is_settled(fewest, fewest, rate, sure) is True
    assert is_settled(fewest - 1, fewest - 1, rate, sure) is None
    assert fewest_attempts(1.0) == MOST


@given(COUNTS)
def test_more_that_pass_never_prove_less(counts: tuple[int, int]) -> None:
    passed, of = counts
    one, other = wilson_interval(passed, of), wilson_interval(passed + 1, of + 1)
    assert other.low >= one.low
    assert other.high >= one.high


def test_attempts_that_fail_settle_a_rate_as_well() -> None:
    assert is_settled(0, 5, 0.9, 0.9) is False
    assert is_settled(4, 5, 0.9, 0.9) is None
