"""Recorded interactions: matched by server, method, tool and canonical arguments, and accounted for."""

# ruff: noqa: E501 - recorded answers stay in one line

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from world.contract import recording_contract
from world.contract_slack_linear import linear, slack

from routine_harness.world.recorded import Interaction, RecordedInteractions, argument_drift
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolCall, ToolResult


def _played(*interactions: Interaction) -> RecordedInteractions:
    return RecordedInteractions(interactions, Registry())


def _one(text: str, tool: str = "get_thing", **arguments: object) -> Interaction:
    return Interaction("Jira", tool, arguments, ToolResult(text), source=f"cassette.jsonl:{text}")


def test_servers_spellings_and_argument_order_do_not_count() -> None:
    """The same call is the same, however server and arguments are written."""
    played = _played(
        Interaction("claude_ai_Jira", "get_thing", {"a": 1, "b": {"c": 2, "d": 3}}, ToolResult("yes"))
    )
    answer = played.answer(ToolCall("jira", "get_thing", {"b": {"d": 3, "c": 2.0}, "a": 1}))
    assert answer == ToolResult("yes")
    assert played.answer(ToolCall("jira", "get_thing", {"a": True, "b": {"c": 2, "d": 3}})) is None


def test_repeated_calls_are_answered_in_turn() -> None:
    """Answers come in the order of recording; a read's last one stays, a write's does not."""
    read, write = {"id": 7}, {"title": "x"}
    played = _played(_one("1", **read), _one("2", **read), _one("made", "create_thing", **write))
    texts = [played.answer(ToolCall("jira", "get_thing", read)) for _ in range(3)]
    assert [result.text if result else None for result in texts] == ["1", "2", "2"]
    assert played.answer(ToolCall("jira", "create_thing", write)) == ToolResult("made")
    assert played.answer(ToolCall("jira", "create_thing", write)) is None
    again = played.rewound()
    assert again.answer(ToolCall("jira", "create_thing", write)) == ToolResult("made")


def test_a_near_miss_says_which_argument_drifted() -> None:
    """The nearest interactions come first, each with what differs and where it was recorded."""
    played = _played(_one("a", id=1, page=1), _one("b", id=2, page=1))
    lines = played.explain(ToolCall("jira", "get_thing", {"id": 2, "page": 2}))
    assert (
        lines[0] == 'jira.get_thing {"id":2,"page":1} (cassette.jsonl:b) differs in page: recorded 1, asked 2'
    )
    assert len(lines) == 2
    assert played.explain(ToolCall("jira", "other", {})) == ("of jira there are recorded: get_thing",)
    assert played.explain(ToolCall("asana", "other", {})) == ("nothing is recorded of asana",)


def test_what_nobody_asked_for_is_left_over() -> None:
    """Unplayed interactions are named in the order of recording."""
    played = _played(_one("1", id=1), _one("2", id=2), _one("3", id=1))
    played.answer(ToolCall("jira", "get_thing", {"id": 1}))
    assert [one.result.text for one in played.unplayed()] == ["2", "3"]


def test_a_used_up_write_is_explained() -> None:
    """A write that was played as often as it was recorded says so."""
    played = _played(_one("made", "create_thing", title="x"))
    played.answer(ToolCall("jira", "create_thing", {"title": "x"}))
    [line] = played.explain(ToolCall("jira", "create_thing", {"title": "x"}))
    assert line.startswith("recorded 1 time, and played as often already")


@given(st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3) | st.none(), max_size=4))
def test_equal_arguments_never_drift(arguments: dict[str, object]) -> None:
    """A call drifts from itself in nothing, and from one with more in exactly that."""
    assert argument_drift(dict(arguments), dict(arguments)) == []
    assert len(argument_drift(dict(arguments), {**arguments, "extra": 1})) == (
        0 if arguments.get("extra") == 1 else 1
    )


RECORDED_LINEAR = (
    Interaction("Linear", "list_issues", {"team": "ENG", "limit": 50}, ToolResult('{"issues":[],"hasNextPage":false}')),
    Interaction("Linear", "save_comment", {"issueId": "ENG-1", "body": "x"},
                ToolResult('{"id":"1","body":"x","createdAt":"","updatedAt":"","author":{},"url":""}')),
    Interaction("Linear", "get_issue", {"id": "ENG-9"},
                ToolResult('{"error":"invalid_request","message":"Could not find referenced Issue.","status":400}', True)),
)  # fmt: skip
RECORDED_SLACK = (
    Interaction("claude_ai_Slack", "slack_send_message", {"channel_id": "C1", "message": "x"},
                ToolResult('{"message_link":"https://x","message_context":{"message_ts":"1.1","channel_id":"C1"}}')),
    Interaction("Slack", "slack_read_channel", {"channel_id": "C1", "limit": 5},
                ToolResult('{"messages":"Channel: #a (C1)\\n","pagination_info":"There are no more messages available.\\n"}')),
    Interaction("Slack", "slack_search_channels", {"query": "a"}, ToolResult('{"results":"","pagination_info":""}')),
)  # fmt: skip


def test_the_contract_holds_for_recordings() -> None:
    """Pointed at recorded answers, the contract finds models and services in agreement."""
    assert recording_contract(linear(), RECORDED_LINEAR) == []
    assert recording_contract(slack(), RECORDED_SLACK) == []


def test_the_contract_names_what_a_recording_contradicts() -> None:
    """A tool that nobody knows, arguments that the model refuses, an answer of another shape."""
    strange = (
        Interaction("Linear", "teleport_issue", {}, ToolResult("{}")),
        Interaction(
            "Linear", "list_issues", {"limit": 9999}, ToolResult('{"issues":[],"hasNextPage":false}')
        ),
        Interaction("Linear", "list_teams", {}, ToolResult("- Engineering")),
    )
    assert recording_contract(linear(), strange) == [
        "teleport_issue is not known",
        "list_issues refuses limit",
        "list_teams answers text, the model ['hasNextPage', 'teams']",
    ]
