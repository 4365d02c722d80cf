"""What a checkout or a build may differ in, and what no verdict and no file may show."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from routine_harness.cli.main import run

PROJECT = Path(__file__).parents[2]
ROUTINES = ("deploy-verification", "alert-triage", "security-triage-pr")


@pytest.fixture
def windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Example routines as a checkout with ``core.autocrlf`` has them."""
    for name in (*(f"example_routines/{one}" for one in ROUTINES), "fixtures"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    shutil.copy(PROJECT / "example_routines" / "policy.yaml", tmp_path / "example_routines")
    monkeypatch.chdir(tmp_path / "example_routines")
    assert run(["gate", ".", "--attestation", "../unix.json", "-q"]) == 0
    for file in tmp_path.rglob("*"):
        if file.is_file() and file.suffix in (".yaml", ".json", ".jsonl", ".py", ".txt", ".md"):
            file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    return tmp_path


def test_line_endings_change_no_digest_snapshot_or_recording(
    windows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every case is what it was, and the files are those that the gate saw."""
    assert run(["check", "."]) == 0, capsys.readouterr().out
    capsys.readouterr()
    assert run(["gate", ".", "--verify", "../unix.json"]) == 0, capsys.readouterr().out
    assert run(["gate", ".", "--attestation", "windows.json", "-q"]) == 0
    assert Path("windows.json").read_bytes() == (windows / "unix.json").read_bytes().replace(b"\r\n", b"\n")


@pytest.mark.parametrize("ending", ["html", "json"])
def test_a_report_tells_the_time_that_a_build_asks_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    """``SOURCE_DATE_EPOCH`` is the time of every report; what is no number is bad input."""
    monkeypatch.chdir(PROJECT / "example_routines")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    report = tmp_path / f"r.{ending}"
    assert run(["report", "deploy-verification", "-o", str(report)]) == 0
    assert "1970-01-02 00:00 UTC" in report.read_text()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    assert run(["report", "deploy-verification", "-o", str(report)]) == 2
    assert "SOURCE_DATE_EPOCH is 'yesterday'" in capsys.readouterr().err


NOTHING = [
    ["check"], ["lint"], ["dry-run"], ["record"], ["gate"], ["schedule"], ["show"],
    ["report", "-o", "r.html"], ["fires", "--event", "e.json"], ["backtest", "--events", "e.json"],
]  # fmt: skip


@pytest.mark.parametrize("arguments", NOTHING)
@pytest.mark.parametrize("folder", ["empty", "cases-alone", "worlds"])
def test_a_command_that_found_nothing_says_so(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    folder: str,
) -> None:
    """No routine, no verdict: exit code 2 and one line, never green."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "base.yaml").write_text("slack: {users: []}\n")
    Path("e.json").write_text("{}")
    assert run([arguments[0], folder, *arguments[1:]]) == 2
    said = capsys.readouterr()
    assert "was found" in said.err
    assert "passed" not in said.out.lower()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("check", "no case was found"),
        ("record", "no case was found"),
        ("dry-run", "there is no case, and no script in agents/ to play it"),
    ],
)
def test_a_routine_without_cases_is_nothing_to_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    said: str,
) -> None:
    """What runs cases says that there is none; a dry run also that no script can take an example."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "routine.yaml").write_text("name: r\ntriggers: [{type: api}]\nprompt: Look.\n")
    assert run([command, "."]) == 2
    assert said in capsys.readouterr().err
