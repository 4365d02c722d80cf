"""A whole account comes in with one command: folders, policies from the prompts, cases to fill in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from routine_harness.cli.main import run
from routine_harness.routine.document import load_document
from routine_harness.store.policies import load_policy
from routine_harness.store.routines import load_routine
from routine_harness.verdict.read_policy import parse_policy

EXPORT = Path(__file__).parents[2] / "fixtures" / "account" / "export.json"
READ_ONLY = {"effect": "*", "where": {"connector": {"is_not_one_of": ["slack"]}}}


@pytest.fixture
def routines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert run(["import", str(EXPORT), "-o", "routines"]) == 0
    return tmp_path / "routines"


def forbidden(routines: Path, name: str) -> list[dict[str, Any]]:
    """The rules of a policy without their reasons."""
    held = yaml.safe_load((routines / name / "policy.yaml").read_text())
    return [{key: value for key, value in each.items() if key != "reason"} for each in held["forbid"]]


def test_ten_routines_are_ten_folders(capsys: pytest.CaptureFixture[str], routines: Path) -> None:
    """Each with its policy and a first case; what could not be known is printed and kept."""
    homes = sorted(path.parent.name for path in routines.glob("*/routine.yaml"))
    assert len(homes) == 10
    assert sorted(path.parent.name for path in routines.glob("*/policy.yaml")) == homes
    assert len(list(routines.glob("*/cases/first-*.yaml"))) == 10
    told = " ".join(capsys.readouterr().out.split())
    assert "its network, variables and setup are not known" in told
    assert "write connector:binding" in told
    assert "GitHub events and a fire endpoint" in told
    kept = (routines / "daily-audit" / "routine.yaml").read_text()
    assert "GitHub events and a fire endpoint" in kept
    assert "env_id: the environment is chosen in the account" in kept


def test_policies_say_what_prompts_forbid(routines: Path) -> None:
    """Each rule quotes its sentence; a prompt in another language is told, not read."""
    assert forbidden(routines, "daily-audit")[0] == READ_ONLY
    assert forbidden(routines, "ci-fixer") == [
        {"effect": "branch.pushed", "where": {"branch": "main"}},
        {"effect": "pull_request.merged"},
    ]
    assert forbidden(routines, "security-digest") == [
        READ_ONLY,
        {
            "effect": ["message.posted", "message.scheduled"],
            "where": {"channel": {"is_not_one_of": ["security"]}},
        },
    ]
    assert (
        "the prompt says: Never merge, a human does that." in (routines / "ci-fixer/policy.yaml").read_text()
    )
    assert "Never touch files outside docs/." in (routines / "docs-drift/policy.yaml").read_text()
    assert "not in English" in (routines / "wochentlicher-bericht/policy.yaml").read_text()


def test_what_a_prompt_mandates_is_allowed_with_its_sentence(routines: Path) -> None:
    """A branch outside ``claude/`` is named in the outermost policy, for that routine alone."""
    [permit] = load_policy(routines / "ci-fixer").allow
    assert (permit.kinds, permit.routines) == (("branch.pushed", "branch.created"), ("ci-fixer",))
    assert "ci-fix/<topic>" in permit.reason


def test_the_gate_asks_for_the_real_agent(routines: Path) -> None:
    """A new outermost policy demands a live recording and says how to go without; an old one stays."""
    assert load_policy(routines / "daily-audit").gate.live_recordings == 1
    text = (routines / "policy.yaml").read_text()
    assert "To go without, write 0" in text
    (routines / "policy.yaml").write_text("root: true\nnoise: {messages_per_run: 1}\n")
    assert run(["import", str(EXPORT), "-o", "routines", "--force"]) == 0
    assert load_policy(routines / "daily-audit").gate.live_recordings == 0
    assert load_policy(routines / "ci-fixer").allow


def test_an_empty_list_of_tools_is_listed(routines: Path) -> None:
    """`permitted_tools: []` grants all of them, and the head of the file says so."""
    text = (routines / "daily-audit" / "routine.yaml").read_text()
    assert "permitted_tools: an empty list is what the account writes" in text
    assert load_routine(routines / "daily-audit").connectors[0].allow == ()


def test_pytest_runs_on_it_and_nothing_is_green_for_nothing(pytester: pytest.Pytester) -> None:
    """Every file loads, every trigger fires; each first case is red until a run is recorded."""
    assert run(["import", str(EXPORT), "-o", str(pytester.path / "routines")]) == 0
    result = pytester.runpytest_subprocess("routines", "-q", "-p", "no:cacheprovider")
    result.stdout.fnmatch_lines(["*recording.absent*"])
    outcomes = result.parseoutcomes()
    assert result.ret == 1
    assert outcomes["failed"] == 10
    assert "errors" not in outcomes
    failed = [line for line in result.outlines if line.startswith("FAILED")]
    assert all("::run" in line for line in failed)


def test_a_policy_of_an_import_holds_a_run(routines: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A script that pushes against the prompt is red by the rule that quotes it; one that reads is not."""
    home = routines / "daily-audit"
    (home / "agents").mkdir()
    (home / "agents" / "a.py").write_text(SCRIPTS)
    case = home / "cases" / "first-schedule.yaml"
    for script, status in (("pushes", 1), ("reports", 0)):
        case.write_text(EXPECTED.format(script=script))
        capsys.readouterr()
        status_of, told = run(["check", str(case)]), capsys.readouterr().out
        assert status_of == status, told
        assert ("This routine is read-only." in told) == (script == "pushes")


