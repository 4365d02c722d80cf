"""Slack's reads of one place: channel, thread, members, profile, reactions."""

from __future__ import annotations

import re
from operator import itemgetter
from typing import Any, Final

from routine_harness.plain import Json, Record
from routine_harness.world.paging import Page, page_of
from routine_harness.world.simulated import Answer, Arguments, Refused
from routine_harness.world.slack import text
from routine_harness.world.slack.lookup import reading_channel
from routine_harness.world.slack.messages import message_at
from routine_harness.world.slack.records import WORKSPACE, find_user, me, normal_ts
from routine_harness.world.state import World

BY_TIME: Final = itemgetter("ts")


def read_channel(world: World, arguments: Arguments) -> Answer:
    """A channel's messages, newest first; replies only where they were broadcast."""
    channel = reading_channel(world, arguments["channel_id"])
    shown = in_window(channel_messages(world, channel), arguments)
    shown = [
        one for one in shown if one.get("thread_ts", one["ts"]) == one["ts"] or one.get("reply_broadcast")
    ]
    shown.reverse()
    page = paged(shown, arguments, "read_channel", channel["id"], default=100, most=100)
    concise = is_concise(arguments)
    blocks = [
        text.channel_message(
            world,
            text.as_read(world, message),
            replies_to(world, channel, message["ts"]),
            reactions_to(world, channel, message["ts"]),
            concise=concise,
        )
        for message in page.rows
    ]
    body = text.channel_heading(channel) + ("\n" + "\n\n".join(blocks) if blocks else "")
    value = {"messages": body, "pagination_info": text.more_messages(page.cursor)}
    return Answer(world, value, depends_on=text.hangs_on(page.rows))


def read_thread(world: World, arguments: Arguments) -> Answer:
    """A thread's parent and its replies, oldest first."""
    channel = reading_channel(world, arguments["channel_id"])
    parent = world.get("slack.messages", (channel["name"], arguments["message_ts"]))
    if parent is None:
        raise Refused("thread_not_found")
    replies = replies_to(world, channel, parent["ts"])
    wanted = {reply["ts"] for reply in in_window(replies, arguments)}
    numbered = [(number, reply) for number, reply in enumerate(replies, 1) if reply["ts"] in wanted]
    page = page_by(
        numbered,
        lambda row: str(row[1]["ts"]),
        arguments,
        ["read_thread", channel["id"], parent["ts"]],
        100,
        1000,
    )
    rows = [(number, text.as_read(world, reply)) for number, reply in page.rows]
    body = text.thread(world, text.as_read(world, parent), rows, len(replies), concise=is_concise(arguments))
    value = {"messages": body, "pagination_info": text.more_messages(page.cursor, text.THREAD_END)}
    return Answer(world, value, depends_on=text.hangs_on([parent, *(reply for _, reply in page.rows)]))


def read_user_profile(world: World, arguments: Arguments) -> Answer:
    """A profile; that of the current user where none is named."""
    wanted = arguments.get("user_id")
    user = find_user(world, wanted) if wanted else me(world)
    if user is None or (wanted and wanted != user["id"]):
        raise Refused("user_not_found")
    shown = text.profile(user, concise=is_concise(arguments), locale=bool(arguments.get("include_locale")))
    return Answer(world, {"result": shown})


def get_reactions(world: World, arguments: Arguments) -> Answer:
    """A message's reactions."""
    channel, message = message_at(world, arguments["channel_id"], arguments["message_ts"])
    found = reactions_to(world, channel, message["ts"])
    lines = [f":{one['emoji']}: ({len(one['users'])}) - {', '.join(one['users'])}" for one in found]
    return Answer(world, {"result": "\n".join(lines) or "No reactions found on this message."})


def list_channel_members(world: World, arguments: Arguments) -> Answer:
    """Who is in a channel."""
    channel = reading_channel(world, arguments["channel_id"])
    members = [find_user(world, user) or {"id": user, "name": user} for user in channel.get("members", [])]
    shown = [
        user
        for user in members
        if (arguments.get("include_bots") or not user.get("is_bot"))
        and (arguments.get("include_deleted") or not user.get("deleted"))
    ]
    page = page_by(shown, lambda user: str(user["id"]), arguments, ["members", channel["id"]], 30, 30)
    listed = "\n\n".join(text.found_user(user, concise=is_concise(arguments)) for user in page.rows)
    head = f"# Members of #{channel['name']} ({len(page.rows)} results)\n\n"
    return Answer(world, {"results": head + listed, "pagination_info": text.more_results(page.cursor)})


