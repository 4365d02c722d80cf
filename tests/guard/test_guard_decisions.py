"""What the guard's one file decides, run as the hook runs it: with nothing but the standard library."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from routine_harness.cli.main import run
from routine_harness.errors import SpecError, UsageError
from routine_harness.guard.bundle import bundle
from routine_harness.guard.decide import ANYTHING
from routine_harness.guard.install import check_installed, expected_files, install, load_guarded
from routine_harness.guard.reading import effects_of, own_call, split_name
from routine_harness.guard.rough import read_roughly
from routine_harness.guard.settings import FILE, LOCAL_SETTINGS, LOG, SETTINGS, with_hooks
from routine_harness.world.effect_table import attempted_effects
from routine_harness.world.registry import Registry
from routine_harness.world.shell.effects import shell_effects
from routine_harness.world.shell.quiet import OPAQUE, QUIET
from routine_harness.world.tool import ToolCall

ROUTINE = """\
name: small
repositories: [github:acme/core]
connectors:
  - {connector: slack, bindings: [{name: alerts, id: C0ALERTS}], tools: {deny: [slack_create_canvas]}}
  - linear
tools: [Bash, Read]
triggers: [{type: api}]
prompt: Do it.
"""
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


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A scratch repository with a routine and its guard."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/claude/work\n")
    (tmp_path / "routine.yaml").write_text(ROUTINE)
    (tmp_path / "policy.yaml").write_text(POLICY)
    install(load_guarded([tmp_path]), tmp_path)
    return tmp_path


class Session:
    """Asks the installed guard as the client does."""

    def __init__(self, home: Path, *, isolated: bool = True) -> None:
        self.home = home
        self.number = 0
        # Without site packages the harness cannot be imported, as in the cloud.
        self.words = [sys.executable, "-I", "-S", str(home / FILE)]
        self.isolated = isolated

    def hook(self, event: str, **fields: Any) -> subprocess.CompletedProcess[str]:
        data = {"hook_event_name": event, "session_id": "s-1", "cwd": str(self.home), **fields}
        environment = {"CLAUDE_PROJECT_DIR": str(self.home), "PATH": "/usr/bin:/bin"}
        words = self.words
        if self.isolated:
            source = "import runpy, site, sys; site.main = lambda: None; "
            source += "sys.executable = sys.prefix = '/none'; "
            source += "runpy.run_path(sys.argv[1], run_name='__main__')"
            words = [*self.words[:3], "-c", source, self.words[3]]
        return subprocess.run(
            words,
            input=json.dumps(data),
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    def ask(self, tool: str, **arguments: Any) -> str:
        """Why a call is denied; empty if it is not."""
        self.number += 1
        done = self.hook("PreToolUse", tool_name=tool, tool_input=arguments, tool_use_id=f"t{self.number}")
        assert done.returncode == 0, done.stderr
        if not done.stdout:
            return ""
        said = json.loads(done.stdout)["hookSpecificOutput"]
        assert said["permissionDecision"] == "deny"
        return str(said["permissionDecisionReason"])


def send(session: Session, text: str = "hi", channel: str = "alerts") -> str:
    return session.ask("mcp__claude_ai_Slack__slack_send_message", channel_id=channel, message=text)


def test_rules_grants_and_limits_deny_in_the_words_of_the_verdict(home: Path) -> None:
    """Each kind of rule denies what it forbids, and nothing else."""
    session = Session(home)
    assert session.ask("Read", file_path="x") == ""
    assert "forbidden by default policy: pull_request.merged" in session.ask(
        "mcp__github__merge_pull_request", owner="acme", repo="core", pullNumber=1
    )
    assert "forbidden by policy.yaml:4: message.posted" in send(session, channel="general")
    assert "(one channel)" in send(session, channel="general")
    assert "policy.yaml:6" in session.ask(
        "mcp__linear__save_issue", title="x", description="hunter2", team="T"
    )
    assert "which is not among the routine's tools" in session.ask("WebFetch", url="https://x")
    assert "which the routine does not grant" in session.ask("mcp__slack__slack_create_canvas", title="x")
    assert "does not include the connector notion" in session.ask("mcp__notion__notion-fetch", id="1")
    assert "acme/other" in session.ask("mcp__github__create_issue", owner="acme", repo="other", title="x")
    assert "release.created" in session.ask("Bash", command="gh release create v1")
    assert "not among the routine's tools" in session.ask("RemoteTrigger", action="run")


def test_noise_is_counted_over_the_session_and_failures_do_not_count(home: Path) -> None:
    """The third message is denied, unless one of the others failed; long and loud ones are too."""
    session = Session(home)
    assert "12 characters, at most 10" in send(session, "twelve chars")
    assert "1 mentions of everyone" in send(session, "<!here>")
    assert send(session) == ""
    session.hook("PostToolUseFailure", tool_name="x", tool_use_id=f"t{session.number}", error="no channel")
    assert send(session) == send(session, channel="C0ALERTS") == ""
    assert "3 messages in one run, at most 2 by policy.yaml:2" in send(session)


@pytest.mark.parametrize(
    "command",
    [
        "git status",
        "git add -A && git commit -m 'fix: merge'",
        "ls -la | grep x > out.txt 2>&1",
        "cd src; pytest -q",
        "git commit -m \"$(cat <<'EOF'\nfix: gh pr merge is not run here\n\nEOF\n)\"",
        "git push origin claude/x",
        "git push -u origin HEAD",
        "gh pr view 4 --json title",
        "curl -s https://example.com/x",
        "npm test",
        'for f in *.py; do wc -l "$f"; done',
        'echo "gh pr merge 4"',
        "gh api repos/acme/core/pulls/4",
        "find . -name '*.py' | xargs grep -n merge",
        "git log --oneline | head -5 # gh pr merge",
    ],
)
def test_clear_commands_pass_without_the_parser(home: Path, command: str) -> None:
    """The rough reading lets everyday commands through."""
    assert Session(home).ask("Bash", command=command) == ""


@pytest.mark.parametrize(
    "command",
    [
        "g\\h p'r' merge 4",
        "gh pr merge $number",
        'git push origin "$branch"',
        "git push --all",
        "x=1; gh pr merge $x",
        "$(echo gh) pr merge 4",
        'eval "gh pr merge 4"',
        "bash -c 'gh pr merge 4'",
        "echo 4 | xargs gh pr merge",
        'echo "$(gh pr merge 4)"',
        "`gh pr merge 4`",
        "bash <<EOF\ngh pr merge 4\nEOF",
        "gh api -X DELETE repos/a/b/git/refs/heads/x",
        "gh api graphql -f query=mutation",
        "curl -X PUT https://api.github.com/repos/a/b/pulls/1/merge",
        "cat <<EOF\n$(gh pr merge 4)\nEOF",
        "terraform   apply",
        "sudo env X=1 gh pr merge 4",
        "mystery --go",
        "git -C /x push",
        "if true; then gh pr merge 4; fi",
        "(gh pr merge 4)",
        "sleep 1 & gh pr merge 4",
    ],
)
def test_what_may_be_forbidden_is_denied_without_the_parser(home: Path, command: str) -> None:
    """What is forbidden, or cannot be read, is denied, and the reason says that it was read roughly."""
    why = Session(home).ask("Bash", command=command)
    assert why.startswith("forbidden by")
    assert "read without the shell parser" in why


@pytest.mark.parametrize(
    "command",
    [
        "gh pr merge 4",
        "git push origin main",
        "git push origin :old",
        "git push origin HEAD:main",
        "git checkout main && git push",
        "git push --force origin claude/x main 2>&1 | tail -3",
    ],
)
def test_everyday_commands_need_no_parser_to_be_denied(home: Path, command: str) -> None:
    """They are read as exactly without it as with it, and so nothing is said of a rough reading."""
    why = Session(home).ask("Bash", command=command)
    assert why.startswith("forbidden by")
    assert "shell parser" not in why
    assert Session(home, isolated=False).ask("Bash", command=command) == why


def test_a_text_that_was_not_read_counts_against_the_call(home: Path) -> None:
    """A rule on the texts of any effect denies a command of which the texts are not known."""
    (home / "policy.yaml").write_text("root: true\nforbid: [{effect: '*', where: {text: {contains: x}}}]\n")
    install(load_guarded([home]), home)
    session = Session(home)
    for command in ("gh issue comment 3 --body-file $notes", 'git commit -m "$message"'):
        why = session.ask("Bash", command=command)
        assert why.startswith("forbidden by policy.yaml:2")
        assert "read without the shell parser" in why
    assert session.ask("Bash", command="git commit -m 'nothing of it'") == ""
    assert session.ask("Bash", command='for f in *.py; do grep -n x "$f"; done') == ""


def test_with_the_parser_commands_are_read_as_the_harness_does(home: Path) -> None:
    """Where the harness is installed, what it can read is decided exactly."""
    session = Session(home, isolated=False)
    assert "shell parser" not in session.ask("Bash", command="gh pr merge 4")
    assert session.ask("Bash", command="b=claude/x; git push origin $b") == ""
    assert "pull_request.merged" in session.ask("Bash", command="x=merge; gh pr $x 4")


KNOWN = Path(__file__).parents[2] / "fixtures" / "shell" / "commands.yaml"
COMMANDS = [
    "git commit -m x",
    "gh pr create -t x -b y",
    "gh issue comment 3 -b hi",
    "git push origin a b",
    "git push origin --delete x",
    "gh release create v1",
    "gh issue create -t x",
    "git push --tags",
    "gh workflow run ci",
    "gh pr close 3",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_rough_reading_misses_no_kind(command: str) -> None:
    """Every kind of effect that the harness reads, the rough reading has too, or takes for anything."""
    rough = {kind for kind, _, _ in read_roughly(command, QUIET, OPAQUE, "claude/x")}
    kinds = {effect.kind for effect in shell_effects(command)}
    assert kinds
    assert kinds <= rough or ANYTHING in rough


def test_the_rough_reading_misses_no_kind_of_the_table() -> None:
    """So it is for every command of the harness's own table, files and what follows each other included."""
    missed = {}
    for command in (row["command"] for row in yaml.safe_load(KNOWN.read_text())):
        rough = {kind for kind, _, _ in read_roughly(command, QUIET, OPAQUE, "claude/x")}
        kinds = {effect.kind for effect in shell_effects(command)}
        if not kinds <= rough and ANYTHING not in rough:
            missed[command] = kinds - rough
    assert missed == {}


