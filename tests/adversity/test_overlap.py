"""Two sessions of one firing at once, their calls in every order."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine_harness.adversity.overlap import MOST, interleavings, steps_of
from routine_harness.harness import check_case

FIXTURE = Path(__file__).parents[2] / "fixtures/adversity/overlap/cases"


def test_two_sessions_that_both_look_before_either_writes_post_twice() -> None:
    result = check_case(FIXTURE / "careless.yaml")
    check = result.check("overlap")
    assert [finding.code for finding in check.findings] == ["overlap.duplicate"]
    assert [line.split() for line in check.findings[0].detail] == [
        ["session", "1", "session", "2"],
        ["1", "slack_read_channel"],
        ["1", "slack_read_channel"],
        ["2", "slack_send_message", "+", "message", "#dev"],
        ["2", "slack_send_message", "+", "message", "#dev"],
    ]
    assert [each.name for each in result.verdict.checks if each.outcome == "failed"] == ["overlap"]


def test_a_name_that_only_one_session_can_have_lets_one_of_them_win() -> None:
    assert check_case(FIXTURE / "careful.yaml").passed


def test_the_same_order_gives_the_same_runs() -> None:
    first, again = (check_case(FIXTURE / "careless.yaml").swept["overlap"] for _ in range(2))
    assert first.first.transcript == again.first.transcript
    assert first.second is not None
    assert again.second is not None
    assert first.second.transcript == again.second.transcript


def test_a_step_is_an_outward_call_or_a_read_just_before_one() -> None:
    result = check_case(FIXTURE / "careful.yaml")
    assert result.pair is not None
    assert steps_of(result.pair.first) == {1, 2, 3}


@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 1), (3, 2), (6, 6), (9, 9)])
def test_every_order_is_tried_up_to_a_limit_and_the_fewest_changes_first(first: int, second: int) -> None:
    orders = list(interleavings(first, second))
    every = math.comb(first + second, first)
    assert len(orders) == len(set(orders))
    assert len(orders) == every if every <= MOST else 0 < len(orders) <= MOST
    changes = [sum(a != b for a, b in itertools.pairwise(order)) for order in orders]
    assert changes == sorted(changes)


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 5))
def test_an_order_gives_every_session_its_steps(first: int, second: int, seed: int) -> None:
    for order in interleavings(first, second, 50, seed):
        assert (order.count(0), order.count(1)) == (first, second)
    assert list(interleavings(first, second, 50, seed)) == list(interleavings(first, second, 50, seed))
