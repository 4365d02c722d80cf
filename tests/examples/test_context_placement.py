"""The examples under both placements of their context, and a routine that stands one alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness.harness import Harness
from routine_harness.store.cases import load_case_file


def checked(file: Path):
    loaded = load_case_file(file)
    return [Harness().check_case(case, loaded.routine) for case in loaded.cases]


@pytest.mark.parametrize("name", ["bespoke-code-review", "alert-triage"])
def test_an_example_stands_with_its_context_together_and_later(project: Path, name: str) -> None:
    """Every case that fires has the item, decided, and without a warning."""
    files = sorted((project / "example_routines" / name / "cases").glob("*.yaml"))
    results = [result for file in files for result in checked(file) if result.case.expect.fires]
    assert results
    for result in results:
        check = result.check("context")
        assert (check.outcome, check.findings) == ("passed", ()), result.case.key
        assert set(result.placed) == {"later"}


def test_a_routine_that_acts_on_another_target_before_it_is_told_is_red(project: Path) -> None:
    """With its context in the first turn it is green; with it later it reviews somebody else's change."""
    file = project / "fixtures" / "context" / "hasty-review" / "cases" / "newest-is-another.yaml"
    [result] = checked(file)
    assert [check.name for check in result.verdict.checks if check.outcome == "failed"] == ["context"]
    [finding] = [each for each in result.findings if each.fails]
    assert finding.code == "context.acted-early"
    assert "review.submitted acme-platform/core-api#43" in finding.message
    assert "its context is about acme-platform/core-api#42" in finding.message
