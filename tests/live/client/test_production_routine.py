"""A script that works in the sandbox, on our own routine and on one that runs in production."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from routine_harness.case.result import CaseResult
from routine_harness.harness import check_routine
from routine_harness.interop.routine_files import Answers, import_routines
from routine_harness.live.sandbox.isolation import Isolation, bubblewrap
from routine_harness.session.run import Run

MENDER = Path("fixtures/live/flaky-test-mender")


def commands(run: Run) -> list[str]:
    """What the script had a shell run."""
    return [str(record.call.arguments["command"]) for record in run.calls if record.call.tool == "Bash"]


def first(result: CaseResult) -> Run:
    assert result.passed, [f.message for f in result.verdict.findings]
    assert result.pair is not None
    assert result.pair.second is not None
    assert result.pair.second.effects == ()
    return result.pair.first


def test_the_mender_replays_anywhere(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What its commands did is in the recordings, which need no sandbox."""
    monkeypatch.setattr(bubblewrap, "PROGRAM", "no-such-bwrap")
    results = check_routine(project / MENDER)
    assert [first(result).status for result in results] == ["finished"] * 3


def test_the_mender_does_it_again(isolation: Isolation, project: Path, tmp_path: Path) -> None:
    """Recorded anew, its tests really fail, are mended, and pass; what it pushed is the mended file."""
    del isolation
    shutil.copytree(project / MENDER, tmp_path / "mender", ignore=shutil.ignore_patterns("recordings"))
    [mended, silent, passing] = check_routine(tmp_path / "mender", record="once", require_sandbox=True)
    run = first(mended)
    said = [record.result.text for record in run.calls if "unittest" in str(record.call.arguments)]
    assert said[0].startswith("FAIL: test_they_double")
    assert said[1] == "OK"
    assert "+RETRIES = 3" in run.effects[1].fields["diff"]
    assert first(silent).effects == ()
    assert [effect.kind for effect in first(passing).effects] == ["comment.created"] * 2 + ["message.posted"]


def test_a_production_routine_runs_its_real_commands(
    isolation: Isolation, shared_data: Path, project: Path, tmp_path: Path
) -> None:
    """The responder to CI failures of L337, its prompt unabridged: the tests of its repository run, the fix
    is pushed to a branch of the name that the prompt demands, and the trailer's check prints nothing."""
    del isolation
    data = (shared_data / "routines" / "L337" / "ci-failure-responder.yaml").read_bytes()
    [imported] = import_routines({"ci-failure-responder.yaml": data}, Answers(platform="2026-10"))
    drawn = [name for name in imported.texts if name.startswith("cases/")]
    assert drawn == ["cases/first-schedule.yaml"]  # to fill in: the case below is written in its place
    for name, text in imported.texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    routine = yaml.safe_load((tmp_path / "routine.yaml").read_text())
    repository = "L337-org/docker-mcp"
    policy = tmp_path / "policy.yaml"
    rules = yaml.safe_load(policy.read_text()) if policy.exists() else {}
    branches = {"effect": "branch.pushed", "where": {"branch": {"starts_with": "ci-fix/"}}}
    named = {**branches, "reason": "the prompt names this prefix", "owner": "platform-team"}
    policy.write_text(json.dumps({"root": True, "platform": "2026-10", **rules, "allow": [named]}))
    write_case(tmp_path / drawn[0], project, repository)
    [result] = check_routine(tmp_path, require_sandbox=True)
    run = first(result)
    assert any("grep '^Claude-Session:'" in command for command in commands(run))
    assert [effect.kind for effect in run.effects] == [
        "comment.created", "branch.pushed", "pull_request.created", "comment.created", "message.posted",
    ]  # fmt: skip
    pushed = run.effects[1].fields
    assert pushed["branch"].startswith("ci-fix/")
    assert pushed["commits"] == ["Bound the retries at 3"]
    assert "+RETRIES = 3" in pushed["diff"]
    assert run.messages[0].fields["channel"] in ("docker-mcp", "C0BAP2FTQ6N")
    assert "ci-failure" in routine["prompt"]


def write_case(path: Path, project: Path, repository: str) -> None:
    """The mender's script and world, for another repository."""
    folder = path.parent.parent
    mender = project / MENDER
    (folder / "agents").mkdir(exist_ok=True)
    shutil.copy(mender / "agents" / "mender.py", folder / "agents" / "mender.py")
    world: dict[str, Any] = yaml.safe_load((mender / "worlds" / "one-failure.yaml").read_text())
    world["github"]["repositories"][0]["full_name"] = repository
    world["github"]["issues"][0]["repository"] = repository
    case = {
        "trigger": {"schedule": {"at": "2026-10-12T06:08:00Z"}},
        "world": world,
        "agent": {"scripted": "../agents/mender.py::mend", "shell": "sandbox"},
        "expect": {"branches": {"count": 1}, "pull_requests": {"count": 1}, "messages": {"count": 1}},
    }
    path.write_text(json.dumps(case))
