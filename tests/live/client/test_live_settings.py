"""What a live run's repositories may set, by the platform's edition; faults on the agent's own tools."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.live_runs import codes, in_turns, needs_cli, run_live, use, write_routine

from routine_harness.case.plan import Setting
from routine_harness.case.result import CaseResult
from routine_harness.guard.live_guard import guard_for
from routine_harness.harness import Harness
from routine_harness.live.client.configuration import build_settings, enabled_plugins
from routine_harness.live.client.hooks import Asked, own_hooks
from routine_harness.live.sandbox.layout import Layout
from routine_harness.routine.edition import EDITIONS, load_edition
from routine_harness.session.faults import Fault
from routine_harness.store.cases import load_case_file

HOOK = {
    "hooks": {
        "PreToolUse": [
            {"matcher": "Bash", "hooks": [{"type": "command", "command": "pwd >&2; ls *.md >&2; exit 2"}]}
        ]
    }
}


@pytest.fixture
def _cli() -> None:
    needs_cli()


@pytest.mark.parametrize(
    ("edition", "one", "several"),
    [("2026-04", True, True), ("2026-08", True, True), ("2026-10", True, False)],
)
def test_the_edition_says_whose_settings_are_honoured(edition: str, one: bool, several: bool) -> None:
    """Since October hooks and servers of a repository count in its own sessions alone."""
    rules = load_edition(edition)
    rule = rules.repository_settings
    assert (rule.honours("hooks", 1), rule.honours("hooks", 2)) == (one, several)
    assert (rule.honours("servers", 1), rule.honours("servers", 2)) == (one, several)
    assert rule.honours("plugins", 1) is rule.honours("plugins", 2) is (edition < "2026-10")
    assert rule.source in rules.sources
    assert {load_edition(name).repository_settings.trust for name in EDITIONS} <= {"DOC", "INFER"}


def test_settings_of_several_clones_are_put_together(tmp_path: Path) -> None:
    """Each clone's hooks run in that clone; what is no settings file, or a link out, is nothing."""
    for name, text in (("a", json.dumps(HOOK)), ("b", "no json"), ("c", "[]")):
        (tmp_path / name / ".claude").mkdir(parents=True)
        (tmp_path / name / ".claude" / "settings.json").write_text(text)
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / ".claude").symlink_to(tmp_path / "a" / ".claude")
    brought = [(f"/home/user/{name}", tmp_path / name) for name in "abcd"]
    faults = [Fault(tool="Read", error="x"), Fault(tool="slack.x", error="y")]
    layout = Layout("/h", "/t", "/c", contained=True)
    settings = build_settings(own_hooks(layout, faults, guarded=False), brought)
    ours, theirs = settings["hooks"]["PreToolUse"]
    assert ours["matcher"] == "Read"
    assert theirs["hooks"][0]["command"].startswith(
        "cd /home/user/a && CLAUDE_PROJECT_DIR=/home/user/a sh -c "
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"hooks": {"Stop": 3}},
        {"hooks": {"Stop": [{"hooks": 3}, 3]}},
        {"permissions": {"deny": True}},
        {"hooks": 3},
    ],
)
def test_settings_of_another_make_are_nothing(tmp_path: Path, settings: dict[str, Any]) -> None:
    """What is no list where the CLI wants one breaks no run."""
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude" / "settings.json").write_text(json.dumps(settings))
    assert "permissions" not in build_settings({}, [("/home/user/a", tmp_path)])


def enabling(*plugins: str) -> str:
    """The files of a repository that enables ``plugins``, and one that it has switched off."""
    enabled = {**dict.fromkeys(plugins, True), "unused@tools": False}
    return json.dumps({"R.md": "x", ".claude/settings.json": json.dumps({"enabledPlugins": enabled})})


def test_plugins_that_no_session_installs_are_switched_off(tmp_path: Path) -> None:
    """What the repository enables is read, and said to be off where the edition's sessions leave it out."""
    (tmp_path / ".claude").mkdir()
    for name, content in json.loads(enabling("a@tools", "b@tools")).items():
        (tmp_path / name).write_text(content)
    found = enabled_plugins(tmp_path)
    assert found == {"a@tools", "b@tools"}
    settings = build_settings({}, (), without=sorted(found))
    assert settings["enabledPlugins"] == {"a@tools": False, "b@tools": False}
    assert "enabledPlugins" not in build_settings({}, ())


@pytest.mark.usefixtures("_cli")
@pytest.mark.parametrize(("edition", "without"), [("2026-08", ["fmt@tools"]), ("2026-10", [])])
def test_a_plugin_that_a_session_would_install_is_missed(
    tmp_path: Path, edition: str, without: list[str]
) -> None:
    """Nothing can be fetched: the run says what it did without, live and replayed; not of what nobody has."""
    case_file = write_routine(tmp_path / "r", files=enabling("fmt@tools"))
    (tmp_path / "r" / "policy.yaml").write_text(f"root: true\nplatform: {edition}\n")
    live = run_live(case_file, in_turns([use("Bash", command="git log -1")]), record=True)
    loaded = load_case_file(case_file)
    replayed = Harness().check_case(loaded.cases[0], loaded.routine)
    for result in (live, replayed):
        missed = [found for found in result.verdict.findings if found.code == "plugin.absent"]
        assert [found.data["plugins"] for found in missed] == [without] * len(missed)
        assert bool(missed) is bool(without)
        assert not any(found.fails for found in missed)
    assert replayed.verdict == live.verdict


