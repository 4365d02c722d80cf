"""Two sessions of one firing at once, their calls in every order."""

from __future__ import annotations

from pathlib import Path

from routine_harness.adversity.overlap import steps_of
from routine_harness.harness import check_case

FIXTURE = Path(__file__).parents[2] / "fixtures/adversity/overlap/cases"
COLUMNS = """
session 1                           session 2
1 slack_read_channel
  saw neither's work
                                    1 slack_read_channel
                                      saw neither's work
                                    2 slack_send_message
                                      + message.posted #dev
2 slack_send_message
  + message.posted #dev
"""


def test_two_sessions_that_both_look_before_either_writes_post_twice() -> None:
    result = check_case(FIXTURE / "careless.yaml")
    check = result.check("overlap")
    assert [finding.code for finding in check.findings] == ["overlap.duplicate"]
    assert "\n".join(check.findings[0].detail) == COLUMNS.strip("\n")
    assert max(map(len, check.findings[0].detail)) <= 76
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
    assert steps_of(result.pair.first).numbers == (1, 2, 3)
