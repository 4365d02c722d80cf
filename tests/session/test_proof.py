"""What was answered decides over what was read: refs, addresses, refusals in any form."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from support.desk import FIRING, REGISTRY, START
from support.judging import judge

from routine_harness.harness import check_routine
from routine_harness.routine.edition import EDITIONS, load_edition
from routine_harness.routine.spec import Grant, Repository, Routine
from routine_harness.session.answering import Answering
from routine_harness.session.run import CallRecord, RunPair
from routine_harness.session.session import Session
from routine_harness.world.effect import Effect
from routine_harness.world.effect_table import attempted_effects
from routine_harness.world.own_tools import OwnTools
from routine_harness.world.registry import Registry
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall, ToolResult

ROUTINE = Routine(
    "r", "p", repositories=(Repository("acme/core"),), connectors=(Grant("slack"), Grant("linear"))
)
DENIED = (
    "remote: Permission to acme/core.git denied to bot.\n"
    "fatal: unable to access 'https://github.com/acme/core.git/': The requested URL returned error: 403"
)
REJECTED = (
    "To https://github.com/acme/core.git\n"
    " ! [rejected]        HEAD -> claude/x (fetch first)\n"
    "error: failed to push some refs to 'https://github.com/acme/core.git'"
)
MOVED = "To https://github.com/acme/core.git\n   1a2b3c4..5d6e7f8  {0} -> {0}"


class Imported:
    """A recorded session, whose own answers stand."""

    def __init__(self, routine: Routine = ROUTINE) -> None:
        registry = Registry()
        github = registry.get("github")
        assert github is not None
        own = OwnTools({"github": github}, ("acme/core",), branch="claude/session")
        answering = Answering(routine, registry, own=own)
        self.session = Session(routine, World(clock=START), FIRING, "p", registry, answering=answering)

    def call(self, tool: str, arguments: dict[str, Any], text: str, *, is_error: bool = False) -> CallRecord:
        record = self.session.replay(tool, arguments, ToolResult(text, is_error), trust="recorded")
        assert record is not None
        return record

    def bash(self, command: str, text: str = "", *, is_error: bool = False) -> list[tuple[str, str, str]]:
        record = self.call("Bash", {"command": command}, text, is_error=is_error)
        return [_told(effect) for effect in record.effects if effect.kind != "commit.created"]


def _told(effect: Effect) -> tuple[str, str, str]:
    fields = effect.fields
    subject = fields.get("branch") or fields.get("tag") or fields.get("number") or ""
    return effect.kind, str(subject), effect.outcome


PUSHES = [
    ("git push origin HEAD:claude/x 2>&1 | tail -5", DENIED, [("branch.pushed", "claude/x", "refused")]),
    ("git push origin HEAD:claude/x || true", REJECTED, [("branch.pushed", "claude/x", "refused")]),
    ("git push 2>&1 | head -3", DENIED, [("branch.pushed", "claude/session", "refused")]),
    # a log that a read prints is no failure
    ("git push -q && gh run view 7 --log", "fatal: in the log",
     [("branch.pushed", "claude/session", "applied")]),
    # what moved decides over what was read
    ("git push", MOVED.format("main"), [("branch.pushed", "main", "applied")]),
    ("git push origin $B", MOVED.format("claude/y"), [("branch.pushed", "claude/y", "applied")]),
    ("git push origin main", "Everything up-to-date", [("branch.pushed", "main", "unchanged")]),
    ("git push origin :old", "To github.com:acme/core.git\n - [deleted]         old",
     [("branch.deleted", "old", "applied")]),
    ("git fetch && git push origin main",
     "From https://github.com/acme/core\n   1a2b3c4..5d6e7f8  dev -> origin/dev\n" + MOVED.format("main"),
     [("branch.pushed", "main", "applied")]),
    ("git push --tags", "To https://github.com/acme/core.git\n * [new tag]         v1 -> v1",
     [("tag.pushed", "v1", "applied")]),
]  # fmt: skip


@pytest.mark.parametrize(("command", "printed", "effects"), PUSHES)
def test_the_lines_of_refs_decide_about_a_push(
    command: str, printed: str, effects: list[tuple[str, str, str]]
) -> None:
    """Git's own lines say which refs moved; its refusal counts although the exit code is masked."""
    found = Imported().bash(command, printed)
    assert [one for one in found if one[0] != "command.undecided"] == effects


