"""Read or write: the curated table, then hints, then names; unknown is a write."""

# ruff: noqa: E501 - a line is a row of the table

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from routine_harness.world.access import Access, classify
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolCall

BOTH = {"readOnlyHint": True, "destructiveHint": True}


@pytest.mark.parametrize(
    ("name", "hints", "kind", "ground", "conflict"),
    [
        ("get_user", None, "read", "name", ""),
        ("get_label", None, "read", "name", ""),
        ("list_and_delete_things", None, "write", "name", "the name says 'list' and 'delete'"),
        ("do_it", None, "write", "unknown", ""),
        ("frobnicate", {"readOnlyHint": True}, "read", "hints", ""),
        ("frobnicate", {"readOnlyHint": False}, "write", "hints", ""),
        ("search_docs", BOTH, "read", "name", "readOnlyHint and destructiveHint are both true"),
        ("frobnicate", BOTH, "write", "unknown", "readOnlyHint and destructiveHint are both true"),
        ("get_thing", {"destructiveHint": True}, "write", "name", "destructiveHint is true"),
        ("get_it", {"readOnlyHint": False}, "write", "hints", "readOnlyHint is false, but the name has the verb 'get'"),
        ("createThing", None, "write", "name", ""),
    ],
)  # fmt: skip
def test_uncurated_tools(
    name: str, hints: dict[str, Any] | None, kind: str, ground: str, conflict: str
) -> None:
    """Hints decide before names, contradicting hints leave it to the name, and doubt is a write."""
    access = classify(name, annotations=hints)
    assert (access.kind, access.ground, access.conflict) == (kind, ground, conflict)


@pytest.mark.parametrize(
    ("name", "arguments", "kind"),
    [
        ("slack.slack_get_file_upload_url", {}, "write"),
        ("linear.prepare_attachment_upload", {}, "write"),
        ("sentry.analyze_issue_with_seer", {}, "write"),
        ("sentry.execute_sentry_tool", {"name": "search_issues"}, "read"),
        ("sentry.execute_sentry_tool", {"name": "update_issue"}, "write"),
        ("sentry.execute_sentry_tool", {}, "write"),
        ("github.issue_write", {"method": "create"}, "write"),
        ("github.pull_request_read", {"method": "get"}, "read"),
    ],
)
def test_curated_tools_are_what_the_table_says(name: str, arguments: dict[str, Any], kind: str) -> None:
    """Misleading names and multiplexed tools are decided by the table, not by verbs."""
    connector, tool = name.split(".")
    access = Registry().access(ToolCall(connector, tool, arguments))
    assert (access.kind, access.ground) == (kind, "curated")


def test_a_hint_against_the_table_is_named() -> None:
    """The table stands, and the contradiction is reported."""
    access = Registry().access(ToolCall("linear", "save_issue", {}), {"readOnlyHint": True})
    assert access.kind == "write"
    assert access.conflict == "readOnlyHint is true, the table says write"


def _classified(file: Path, connector: str) -> dict[str, Access]:
    registry = Registry()
    tools = json.loads(file.read_text())["tools"]
    return {
        tool["name"]: registry.access(ToolCall(connector, tool["name"], {}), tool.get("annotations"))
        for tool in tools
    }


def test_servers_lists_are_classified(shared_data: Path) -> None:
    """Every tool of four real servers has a class, a ground, and its conflict is named."""
    servers = shared_data / "tools" / "servers"
    everything = _classified(servers / "everything.tools.json", "everything")
    assert {name for name, access in everything.items() if access.kind == "write"} == {
        "gzip-file-as-resource", "toggle-simulated-logging", "toggle-subscriber-updates", "simulate-research-query",
    }  # fmt: skip
    assert {name: access.conflict for name, access in everything.items() if access.conflict} == {
        "simulate-research-query": "readOnlyHint is false, but the name has the verb 'query'",
        "trigger-long-running-operation": "readOnlyHint is true, but the name has the verb 'trigger'",
    }
    linear = _classified(servers / "linear-mcp-server.tools.json", "linear")
    assert {name: access.kind for name, access in linear.items()} == {
        "linear_create_issue": "write", "linear_update_issue": "write", "linear_search_issues": "read",
        "linear_get_user_issues": "read", "linear_add_comment": "write",
    }  # fmt: skip
    slack = _classified(servers / "server-slack.tools.json", "slack")
    writes = {"slack_post_message", "slack_reply_to_thread", "slack_add_reaction"}
    assert {name for name, access in slack.items() if access.kind == "write"} == writes
    assert {access.ground for access in (*linear.values(), *slack.values())} == {"curated"}
    github = _classified(servers / "server-github-legacy.tools.json", "github")
    assert {access.ground for access in github.values()} == {"curated"}
    assert {name for name, access in github.items() if access.kind == "read"} == {
        name for name in github if name.startswith(("get_", "list_", "search_"))
    }


def test_all_tools_of_the_github_server_are_known(shared_data: Path) -> None:
    """Each of the 117 tools is known by schema and by read or write."""
    connector = Registry().get("github")
    assert connector is not None
    files = sorted((shared_data / "tools" / "github").glob("*.json"))
    assert len(files) == 117
    for file in files:
        given = json.loads(file.read_text())
        tool = connector.tools[given["name"]]
        assert set(tool.input_schema["properties"]) == set(given["inputSchema"].get("properties", {})), given[
            "name"
        ]
        reads = given["annotations"]["readOnlyHint"]
        assert (tool.access == "read") is reads, given["name"]
