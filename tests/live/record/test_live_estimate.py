"""What recording a case will cost, before anybody has recorded it."""

from __future__ import annotations

import pytest

from routine_harness.live.record.recording_plan import RUNS, Estimate, Known, estimate_cost, run_cost
from routine_harness.serve.spending import Spending
from routine_harness.session.transcript import Usage

SONNET = "claude-sonnet-5-1"


def test_a_case_costs_what_its_recording_cost() -> None:
    """The real agent's last recording says it, whatever the others cost."""
    assert estimate_cost(Known("a", SONNET, 0.25), [Known("a", SONNET, 9.0)]) == Estimate(0.25, recorded=True)


@pytest.mark.parametrize(
    ("others", "usd"),
    [
        (
            [Known("a", SONNET, 0.2), Known("a", SONNET, 0.4), Known("b", SONNET, 9.0), Known("a", SONNET)],
            0.3,
        ),
        ([Known("b", SONNET, 1.0), Known("c", SONNET, 3.0)], 2.0),
        ([Known("b", SONNET)], RUNS * run_cost(SONNET)),
    ],
    ids=["its routine's", "all others'", "nobody's"],
)
def test_a_case_without_a_recording_is_estimated(others: list[Known], usd: float) -> None:
    """By the cases of its routine, by all others, or by a session of which nothing is known."""
    found = estimate_cost(Known("a", SONNET), others)
    assert not found.recorded
    assert found.usd == pytest.approx(usd)


def test_an_unknown_model_counts_as_the_dearest() -> None:
    """An estimate is no surprise afterwards."""
    assert run_cost("") == run_cost("claude-opus-5-5") > run_cost(SONNET) > run_cost("claude-haiku-5") > 0


def test_sessions_spend_from_one_limit() -> None:
    """What ended sessions have cost counts, and what the open one has; 0 is no limit."""
    spending = Spending(1.0)
    spending.add(Usage(10, 5, 0.6))
    assert not spending.reached()
    assert spending.reached(0.4)
    spending.add(Usage(10, 5, 0.6))
    assert spending.reached()
    assert spending.spent.input_tokens == 20
    assert not Spending().reached(1000.0)
