"""What the gate learns of triggers from runs and archives: loops, contradictions, noise a day."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from test_gate_command import invoke

AGENT = """\
def open_one(session):
    pulls = session.call("github.list_pull_requests", owner="acme", repo="core", state="open").json()
    if not pulls:
        session.call("github.create_branch", owner="acme", repo="core", branch="claude/x", from_branch="main")
        session.call("github.push_files", owner="acme", repo="core", branch="claude/x", message="x",
                     files=[{"path": "a.txt", "content": "a"}])
        session.call("github.create_pull_request", owner="acme", repo="core", title="x", head="claude/x",
                     base="main", body="x")
"""
ROUTINE = """\
name: opens
repositories: [github:acme/core]
triggers:
  - type: github
    events: [pull_request.opened]
    filters: [FILTERS]
prompt: Look for open pull requests, and open one if there is none. You are done when one is open.
"""
CASE = """\
trigger:
  github:
    event: pull_request.opened
    payload:
      action: opened
      number: 7
      pull_request: {number: 7, title: "feat: x", body: "", draft: false, user: {login: alice}, state: closed,
        labels: [], base: {ref: main, sha: "b"}, head: {ref: f, sha: "a"}}
      repository: {full_name: acme/core, default_branch: main}
world: {github: {repositories: [{full_name: acme/core, default_branch: main, files: {b.txt: b}}]}}
agent: {scripted: ../agents/a.py::open_one}
expect: {pull_requests: {count: 1}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("cases", "agents"):
        (tmp_path / name).mkdir()
    (tmp_path / "policy.yaml").write_text("root: true\nnoise: {messages_per_channel_per_day: 5}\n")
    (tmp_path / "agents" / "a.py").write_text(AGENT)
    (tmp_path / "cases" / "one.yaml").write_text(CASE)
    write(tmp_path)
    assert invoke("confirm", ".")[0] == 0
    return tmp_path


def write(folder: Path, *filters: str) -> None:
    (folder / "routine.yaml").write_text(ROUTINE.replace("FILTERS", ", ".join(filters)))


def gate(*more: str) -> tuple[int, list[tuple[str, str]]]:
    """The exit code, and code and message of each reason."""
    code, out, err = invoke("gate", ".", "--json", *more)
    assert out, err
    [routine] = json.loads(out)["routines"]
    return code, [(r["code"], r["message"]) for t in routine["triggers"] for r in t["reasons"]]


def test_a_proved_loop_closes_the_gate(folder: Path) -> None:
    """The case opens a pull request, and a pull request opened starts the routine."""
    code, reasons = gate()
    assert (code, [each for each, _ in reasons]) == (1, ["trigger.loop"])
    assert "opens → opens is a loop" in reasons[0][1]
    write(folder, "{field: head_branch, operator: equals, value: f}")
    assert gate() == (0, [])


def test_a_contradiction_closes_the_gate(folder: Path) -> None:
    """A trigger that can never fire is not enabled."""
    write(
        folder,
        "{field: title, operator: matches_regex, value: 'feat: .*'}",
        "{field: title, operator: matches_regex, value: 'fix: .*'}",
    )
    code, reasons = gate()
    assert code == 1
    assert "trigger.contradiction" in [each for each, _ in reasons]


def saved(worst: float, *routines: str) -> str:
    channel: dict[str, Any] = {"channel": "alerts", "routines": routines, "mean_day": 1, "worst_day": worst}
    return json.dumps({"events": 1, "routines": {}, "channels": [channel]})


def test_noise_a_day_closes_the_gate_that_is_given_a_backtest(folder: Path) -> None:
    """More messages on the worst day than the policy allows; of a channel that the routine posts to."""
    write(folder, "{field: head_branch, operator: equals, value: f}")
    (folder / "b.json").write_text(saved(6, "opens"))
    code, reasons = gate("--backtest", "b.json")
    assert (code, [each for each, _ in reasons]) == (1, ["noise.messages-per-channel-per-day"])
    assert (
        reasons[0][1] == "6 messages to alerts on the backtest's worst day, by opens; at most 5 are allowed"
    )
    (folder / "b.json").write_text(saved(5, "opens"))
    assert gate("--backtest", "b.json") == (0, [])
    (folder / "b.json").write_text(saved(6, "another"))
    assert gate("--backtest", "b.json") == (0, [])


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[]", 1, "this is no result of a backtest"),
        ('{"events": 1, "routines": {"a": 1}}', 1, "this is no result of a backtest"),
        ('{"events": 1,\n "routines": {},\n "channels": [{]}', 3, "expected JSON"),
        ("", 1, "expected JSON"),
    ],
)
def test_something_else_than_a_backtest_is_bad_input(folder: Path, text: str, line: int, words: str) -> None:
    """One clear error with file and line, and exit code 2; for the report, too."""
    (folder / "b.json").write_text(text)
    for command in ("gate", "report"):
        code, _, err = invoke(command, ".", "--backtest", "b.json")
        assert code == 2
        assert err.startswith(f"error: b.json:{line}: {words}")