def test_a_push_that_only_the_print_tells_is_an_effect() -> None:
    """A program that cannot be read printed that it pushed, and so it did."""
    told = Imported().bash("make publish", MOVED.format("main"))
    assert ("branch.pushed", "main", "applied") in told
    assert Imported().bash("cat push.log", MOVED.format("main")) == []


def test_part_of_a_failing_command_may_have_succeeded() -> None:
    """A push that went through is one, although what came after it failed."""
    session = Imported()
    assert (
        session.bash("git push && npm test", MOVED.format("claude/session"), is_error=True)[0][2] == "applied"
    )
    address = "https://github.com/acme/core/pull/42#issuecomment-9"
    both = session.bash(
        "gh pr comment 42 -R acme/core -b hi && gh pr merge 42 -R acme/core",
        f"{address}\nGraphQL: Pull request is not mergeable (mergePullRequest)",
        is_error=True,
    )
    assert [(kind, outcome) for kind, _, outcome in both] == [
        ("comment.created", "applied"),
        ("pull_request.merged", "refused"),
    ]


def test_words_of_a_commit_are_no_refusal() -> None:
    """What git repeats of a message stands above the address that proves the pull request."""
    printed = "[claude/x 1a2b3c4] Fix HTTP 404 on /users\nhttps://github.com/acme/core/pull/4"
    command = "git commit -qm 'Fix HTTP 404 on /users'; git push -q; gh pr create --fill"
    assert {outcome for kind, _, outcome in Imported().bash(command, printed)} == {"applied"}


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        ("git status", "On branch claude/fix-7\nnothing to commit"),
        ("git checkout -b claude/fix-7", "Switched to a new branch 'claude/fix-7'"),
        ("git status -sb", "## claude/fix-7...origin/claude/fix-7"),
        ("git commit -qam x; git status", "[claude/fix-7 1a2b3c4] x"),
    ],
)
def test_a_plain_push_pushes_the_sessions_own_branch(command: str, printed: str) -> None:
    """Git said where the session stands, and a push without a branch pushes that."""
    session = Imported()
    session.bash(command, printed)
    assert session.bash("git push -q")[-1] == ("branch.pushed", "claude/fix-7", "applied")


FAILED = [
    ("slack.slack_send_message", {"channel_id": "C1", "message": "hi"},
     '{"ok":false,"error":"not_in_channel"}'),
    ("linear.save_issue", {"title": "A", "team": "S"}, '{"error":"Entity not found: Team","status":400}'),
    ("linear.save_issue", {"title": "A", "team": "S"}, '{"success": false}'),
    ("linear.save_issue", {"title": "A", "team": "S"}, '{"errors":[{"message":"No access"}],"data":null}'),
    ("linear.save_issue", {"title": "A", "team": "S"}, "Error: Entity not found: Team"),
    ("github.add_issue_comment", {"owner": "acme", "repo": "core", "issue_number": 3, "body": "x"},
     '{"message":"Not Found","status":"404"}'),
    ("Bash", {"command": "gh issue comment 3 -R acme/core -b x 2>&1 | tail -1"}, "gh: Not Found (HTTP 404)"),
    ("Bash", {"command": "git push -u origin claude/x && gh pr create --fill 2>&1 | tail -3"}, DENIED),
    ("Bash", {"command": "gh pr create --fill || true"},
     "pull request create failed: GraphQL: No commits between main and claude/x (createPullRequest)"),
    ("Bash", {"command": "gh pr comment 3 -b x | cat"}, "bash: line 1: gh: command not found"),
    ("Bash", {"command": "gh issue create -t a -b b > out.txt 2>&1; cat out.txt"}, "HTTP 403: Forbidden"),
    ("Bash", {"command": "curl -s -d '{}' https://hooks.slack.com/services/T/B/x"}, "channel_is_archived"),
    ("Bash",
     {"command": "curl -s -X POST https://api.github.com/repos/acme/core/issues -d '{\"title\":\"a\"}'"},
     '{"message":"Bad credentials","documentation_url":"https://docs.github.com"}'),
    ("linear.save_issue", {"title": "A", "team": "S"}, '{"data":{"issueCreate":{"success":false}}}'),
    ("linear.save_issue", {"title": "A", "team": "S"}, '{"isError":true,"content":[]}'),
    ("github.add_issue_comment", {"owner": "acme", "repo": "core", "issue_number": 3, "body": "x"},
     'Access denied: repository "acme/core" is not configured for this session'),
    ("slack.slack_send_message", {"channel_id": "C1", "message": "hi"},
     "Failed to send message: not_in_channel"),
    ("Bash", {"command": "curl -s -d '{}' https://slack.com/api/chat.postMessage"},
     '{"ok":false,"error":"invalid_auth"}'),
]  # fmt: skip


