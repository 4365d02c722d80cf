"""Every finding of a gate has a place, in each form that shows places, and stands under its own check."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from routine_harness.cli.main import run

ROUTINE = """name: r
repositories: [github:acme/core]
connectors:
  - {connector: slack, tools: {allow: [slack_read_channel]}}
triggers: [{type: schedule, cron: "7 9 * * *"}]
prompt: Read the channel. Never push to main. You are done when it is read.
"""
POLICY = """root: true
forbid:
  - message.posted
"""
CASE = """trigger: {schedule: {}}
agent: {scripted: agent.py::play}
world:
  github: {repositories: [{full_name: acme/core}, {full_name: acme/other}]}
  slack: {channels: [{name: general}]}
expect:
  messages: {count: 0}
  tickets: {count: 1}
"""
AGENT = """def play(session):
    session.call("slack.slack_send_message", channel_id="general", message="hello")
    session.call("github.merge_pull_request", owner="acme", repo="other", pullNumber=1)
    session.call("github.push_files", owner="acme", repo="core", branch="main", message="m",
                 files=[{"path": "a", "content": "b"}])
    session.say("Done.")
"""


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A routine that breaks its policy, its grants and the default policy."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    for name, text in {
        "routine.yaml": ROUTINE, "policy.yaml": POLICY, "cases/one.yaml": CASE, "cases/agent.py": AGENT,
    }.items():  # fmt: skip
        file = tmp_path / "routines" / "r" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def gate(*arguments: str) -> str:
    result: Result = CliRunner().invoke(_command(arguments))
    return result.stdout


def _command(arguments: tuple[str, ...]):  # type: ignore[no-untyped-def]
    import click

    return click.Command("x", callback=lambda: run(("gate", "routines", *arguments)))


def test_every_result_has_a_location(closed: Path) -> None:
    """The policy's line, the grants' line, else the case."""
    [sarif] = json.loads(gate("--sarif"))["runs"]
    places = {}
    for result in sarif["results"]:
        [place] = result["locations"]
        physical = place["physicalLocation"]
        assert (closed / physical["artifactLocation"]["uri"]).is_file()
        places.setdefault(result["ruleId"], set()).add(
            (physical["artifactLocation"]["uri"].removeprefix("routines/r/"), physical["region"]["startLine"])
        )
    assert ("routine.yaml", 3) in places["tool.not-granted"]
    assert ("routine.yaml", 2) in places["repository.not-granted"]
    assert ("policy.yaml", 3) in places["policy.forbidden"]
    assert any(file == "cases/one.yaml" for file, _ in places["policy.forbidden"])  # the default policy's


def test_every_annotation_names_a_file(closed: Path) -> None:
    """GitHub shows what names one where it stands."""
    lines = [line for line in gate("--github").splitlines() if line.startswith(("::error", "::warning"))]
    assert lines
    assert all(" file=routines/r/" in line for line in lines)


def test_a_finding_stands_under_its_own_check(closed: Path) -> None:
    """No check fails with what another one found."""
    root = ElementTree.fromstring(gate("--junit"))
    under = {
        case.get("name", ""): {failure.get("type", "") for failure in case.findall("failure")}
        for case in root.iter("testcase")
    }
    [policy] = [found for name, found in under.items() if name.endswith("::policy")]
    [tickets] = [found for name, found in under.items() if name.endswith("::tickets")]
    assert "policy.forbidden" in policy
    assert tickets == {"expect.tickets"}
