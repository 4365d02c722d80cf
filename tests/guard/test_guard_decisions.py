"""What an installed guard decides about a call, and what it counts."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from guard_session import ROUTINE, Session, write_repository

from routine_harness.cli.main import run
from routine_harness.guard.hook_settings import LOG, SECONDS
from routine_harness.guard.install import install, load_guarded

POLICY = """\
root: true
noise: {messages_per_run: 2, characters_per_message: 10, mentions_of_everyone: 0, tickets_per_run: 1}
forbid:
  - {effect: message.posted, where: {channel: {is_not_one_of: [alerts]}}, reason: one channel}
  - {tool: Bash, where: {command: {matches_regex: '.*\\bterraform\\s+apply\\b.*'}}}
  - {effect: '*', where: {text: {contains: hunter2}}}
  - ticket.deleted
allow:
  - {effect: ticket.deleted, where: {number: 7}, reason: stale}
  - {effect: release.created, reason: for once, expires: 2020-01-01}
"""
TOOLS = ROUTINE + "tools: [Bash, Monitor, PowerShell, Read]\n"


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A session of a routine with few tools and a talkative policy."""
    return Session(write_repository(tmp_path, POLICY, TOOLS))


def send(session: Session, text: str = "hi", channel: str = "alerts") -> str:
    return session.ask("mcp__claude_ai_Slack__slack_send_message", channel_id=channel, message=text)


def test_rules_grants_and_limits_deny_in_the_words_of_the_verdict(session: Session) -> None:
    """Each kind of rule denies what it forbids, and nothing else."""
    assert session.ask("Read", file_path="x") == ""
    assert "forbidden by default policy: pull_request.merged" in session.ask(
        "mcp__github__merge_pull_request", owner="acme", repo="core", pullNumber=1
    )
    assert "forbidden by policy.yaml:4: message.posted" in send(session, channel="general")
    assert "one channel" in send(session, channel="general")
    assert "policy.yaml:6" in session.ask(
        "mcp__linear__save_issue", title="x", description="hunter2", team="T"
    )
    assert "policy.yaml:5" in session.run("cd x && terraform   apply")
    assert "which is not among the routine's tools" in session.ask("WebFetch", url="https://x")
    assert "which the routine does not grant" in session.ask("mcp__slack__slack_create_canvas", title="x")
    assert "does not include the connector notion" in session.ask("mcp__notion__notion-fetch", id="1")
    assert "acme/other" in session.ask("mcp__github__create_issue", owner="acme", repo="other", title="x")
    assert "release.created" in session.run("gh release create v1")
    assert "forbidden by default policy: routine.fired" in session.ask("RemoteTrigger", action="run")


def test_noise_is_counted_over_the_session_and_failures_do_not_count(session: Session) -> None:
    """The third message is denied, unless one of the others failed; long and loud ones are too."""
    assert "12 characters, at most 10" in send(session, "twelve chars")
    assert "1 mention of everyone" in send(session, "<!here>")
    assert send(session) == ""
    session.hook("PostToolUseFailure", tool_name="x", tool_use_id=f"t{session.number}", error="no channel")
    assert send(session) == send(session, channel="C0ALERTS") == ""
    assert "3 messages in one run, at most 2 by policy.yaml:2" in send(session)


@pytest.mark.parametrize(
    "command",
    [
        "git status && ls -la | grep x > out.txt 2>&1",
        "git commit -m \"$(cat <<'EOF'\nfix: gh pr merge is not run here\nEOF\n)\"",
        "git push",
        "git push -u origin HEAD",
        "cd src; pytest -q",
        'for f in *.py; do wc -l "$f"; done',
        "b=claude/x; git push origin $b",
        "make deploy",
        "python3 scripts/release.py",
    ],
)
def test_commands_that_nothing_forbids_pass(session: Session, command: str) -> None:
    """What stays in the clone, pushes to the session's branch, or cannot be read passes."""
    assert session.run(command) == ""


@pytest.mark.parametrize("tool", ["Bash", "Monitor", "PowerShell"])
def test_every_tool_that_runs_a_command_is_read(session: Session, tool: str) -> None:
    """A merge is a merge, whichever of the agent's own tools runs it."""
    assert "pull_request.merged" in session.ask(tool, command="x=merge; gh pr $x 4")