def list_user_channels(world: World, arguments: Arguments) -> Answer:
    """The channels that the current user is in."""
    kinds = set(arguments.get("types", "public_channel,private_channel").replace(" ", "").split(","))
    shown = [
        channel
        for channel in world.table("slack.channels")
        if me(world)["id"] in channel.get("members", [])
        and channel_kind(channel) in kinds
        and channel["name"].startswith(arguments.get("name_prefix", ""))
        and not (arguments.get("exclude_archived") and channel.get("is_archived"))
    ]
    identity = [
        "user_channels",
        sorted(kinds),
        arguments.get("name_prefix"),
        arguments.get("exclude_archived"),
    ]
    page = page_by(shown, lambda channel: str(channel["id"]), arguments, identity, 100, 1000)
    concise = is_concise(arguments)
    listed = "\n\n".join(text.found_channel(world, channel, concise=concise) for channel in page.rows)
    head = f"# Channels ({len(page.rows)} results)\n\n"
    return Answer(world, {"results": head + listed, "pagination_info": text.more_results(page.cursor)})


def channel_messages(world: World, channel: Record) -> list[Record]:
    """All messages of a channel, oldest first."""
    found = world.table("slack.messages").find("channel", channel["name"])
    found.sort(key=BY_TIME)
    return found


def replies_to(world: World, channel: Record, ts: str) -> list[Record]:
    """The replies to a message, oldest first."""
    found = world.table("slack.messages").find("thread_ts", ts, lambda one: one["channel"] == channel["name"])
    return sorted((one for one in found if one["ts"] != ts), key=BY_TIME)


def reactions_to(world: World, channel: Record, ts: str) -> list[Record]:
    """The reactions to a message."""
    return world.table("slack.reactions").find("ts", ts, lambda one: one["channel"] == channel["name"])


def is_reply(message: Record) -> bool:
    """Whether a message stands in a thread below its parent."""
    thread = message.get("thread_ts")
    return thread is not None and thread != message["ts"]


def is_concise(arguments: Arguments) -> bool:
    """Whether the short form is asked for."""
    return arguments.get("response_format") == "concise"


def channel_kind(channel: Record) -> str:
    """``public_channel``, ``private_channel``, ``im`` or ``mpim``."""
    if channel.get("is_im"):
        return "im"
    if channel.get("is_mpim"):
        return "mpim"
    return "private_channel" if channel.get("is_private") else "public_channel"


def paged(
    rows: list[Record], arguments: Arguments, tool: str, place: str, *, default: int, most: int
) -> Page[Record]:
    """One page of messages; the window belongs to the list's identity."""
    identity = [tool, place, arguments.get("oldest"), arguments.get("latest")]
    return page_by(rows, lambda row: str(row["ts"]), arguments, identity, default, most)


def page_by(
    rows: list[Json], key: Json, arguments: Arguments, identity: Json, default: int, most: int
) -> Page[Any]:
    """The page that ``limit`` and ``cursor`` ask for, of at most ``most`` rows."""
    limit, cursor = min(max(int(arguments.get("limit", default)), 1), most), arguments.get("cursor") or None
    return page_of(rows, key, limit, cursor, identity, Refused("invalid_cursor"))


def timestamp_bound(arguments: Arguments, name: str) -> str | None:
    """The edge of a window of time that an argument gives; refused where it is no timestamp."""
    said = arguments.get(name)
    if not said:
        return None
    match = re.fullmatch(r"([0-9]{1,10})(?:\.([0-9]{1,6}))?", said)
    if match is None:
        raise Refused(f"invalid_ts_{name}")
    return normal_ts(match[1], match[2] or "0")


def in_window(
    messages: list[Record], arguments: Arguments, oldest: str = "oldest", latest: str = "latest"
) -> list[Record]:
    """The messages between the two edges, which belong to it."""
    low, high = timestamp_bound(arguments, oldest), timestamp_bound(arguments, latest)
    if low is not None:
        messages = [one for one in messages if one["ts"] >= low]
    if high is not None:
        messages = [one for one in messages if one["ts"] <= high]
    return messages


def read_canvas_link(canvas: Record) -> str:
    """Where people open a canvas."""
    return f"{WORKSPACE}/docs/{canvas['id']}"
