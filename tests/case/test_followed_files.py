"""Files that a prompt tells the agent to follow: in World 0 and in the digests, never in the prompt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from routine_harness import dry_run
from routine_harness.cli.main import run
from routine_harness.world.state import World

PLACE = ".agents/prompts/triage.md"
ROUTINE = """\
name: triage
repositories: [github:acme/core, github:acme/docs]
triggers: [{type: schedule, cron: "7 9 * * *"}]
prompt: {file: prompt.md}
reads_files: [.agents/prompts/triage.md]
"""
SCRIPT = """\
def triage(session):
    session.call("Read", file_path="/home/user/core/.agents/prompts/triage.md")
    session.say("Nothing to do.")
"""
CASE = """\
trigger: {schedule: {at: "2026-05-04T09:07:00Z"}}
record_with: {scripted: ../agents/triage.py::triage}
expect: {nothing: true}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A routine in a repository."""
    for name, text in {
        ".git/HEAD": "", PLACE: "Label it.\n", "routines/triage/routine.yaml": ROUTINE,
        "routines/triage/prompt.md": f"Follow {PLACE} for every issue.\n",
        "routines/triage/agents/triage.py": SCRIPT, "routines/triage/cases/quiet.yaml": CASE,
    }.items():  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "routines/triage"


def answers(home: Path, world: dict[str, Any] | World | None = None) -> dict[str, str]:
    """What a session's forms of reading say of the file and of another one."""
    found: dict[str, str] = {}

    def agent(session: Any) -> None:
        if found:
            return
        found["prompt"] = session.prompt
        for name, path in (("read", PLACE), ("other", "README.md")):
            answer = session.call("Read", file_path=f"/home/user/core/{path}")
            found[name] = f"error: {answer.text}" if answer.is_error else answer.text
        for name, ref in (("tool", {}), ("ref", {"ref": "refs/heads/main"})):
            asked = {"owner": "acme", "repo": "core", "path": PLACE, **ref}
            found[name] = session.call("github.get_file_contents", **asked).text
        found["cat"] = session.call("Bash", command=f"cat /home/user/core/{PLACE}").text

    result = dry_run(home, agent=agent, world=world)
    found["codes"] = " ".join(f.code for check in result.verdict.checks for f in check.findings)
    return found


def test_the_agent_finds_the_file_where_the_prompt_says(home: Path) -> None:
    """By each way of reading; its text is no part of the prompt."""
    found = answers(home)
    assert "Label it." not in found["prompt"]
    assert f"Follow {PLACE}" in found["prompt"]
    for way in ("read", "tool", "ref", "cat"):
        assert "Label it." in found[way], way


def test_of_the_repositorys_other_files_the_world_knows_nothing(home: Path) -> None:
    """One file does not make the rest absent: that would be a false answer."""
    assert "world.incomplete" in answers(home)["codes"]


def test_where_a_case_gives_all_files_the_file_joins_them(home: Path) -> None:
    """And what the case does not list is not there."""
    for rows in (
        {"repositories": [{"full_name": "acme/core", "files": {"README.md": "Core."}}]},
        {"branches": [{"repository": "acme/core", "name": "main", "files": {"README.md": "Core."}}]},
    ):
        found = answers(home, {"github": rows})
        assert "Label it." in found["read"], rows
        assert "Label it." in found["tool"]
        assert "Core." in found["other"]
        assert "world.incomplete" not in found["codes"]


def test_a_cases_world_overrides_the_file(home: Path) -> None:
    """With another text, by itself or among all files."""
    whole = {"repositories": [{"full_name": "acme/core", "files": {PLACE: "Close it."}}]}
    single = {"files": [{"repository": "acme/core", "ref": "main", "path": PLACE, "content": "Close it."}]}
    for rows in (whole, single):
        found = answers(home, {"github": rows})
        assert all("Close it." in found[way] for way in ("read", "tool", "cat")), (rows, found)


def test_a_change_makes_recordings_stale_by_name(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of the file to follow and of the prompt's file; another spelling of the routine changes nothing."""

    def check() -> tuple[int, str]:
        return run(["check", str(home)]), capsys.readouterr().out

    assert run(["record", str(home)]) == 0
    assert check()[0] == 0
    (home / "routine.yaml").write_text(ROUTINE.replace("[.agents", "[./.agents"))
    assert check()[0] == 0
    (home.parents[1] / PLACE).write_text("Close it as not planned.\n")
    code, said = check()
    assert code == 1
    assert "recorded before a change of: reads_files\n  error[recording.stale]" in said
    (home.parents[1] / PLACE).write_text("Label it.\n")
    (home / "prompt.md").write_text("Write a poem.\n")
    code, said = check()
    assert code == 1
    assert "recorded before a change of: prompt\n  error[recording.stale]" in said


def test_the_gate_judges_and_states_what_the_named_files_say(
    home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Lint's findings on a prompt's file close the gate, and a statement holds the digests of all files."""
    statement = tmp_path / "gate.json"
    assert run(["record", str(home)]) == 0
    assert run(["confirm", str(home)]) == 0
    run(["gate", str(home), "--attestation", str(statement)])
    assert "prompt.md" in statement.read_text()
    assert PLACE in statement.read_text()
    assert run(["gate", str(home), "--verify", str(statement)]) == 0
    (home.parents[1] / PLACE).write_text("Close it as not planned.\n")
    capsys.readouterr()
    assert run(["gate", str(home), "--verify", str(statement)]) == 1
    assert PLACE in capsys.readouterr().out
    (home / "prompt.md").write_text("Follow it.\nThe key is AKIAQ3EGRKX2VBZJ7YTM.\n")
    assert run(["gate", str(home), "--json"]) == 1
    said = capsys.readouterr().out
    assert "prompt.secret" in said
    assert "prompt.md" in said
