"""The write tools that a routine grants and that no case calls."""

from __future__ import annotations

from pathlib import Path

import msgspec

from routine_harness.gate.coverage import Coverage, case_coverage
from routine_harness.harness import check_case
from routine_harness.routine.spec import Grant
from routine_harness.verdict.policy.rules import Policy

TRIAGE = Path(__file__).parents[2] / "example_routines/security-triage-pr/cases/sql-injection.yaml"


def covered(*grants: Grant, repositories: bool = False) -> Coverage:
    """The coverage of a case, which files a ticket in Linear, under other grants."""
    result = check_case(TRIAGE)
    routine = msgspec.structs.replace(
        result.routine, connectors=grants, repositories=result.routine.repositories if repositories else ()
    )
    return case_coverage(msgspec.structs.replace(result, routine=routine), Policy())


def test_a_grant_of_what_is_called_leaves_nothing_untried() -> None:
    assert covered(Grant("linear", allow=("list_issues", "save_issue"))).untried == ()


def test_a_whole_connector_gives_more_than_a_case_calls() -> None:
    untried = covered(Grant("linear")).untried
    assert "linear.save_project" in untried
    assert "linear.save_issue" not in untried
    assert not any("list_" in tool for tool in untried)


def test_what_is_denied_is_not_given() -> None:
    assert "linear.save_project" not in covered(Grant("linear", deny=("save_project",))).untried


def test_a_repository_gives_what_its_server_offers_by_default() -> None:
    untried = covered(repositories=True).untried
    assert "github.merge_pull_request" in untried
    assert len(untried) < 30