@pytest.mark.parametrize(("tool", "arguments", "text"), FAILED)
def test_a_refusal_in_any_form_had_no_effect(tool: str, arguments: dict[str, Any], text: str) -> None:
    """A service that says no without the flag for it has said no; its words are kept."""
    record = Imported().call(tool, arguments, text)
    assert record.failed
    assert record.failure
    assert record.effects
    assert {effect.outcome for effect in record.effects} == {"refused"}


@pytest.mark.parametrize(
    ("tool", "arguments", "text"),
    [
        ("slack.slack_send_message", {"channel_id": "C1", "message": "hi"}, '{"ok":true,"error":null}'),
        ("linear.save_issue", {"title": "A", "team": "S"}, '{"id":"S-1","status":"Todo","errors":[]}'),
        ("github.get_file_contents", {"owner": "acme", "repo": "core", "path": "e.json"}, '{"error":"text"}'),
        ("Bash", {"command": "gh run view 7 --log-failed"}, "fatal: no such branch\nHTTP 404: not found"),
        ("Bash", {"command": "gh issue comment 3 -R acme/core -b x; npm test"}, "HTTP 404 in a test"),
        ("Bash", {"command": "gh issue list --json error"}, '[{"error":"x"}]'),
    ],
)
def test_what_only_looks_like_a_refusal_is_none(tool: str, arguments: dict[str, Any], text: str) -> None:
    """Content, logs and successes that mention errors are no failures."""
    record = Imported().call(tool, arguments, text)
    assert not record.failed
    assert all(effect.outcome == "applied" for effect in record.effects)


@pytest.mark.parametrize(
    ("tool", "arguments", "text"),
    [
        ("github.create_branch",
         {"owner": "acme", "repo": "core", "branch": "claude/x", "from_branch": "main"},
         "failed to create branch: POST https://api.github.com/…: 422 Reference already exists []"),
        ("github.create_pull_request", {"owner": "acme", "repo": "core", "title": "t", "head": "claude/x",
                                        "base": "main"},
         "failed to create pull request: 422 A pull request already exists for acme:claude/x."),
        ("Bash", {"command": "gh pr create --fill || true"},
         "a pull request for branch claude/x already exists:\nhttps://github.com/acme/core/pull/4"),
        ("Bash", {"command": "gh issue close 3 -R acme/core"},
         "! Issue acme/core#3 (title) is already closed"),
    ],
)  # fmt: skip
def test_refused_because_it_is_so_already_is_unchanged(
    tool: str, arguments: dict[str, Any], text: str
) -> None:
    """Where the wanted state is there, nothing was lost and nothing was done."""
    record = Imported().call(tool, arguments, text, is_error=tool != "Bash")
    assert {effect.outcome for effect in record.effects} == {"unchanged"}


def test_a_recorded_success_counts_also_where_the_routine_grants_nothing() -> None:
    """The finding stays, and so does the comment that was written."""
    bare = Routine("r", "p", repositories=(Repository("acme/other"),))
    arguments = {"owner": "acme", "repo": "core", "issue_number": 3, "body": "hi"}
    session = Imported(bare)
    record = session.call("github.add_issue_comment", arguments, '{"id":"1"}')
    assert [effect.outcome for effect in record.effects] == ["applied"]
    assert [finding.code for finding in session.session.finish().findings] == ["repository.not-granted"]


