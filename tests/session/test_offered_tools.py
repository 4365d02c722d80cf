"""What a session is offered: a server's default tools, what the routine asks for, the session's own."""

from __future__ import annotations

from typing import Any

import pytest
from support.desk import FIRING

from routine_harness.routine.edition import load_edition
from routine_harness.routine.spec import Grant, Repository, Routine
from routine_harness.session.answering import Answering
from routine_harness.session.session import Session
from routine_harness.world.github.connector import CONNECTOR
from routine_harness.world.github.tools.tool_table import TOOLS
from routine_harness.world.github.tools.toolsets import OWN, TOOLSETS
from routine_harness.world.registry import Registry
from routine_harness.world.state import World
from routine_harness.world.tool import ToolResult
from routine_harness.world.worldfile import complete_world, merge_data

WORLD = {"github": {
    "repositories": [{"full_name": "acme/core", "default_branch": "main"}],
    "pulls": [{"repository": "acme/core", "number": 7, "title": "T", "head": "x", "base": "main"}],
}}  # fmt: skip
WHERE: dict[str, Any] = {"owner": "acme", "repo": "core"}


def session(edition: str = "2026-10", *grants: Grant) -> Session:
    routine = Routine("r", "p", repositories=(Repository("acme/core"),), connectors=grants)
    rules = load_edition(edition)
    registry = Registry().of_platform(rules)
    connectors = {"github": CONNECTOR}
    world = complete_world(merge_data(WORLD, connectors, World(clock=FIRING.at)), connectors)
    world = world.under(rules.session_rules(routine))
    return Session(routine, world, FIRING, "p", registry, answering=Answering(routine, registry))


def test_a_tool_that_is_not_offered_is_unknown() -> None:
    """Actions are in no default toolset: the words of an unknown tool, a finding, and the point."""
    asking = session()
    answer = asking.call("mcp__github__actions_list", method="list_workflows", **WHERE)
    assert answer == ToolResult("No such tool available: mcp__github__actions_list", is_error=True)
    run = asking.finish()
    assert [(one.code, one.fails) for one in run.findings] == [("tool.not-offered", False)]
    assert "allow: [default, actions_list]" in run.findings[0].hint
    assert run.depends_on == ("offered_tools",)


@pytest.mark.parametrize("asked", [("default", "actions"), ("default", "actions_list"), ("actions_list",)])
def test_a_routine_asks_for_more(asked: tuple[str, ...]) -> None:
    """``tools: {allow: […]}`` names tools, toolsets of the server, or ``default``."""
    asking = session("2026-10", Grant("github", allow=asked))
    assert not asking.call("github.actions_list", method="list_workflows", **WHERE).is_error
    read = asking.call("github.list_issues", **WHERE)
    assert read.is_error == ("default" not in asked)


def test_april_offers_all_that_a_server_has() -> None:
    assert not session("2026-04").call("github.actions_list", method="list_workflows", **WHERE).is_error


def test_other_faces_ask_for_no_tool() -> None:
    """The REST API and ``gh run`` need no tool of the MCP server."""
    asking = session()
    asking.handle("github.actions_list", {"method": "list_workflows", **WHERE}, server="api.github.com")
    assert asking.finish().findings == ()


def test_in_an_import_the_recorded_answer_decides() -> None:
    asking = session()
    recorded = ToolResult('{"total_count":0,"workflows":[]}')
    asking.replay("github.actions_list", {"method": "list_workflows", **WHERE}, recorded, trust="recorded")
    assert asking.finish().findings == ()


def test_a_session_has_tools_of_its_own() -> None:
    """Auto-merge by the platform's tool is auto-merge; a subscription changes nothing, ``add_repo`` does."""
    asking = session()
    pull = {**WHERE, "pullNumber": 7}
    assert not asking.call("mcp__github__enable_pr_auto_merge", **pull).is_error
    assert not asking.call("mcp__github__subscribe_pr_activity", **pull).is_error
    assert not asking.call("mcp__claude-code-remote__subscribe_pr_activity", **pull).is_error
    assert not asking.call("mcp__claude-code-remote__add_repo", owner="acme", repo="docs").is_error
    kinds = [[effect.kind for effect in record.effects] for record in asking.calls]
    assert kinds == [["auto_merge.enabled"], [], [], ["repository.added"]]
    assert asking.finish().findings == ()


def test_sentry_shows_nine_and_dispatches_to_the_rest() -> None:
    """A tool behind ``execute_sentry_tool`` is reached through it alone."""
    asking = session("2026-10", Grant("sentry"))
    direct = asking.call("sentry.find_teams", organizationSlug="acme")
    assert direct.text == "No such tool available: mcp__sentry__find_teams"
    inner = {"name": "find_teams", "arguments": {"organizationSlug": "acme"}}
    assert "No such tool" not in asking.call("sentry.execute_sentry_tool", **inner).text
    offered = Registry().of_platform(load_edition()).offered("sentry")
    assert offered is not None
    assert len(offered) == 9


def test_the_toolsets_hold_tools_that_are_known() -> None:
    """Every tool of a toolset is in the table, and the five default ones are far fewer than all."""
    assert {name for names in TOOLSETS.values() for name in names} <= set(TOOLS)
    offered = Registry().of_platform(load_edition()).offered("github")
    assert offered is not None
    assert offered <= {*TOOLS, *OWN}
    assert len(offered) < 50 < len(TOOLS)
