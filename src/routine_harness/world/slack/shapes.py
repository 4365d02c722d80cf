"""The fields of Slack's records in a world file."""

# ruff: noqa: E501 - a line is a table

from __future__ import annotations

from typing import Final

from routine_harness.world.schema import NUMBER, TEXT, either, short

_TIME: Final = either(TEXT, NUMBER)

SHAPES: Final = {
    "users": short(
        "id name real_name email tz title department status_text is_bot:b is_admin:b is_restricted:b deleted:b me:b locale"
    ),
    "channels": {
        **short(
            "id name topic purpose creator user is_private:b is_archived:b is_ext_shared:b is_im:b is_mpim:b members:[]"
        ),
        "created": _TIME,
    },
    "messages": {
        **short("channel user text bot_id reply_broadcast:b files:[]"),
        "ts": _TIME,
        "thread_ts": either(_TIME, {"type": "null"}),
    },
    "reactions": {**short("channel emoji users:[]"), "ts": _TIME},
    "drafts": short("id channel text user thread_ts"),
    "scheduled": {**short("id channel text user thread_ts"), "post_at": _TIME},
    "canvases": short("id title user sections:[o]"),
    "lists": short("id name description columns:[o]"),
    "list_records": short("list id columns:o"),
    "files": short("id name title mimetype content user size:i complete:b"),
    "emojis": short("name"),
}
NAMES: Final = {"users": "name", "channels": "name", "emojis": "name"}
