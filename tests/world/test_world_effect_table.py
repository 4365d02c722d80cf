"""The closed effect table: every write of every connector has words, without a world."""

# ruff: noqa: E501 - a line is a row of the table

from __future__ import annotations

import pytest

from routine_harness.world.effect_table import attempted_effects, recognised, rule_kinds
from routine_harness.world.kinds import KINDS
from routine_harness.world.registry import SIMULATED, Registry
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall


@pytest.mark.parametrize("name", SIMULATED)
def test_rules_speak_the_closed_words(name: str) -> None:
    """Every kind and field is a known one, and every rule belongs to a tool that is there."""
    connector = Registry().get(name)
    assert connector is not None
    for tool, rules in connector.rules.items():
        assert tool in connector.tools, tool
        for rule in rules:
            assert rule["kind"] in KINDS, (tool, rule["kind"])
            fields = {*rule.get("fields", {}), *rule.get("const", {})}
            assert fields <= set(KINDS[rule["kind"]]), (tool, fields - set(KINDS[rule["kind"]]))


@pytest.mark.parametrize("name", SIMULATED)
def test_every_write_has_words(name: str) -> None:
    """No tool that writes is left to the catch-all; reads have no rules."""
    connector = Registry().get(name)
    assert connector is not None
    writes = [tool.name for tool in connector.tools.values() if tool.access == "write"]
    assert [tool for tool in writes if tool not in connector.rules] == []
    for tool in connector.tools.values():
        if tool.access == "read":
            assert rule_kinds(tuple(connector.rules.get(tool.name, ()))) == ("tool.called",)


@pytest.mark.parametrize(
    ("tool", "arguments", "kinds"),
    [
        ("linear.save_issue", {"title": "x", "team": "SEC"}, ["ticket.created"]),
        ("linear.save_customer", {"name": "Acme"}, ["customer.created"]),
        ("linear.save_customer_need", {"id": "n", "body": "x"}, ["customer.updated"]),
        ("github.create_commit_status", {"owner": "a", "repo": "b", "sha": "c", "state": "success"}, ["check.created"]),
        ("github.create_check_run", {"owner": "a", "repo": "b", "head_sha": "c", "name": "ci"}, ["check.created"]),
        ("linear.save_issue", {"id": "SEC-1", "title": "x"}, ["ticket.updated"]),
        ("linear.create_issue", {"title": "x"}, ["ticket.created"]),
        ("linear.update_issue", {"id": "SEC-1"}, ["ticket.updated"]),
        ("linear.list_issues", {}, []),
        ("linear.merge_diff", {"diffId": "1"}, ["pull_request.merged"]),
        ("slack.slack_send_message", {"channel_id": "C1", "message": "x"}, ["message.posted"]),
        ("slack.slack_send_message", {"channel_id": "C1", "message": "x", "draft_id": "D"}, ["message.posted", "draft.deleted"]),
        ("slack.slack_send_message_draft", {"channel_id": "C1", "message": "x"}, ["draft.created"]),
        ("slack.slack_schedule_message", {"channel_id": "C1", "message": "x", "post_at": 1}, ["message.scheduled"]),
        ("slack.conversations_add_message", {"channel_id": "C1", "payload": "x"}, ["message.posted"]),
        ("notion.notion-create-pages", {"pages": [{}, {}]}, ["document.created", "document.created"]),
        ("notion.notion-update-data-source", {"data_source_id": "x", "in_trash": False}, ["document.updated"]),
        ("drive.update_file", {"fileId": "x", "parentId": "y"}, ["document.moved"]),
        ("sentry.execute_sentry_tool", {"name": "add_issue_note", "arguments": {"text": "x"}}, ["comment.created"]),
        ("sentry.execute_sentry_tool", {"name": "whoami"}, []),
        ("sentry.execute_sentry_tool", {"name": "nobody_knows"}, ["tool.called"]),
        ("jira.create_issue", {"a": 1}, ["tool.called"]),
        ("jira.get_issue", {"a": 1}, []),
        ("linear.no_such_tool", {}, ["tool.called"]),
        ("PushNotification", {"message": "x"}, ["notification.sent"]),
        ("Read", {"file_path": "x"}, []),
    ],
)  # fmt: skip
def test_what_a_call_attempts(tool: str, arguments: dict[str, object], kinds: list[str]) -> None:
    """The table needs a call alone: aliases, upserts, dispatchers and lists are told apart by it."""
    registry = Registry()
    effects = attempted_effects(registry.tool_call(tool, dict(arguments)), registry)
    assert [effect.kind for effect in effects] == kinds


def test_numbers_become_words() -> None:
    """A priority is named as people name it, also where there is no world to ask."""
    registry = Registry()
    [effect] = attempted_effects(
        ToolCall("linear", "save_issue", {"title": "x", "team": "S", "priority": 2.0}), registry
    )
    assert effect.fields["priority"] == "High"
    assert effect.target == "x"


def test_attempts_are_told_in_the_worlds_words() -> None:
    """Where a world is at hand, a channel has its name also if no model answers the call."""
    registry = Registry()
    slack = registry.get("slack")
    assert slack is not None
    world = slack.seed_record(World(), "channels", {"id": "C0SECURITY1", "name": "security-alerts"})
    attempted = attempted_effects(
        ToolCall("slack", "slack_send_message", {"channel_id": "C0SECURITY1", "message": "x"}), registry
    )
    assert [effect.fields["channel"] for effect in attempted] == ["C0SECURITY1"]
    [known] = recognised(attempted, world, registry)
    assert (known.fields["channel"], known.target) == ("security-alerts", "#security-alerts")
    other = attempted_effects(ToolCall("jira", "create_issue", {"a": 1}), registry)
    assert recognised(other, world, registry) == other
