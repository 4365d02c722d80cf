"""How tools and connectors are written, and what is meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine_harness.world.naming import connector_name
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolCall


@pytest.mark.parametrize(
    ("written", "connector", "tool"),
    [
        ("mcp__Slack__slack_send_message", "slack", "slack_send_message"),
        ("mcp__claude_ai_Slack__slack_send_message", "slack", "slack_send_message"),
        ("mcp__slack__slack_send_message", "slack", "slack_send_message"),
        ("mcp__plugin_p_slack__slack_send_message", "slack", "slack_send_message"),
        ("mcp__plugin_my_tools_google_drive__create_file", "drive", "create_file"),
        ("slack.slack_send_message", "slack", "slack_send_message"),
        ("Slack:slack_send_message", "slack", "slack_send_message"),
        ("linear.save_issue", "linear", "save_issue"),
        ("mcp__Google_Drive__create_file", "drive", "create_file"),
        ("mcp__Google-Drive__create_file", "drive", "create_file"),
        ("mcp__claude_ai_Google_Drive__create_file", "drive", "create_file"),
        ("mcp__Notion__notion-fetch", "notion", "notion-fetch"),
        ("mcp__claude_ai_Atlassian_Rovo__search", "jira", "search"),
        ("mcp__github__pull_request_read", "github", "pull_request_read"),
        (
            "mcp__054afba5-16ff-48dd-8246-9e4706c6253e__slack_search_channels",
            "slack",
            "slack_search_channels",
        ),
        ("Bash", "", "Bash"),
        ("WebFetch", "", "WebFetch"),
    ],
)
def test_spellings_of_one_tool_are_one(written: str, connector: str, tool: str) -> None:
    """Prefix, case and spelling of the server say nothing; connector and bare tool do."""
    assert Registry().parse(written)[:2] == (connector, tool)


def test_a_server_of_the_repository_is_no_connector() -> None:
    """What the repository's own .mcp.json calls slack is not the connector slack."""
    registry = Registry(own_servers=["slack"])
    assert registry.parse("mcp__slack__slack_send_message")[:2] == ("", "slack/slack_send_message")
    assert registry.parse("mcp__Slack__slack_send_message").connector == "slack"


def test_an_id_that_no_tool_betrays_stays_as_it_is() -> None:
    """A server named by an id is known by its tool, and by nothing where two know the tool."""
    server = "054afba5-16ff-48dd-8246-9e4706c6253e"
    assert Registry().parse(f"mcp__{server}__no_such_tool").connector == server
    assert Registry().parse(f"mcp__{server}__create_issue").connector == server


@given(st.text(max_size=40))
def test_any_text_is_some_tool(text: str) -> None:
    """Whatever an agent writes has a connector and a tool, and nothing is raised."""
    name = Registry().parse(text)
    assert isinstance(name.connector, str)
    assert connector_name(text, ["slack"]) is not None


def test_aliases_lead_to_the_servers_own_names() -> None:
    """Older and community names become the tool's own, their arguments renamed."""
    call = Registry().tool_call(
        "mcp__linear__create_issue", {"teamId": "SEC", "title": "x", "labelIds": ["Bug"]}
    )
    assert call == ToolCall(
        "linear", "save_issue", {"team": "SEC", "title": "x", "labels": ["Bug"]}, "linear"
    )
    posted = Registry().tool_call("slack.slack_post_message", {"channel_id": "C1", "text": "hi"})
    assert (posted.tool, posted.arguments) == ("slack_send_message", {"channel_id": "C1", "message": "hi"})
    reacted = Registry().tool_call(
        "slack.slack_add_reaction", {"channel_id": "C1", "timestamp": "1.1", "reaction": "eyes"}
    )
    assert reacted.arguments == {"channel_id": "C1", "message_ts": "1.1", "emoji": "eyes"}


def test_a_dispatcher_is_the_tool_that_it_names() -> None:
    """A call of execute_sentry_tool is the call of its inner tool."""
    registry = Registry()
    call = registry.tool_call(
        "sentry.execute_sentry_tool", {"name": "update_issue", "arguments": {"status": "resolved"}}
    )
    assert (call.tool, call.arguments) == ("update_issue", {"status": "resolved"})
    assert registry.access(call).kind == "write"
    inner = ToolCall("sentry", "execute_sentry_tool", {"name": "whoami"})
    assert registry.access(inner).kind == "read"
    assert registry.tool_call("sentry.execute_sentry_tool", {"name": "nope"}).tool == "execute_sentry_tool"


def test_the_nearest_known_name_is_named() -> None:
    """A misspelt tool or connector has a nearest known one."""
    assert Registry().nearest("linear.save_isue") == "linear.save_issue"
    assert Registry().nearest("slak") == "slack"