def test_the_disk_tells_the_branch_and_the_scripts(session: Session) -> None:
    """A plain push is judged by what is checked out, and a script by its text, seen from any folder."""
    below = Session(session.home, session.home / "src")
    (session.home / "src").mkdir()
    (session.home / "src" / "land.sh").write_text("gh pr merge 4\n")
    assert below.run("git push") == ""
    assert "pull_request.merged" in below.run("bash land.sh")
    assert "pull_request.merged" in session.run("bash src/land.sh")
    (session.home / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    assert "branch.pushed" in below.run("git push")


def test_a_worktree_has_a_branch_of_its_own(session: Session) -> None:
    """Where ``.git`` is a file, the branch is where it leads."""
    tree = session.home / "trees" / "one"
    tree.mkdir(parents=True)
    (session.home / ".git" / "worktrees" / "one").mkdir(parents=True)
    (session.home / ".git" / "worktrees" / "one" / "HEAD").write_text("ref: refs/heads/main\n")
    (tree / ".git").write_text(f"gitdir: {session.home}/.git/worktrees/one\n")
    assert "branch.pushed" in Session(session.home, tree).run("git push")
    assert session.run("git push") == ""


def test_an_exception_is_used_up_over_the_session(tmp_path: Path) -> None:
    """What is allowed once is denied the second time, by what the log tells of the first."""
    policy = """\
root: true
allow:
  - {effect: branch.pushed, where: {branch: release}, at_most: 1, reason: the weekly release, owner: team}
"""
    session = Session(write_repository(tmp_path, policy))
    assert session.run("git push origin release") == ""
    assert "branch.pushed" in session.run("git push origin release")
    assert session.run("git push origin claude/x") == ""


def test_a_tool_that_nobody_knows_passes_and_is_noted(tmp_path: Path) -> None:
    """A later client's tool is opaque, as a program is."""
    session = Session(write_repository(tmp_path))
    assert session.ask("LaterTool", what="x") == ""
    [line] = (tmp_path / LOG / "s-1.jsonl").read_text().splitlines()
    assert json.loads(line)["opaque"] == ["LaterTool"]


def test_what_is_only_noted_passes(tmp_path: Path) -> None:
    """A warning of ``check`` denies nothing."""
    session = Session(write_repository(tmp_path))
    assert session.run("gh run rerun 7") == ""
    assert session.run("gh workflow run ci.yml") != ""


MONSTERS = {
    "long": "\n".join(f"echo 'step {number}' >> log.txt" for number in range(10_000)),
    "deep": "$(" * 1_000 + "git push origin main" + ")" * 1_000,
    "brackets": "(" * 1_000 + "git push origin main" + ")" * 1_000,
    "nul": "echo a\0b; git push origin main",
    "half a quote": "git push origin 'main",
}


@pytest.mark.parametrize("name", MONSTERS)
def test_a_monstrous_command_is_read_within_its_budget(tmp_path: Path, name: str) -> None:
    """It is read, or undecided; it never lasts longer than a decision may, and never fails."""
    session = Session(write_repository(tmp_path))
    began = time.process_time()
    why = session.run(MONSTERS[name])
    assert time.process_time() - began < SECONDS
    assert bool(why) is (name != "long")


def test_own_servers_are_no_connectors(session: Session) -> None:
    """A server called slack in the repository's own .mcp.json is not the connector slack."""
    (session.home / ".mcp.json").write_text('{"mcpServers": {"slack": {"command": "x"}}}')
    install(load_guarded([session.home]), session.home)
    assert session.ask("mcp__slack__slack_send_message", channel_id="general", message="hi") == ""


def test_one_of_several_routines_grants_for_all_and_each_forbids(tmp_path: Path) -> None:
    """Sessions of a repository cannot be told apart: what one routine grants passes, what any forbids not."""
    for name, line, rule in (
        ("a", "connectors: [slack]", "ticket.created"),
        ("b", "connectors: [linear]", ""),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "routine.yaml").write_text(
            f"name: {name}\nrepositories: [github:acme/core]\n{line}\ntriggers: [{{type: api}}]\nprompt: x\n"
        )
        (tmp_path / name / "policy.yaml").write_text(f"root: true\nforbid: [{rule}]\n")
    install(load_guarded([tmp_path / "a", tmp_path / "b"]), tmp_path)
    session = Session(tmp_path)
    assert send(session) == ""
    assert "forbidden by a/policy.yaml:2: ticket.created" in session.ask(
        "mcp__linear__save_issue", title="x", team="T"
    )
    assert "does not include the connector notion" in session.ask("mcp__notion__notion-fetch", id="1")


def test_the_log_imports_and_tells_denials(session: Session) -> None:
    """Calls, results, denials and the closing word come back as a recording; what is opaque is noted."""
    session.ask("mcp__linear__list_issues", team="T")
    session.hook(
        "PostToolUse", tool_name="x", tool_use_id="t1", tool_response=[{"type": "text", "text": "[]"}]
    )
    session.ask("mcp__github__merge_pull_request", owner="acme", repo="core", pullNumber=1)
    session.hook("Stop", last_assistant_message="nothing to do")
    log = session.home / LOG / "s-1.jsonl"
    place = session.home / "recordings" / "one.jsonl"
    assert run(["import", "transcript", str(log), "-o", str(place)]) == 0
    entries = [json.loads(line) for line in place.read_text().splitlines()]
    kinds = ["header", "start", "call", "result", "call", "result", "message", "end"]
    assert [entry["type"] for entry in entries] == kinds
    assert (entries[3]["text"], entries[5]["is_error"], entries[7]["status"]) == ("[]", True, "finished")
    assert session.run("make deploy") == ""
    assert json.loads(log.read_text().splitlines()[-1])["opaque"] == ["make deploy"]