def test_failed_writes_of_reports_had_no_effect(shared_data: Path) -> None:
    """The failed writes that public reports tell of are refused, in whatever form they failed."""
    for file in sorted((shared_data / "reports" / "failed-writes").glob("*.jsonl")):
        calls, results = [], []
        for line in file.read_text().splitlines():
            for block in json.loads(line).get("message", {}).get("content", []):
                if isinstance(block, dict) and block["type"] == "tool_use":
                    calls.append(block)
                elif isinstance(block, dict) and block["type"] == "tool_result":
                    results.append(block["content"])
        record = Imported().call(calls[0]["name"], calls[0]["input"], results[0])
        assert [effect.outcome for effect in record.effects] == ["refused"], file.name


WRITES = [
    "gh pr review 4 --approve", "gh workflow run ci.yml", "gh run rerun 9", "gh release create v1",
    "gh secret set A -b x", "gh label create x", "gh repo edit --visibility private", "gh cache delete 1",
    "gh issue transfer 3 acme/other", "gh pr edit 4 --add-label x", "gh variable set A -b x",
    "gh gist create a.txt",
]  # fmt: skip


@pytest.mark.parametrize("command", WRITES)
def test_what_no_model_carries_out_is_applied(command: str) -> None:
    """A writing command that the world cannot carry out is never taken for one that changed nothing."""
    github = Registry().get("github")
    assert github is not None
    outcome = OwnTools({"github": github}, ("acme/core",)).call(
        World(), ToolCall("", "Bash", {"command": command})
    )
    assert outcome is not None
    answering = Answering(ROUTINE, REGISTRY, own=OwnTools({"github": github}, ("acme/core",)))
    session = Session(ROUTINE, World(clock=START), FIRING, "p", Registry(), answering=answering)
    session.call("Bash", command=command)
    effects = session.calls[0].effects
    assert effects
    assert all(effect.outcome != "unchanged" for effect in effects)


@pytest.mark.parametrize("tool", ["Bash", "Monitor", "PowerShell"])
@pytest.mark.parametrize("edition", EDITIONS)
def test_every_own_tool_that_runs_a_command_is_read(tool: str, edition: str) -> None:
    """The table of own tools says which of them run commands; each is read alike."""
    registry = Registry().of_platform(load_edition(edition))
    call = ToolCall("", tool, {"command": "git push origin main", "run_in_background": True})
    assert [effect.kind for effect in attempted_effects(call, registry)] == ["branch.pushed"]


def test_an_own_tool_that_the_table_does_not_know_is_opaque() -> None:
    """Nobody knows what a newer tool does, so that it is not taken for harmless."""
    [effect] = attempted_effects(ToolCall("", "Teleport", {"to": "prod"}), Registry())
    assert (effect.kind, effect.target) == ("command.opaque", "Teleport")
    assert attempted_effects(ToolCall("", "TodoWrite", {}), Registry()) == ()


def test_a_lost_answer_makes_an_agent_act_twice(shared_data: Path, tmp_path: Path) -> None:
    """The report of an agent that posts again fails with two messages once its fault says ``applied``."""
    folder = tmp_path / "delivered"
    shutil.copytree(shared_data / "reports" / "delivered-but-failed", folder)
    case = folder / "cases" / "retry.yaml"
    case.write_text(case.read_text().replace("timeout: true}", "timeout: true, applied: true}"))
    [result] = check_routine(folder)
    assert not result.verdict.passed
    [finding] = result.verdict.check("messages").findings
    assert "found 2" in finding.message


def test_the_looks_of_reports(shared_data: Path) -> None:
    """What looks and what does not, as the reports say."""
    told = json.loads((shared_data / "reports" / "commands.json").read_text())
    for name, looks in (("looks", True), ("no_looks", False)):
        for command in told[name]:
            assert Imported().call("Bash", {"command": command}, "text").reads is looks, command


@pytest.mark.parametrize("command", WRITES)
def test_a_write_that_no_model_carries_out_is_not_nothing(command: str) -> None:
    """``nothing: true`` fails on it, whatever the world holds."""
    github = Registry().get("github")
    assert github is not None
    own = OwnTools({"github": github}, ("acme/core",))
    answering = Answering(ROUTINE, Registry(), own=own)
    session = Session(ROUTINE, World(clock=START), FIRING, "p", Registry(), answering=answering)
    session.call("Bash", command="git log -3")
    session.call("Bash", command=command)
    verdict = judge(RunPair(session.finish()), "expect: {nothing: true, idempotent: false}", routine=ROUTINE)
    assert "expect.nothing" in [finding.code for finding in verdict.check("nothing").findings]
