"""The case that an import writes passes at once, but for what the session itself did wrong."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from session_lines import ToolUse, session_text

from routine_harness.case.result import CaseResult
from routine_harness.cli.main import run
from routine_harness.harness import check_routine

ROUTINE = """\
name: r
repositories: [github:acme/core]
connectors: [slack:alerts, linear:Security]
triggers: [{type: api}]
prompt: Do it
"""
INIT: dict[str, Any] = {
    "type": "system", "subtype": "init", "session_id": "s1", "model": "m",
    "tools": ["mcp__slack__slack_send_message", "mcp__linear__save_issue", "Bash"],
    "mcp_servers": [{"name": "slack", "status": "connected"}, {"name": "linear", "status": "connected"}],
}  # fmt: skip


def checked(folder: Path, *calls: ToolUse, closing: str = "Done.", **init: Any) -> CaseResult:
    """The verdict over an imported session of ``calls``: name, arguments, answer."""
    (folder / "routine.yaml").write_text(ROUTINE)
    session = folder / "session.jsonl"
    session.write_text(session_text({**INIT, **init}, *calls, closing=closing))
    assert run(["import", "transcript", str(session), "-o", str(folder / "recordings" / "n.jsonl")]) == 0
    [result] = check_routine(folder)
    return result


def problems(result: CaseResult) -> list[str]:
    """The codes of what fails it, but for the policy."""
    return [
        finding.code
        for check in result.verdict.checks
        if check.name != "policy"
        for finding in check.findings
        if finding.fails
    ]


COMMENT = "https://github.com/acme/core/pull/42#issuecomment-99"
WRITES = [
    ("Bash", {"command": "gh pr comment 42 -R acme/core -b hi"}, COMMENT),
    ("Bash", {"command": "gh issue close 3 -R acme/core -c dup"}, "✓ Closed issue acme/core#3 (title)"),
    ("Bash", {"command": "gh issue reopen 3 -R acme/core"}, "✓ Reopened issue acme/core#3 (title)"),
    ("Bash", {"command": "gh issue edit 3 -R acme/core --add-label bug"},
     "https://github.com/acme/core/issues/3"),
    ("Bash", {"command": "gh pr review 42 -R acme/core --comment -b hi"},
     "- Reviewed pull request acme/core#42"),
    ("Bash", {"command": "gh pr create -t T -b B -H claude/x"}, "https://github.com/acme/core/pull/43"),
    ("Bash", {"command": "gh issue create -t T -b B"}, "https://github.com/acme/core/issues/44"),
    ("Bash", {"command": "gh api repos/acme/core/issues/3/comments -f body=hi"}, '{"id":1,"html_url":"u"}'),
    ("Bash", {"command": "gh api -X PUT repos/acme/core/pulls/42/merge"}, '{"merged":true,"sha":"a"}'),
    ("Bash", {"command": "git push"},
     "To https://github.com/acme/core\n   1a2b3c4..5d6e7f8  claude/x -> claude/x"),
    ("Monitor", {"command": "gh pr comment 42 -R acme/core -b hi"}, COMMENT),
    ("mcp__github__add_issue_comment",
     {"owner": "acme", "repo": "core", "issue_number": 3, "body": "hi"}, '{"id":"1"}'),
    ("mcp__github__update_pull_request",
     {"owner": "acme", "repo": "core", "pullNumber": 9, "title": "T"}, '{"id":"1"}'),
    ("mcp__slack__slack_send_message", {"channel_id": "C7NEVER", "message": "hi"}, '{"ok":true,"ts":"1.2"}'),
    ("mcp__linear__save_issue", {"id": "SEC-9", "state": "Done"}, '{"id":"SEC-9","title":"A"}'),
    ("mcp__linear__save_issue", {"title": "A", "team": "Nobody's"}, '{"id":"X-1","title":"A"}'),
]  # fmt: skip


@pytest.mark.parametrize(
    "write", WRITES, ids=lambda write: f"{write[0]} {next(iter(write[1].values()))}"[:60]
)
def test_a_write_to_what_was_never_read_passes(
    tmp_path: Path, write: tuple[str, dict[str, Any], str]
) -> None:
    """The service said that it was done, and so it was, whatever the world would have said."""
    result = checked(tmp_path, write)
    assert problems(result) == []
    assert result.pair is not None
    assert [effect.outcome for effect in result.pair.first.effects][:1] == ["applied"]


def test_what_a_write_reveals_goes_into_the_world(tmp_path: Path) -> None:
    """The records that it was on were there; a record that it made was not."""
    checked(tmp_path, WRITES[0], WRITES[1], WRITES[5], WRITES[13])
    world = yaml.safe_load((tmp_path / "cases" / "n.yaml").read_text())["world"]
    assert world["github"]["issues"] == [{"repository": "acme/core", "number": 3, "title": "title"}]
    assert [pull["number"] for pull in world["github"]["pulls"]] == [42]
    assert [channel["id"] for channel in world["slack"]["channels"]] == ["C7NEVER"]


def test_a_session_longer_than_the_budget_passes(tmp_path: Path) -> None:
    """The case is given as many turns and calls as the session took."""
    reads = [("Bash", {"command": f"cat {number}.txt"}, "text") for number in range(510)]
    assert problems(checked(tmp_path, *reads)) == []
    case = yaml.safe_load((tmp_path / "cases" / "n.yaml").read_text())
    assert case["budget"] == {"turns": 511, "calls": 510}


def test_a_session_that_did_nothing_is_expected_to_do_nothing(tmp_path: Path) -> None:
    """It says ``nothing: true``, which holds as it looked."""
    result = checked(tmp_path, ("Bash", {"command": "git log -3"}, "abc123 x"), closing="Nothing to do.")
    assert problems(result) == []
    assert yaml.safe_load((tmp_path / "cases" / "n.yaml").read_text())["expect"] == {"nothing": True}


def test_a_connector_that_offered_nothing_fails_the_run(tmp_path: Path) -> None:
    """It was connected and granted, and listed no tool: the routine could not have used it."""
    tools = ["Bash", "mcp__linear__save_issue"]
    result = checked(tmp_path, WRITES[0], tools=tools)
    assert problems(result) == ["connector.offers-nothing"]
    [finding] = [one for one in result.verdict.check("run").findings if one.fails]
    assert "slack" in finding.message


@pytest.mark.parametrize(
    ("tools", "servers"),
    [
        (["Bash", "ToolSearch"], INIT["mcp_servers"]),  # deferred tools need not be listed
        ([], INIT["mcp_servers"]),
        (["Bash", "mcp__linear__save_issue"], [{"name": "sentry", "status": "connected"}]),  # not granted
    ],
)
def test_a_connector_that_may_have_offered_tools_is_not_told(
    tmp_path: Path, tools: list[str], servers: list[dict[str, str]]
) -> None:
    """Where tools are deferred or not listed, nobody can say that there were none."""
    assert problems(checked(tmp_path, WRITES[0], tools=tools, mcp_servers=servers)) == []


def test_a_result_without_its_call_is_a_warning(tmp_path: Path, shared_data: Path) -> None:
    """The session was resumed, and what was asked is in another file."""
    shutil.copy(shared_data / "reports" / "failed-writes" / "routine.yaml", tmp_path / "routine.yaml")
    file = shared_data / "reports" / "result-without-call.jsonl"
    assert run(["import", "transcript", str(file), "-o", str(tmp_path / "recordings" / "n.jsonl")]) == 0
    [result] = check_routine(tmp_path)
    [finding] = [
        one for one in result.verdict.check("run").findings if one.code == "import.result-without-call"
    ]
    assert not finding.fails
    assert finding.message.startswith("1 result without a call")


def test_the_reports_of_unread_targets_pass(tmp_path: Path, shared_data: Path) -> None:
    """Sessions that wrote to numbers which they never read."""
    folder = shared_data / "reports" / "unread-target"
    shutil.copy(folder / "routine.yaml", tmp_path / "routine.yaml")
    for file in sorted(folder.glob("*.jsonl")):
        assert run(["import", "transcript", str(file), "-o", str(tmp_path / "recordings" / file.name)]) == 0
    results = check_routine(tmp_path)
    assert len(results) == 3
    assert [problems(result) for result in results] == [[], [], []]


def test_what_the_policy_would_have_to_allow_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is not written: whoever owns the policy decides."""
    result = checked(tmp_path, WRITES[8], closing="Merged #42.")
    assert problems(result) == []
    assert [one.code for one in result.verdict.check("policy").findings] == ["policy.forbidden"]
    printed = capsys.readouterr()
    assert "effect: pull_request.merged" in printed.err + printed.out
    assert not (tmp_path / "policy.yaml").exists()