def test_tools_are_named_and_read_as_the_harness_does(home: Path) -> None:
    """Spellings, aliases and the effect table give the same in the file as in the harness."""
    text = (home / FILE).read_text()
    namespace: dict[str, Any] = {"__name__": "x"}
    line = next(line for line in text.splitlines() if line.startswith("DATA = "))
    exec(line, namespace)
    data, registry = json.loads(namespace["DATA"]), Registry()
    names = [
        "mcp__Slack__slack_send_message",
        "mcp__claude_ai_Google_Drive__create_file",
        "Bash",
        "mcp__gh__create_issue",
        "mcp__plugin_x_linear__save_issue",
        "mcp__Unknown-Thing__get_it",
        "mcp__github__get_issue",
    ]
    names += [f"mcp__{connector.name}__{tool}" for connector in registry for tool in connector.tools]
    arguments = {
        "owner": "a",
        "repo": "b",
        "title": "t",
        "method": "create",
        "channel_id": "C",
        "message": "m",
    }
    for name in names:
        expected = registry.tool_call(name, dict(arguments))
        connector, tool = split_name(data, name)
        tool, given = own_call(data, connector, tool, dict(arguments))
        assert (connector, tool) == (expected.connector, expected.tool), name
        if connector:
            effects = attempted_effects(ToolCall(connector, tool, given), registry)
            found = [kind for kind, _, _ in effects_of(data, connector, tool, given)]
            assert found == [effect.kind for effect in effects], name


