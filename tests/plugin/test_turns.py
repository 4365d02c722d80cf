"""Expectations of single turns are items like any other."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from routine_harness.cli.check import command
from routine_harness.cli.show import command as show

FIXTURES = Path(__file__).parents[2] / "fixtures"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(FIXTURES / "webhooks", tmp_path / "fixtures/webhooks")
    name = "adversity/woken-by-its-own-label"
    return Path(shutil.copytree(FIXTURES / name, tmp_path / "fixtures" / name))


def test_each_turn_has_its_items(pytester: pytest.Pytester, folder: Path) -> None:
    """The careless one fails in its second turn, by an item of its own."""
    result = pytester.runpytest_inprocess(str(folder), "-v", "-k", "turns", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=5, failed=1, deselected=None)
    result.stdout.fnmatch_lines(["*careless.yaml::turns?1?.nothing FAILED*"])


def test_the_timeline_and_json_show_the_wake_and_its_turn(folder: Path) -> None:
    """A reader sees where the wake came; a program gets the checks by their names."""
    case = folder / "cases/careless.yaml"
    shown = CliRunner().invoke(command, [str(case)])
    assert "wake 1 " in shown.output
    assert "::turns[1].nothing" in shown.output
    listed = CliRunner().invoke(command, [str(case), "--json"])
    assert '"turns[1].nothing"' in listed.output
    assert "wake 1 " in CliRunner().invoke(show, [str(case)]).output