def two_repositories(case: Path, edition: str) -> None:
    """Give the case's routine a second repository, under the rules of ``edition``."""
    file = case.parent.parent / "routine.yaml"
    file.write_text(file.read_text().replace("[github:acme/core]", "[github:acme/core, github:acme/docs]"))
    file.with_name("policy.yaml").write_text(f"root: true\nplatform: {edition}\n")


@pytest.mark.usefixtures("_cli")
@pytest.mark.parametrize(("edition", "known"), [("2026-08", {"linear"}), ("2026-10", set())])
def test_the_guard_knows_the_servers_that_are_honoured(tmp_path: Path, edition: str, known: set[str]) -> None:
    """A server that the session does not start takes no connector's name away from the policy."""
    case = write_routine(tmp_path / "r", files="""{R.md: x, .mcp.json: '{"mcpServers": {"linear": {}}}'}""")
    two_repositories(case, edition)
    told: list[set[str]] = []

    def guard(setting: Setting, own: Collection[str], clones: Sequence[tuple[str, Path]]) -> Asked:
        told.append(set(own))
        return guard_for(setting, own, clones)

    run_live(case, in_turns(), guard=guard, once=True)
    assert told[0] == known


def several(tmp_path: Path, edition: str) -> CaseResult:
    """A run over two repositories, one of which brings a hook that denies every command."""
    case = write_routine(tmp_path / "r", files=f"{{R.md: x, .claude/settings.json: '{json.dumps(HOOK)}'}}")
    two_repositories(case, edition)
    return run_live(case, in_turns([use("Bash", command="echo ran")]), once=True)


@pytest.mark.usefixtures("_cli")
def test_hooks_of_several_repositories_by_edition(tmp_path: Path) -> None:
    """Under the edition of August a hook of one of two repositories is in force, in October it is not."""
    before, now = (several(tmp_path / edition, edition) for edition in ("2026-08", "2026-10"))
    assert before.pair is not None
    assert now.pair is not None
    assert "/home/user/core\nR.md" in before.pair.first.calls[0].result.text
    assert "permission.denied" in codes(before, 1)
    assert now.pair.first.calls[0].result.text == "ran"


@pytest.mark.usefixtures("_cli")
def test_a_fault_befalls_the_agents_own_tools(tmp_path: Path) -> None:
    """The second command fails in the fault's words and never runs; its attempt counts all the same."""
    case = write_routine(
        tmp_path / "r",
        "faults:\n  - {call: Bash, nth: 2, error: disk full}\n  - {call: Read, status: 500}\n",
    )
    push = "git push origin HEAD:main; touch ran"
    turns = in_turns(
        [use("Bash", command="echo first")], [use("Bash", command=push, run_in_background=True)],
        [use("Read", file_path="/home/user/core/README.md")], [use("Bash", command="ls")],
    )  # fmt: skip
    heard: list[str] = []

    def listening(messages: list[dict[str, Any]]) -> Any:
        heard.append(str(messages[-1]["content"]))
        return turns(messages)

    result = run_live(case, listening, once=True)
    assert result.pair is not None
    assert "'Exit code 1\\ndisk full'" in heard[2]  # as of a command that fails
    assert "PreToolUse:Read hook error: Request failed" in heard[3]
    run = result.pair.first
    texts = [(record.result.text, record.result.is_error) for record in run.calls]
    assert texts == [
        ("first", False), ("disk full", True), ("Request failed with status code 500", True),
        ("README.md", False),
    ]  # fmt: skip
    assert [(effect.kind, effect.outcome) for effect in run.effects] == [("branch.pushed", "refused")]
    assert "permission.denied" not in codes(result)


@pytest.mark.usefixtures("_cli")
def test_what_a_hook_denies_was_attempted(tmp_path: Path) -> None:
    """A command that a hook kept from running is judged by what it would have done."""
    deny = json.dumps(HOOK).replace("pwd >&2; ls *.md >&2; ", "echo no >&2; ")
    case = write_routine(tmp_path / "r", files=f"{{R.md: x, .claude/settings.json: '{deny}'}}")
    result = run_live(case, in_turns([use("Bash", command="gh pr merge 7 --squash")]), once=True)
    assert result.pair is not None
    assert [(e.kind, e.outcome) for e in result.pair.first.effects] == [("pull_request.merged", "refused")]
    assert any("pull_request.merged" in found.message for found in result.check("policy").findings)


@pytest.mark.usefixtures("_cli")
def test_the_policy_denies_as_a_hook_and_the_attempts_still_count(tmp_path: Path) -> None:
    """With the guard a forbidden command and a forbidden ticket never happen, and fail the policy."""
    case = write_routine(tmp_path / "r")
    filing = use("mcp__Linear__save_issue", title="t", team="Security")
    turns = in_turns([use("Bash", command="git push origin HEAD:main")], [filing])
    (tmp_path / "r" / "policy.yaml").write_text("root: true\nforbid: [ticket.created]\n")
    result = run_live(case, turns, guard=guard_for, once=True)
    assert result.pair is not None
    run = result.pair.first
    assert [(e.kind, e.outcome) for e in run.effects] == [
        ("branch.pushed", "refused"),
        ("ticket.created", "refused"),
    ]
    assert run.tickets == ()
    said = " ".join(found.message for found in result.check("policy").findings if found.run == 1)
    assert "branch.pushed" in said
    assert "ticket.created" in said
    assert "permission.denied" in codes(result, 1)