def test_it_fails_closed(home: Path) -> None:
    """Input that is none, a broken log and a file that is gone all block."""
    command = [*Session(home).words]
    done = subprocess.run(command, input=b"nonsense", capture_output=True, check=False)
    assert done.returncode == 2
    assert b"failed itself" in done.stderr
    (home / LOG).parent.mkdir(exist_ok=True)
    (home / LOG).write_text("not a folder")
    session = Session(home)
    assert session.hook("PreToolUse", tool_name="Read", tool_input={}, tool_use_id="x").returncode == 2
    hook = json.loads((home / SETTINGS).read_text())["hooks"]["PreToolUse"][0]["hooks"][0]
    (home / FILE).unlink()
    shell = subprocess.run(
        ["sh", "-c", hook["command"]],
        env={"CLAUDE_PROJECT_DIR": str(home), "PATH": "/usr/bin:/bin"},
        input=b"{}",
        capture_output=True,
        check=False,
    )
    assert (shell.returncode, hook["onFailure"]) == (2, "block")


def test_it_blocks_at_its_own_deadline(home: Path) -> None:
    """A decision that does not come, here for want of input, is a denial and not the client's timeout."""
    file = home / FILE
    file.write_text(file.read_text().replace('"deadline":5.0', '"deadline":0.2'))
    with subprocess.Popen(
        [sys.executable, "-I", "-S", str(file)], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.wait(10) == 2
        assert child.stderr is not None
        assert b"took too long" in child.stderr.read()


def test_the_log_imports_and_tells_denials(home: Path) -> None:
    """Calls, results, denials and the closing word come back as a recording."""
    session = Session(home)
    session.ask("mcp__linear__list_issues", team="T")
    session.hook(
        "PostToolUse", tool_name="x", tool_use_id="t1", tool_response=[{"type": "text", "text": "[]"}]
    )
    session.ask("mcp__github__merge_pull_request", owner="acme", repo="core", pullNumber=1)
    session.hook("Stop", last_assistant_message="nothing to do")
    log = home / LOG / "s-1.jsonl"
    place = home / "recordings" / "one.jsonl"
    assert run(["import", "transcript", str(log), "-o", str(place)]) == 0
    entries = [json.loads(line) for line in place.read_text().splitlines()]
    assert [entry["type"] for entry in entries] == [
        "header",
        "start",
        "call",
        "result",
        "call",
        "result",
        "message",
        "end",
    ]
    assert (entries[3]["text"], entries[5]["is_error"], entries[7]["status"]) == ("[]", True, "finished")


def test_settings_are_merged_and_found_again(home: Path) -> None:
    """What is there stays, in its order and indentation; a second installation changes nothing."""
    mine = {
        "permissions": {"allow": ["Bash"]},
        "hooks": {"PreToolUse": [{"matcher": "Edit", "hooks": []}], "Stop": []},
    }
    text = with_hooks(json.dumps(mine, indent=4), "settings.json")
    merged = json.loads(text)
    assert merged["permissions"] == mine["permissions"]
    assert merged["hooks"]["PreToolUse"][0] == {"matcher": "Edit", "hooks": []}
    assert text.startswith('{\n    "permissions"')
    assert with_hooks(text, "settings.json") == text
    assert install(load_guarded([home]), home) == []
    older = text.replace("-I -S", "-I")
    assert len(json.loads(with_hooks(older, "settings.json"))["hooks"]["PreToolUse"]) == 2
    with pytest.raises(SpecError, match="expected JSON"):
        with_hooks("{", "settings.json")


def test_check_tells_what_no_longer_matches(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed policy, hooks that are gone or switched off are told, from any working directory."""

    def codes() -> list[str]:
        return [finding.code for finding in check_installed(load_guarded([home]), home)]

    assert codes() == []
    monkeypatch.chdir(home)
    assert codes() == []
    (home / LOCAL_SETTINGS).write_text('{"disableAllHooks": true}')
    assert codes() == ["guard.disarmed"]
    (home / LOCAL_SETTINGS).unlink()
    (home / "policy.yaml").write_text("root: true\n")
    assert codes() == ["guard.stale"]
    assert run(["guard", "install", str(home), "--check"]) == 1
    (home / SETTINGS).write_text("{}")
    (home / FILE).unlink()
    assert codes() == ["guard.absent", "guard.not-hooked"]


def test_a_routine_of_several_repositories_has_no_guard(home: Path) -> None:
    """It is told so, and nothing is written."""
    (home / FILE).unlink()
    (home / "routine.yaml").write_text(
        ROUTINE.replace("[github:acme/core]", "[github:acme/core, github:acme/web]")
    )
    with pytest.raises(UsageError, match="so no guard"):
        install(load_guarded([home]), home)
    assert not (home / FILE).exists()
    assert run(["guard", "install", str(home)]) == 2


def test_a_pattern_that_cannot_be_proved_stops_the_installation(home: Path) -> None:
    """The problem names the rule's line and what to do."""
    (home / "policy.yaml").write_text(
        "root: true\nforbid:\n  - {tool: Bash, where: {command: {matches_regex: '(?:a|b)*a(?:a|b){16}'}}}\n"
    )
    with pytest.raises(SpecError, match="cannot be proved") as refused:
        expected_files(load_guarded([home]), home)
    assert refused.value.problems[0].line == 3


def test_own_servers_are_no_connectors(home: Path) -> None:
    """A server called slack in the repository's own .mcp.json is not the connector slack."""
    (home / ".mcp.json").write_text('{"mcpServers": {"slack": {"command": "x"}}}')
    install(load_guarded([home]), home)
    assert Session(home).ask("mcp__slack__slack_send_message", channel_id="general", message="hi") == ""


def test_the_file_is_the_same_for_the_same_policy(home: Path) -> None:
    """The text does not change from one compilation to the next, and holds nothing of this machine."""
    first, second = (expected_files(load_guarded([home]), home)[home / FILE] for _ in range(2))
    assert first == second == (home / FILE).read_text()
    assert str(home) not in first
    assert bundle({}) != first
