"""What dry-run says of two runs: duplicates, forbidden acts, pushes, and routines without a case."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from routine_harness.cli.main import run

ROUTINE = """\
name: opener
repositories: [github:acme/core]
connectors: [linear:Security]
triggers:
  - type: github
    events: [pull_request.opened]
    filters:
      - {field: is_draft, operator: equals, value: false}
      - {field: author, operator: equals, value: alice}
  - {type: api}
prompt: File a ticket and push what you found.
"""
AGENT = """\
WHERE = {"owner": "acme", "repo": "core"}


def opens(session):
    session.call("github.create_branch", **WHERE, branch="claude/clock", from_branch="main")
    session.call("github.create_or_update_file", **WHERE, branch="claude/clock", path="ci.yaml",
                 content="timeout: 20", message="Wait longer")
    session.call("linear.save_issue", title="A job times out", team="Security", project="Security")
    session.call("github.create_or_update_file", **WHERE, branch="main", path="new.yaml",
                 content="b: 2", message="Add it")
    session.say("Done.")
"""
LOOKS = """\
def opens(session):
    session.call("linear.list_issues", project="Security")
    session.say("Nothing to do.")
"""
CASE = """\
trigger: {api: {text: go}}
agent: {scripted: ../agents/opener.py::opens}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A routine that does everything again, and pushes to main."""
    for name, text in (("routine.yaml", ROUTINE), ("agents/opener.py", AGENT), ("cases/one.yaml", CASE)):
        path = tmp_path / "opener" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path / "opener"


def test_what_is_made_again_stands_with_what_it_repeats(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The total counts it as a duplicate, and dry-run exits as check does."""
    assert run(["dry-run", "opener"]) == 1
    first, second = capsys.readouterr().out.split("second run\n")
    assert '  + ticket SEC-1 "A job times out"' in first.splitlines()
    assert '  = ticket SEC-2 (same as SEC-1) "A job times out"' in second.splitlines()
    assert ", 1 duplicate" in second
    assert run(["check", "opener", "-q"]) == 1
    capsys.readouterr()
    run(["dry-run", "opener", "--json"])
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["duplicates"] for record in records] == [{}, {"3": "SEC-1"}]


def test_a_forbidden_act_is_marked_in_both_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Although the finding is said once."""
    run(["dry-run", "opener", "--json"])
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["forbidden"] for record in records] == [[4], [4]]
    run(["dry-run", "opener"])
    first, second = capsys.readouterr().out.split("second run\n")
    for plan in (first, second):
        [line] = [line for line in plan.splitlines() if line.startswith("  ! ")]
        assert line.startswith("  ! branch pushed ")
        assert "acme/core@main" in line


def test_a_push_to_a_branch_that_is_there_is_a_change(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The run that made the branch moves it with its push; nothing is created but the branch itself."""
    run(["dry-run", "opener"])
    first = capsys.readouterr().out.split("second run\n")[0].splitlines()
    assert any(line.startswith("  + branch acme/core@claude/clock") for line in first)
    assert any(line.startswith("  ~ branch pushed acme/core@claude/clock") for line in first)


def test_a_routine_without_a_case_is_tried_on_an_example_of_each_trigger(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the one script that is there; the example passes the trigger's filters."""
    (folder / "cases/one.yaml").unlink()
    assert run(["dry-run", "opener/routine.yaml"]) == 1
    out = capsys.readouterr().out
    by = "by agents/opener.py::opens"
    assert f"opener: an example of trigger 1 (pull_request.opened), {by}" in out
    assert f"opener: an example of trigger 2 (api), {by}" in out
    assert out.count("(same as SEC-1)") == 2


def test_an_example_that_does_nothing_is_no_fault(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody said what an example has to do; in its empty world there may be nothing to do."""
    (folder / "cases/one.yaml").unlink()
    (folder / "agents/opener.py").write_text(LOOKS)
    assert run(["dry-run", "opener"]) == 0
    out = capsys.readouterr().out
    assert out.count("Plan: nothing to do.") == 2
    assert "did nothing" not in out


@pytest.mark.parametrize("named", ["opener", "opener/routine.yaml"])
def test_where_nothing_can_play_it_the_next_step_is_said(
    folder: Path, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Never silence: exit 2 with the command that writes a case."""
    (folder / "cases/one.yaml").unlink()
    (folder / "agents/opener.py").unlink()
    assert run(["dry-run", named]) == 2
    err = capsys.readouterr().err
    assert "there is no case, and no script in agents/ to play it" in err
    assert "routine-harness case opener/cases/first.yaml --event PAYLOAD.json" in err
