"""Shell commands become the effects that the table in ``fixtures/shell`` lists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from routine_harness.world.github.gh.command_line import commands
from routine_harness.world.kinds import KINDS
from routine_harness.world.shell.acts import Context
from routine_harness.world.shell.command_reading import read_shell, shell_calls, shell_effects
from routine_harness.world.shell.program_table import PROGRAMS

TABLE_FILE = Path(__file__).parents[3] / "fixtures" / "shell" / "commands.yaml"
ROWS: list[dict[str, Any]] = yaml.safe_load(TABLE_FILE.read_text())


def wanted(row: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(each, {}) if isinstance(each, str) else next(iter(each.items())) for each in row["effects"]]


@pytest.mark.parametrize("row", ROWS, ids=[row["command"][:60] for row in ROWS])
def test_a_command_has_its_effects(row: dict[str, Any]) -> None:
    """Each command of the table yields its effects, in order, with the fields that matter."""
    got = shell_effects(row["command"], row.get("variables"), Context(**row.get("context", {})))
    kinds = [effect.kind for effect in got]
    if row.get("loose"):
        assert {kind for kind, _ in wanted(row)} <= set(kinds)
        return
    assert kinds == [kind for kind, _ in wanted(row)]
    for effect, (_, fields) in zip(got, wanted(row), strict=True):
        assert {name: effect.fields.get(name) for name in fields} == fields


def test_the_table_is_long_enough() -> None:
    """The table holds 250 commands or more, all different."""
    spelt = {(row["command"], str(row.get("context")), str(row.get("variables"))) for row in ROWS}
    assert len(spelt) == len(ROWS) >= 250


@pytest.mark.parametrize("row", ROWS, ids=[row["command"][:60] for row in ROWS])
def test_effects_carry_only_known_fields(row: dict[str, Any]) -> None:
    """Every effect of a command is of a known kind and carries the fields of that kind alone."""
    for effect in shell_effects(row["command"], row.get("variables")):
        assert set(effect.fields) <= set(KINDS[effect.kind]), effect


def test_every_row_of_the_program_table_names_a_known_kind() -> None:
    """The programs' table speaks the closed list of kinds."""
    kinds = {kind for row in PROGRAMS.values() for kind in row.commands.values()}
    assert kinds - {"", "?"} <= set(KINDS)


@pytest.mark.parametrize("name", sorted(set(commands()) - {"api"}))
def test_every_gh_command_is_read(name: str) -> None:
    """No command of gh in the table is passed over: it acts, looks or is said to be unreadable."""
    line = f"gh {name} 7 acme/other -t x -b y"
    reading = read_shell(line, None, Context("acme/core", "claude/x"))
    assert reading.acts or reading.looks or name in ("repo set-default", "auth status")
    for effect in shell_effects(line, None, Context("acme/core", "claude/x")):
        assert set(effect.fields) <= set(KINDS[effect.kind])


@pytest.mark.parametrize(
    ("command", "tool"),
    [
        ("gh pr view 42 -R acme/core", "pull_request_read"),
        ("gh pr merge 42 -R acme/core", "merge_pull_request"),
        ("gh api repos/acme/core/pulls/42", "pull_request_read"),
        ("curl -X PUT https://api.github.com/repos/acme/core/pulls/42/merge", "merge_pull_request"),
        ("gh api -X PUT repos/acme/core/pulls/42/merge", "merge_pull_request"),
    ],
)
def test_forms_of_one_operation_are_one_call(command: str, tool: str) -> None:
    """The gh and REST forms of an operation are the call of the MCP tool."""
    [call] = shell_calls(command)
    assert (call.connector, call.tool) == ("github", tool)
    assert (call.arguments["owner"], call.arguments["repo"], call.arguments["pullNumber"]) == (
        "acme",
        "core",
        42,
    )


def test_what_one_command_leaves_the_next_one_finds() -> None:
    """Branch, tags and unpushed commits of earlier commands are known to later ones."""
    first = read_shell("git checkout -b claude/a; git commit -m One; git tag v9")
    pushed, tag = shell_effects("git push origin HEAD v9", None, first.context)
    assert pushed.fields == {"branch": "claude/a", "commits": ["One"]}
    assert (tag.kind, tag.fields["tag"]) == ("tag.pushed", "v9")


def test_a_branch_that_depends_on_a_condition_is_not_guessed() -> None:
    """A variable set in one branch of a condition is not taken for known afterwards."""
    got = shell_effects("B=claude/x; if test -f y; then B=main; fi; git push origin $B")
    assert [effect.kind for effect in got] == ["branch.pushed"]
    assert got[0].fields["branch"].unknown


def test_a_loop_variable_that_changes_is_not_guessed() -> None:
    """A variable that the body of a loop changes is not known inside it."""
    got = shell_effects("i=0; while :; do git push origin b$i; i=$((i+1)); done")
    assert [effect.kind for effect in got] == ["branch.pushed"]
    assert got[0].fields["branch"].pieces == ("b", None)


def test_a_push_prints_what_git_prints() -> None:
    """A new branch, one that moves on, one that stands where it stood."""
    from routine_harness.world.github.connector import CONNECTOR
    from routine_harness.world.own_tools import OwnTools
    from routine_harness.world.tool import ToolCall
    from routine_harness.world.worldfile import world_from_data

    connectors = {"github": CONNECTOR}
    data = {"github": {"repositories": [{"full_name": "acme/core", "default_branch": "main"}]}}
    world, own = world_from_data(data, connectors), OwnTools(connectors, ["acme/core"])
    said = []
    for command in (
        "git push origin HEAD:claude/fix",
        "git commit -am more && git push origin HEAD:claude/fix",
        "git push origin HEAD:claude/fix",
    ):
        outcome = own.call(world, ToolCall("", "Bash", {"command": command}))
        assert outcome is not None
        world = outcome.world
        said.append(outcome.result.text.splitlines()[-1])
    assert said[0] == " * [new branch]      claude/fix -> claude/fix"
    assert re.fullmatch(r"   [0-9a-f]{7}\.\.[0-9a-f]{7}  claude/fix -> claude/fix", said[1])
    assert said[2] == "Everything up-to-date"
