"""Checks in quarantine: shown, neither red nor green, and red again after their last day."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.filing import AGENT, CASE, ROUTINE

from routine_harness.case.result import CaseResult
from routine_harness.cli.main import run
from routine_harness.errors import SpecError
from routine_harness.harness import check_case

ENTRY = "{case: blind, checks: [idempotent], reason: luck, owner: dana, expires: 2026-12-31}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in {
        "filing/routine.yaml": ROUTINE,
        "filing/agents/filing.py": AGENT,
        "filing/cases/blind.yaml": CASE.replace("::file_it", "::files_blindly"),
        "filing/cases/fine.yaml": CASE,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(folder: Path, entry: str, today: str = "2026-12-31", case: str = "blind") -> CaseResult:
    (folder / "policy.yaml").write_text(f"root: true\nquarantine: [{entry}]\n")
    return check_case(folder / f"filing/cases/{case}.yaml", today=today)


def test_a_check_in_quarantine_is_neither_red_nor_green(folder: Path) -> None:
    result = checked(folder, ENTRY)
    check = result.check("idempotent")
    assert result.passed
    assert check.outcome == "skipped"
    assert check.undecided
    assert check.skipped.startswith(
        "in quarantine until 2026-12-31 (dana): luck; it failed now: idempotency."
    )
    assert check.findings


def test_one_that_passes_is_not_green_either(folder: Path) -> None:
    entry = ENTRY.replace("case: blind", "routine: filing")
    assert checked(folder, entry, case="fine").check("idempotent").skipped.endswith("it passed now")


def test_after_its_last_day_the_check_counts_again_and_says_so(folder: Path) -> None:
    result = checked(folder, ENTRY, today="2027-01-01")
    check = result.check("idempotent")
    assert not result.passed
    assert check.outcome == "failed"
    assert "quarantine.ended" in {finding.code for finding in check.findings}


def test_it_holds_for_its_case_and_checks_alone(folder: Path) -> None:
    assert not checked(folder, ENTRY.replace("[idempotent]", "[policy]")).passed
    assert not checked(folder, ENTRY.replace("case: blind", "case: fine")).passed
    assert not checked(folder, ENTRY.replace("case: blind", "routine: other")).passed
    assert checked(folder, ENTRY.replace(", checks: [idempotent]", "")).passed


def test_the_gate_is_not_open_on_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = ENTRY.replace("2026-12-31", "2099-12-31")
    (folder / "policy.yaml").write_text(f"root: true\nquarantine: [{entry}]\n")
    assert run(["check"]) == 0
    capsys.readouterr()
    assert run(["gate"]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "in quarantine until 2099-12-31 (dana): luck" in shown


@pytest.mark.parametrize("key", ["reason", "owner", "expires"])
def test_it_needs_a_reason_an_owner_and_an_end(folder: Path, key: str) -> None:
    parts = [part for part in ENTRY.strip("{}").split(", ") if not part.startswith(key)]
    with pytest.raises(SpecError, match=f"needs the key '{key}'"):
        checked(folder, "{" + ", ".join(parts) + "}")


def test_it_names_a_routine_or_a_case(folder: Path) -> None:
    with pytest.raises(SpecError, match="a quarantine needs routine or case"):
        checked(folder, ENTRY.replace("case: blind, ", ""))
    with pytest.raises(SpecError, match=r"expected expires to be a date|a date"):
        checked(folder, ENTRY.replace("2026-12-31", "soon"))
