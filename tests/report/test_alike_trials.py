"""Trials of a further check that fail for one reason are told once, the others by name."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import msgspec
import pytest

from routine_harness.cli.main import run
from routine_harness.finding import Finding
from routine_harness.verdict.trials import check_of, count_failures, name_trials, reason_of
from routine_harness.verdict.verdict import Check

FIXTURES = Path(__file__).parents[2] / "fixtures"


@pytest.fixture
def lapsed(tmp_path: Path) -> Path:
    """A routine whose careless script says nothing of any read that fails."""
    copytree(FIXTURES / "adversity/lapsed-access", tmp_path / "adversity/lapsed-access")
    copytree(FIXTURES / "webhooks", tmp_path / "webhooks")
    case = tmp_path / "adversity/lapsed-access/cases/careless.yaml"
    case.write_text(case.read_text().replace("faults: [lapsed]", "faults: [outage, flaky, lapsed]"))
    return tmp_path / "adversity/lapsed-access"


def test_check_tells_one_in_full_and_names_the_others(
    lapsed: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", str(lapsed), "--case", "careless", "--quiet"]) == 1
    said = capfd.readouterr().out
    assert said.count("error[faults.untold]") == 1
    assert "other trials fail alike: linear.list_issues#1: status-503, disconnect" in said
    alike = said.partition("fail alike")[2].partition("\n\n")[0]
    assert max(map(len, alike.splitlines())) <= 80


def test_the_gate_counts_the_trials(lapsed: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["gate", str(lapsed)]) == 1
    said = capfd.readouterr().out
    assert "careless failed: ::faults " in said
    assert said.count("faults.untold") == 1
    assert "more of ::faults)" in " ".join(said.split())


def test_pytest_says_of_the_others_under_which_the_reason_stands(
    lapsed: Path, pytester: pytest.Pytester
) -> None:
    result = pytester.runpytest(str(lapsed / "cases/careless.yaml"))
    said, _, _ = result.stdout.str().partition("short test summary info")  # in CI it repeats what was found
    assert said.count("error[faults.untold]") == 1
    assert "faults.untold, as ::faults[linear.list_issues#1:" in said
    result.stdout.re_match_lines([r"\s+when things go wrong: faults \d+/\d+"])


def test_trials_of_one_reason_have_its_codes() -> None:
    failed = Finding(code="faults.untold", message="no")
    assert reason_of(Check("faults[a.b#1:slow]", (failed,))) == ("faults", "faults.untold")
    assert reason_of(Check("faults[a.b#1:slow]")) == ()
    assert reason_of(Check("tickets[high]", (failed,))) == ()


def test_an_item_of_a_block_is_no_trial() -> None:
    assert check_of("tickets[faults]") == ""
    assert check_of("adversary[title:merge]") == "adversary"


def test_names_and_counts() -> None:
    names = ["faults[a.b#1:timeout]", "faults[a.b#1:slow]", "faults[c.d#2:slow]"]
    assert name_trials(names) == "a.b#1: timeout, slow; c.d#2: slow"
    outcomes = [("run", "failed"), *((name, "failed") for name in names), ("faults[e.f#1:slow]", "passed")]
    assert count_failures(outcomes) == ["::run", "::faults 3 of 4"]


def test_the_report_has_a_section_for_trials(lapsed: Path, tmp_path: Path) -> None:
    """Counted by check, with the runs of the first that failed; the case's own findings are apart."""
    file = tmp_path / "report.json"
    assert run(["report", str(lapsed), "-o", str(file)]) == 0
    cases = {
        case["id"]: case
        for routine in msgspec.json.decode(file.read_bytes())["routines"]
        for case in routine["cases"]
    }
    [trials] = cases["careless"]["trials"]
    assert (trials["check"], trials["passed"] + len(trials["failed"])) == ("faults", trials["of"])
    assert trials["failed"][0] == "faults[linear.list_issues#1:timeouts]"
    assert [finding["code"] for finding in trials["findings"]] == ["faults.untold", "agent.raised"]
    assert trials["runs"][0]["calls"][0]["by"] == "fault"
    assert not cases["careless"]["findings"]
    assert not any(check["name"].startswith("faults") for check in cases["careless"]["checks"])
    assert cases["careful"]["trials"][0]["failed"] == []