SCRIPTS = """\
def pushes(session):
    session.call("Bash", command="git push origin claude/audit")


def reports(session):
    session.call("slack.slack_send_message", channel_id="calls", message="3 calls")
"""
EXPECTED = """\
trigger: {{schedule: {{}}}}
agent: {{scripted: ../agents/a.py::{script}}}
expect: {{idempotent: false}}
"""


def test_cases_that_are_there_stay(routines: Path) -> None:
    """An import with --force replaces what it wrote and no case that somebody has filled in."""
    case = routines / "daily-audit" / "cases" / "first-schedule.yaml"
    case.write_text(case.read_text().replace("expect: {}", "expect: {messages: {count: 1}}"))
    assert run(["import", str(EXPORT), "-o", "routines", "--force"]) == 0
    assert "messages: {count: 1}" in case.read_text()


def test_a_github_trigger_gets_a_payload_that_fires_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first case of a workflow's trigger passes its filters, with a body in a file to fill in."""
    workflow = tmp_path / "review.yml"
    workflow.write_text(WORKFLOW)
    home = tmp_path / "review"
    assert run(["import", str(workflow), "-o", str(home), "--repository", "acme/core"]) == 0
    [case] = (home / "cases").glob("first-pull-request-*.yaml")
    assert yaml.safe_load(case.read_text())["trigger"]["github"]["payload"].startswith("../payloads/")
    [payload] = (home / "payloads").glob("*.json")
    body = json.loads(payload.read_text())
    assert body["pull_request"]["base"]["ref"] == "stable"
    capsys.readouterr()
    run(["check", str(case), "--json"])
    checks = json.loads(capsys.readouterr().out)["checks"]
    assert [each["outcome"] for each in checks if each["name"] == "fires"] == ["passed"]


WORKFLOW = """\
on:
  pull_request:
    types: [opened]
    branches: [stable]
jobs:
  review:
    runs-on: ubuntu-latest
    steps:
      - uses: anthropics/claude-code-action@v1
        with:
          prompt: Review the pull request.
"""


def test_an_edit_is_all_that_differs(
    routines: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was just imported is as committed; after one edit of a prompt, that line is the difference."""
    command = ["import", str(EXPORT), "-o", "routines", "--diff"]
    assert run(command) == 0
    edited = tmp_path / "edited.json"
    text = EXPORT.read_text()
    edited.write_text(text.replace("Never merge, a human does that.", "Merge it when it is green."))
    capsys.readouterr()
    assert run(["import", str(edited), "-o", "routines", "--diff", "--json"]) == 1
    [found] = json.loads(capsys.readouterr().out)
    assert (found["routine"], found["what"]) == ("ci-fixer", "prompt")
    assert [line[:1] for line in found["lines"]] == ["-", "+"]


def test_the_drawn_policy_parses_with_every_other(routines: Path) -> None:
    """Each policy file of the import is one that the reader of policies takes."""
    for file in routines.glob("**/policy.yaml"):
        parse_policy(load_document(file.read_bytes(), str(file)))
