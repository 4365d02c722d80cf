"""A case may say how its first run ends; a run that did not end well decides little all the same."""

from __future__ import annotations

import msgspec
import pytest
from support.desk import run_desk
from support.judging import codes, judge

from routine_harness.errors import SpecError
from routine_harness.finding import Finding, Severity
from routine_harness.session.run import RunPair
from routine_harness.session.transcript import RunStatus
from routine_harness.verdict.repeated import gather_alike


def ended(status: RunStatus, reason: str = "") -> RunPair:
    """A run that filed a ticket and ended so."""
    run = run_desk(lambda session: session.call("desk.create_ticket", title="A"))
    return RunPair(msgspec.structs.replace(run, status=status, reason=reason))


def test_an_expected_interruption_leaves_the_run_undecided() -> None:
    """It fails nothing, and it is not said to have worked."""
    verdict = judge(ended("interrupted", "the user stopped it"), "expect: {status: interrupted}")
    assert verdict.check("status").outcome == "passed"
    run = verdict.check("run")
    assert (run.outcome, run.undecided) == ("skipped", True)
    assert run.skipped == (
        "run 1 ended interrupted (the user stopped it): what it would have done after that is not known"
    )


def test_another_status_fails_and_the_run_says_so_too() -> None:
    """What ended otherwise than the case says is red; one that ended well is judged as ever."""
    failed = judge(ended("failed", "boom"), "expect: {status: interrupted}")
    assert codes(failed, "status") == ["expect.status"]
    assert codes(failed, "run") == ["run.failed"]
    [finding] = failed.check("status").findings
    assert finding.message == "expected run 1 to end interrupted, it ended failed: boom"
    well = judge(ended("finished"), "expect: {status: interrupted}")
    assert (codes(well, "status"), well.check("run").outcome) == (["expect.status"], "passed")
    right = judge(ended("finished"), "expect: {status: finished}")
    assert (right.check("status").outcome, right.check("run").outcome) == ("passed", "passed")
    assert codes(judge(ended("interrupted")), "run") == ["run.interrupted"]


def test_a_misspelt_status_is_an_error() -> None:
    """It names the statuses that there are."""
    with pytest.raises(SpecError, match="finished, failed, over_budget, interrupted"):
        judge(ended("finished"), "expect: {status: stopped}")


def test_warnings_of_a_kind_are_one_with_a_count() -> None:
    """Errors, and what carries data, stay apart; the order is kept."""

    def finding(message: str, call: int, **more: object) -> Finding:
        values = {"code": "home.reached", "severity": Severity.WARNING, "hint": "h", **more}
        return Finding(message=message, calls=(call,), **values)  # type: ignore[arg-type]

    alike = [finding(f"reached {number}", number) for number in range(1, 9)]
    error = finding("broken", 3, severity=Severity.ERROR)
    told = finding("told", 4, data={"fault": 0})
    [one, *rest] = gather_alike([*alike[:4], error, told, *alike[4:]])
    assert rest == [error, told]
    assert one.message == "reached 1 (8 findings of this kind)"
    assert one.calls == tuple(range(1, 9))
    assert one.detail == ("reached 2", "reached 3", "reached 4", "reached 5", "reached 6", "and 2 more")
    assert gather_alike(alike[:1]) == (alike[0],)
