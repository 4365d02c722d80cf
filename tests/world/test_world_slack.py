"""Slack in particular: ids before names, threads, limits, drafts."""

# ruff: noqa: E501 - a line is a row of the table

from __future__ import annotations

from typing import Any

import pytest
from world.contract_slack_linear import PARENT, slack

from routine_harness.world.state import World
from routine_harness.world.tool import Outcome

HERE = {"channel_id": "C0SECURITY1"}


def _call(tool: str, world: World | None = None, **arguments: Any) -> Outcome:
    return slack().call(tool, arguments, world)


def test_ids_are_looked_up_by_name_first() -> None:
    """A search gives the id that a read wants; a name alone is no channel to read."""
    found = _call("slack_search_channels", query="security").result.json()["results"]
    assert "Name: #security-alerts" in found
    assert "/archives/C0SECURITY1" in found
    assert _call("slack_read_channel", channel_id="security-alerts").result.text == "channel_not_found"
    assert not _call("slack_send_message", channel_id="#security-alerts", message="x").result.is_error


@pytest.mark.parametrize("said", ["C0SECURITY1", "security-alerts", "#security-alerts"])
def test_effects_name_the_channel_however_it_was_written(said: str) -> None:
    """Policies read a channel's name and id, also where the call was refused."""
    [effect] = _call("slack_send_message", channel_id=said, message="x").effects
    assert (effect.fields["channel"], effect.fields["channel_id"]) == ("security-alerts", "C0SECURITY1")
    [refused] = _call("slack_send_message", channel_id=said, message="").effects
    assert (refused.outcome, refused.fields["channel"], refused.target) == (
        "refused",
        "security-alerts",
        "#security-alerts",
    )


def test_a_reply_stands_in_its_thread() -> None:
    """A reply is read in the thread and not in the channel, unless it was broadcast."""
    quiet = _call("slack_send_message", **HERE, message="in thread", thread_ts=PARENT)
    assert "in thread" not in _call("slack_read_channel", quiet.world, **HERE).result.text
    loud = _call("slack_send_message", **HERE, message="to all", thread_ts=PARENT, reply_broadcast=True)
    assert "to all" in _call("slack_read_channel", loud.world, **HERE).result.text
    assert "Thread: 4 replies" in _call("slack_read_channel", quiet.world, **HERE).result.json()["messages"]


def test_a_reply_to_a_reply_goes_to_the_parent() -> None:
    """Threads are one deep."""
    world = _call("slack_send_message", **HERE, message="deeper", thread_ts="1777880100.000300").world
    assert "deeper" in _call("slack_read_thread", world, **HERE, message_ts=PARENT).result.text


def test_messages_are_newest_first_and_within_their_window() -> None:
    """A window of time holds its edges, and nothing else."""
    text = _call(
        "slack_read_channel", **HERE, oldest="1777882000.000200", latest="1777883000.000200"
    ).result.text
    assert [n for n in ("note 1", "note 2", "note 3") if n in text] == ["note 2", "note 3"]
    assert text.index("note 3") < text.index("note 2")
    assert _call("slack_read_channel", **HERE, oldest="yesterday").result.text == "invalid_ts_oldest"


def test_a_sent_draft_is_gone() -> None:
    """Sending names the draft, which is deleted; a second draft fits then."""
    sent = _call("slack_send_message", channel_id="C0DRAFTS001", message="now", draft_id="Dr1")
    assert [effect.kind for effect in sent.effects] == ["message.posted", "draft.deleted"]
    assert sent.world.get("slack.drafts", ("Dr1",)) is None
    assert not _call(
        "slack_send_message_draft", sent.world, channel_id="C0DRAFTS001", message="next"
    ).result.is_error


def test_a_repeated_reaction_changes_nothing() -> None:
    """The service says yes twice; the second time is unchanged."""
    first = _call("slack_add_reaction", **HERE, message_ts=PARENT, emoji=":fire:")
    second = _call("slack_add_reaction", first.world, **HERE, message_ts=PARENT, emoji="fire")
    assert [first.effects[0].outcome, second.effects[0].outcome] == ["applied", "unchanged"]
    assert second.world == first.world


def test_five_thousand_characters_fit() -> None:
    """The limit is the service's, to the character."""
    assert not _call("slack_send_message", **HERE, message="x" * 5000).result.is_error
    assert _call("slack_send_message", **HERE, message="x" * 5001).result.text == "msg_too_long"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("note", 3), ('"note 1"', 1), ("note -1", 2), ("from:alice note", 3), ("from:<@U01> in:<#C0SECURITY1> note", 3),
        ("in:quiet note", 0), ("-in:security-alerts note", 0), ("has::eyes: deploy", 1), ("is:thread reply", 3),
        ("before:2026-05-04 note", 0), ("on:2026-05-04 note", 3), ("from:nobody note", 0), ("not*", 3),
    ],
)  # fmt: skip
def test_searches_know_modifiers(query: str, count: int) -> None:
    """Words, phrases, exclusions, people, places, reactions and days narrow a search."""
    results = _call("slack_search_public", query=query).result.json()["results"]
    assert results.count("### Result ") == count
    assert ("No results found." in results) is (count == 0)


def test_private_channels_are_kept_out_of_public_searches() -> None:
    """What is private is found only where all channels are searched."""
    made = _call("slack_create_conversation", channel_name="secret", is_private=True)
    channel = made.result.json()["channel_id"]
    world = _call("slack_send_message", made.world, channel_id=channel, message="codeword").world
    assert "No results" in _call("slack_search_public", world, query="codeword").result.text
    assert "codeword" in _call("slack_search_public_and_private", world, query="codeword").result.text
