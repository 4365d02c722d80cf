"""What recorded reads reveal: an answer becomes records from which the same answer comes again."""

# ruff: noqa: E501 - a line is a row of the table

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from world.contract import Factory
from world.contract_github import REPO, github
from world.contract_slack_linear import PARENT, linear, slack

from routine_harness.world.registry import Registry
from routine_harness.world.reveals import revealed_records
from routine_harness.world.tool import ToolCall, ToolResult
from routine_harness.world.worldfile import world_from_data

KEYS = ["issues", "author", "state", "login", "details", "number", "title", "sha", "items", "files"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS) | st.text(), inner),
    max_leaves=8,
)
PULL = {**REPO, "pullNumber": 42}
HERE = {"channel_id": "C0SECURITY1"}


@pytest.mark.parametrize(
    ("factory", "first", "then"),
    [
        (linear, [], ("list_issues", {})),
        (linear, [], ("list_issues", {"project": "Security", "limit": 3})),
        (linear, [], ("get_issue", {"id": "SEC-1"})),
        (linear, [("list_issues", {})], ("list_comments", {"issueId": "SEC-1"})),
        (linear, [("list_teams", {})], ("list_projects", {})),
        (linear, [("list_teams", {})], ("list_issue_statuses", {"team": "Security"})),
        (linear, [], ("list_issue_labels", {})),
        (linear, [], ("get_document", {"id": "document-1"})),
        (slack, [], ("slack_search_channels", {"query": "security"})),
        (slack, [("slack_read_thread", {**HERE, "message_ts": PARENT})], ("slack_read_channel", {**HERE, "limit": 2})),
        (slack, [("slack_read_channel", HERE)], ("slack_read_thread", {**HERE, "message_ts": PARENT})),
        (slack, [], ("slack_search_public", {"query": "note"})),
        (slack, [], ("slack_search_users", {"query": "alice"})),
        (github, [], ("get_me", {})),
        (github, [], ("get_label", {**REPO, "name": "bug"})),
        (github, [], ("list_branches", REPO)),
        (github, [], ("list_issues", REPO)),
        (github, [("list_label", REPO)], ("issue_read", {**REPO, "method": "get", "issue_number": 1})),
        (github, [("pull_request_read", {**PULL, "method": "get"})], ("issue_read", {**REPO, "method": "get_comments", "issue_number": 42})),
        (github, [], ("list_pull_requests", REPO)),
        (github, [], ("pull_request_read", {**PULL, "method": "get"})),
        (github, [("pull_request_read", {**PULL, "method": "get"})], ("pull_request_read", {**PULL, "method": "get_diff"})),
        (github, [("pull_request_read", {**PULL, "method": "get"})], ("pull_request_read", {**PULL, "method": "get_files"})),
        (github, [("pull_request_read", {**PULL, "method": "get"})], ("pull_request_read", {**PULL, "method": "get_commits"})),
        (github, [("pull_request_read", {**PULL, "method": "get"})], ("pull_request_read", {**PULL, "method": "get_reviews"})),
        (github, [("pull_request_read", {**PULL, "method": "get"})], ("pull_request_read", {**PULL, "method": "get_comments"})),
        (github, [], ("get_file_contents", {**REPO, "path": "app/db.py"})),
        (github, [], ("actions_list", {**REPO, "method": "list_workflow_runs"})),
        (github, [], ("list_releases", REPO)),
    ],
)  # fmt: skip
def test_an_answer_gives_the_answer_again(
    factory: Factory, first: list[Any], then: tuple[str, dict[str, Any]]
) -> None:
    """A world made of recorded reads alone answers the recorded read in the recorded words."""
    subject, registry = factory(), Registry()
    data: dict[str, Any] = {"clock": "2026-05-04T09:00:00Z"}
    for tool, arguments in (*first, then):
        call = ToolCall(subject.connector.name, tool, arguments)
        for name, record in revealed_records(
            call, subject.connector.call(subject.world, call).result, registry
        ):
            connector, _, table = name.partition(".")
            data.setdefault(connector, {}).setdefault(table, []).append(record)
    world = world_from_data(data, {subject.connector.name: subject.connector})
    call = ToolCall(subject.connector.name, *then)
    again, original = (subject.connector.call(one, call).result.text for one in (world, subject.world))
    assert _without_cursor(again) == _without_cursor(original)


def _without_cursor(text: str) -> str:
    return text.partition("pagination_info")[0].partition('"hasNextPage"')[0]


def test_errors_reveal_nothing() -> None:
    """An answer that was an error, or of a tool without a model, says nothing about the world."""
    registry = Registry()
    call = ToolCall("linear", "get_issue", {"id": "SEC-1"})
    assert revealed_records(call, ToolResult('{"id":"SEC-1","title":"x"}', True), registry) == []
    assert revealed_records(ToolCall("jira", "get_issue", {}), ToolResult("{}"), registry) == []
    [(table, record)] = revealed_records(call, ToolResult('{"id":"SEC-1","title":"x"}'), registry)
    assert (table, record) == ("linear.issues", {"id": "SEC-1", "title": "x"})


@given(
    st.sampled_from([
        "slack.slack_read_channel", "slack.slack_search_public", "slack.slack_search_users",
        "linear.list_issues", "github.get_me", "github.list_issues", "github.get_file_contents",
        "github.pull_request_read",
    ]),
    st.text() | st.just("{}") | JSON.map(lambda value: json.dumps(value)),
)  # fmt: skip
def test_any_text_is_read(tool: str, text: str) -> None:
    """An answer of any shape reveals records or nothing, and raises nothing."""
    connector, _, bare = tool.partition(".")
    call = ToolCall(connector, bare, {**PULL, "method": "get"} if connector == "github" else {})
    rows = revealed_records(call, ToolResult(text), Registry())
    assert isinstance(rows, list)
