"""The connector slack, put together."""

from __future__ import annotations

from typing import Final

from routine_harness.world.arguments import ArgumentFault
from routine_harness.world.modelled import ModelledConnector, Operation
from routine_harness.world.seeded import checked
from routine_harness.world.slack import documents, lookup, messages, reading, records, searching
from routine_harness.world.slack.effects import ALIASES, RULES
from routine_harness.world.slack.reveal import REVEALS
from routine_harness.world.slack.shapes import NAMES, SHAPES
from routine_harness.world.slack.tools import TOOLS
from routine_harness.world.tool import Tool

OPERATIONS: Final[dict[str, Operation]] = {
    "slack_send_message": messages.send_message,
    "slack_send_message_draft": messages.send_message_draft,
    "slack_schedule_message": messages.schedule_message,
    "slack_add_reaction": messages.add_reaction,
    "slack_create_conversation": messages.create_conversation,
    "slack_create_canvas": documents.create_canvas,
    "slack_update_canvas": documents.update_canvas,
    "slack_create_list": documents.create_list,
    "slack_update_list": documents.update_list,
    "slack_add_list_record": documents.add_list_record,
    "slack_update_list_record": documents.update_list_record,
    "slack_get_file_upload_url": documents.get_file_upload_url,
    "slack_complete_file_upload": documents.complete_file_upload,
    "slack_read_channel": reading.read_channel,
    "slack_read_thread": reading.read_thread,
    "slack_search_public": searching.search_public,
    "slack_search_public_and_private": searching.search_public_and_private,
    "slack_search_channels": searching.search_channels,
    "slack_search_users": searching.search_users,
    "slack_search_emojis": searching.search_emojis,
    "slack_list_channel_members": reading.list_channel_members,
    "slack_list_user_channels": reading.list_user_channels,
    "slack_read_user_profile": reading.read_user_profile,
    "slack_get_reactions": reading.get_reactions,
    "slack_read_canvas": documents.read_canvas,
    "slack_read_file": documents.read_file,
    "slack_read_list": documents.read_list,
}


def word_faults(_: Tool, faults: list[ArgumentFault]) -> str:
    """``invalid_arguments`` and one message a fault, as the Web API words them."""
    return "invalid_arguments: " + "; ".join(_word(fault) for fault in faults)


def _word(fault: ArgumentFault) -> str:
    pointer = "/" + "/".join(map(str, fault.path))
    if fault.kind == "required":
        return f"[ERROR] missing required field: {fault.path[-1]}"
    if fault.kind == "type":
        return f"[ERROR] must be a {fault.expected} [json-pointer:{pointer}]"
    if fault.kind == "enum":
        return f"[ERROR] must be one of: {', '.join(map(str, fault.expected))} [json-pointer:{pointer}]"
    if fault.kind == "unknown":
        return f"[ERROR] unexpected field [json-pointer:{pointer}]"
    bound = "no less than" if fault.kind == "too_small" else "no more than"
    return f"[ERROR] must be {bound} {fault.expected} [json-pointer:{pointer}]"


CONNECTOR: Final = ModelledConnector(
    name="slack",
    title="Slack",
    source="docs.slack.dev/ai/slack-mcp-server; shapes of answers from recorded sessions, 2026",
    tools=TOOLS,
    tables=records.TABLES,
    rules=RULES,
    operations=OPERATIONS,
    word_faults=word_faults,
    seed_record=checked(SHAPES, NAMES, records.seed_record),
    bind=records.seed_binding,
    recognise=lookup.recognise,
    aliases=ALIASES,
    reveals=REVEALS,
    limits=(
        "A search by meaning (`natural_language_query`) is answered like one by words.",
        "Relevance is not ranked: results come by time whatever `sort` says.",
        "Files are found by id, not by search; a file's bytes are never held.",
        "Times are shown in UTC, whatever the user's time zone.",
        "Rate limits, retention and enterprise policies are not simulated.",
    ),
)
