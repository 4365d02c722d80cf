"""``then``: what has to come of the run that a fault has struck."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness.case.result import CaseResult
from routine_harness.errors import SpecError
from routine_harness.harness import check_case

HERE = Path(__file__).parents[2]
FIXTURE = HERE / "fixtures/adversity/lost-acknowledgement"


def checked(folder: Path, lines: str) -> CaseResult:
    """The careful case of the fixture with ``lines``, and without a check of its own."""
    (folder / "cases").mkdir()
    (folder / "agents").mkdir()
    for name in ("routine.yaml", "agents/filing.py"):
        (folder / name).write_text((FIXTURE / name).read_text())
    text = (FIXTURE / "cases/careful.yaml").read_text()
    text = text.replace("../../../webhooks", str(HERE / "fixtures/webhooks"))
    kept = [line for line in text.splitlines() if not line.startswith(("checks:", "#", "expect:", " "))]
    trigger = [line for line in text.splitlines() if line.startswith("  github:")]
    kept = [part for line in kept for part in ([line, *trigger] if line == "trigger:" else [line])]
    case = folder / "cases/careful.yaml"
    case.write_text("\n".join([*kept, lines]) + "\n")
    return check_case(case)


LOST = "faults: [{call: linear.list_issues, nth: 1, timeout: true, then: %s}]"


def test_what_comes_of_a_run_that_was_struck_has_an_item_of_its_own(tmp_path: Path) -> None:
    result = checked(tmp_path, LOST % "{tickets: 0}")
    assert result.check("then.tickets").outcome == "passed"


def test_what_does_not_come_of_it_is_red_there(tmp_path: Path) -> None:
    result = checked(tmp_path, LOST % "{tickets: 2}")
    assert result.check("then.tickets").outcome == "failed"


def test_a_fault_that_strikes_nothing_leaves_it_open(tmp_path: Path) -> None:
    lines = "faults: [{call: linear.list_issues, nth: 9, timeout: true, then: {tickets: 0}}]"
    result = checked(tmp_path, lines)
    assert result.check("then.tickets").skipped == "the fault struck no call"
    assert "fault.idle" in {finding.code for finding in result.verdict.findings}


def test_the_run_that_it_struck_is_meant_where_it_is_the_second_one(tmp_path: Path) -> None:
    fault = "{connector: linear, lapses: {between_runs: true}, then: {tickets: 0, says: {contains: Could}}}"
    result = checked(tmp_path, f"expect: {{tickets: 1}}\nfaults: [{fault}]")
    assert result.check("tickets").outcome == "passed"
    assert result.check("then.tickets").outcome == "passed"
    assert result.check("then.says").outcome == "passed"


def test_a_sweep_is_judged_by_its_then_alone(tmp_path: Path) -> None:
    result = checked(tmp_path, "checks: {faults: {packs: [outage], then: {tickets: 7}}}")
    trials = [check for check in result.verdict.checks if check.name.startswith("faults[")]
    assert trials
    assert {check.outcome for check in trials} == {"failed"}
    assert {finding.code for check in trials for finding in check.findings} == {"expect.tickets"}


def test_a_then_that_holds_is_green(tmp_path: Path) -> None:
    lines = "checks: {faults: {packs: [flaky], then: {tickets: {at_most: 1}}}}"
    result = checked(tmp_path, lines)
    assert {c.outcome for c in result.verdict.checks if c.name.startswith("faults[")} == {"passed"}


def test_what_is_no_expectation_is_said_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"careful\.yaml:\d+: an expect block has no key 'tikets'"):
        checked(tmp_path, "checks: {faults: {packs: [flaky], then: {tikets: 1}}}")
