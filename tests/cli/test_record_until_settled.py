"""``record --repeat N --until-settled``: no more attempts than it takes to prove a pass rate."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from routine_harness.cli.main import run

HERE = Path(__file__).parents[2]
CASE = ["backlog-maintenance", "--case", "weekday-night"]


@pytest.fixture
def examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("example_routines/backlog-maintenance", "fixtures/webhooks"):
        shutil.copytree(HERE / name, tmp_path / name)
    (tmp_path / "example_routines/policy.yaml").write_text("root: true\n")
    monkeypatch.chdir(tmp_path / "example_routines")
    return tmp_path / "example_routines"


def demand(examples: Path, require: str) -> None:
    (examples / "policy.yaml").write_text(f"root: true\ngate: {{require: {{{require}}}}}\n")


def test_it_stops_when_the_rate_is_proved(examples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demand(examples, "pass_rate: 0.75, confidence: 0.8")
    assert run(["record", *CASE, "--repeat", "30", "--until-settled"]) == 0
    shown = capsys.readouterr().out
    assert "settled: passed 5 of 5, a rate of 75 to 100 %; 75% is proved" in shown
    assert "passed 5 of 5" in shown.splitlines()[-2]


def test_it_makes_every_attempt_where_they_prove_nothing(
    examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demand(examples, "pass_rate: 0.99")
    assert run(["record", *CASE, "--repeat", "3", "--until-settled"]) == 0
    shown = capsys.readouterr().out
    assert "settled" not in shown
    assert "passed 3 of 3" in shown


def test_it_needs_a_rate_to_prove(examples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["record", *CASE, "--until-settled"]) == 2
    assert "write gate: {require: {pass_rate: 0.9" in capsys.readouterr().err


@pytest.mark.parametrize("rate", ["0", "1", "1.5", "yes"])
def test_a_rate_lies_between_0_and_1(examples: Path, rate: str, capsys: pytest.CaptureFixture[str]) -> None:
    demand(examples, f"pass_rate: {rate}")
    assert run(["check", "backlog-maintenance"]) == 2
    assert "pass_rate" in capsys.readouterr().err
