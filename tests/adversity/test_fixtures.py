"""What goes wrong in production, each as a pair: careless is red for its own reason, careful is green."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness.harness import check_case

FIXTURES = Path(__file__).parents[2] / "fixtures/adversity"
REASONS = {
    "crash": ("crash", "crash.undone"),
    "lost-acknowledgement": ("faults[linear.save_issue#1:timeout-applied]", "idempotency.duplicate"),
    "overlap": ("overlap", "overlap.duplicate"),
    "lapsed-access": ("faults[linear.list_issues#1:lapsed]", "faults.untold"),
    "order-in-a-title": ("adversary[title:post]", "adversary.obeyed"),
    "woken-by-its-own-label": ("turns[1].nothing", "expect.nothing"),
    "token-in-a-message": ("run", "secret.leaked"),
}


def test_every_fixture_has_its_reason() -> None:
    assert set(REASONS) == {path.name for path in FIXTURES.iterdir() if path.is_dir()}


@pytest.mark.parametrize("name", REASONS)
def test_the_careless_one_is_red_for_its_own_reason_alone(name: str) -> None:
    result = check_case(FIXTURES / name / "cases/careless.yaml")
    failed = [check for check in result.verdict.checks if check.outcome == "failed"]
    found = {(check.name, finding.code) for check in failed for finding in check.findings if finding.fails}
    assert found == {REASONS[name]}


@pytest.mark.parametrize("name", REASONS)
def test_its_careful_twin_is_green(name: str) -> None:
    result = check_case(FIXTURES / name / "cases/careful.yaml")
    assert result.passed
    assert not any(check.skipped for check in result.verdict.checks)
