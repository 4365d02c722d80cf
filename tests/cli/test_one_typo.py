"""One typo is one error, and stands before any table."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness.cli.main import run


@pytest.mark.parametrize("command", ["gate", "check", "dry-run", "lint"])
def test_a_misspelt_key_is_one_error_and_no_empty_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], command: str
) -> None:
    """The key that was meant is not missed as well, and nothing is counted or listed that is not there."""
    (tmp_path / "routine.yaml").write_text("name: x\ntriggers: [{type: api}]\npromt: Report.\n")
    monkeypatch.chdir(tmp_path)
    assert run([command, "."]) == 2
    out, err = capfd.readouterr()
    assert err == "error: routine.yaml:3: a routine has no key 'promt'\n  hint: did you mean prompt?\n"
    assert out in ("", "The gate is closed: bad input, 1 problem\n")


def test_errors_stand_before_the_table_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The gate lists what it could read below what it could not."""
    for name, key in (("good", "prompt"), ("bad", "promt")):
        (tmp_path / name).mkdir()
        text = f"name: {name}\ntriggers: [{{type: api}}]\n{key}: Report.\n"
        (tmp_path / name / "routine.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    assert run(["gate", "."]) == 2
    out, err = capfd.readouterr()
    assert err.count("error: ") == 1
    assert out.startswith("routine  trigger  gate")
