"""The tools of Slack's official MCP server, with their arguments.

Source: docs.slack.dev/ai/slack-mcp-server and tool lists of live connectors, October 2026. Bounds
that the server refuses in its own words (message length, time of posting) are not in the schemas.
"""

from __future__ import annotations

from typing import Final

from routine_harness.world.schema import (
    FLAG,
    OBJECT,
    OBJECTS,
    TEXT,
    TEXTS,
    WHOLE,
    by_name,
    either,
    listed,
    obj,
    one_of,
    tool,
)

_FORMAT: Final = one_of("detailed", "concise")
_SEARCH: Final = {
    "query": TEXT,
    "keywords": TEXTS,
    "natural_language_query": TEXT,
    "filters": TEXT,
    "content_types": TEXT,
    "context_channel_id": TEXT,
    "cursor": TEXT,
    "limit": WHOLE,
    "after": TEXT,
    "before": TEXT,
    "include_bots": FLAG,
    "include_context": FLAG,
    "only_my_channels": FLAG,
    "sort": one_of("score", "timestamp"),
    "sort_dir": one_of("asc", "desc"),
    "response_format": _FORMAT,
}
_LOOKUP: Final = {
    "query": TEXT,
    "keywords": TEXTS,
    "natural_language_query": TEXT,
    "cursor": TEXT,
    "limit": WHOLE,
    "response_format": _FORMAT,
}
_WINDOW: Final = {
    "limit": WHOLE,
    "cursor": TEXT,
    "latest": TEXT,
    "oldest": TEXT,
    "response_format": _FORMAT,
}
_SECTION: Final = obj(
    {
        "edit_type*": one_of("append", "prepend", "replace", "delete"),
        "section_id": TEXT,
        "content": TEXT,
    }
)

_WRITES: Final = (
    tool(
        "slack_send_message",
        "write",
        "Sends a message to a channel, or to a user whose id is given as channel_id.",
        {
            "channel_id*": TEXT,
            "message*": TEXT,
            "thread_ts": TEXT,
            "reply_broadcast": FLAG,
            "draft_id": TEXT,
            "unfurl_app_links": FLAG,
        },
    ),
    tool(
        "slack_send_message_draft",
        "write",
        "Creates a draft in a channel; a channel holds one draft.",
        {"channel_id*": TEXT, "message*": TEXT, "thread_ts": TEXT},
    ),
    tool(
        "slack_schedule_message",
        "write",
        "Schedules a message, 2 minutes to 120 days ahead.",
        {
            "channel_id*": TEXT,
            "message*": TEXT,
            "post_at*": either(WHOLE, TEXT),
            "thread_ts": TEXT,
            "reply_broadcast": FLAG,
        },
    ),
    tool(
        "slack_add_reaction",
        "write",
        "Adds an emoji to a message; doing it again changes nothing.",
        {"channel_id*": TEXT, "message_ts*": TEXT, "emoji*": TEXT},
    ),
    tool(
        "slack_create_conversation",
        "write",
        "Creates a channel, or opens a direct message with users.",
        {"user_ids": TEXTS, "channel_name": TEXT, "is_private": FLAG},
    ),
    tool("slack_create_canvas", "write", "Creates a canvas document.", {"title*": TEXT, "content*": TEXT}),
    tool(
        "slack_update_canvas",
        "write",
        "Edits a canvas by sections.",
        {
            "canvas_id*": TEXT,
            "sections": listed(_SECTION),
            "action": one_of("append", "prepend", "replace"),
            "content": TEXT,
            "section_id": TEXT,
        },
    ),
    tool(
        "slack_create_list",
        "write",
        "Creates a list with columns.",
        {"name*": TEXT, "description": TEXT, "columns": OBJECTS},
    ),
    tool(
        "slack_update_list",
        "write",
        "Changes a list's name, description or columns.",
        {
            "list_id*": TEXT,
            "name": TEXT,
            "description": TEXT,
            "icon": TEXT,
            "columns_to_add": OBJECTS,
            "columns_to_update": OBJECTS,
            "columns_to_delete": TEXTS,
        },
    ),
    tool(
        "slack_add_list_record",
        "write",
        "Adds a record to a list.",
        {"list_id*": TEXT, "columns*": OBJECT},
    ),
    tool(
        "slack_update_list_record",
        "write",
        "Changes columns of a list's record.",
        {"list_id*": TEXT, "record_id*": TEXT, "updated_columns*": OBJECT},
    ),
    tool(
        "slack_get_file_upload_url",
        "write",
        "Begins the upload of a file.",
        {"filename*": TEXT, "content_length*": WHOLE, "snippet_type": TEXT, "alt_txt": TEXT},
    ),
    tool(
        "slack_complete_file_upload",
        "write",
        "Ends the upload of a file and shares it.",
        {"file_id*": TEXT, "title": TEXT, "channel_id": TEXT, "thread_ts": TEXT, "initial_comment": TEXT},
    ),
)

_READS: Final = (
    tool(
        "slack_read_channel",
        "read",
        "Reads a channel's messages, newest first.",
        {"channel_id*": TEXT, **_WINDOW},
    ),
    tool(
        "slack_read_thread",
        "read",
        "Reads a thread: the parent and its replies.",
        {"channel_id*": TEXT, "message_ts*": TEXT, **_WINDOW},
    ),
    tool("slack_search_public", "read", "Searches messages and files in public channels.", _SEARCH),
    tool(
        "slack_search_public_and_private",
        "read",
        "Searches messages and files in all channels.",
        {**_SEARCH, "channel_types": TEXT},
    ),
    tool(
        "slack_search_channels",
        "read",
        "Finds channels by name, topic or purpose.",
        {**_LOOKUP, "channel_types": TEXT, "include_archived": FLAG},
    ),
    tool(
        "slack_search_users",
        "read",
        "Finds people by name, e-mail address or profile.",
        _LOOKUP,
    ),
    tool("slack_search_emojis", "read", "Finds custom emoji by name.", {"query*": TEXT}),
    tool(
        "slack_list_channel_members",
        "read",
        "Lists a channel's members.",
        {
            "channel_id*": TEXT,
            "limit": WHOLE,
            "cursor": TEXT,
            "include_deleted": FLAG,
            "include_bots": FLAG,
            "response_format": _FORMAT,
        },
    ),
    tool(
        "slack_list_user_channels",
        "read",
        "Lists the channels of the current user.",
        {
            "types": TEXT,
            "name_prefix": TEXT,
            "exclude_archived": FLAG,
            "limit": WHOLE,
            "cursor": TEXT,
            "response_format": _FORMAT,
        },
    ),
    tool(
        "slack_read_user_profile",
        "read",
        "Reads a user's profile; the current user's by default.",
        {"user_id": TEXT, "include_locale": FLAG, "response_format": _FORMAT},
    ),
    tool(
        "slack_get_reactions",
        "read",
        "Lists a message's reactions.",
        {"channel_id*": TEXT, "message_ts*": TEXT},
    ),
    tool("slack_read_canvas", "read", "Reads a canvas with its sections.", {"canvas_id*": TEXT}),
    tool("slack_read_file", "read", "Reads a file.", {"file_id*": TEXT}),
    tool(
        "slack_read_list",
        "read",
        "Reads a list's columns and records.",
        {"list_id": TEXT, "list_title": TEXT, "cursor": TEXT, "limit": WHOLE},
    ),
)

TOOLS: Final = by_name(*_WRITES, *_READS)
