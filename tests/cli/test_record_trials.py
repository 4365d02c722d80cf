"""``record --crash``, ``--faults``, ``--adversary``: what shapes the recording of a case is refused there."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness.cli.main import run

HERE = Path(__file__).parents[2]


@pytest.mark.parametrize("check", ["--crash", "--faults", "--adversary"])
@pytest.mark.parametrize("beside", [["--repeat", "3"], ["--overwrite"], ["--context", "later"]])
def test_a_trial_is_one_run_under_one_thing_that_goes_wrong(
    check: str, beside: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    case = str(HERE / "example_routines/security-triage-pr/cases/sql-injection.yaml")
    assert run(["record", case, check, *beside]) == 2
    assert f"{beside[0]} cannot stand beside --crash" in capsys.readouterr().err
