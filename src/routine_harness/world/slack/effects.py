"""Slack's part of the effect table, and the names of older and community servers."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.world.modelled import Alias

_CHANNEL: Final = {"channel": "channel_id", "channel_id": "channel_id"}
_MESSAGE: Final = {
    **_CHANNEL,
    "text": "message",
    "thread": "thread_ts",
    "broadcast": "reply_broadcast",
    "target": "channel_id",
}
_CANVAS: Final = {"kind": "canvas"}

RULES: Final[dict[str, tuple[dict[str, Any], ...]]] = {
    "slack_send_message": (
        {"kind": "message.posted", "fields": _MESSAGE},
        {"kind": "draft.deleted", "when": {"draft_id": True}, "fields": {**_CHANNEL, "id": "draft_id"}},
    ),
    "slack_send_message_draft": ({"kind": "draft.created", "fields": _MESSAGE},),
    "slack_schedule_message": ({"kind": "message.scheduled", "fields": {**_MESSAGE, "at": "post_at"}},),
    "slack_add_reaction": (
        {
            "kind": "reaction.added",
            "fields": {"on": "message_ts", "emoji": "emoji", "channel": "channel_id", "target": "message_ts"},
            "const": {"on_kind": "message"},
        },
    ),
    "slack_create_conversation": (
        {
            "kind": "channel.created",
            "fields": {"channel": "channel_name", "user": "user_ids", "target": "channel_name"},
        },
    ),
    "slack_create_canvas": (
        {
            "kind": "document.created",
            "fields": {"title": "title", "body": "content", "target": "title"},
            "const": _CANVAS,
        },
    ),
    "slack_update_canvas": (
        {
            "kind": "document.updated",
            "fields": {"id": "canvas_id", "body": "content|sections[].content", "target": "canvas_id"},
            "const": _CANVAS,
        },
    ),
    "slack_create_list": (
        {"kind": "list.created", "fields": {"name": "name", "description": "description", "target": "name"}},
    ),
    "slack_update_list": (
        {
            "kind": "list.updated",
            "fields": {"id": "list_id", "name": "name", "description": "description", "target": "list_id"},
        },
    ),
    "slack_add_list_record": (
        {"kind": "list.updated", "fields": {"id": "list_id", "arguments": "columns", "target": "list_id"}},
    ),
    "slack_update_list_record": (
        {
            "kind": "list.updated",
            "fields": {"id": "list_id", "arguments": "updated_columns", "target": "list_id"},
        },
    ),
    "slack_get_file_upload_url": (
        {"kind": "file.uploaded", "fields": {"title": "filename", "target": "filename"}},
    ),
    "slack_complete_file_upload": (
        {
            "kind": "file.uploaded",
            "fields": {"id": "file_id", "title": "title", "target": "file_id"},
        },
        {
            "kind": "message.posted",
            "when": {"channel_id": True},
            "fields": {**_CHANNEL, "text": "initial_comment", "thread": "thread_ts", "target": "channel_id"},
        },
    ),
}

_POSTED: Final = {"text": "message", "payload": "message", "channel": "channel_id"}

ALIASES: Final = {
    "slack_post_message": Alias("slack_send_message", _POSTED),
    "slack_reply_to_thread": Alias("slack_send_message", _POSTED),
    "conversations_add_message": Alias("slack_send_message", _POSTED),
    "chat_postMessage": Alias("slack_send_message", _POSTED),
    "slack_add_reaction": Alias("slack_add_reaction", {"timestamp": "message_ts", "reaction": "emoji"}),
    "slack_get_channel_history": Alias("slack_read_channel"),
    "conversations_history": Alias("slack_read_channel"),
    "slack_get_thread_replies": Alias("slack_read_thread", {"thread_ts": "message_ts"}),
    "conversations_replies": Alias("slack_read_thread", {"thread_ts": "message_ts"}),
    "conversations_search_messages": Alias("slack_search_public_and_private", {"search_query": "query"}),
    "slack_list_channels": Alias("slack_search_channels", fixed={"keywords": []}),
    "channels_list": Alias("slack_search_channels", fixed={"keywords": []}),
    "slack_get_users": Alias("slack_search_users", fixed={"keywords": []}),
    "users_search": Alias("slack_search_users", fixed={"keywords": []}),
    "slack_get_user_profile": Alias("slack_read_user_profile"),
    "slack_user_profile": Alias("slack_read_user_profile"),
}
"""The reference server's and other community servers' names; ``slack_add_reaction`` is a name of both."""
