"""Whether the events of a case fire its routine, and what is said where they do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.filing import AGENT, CASE, ROUTINE

from routine_harness import check_case


@pytest.fixture
def case_file(tmp_path: Path) -> Path:
    """A case that passes; tests rewrite it."""
    for name, text in {"routine.yaml": ROUTINE, "agents/filing.py": AGENT, "cases/one.yaml": CASE}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    (tmp_path / "policy.yaml").write_text("root: true\n")
    return tmp_path / "cases" / "one.yaml"


def test_second_event_must_fire_too(case_file: Path) -> None:
    """A rerun by an event that no trigger is told of is an error on ``::fires``."""
    case_file.write_text(CASE + "rerun: {trigger: {schedule: {}}}\n")
    result = check_case(case_file)
    assert [finding.code for finding in result.check("fires").findings] == ["fires.rerun-skipped"]
    case_file.write_text(CASE + "rerun: {trigger: {api: {text: another}}}\n")
    assert check_case(case_file).check("fires").findings == ()


def test_event_that_does_not_fire_is_explained(case_file: Path) -> None:
    """``::fires`` fails with what each trigger made of the event, and ``::run`` says why nothing ran."""
    case_file.write_text(CASE.replace("{api: {text: a matter}}", "{schedule: {}}"))
    result = check_case(case_file)
    [finding] = result.check("fires").findings
    assert finding.code == "fires.skipped"
    assert finding.detail[0] == "trigger 1: skipped"
    assert result.check("run").findings[0].code == "run.not-fired"
    assert result.check("tickets").outcome == "skipped"
