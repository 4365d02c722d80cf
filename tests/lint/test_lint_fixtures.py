"""For each rule one routine that triggers it exactly once, and one near miss that triggers nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from routine_harness.case.case import Case
from routine_harness.lint.registry import BUILT_IN
from routine_harness.lint.run import check_routines
from routine_harness.routine.spec import Routine
from routine_harness.store.survey import Survey, survey_folder

FIXTURES = Path(__file__).parents[2] / "fixtures" / "lint"
TODAY = int(datetime(2026, 11, 10, tzinfo=UTC).timestamp())
FILES = sorted(path.parent.name for path in FIXTURES.glob("*/bad.yaml"))
FOLDERS = sorted(path.parent.name for path in FIXTURES.glob("*/bad") if path.is_dir())


def digests(_: Routine, __: Case) -> Mapping[str, str]:
    """What the recordings of these fixtures were made under, were they fresh."""
    return {"prompt": "what it is today"}


def reported(survey: Survey) -> list[str]:
    assert survey.problems == ()
    return [alarm.finding.code for alarm in check_routines(survey.subjects, BUILT_IN)]


def copied(path: Path, folder: Path) -> Path:
    """A single file as the routine of a folder of its own."""
    (folder / "routine.yaml").write_bytes(path.read_bytes())
    return folder


@pytest.mark.parametrize("code", FILES)
def test_a_bad_file_triggers_its_rule_exactly_once(code: str, tmp_path: Path) -> None:
    """The file is reported by its rule, once, and by no other."""
    survey = survey_folder((copied(FIXTURES / code / "bad.yaml", tmp_path),))
    assert [found for found in reported(survey) if found != "test.no-cases"] == [code]


@pytest.mark.parametrize("code", FILES)
def test_a_near_miss_triggers_nothing(code: str, tmp_path: Path) -> None:
    """What only looks like the mistake is let through."""
    survey = survey_folder((copied(FIXTURES / code / "near.yaml", tmp_path),))
    assert [found for found in reported(survey) if found != "test.no-cases"] == []


@pytest.mark.parametrize("code", FOLDERS)
def test_a_bad_folder_triggers_its_rule_exactly_once(code: str) -> None:
    """The same for rules that look at cases, recordings or several routines."""
    stale = digests if code == "test.recording-stale" else None
    survey = survey_folder((FIXTURES / code / "bad",), today=TODAY, digests=stale)
    ignored = set() if code.startswith(("test.", "lint.")) else {"test.no-cases"}
    assert [found for found in reported(survey) if found not in ignored] == [code]


@pytest.mark.parametrize("code", FOLDERS)
def test_a_near_folder_triggers_nothing(code: str) -> None:
    """The near miss of such a folder is let through."""
    stale = digests if code == "test.recording-stale" else None
    survey = survey_folder((FIXTURES / code / "near",), today=TODAY, digests=stale)
    ignored = set() if code.startswith(("test.", "lint.")) else {"test.no-cases"}
    assert [found for found in reported(survey) if found not in ignored] == []


def test_every_rule_has_both() -> None:
    """No rule without a fixture, no fixture without a rule."""
    assert {*FILES, *FOLDERS} == {rule.code for rule in BUILT_IN}
