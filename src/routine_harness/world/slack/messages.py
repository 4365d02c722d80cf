"""Slack's writes of messages: send, draft, schedule, react, open a conversation."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.world.identifiers import base36_id
from routine_harness.world.simulated import Answer, Arguments, Detail, Refused
from routine_harness.world.slack.lookup import posting_channel
from routine_harness.world.slack.records import (
    SERVICE,
    WORKSPACE,
    channel_by_id,
    find_user,
    me,
    message_link,
    new_id,
    put,
    put_channel,
    timestamp,
)
from routine_harness.world.state import World
from routine_harness.world.times import parse_instant, utc_text

MESSAGE_LIMIT: Final = int(SERVICE.point("most_text"))
_WHOLE: Final = int(SERVICE.point("whole_text"))
SPLITTING: Final = "slack_long_messages"
"""The setting of the edition that says whether a long text arrives in parts."""
_THREAD: Final = re.compile(r"\d{1,10}\.\d{1,6}")
SOONEST: Final = 120
LATEST: Final = 120 * 86400
"""Seconds ahead between which a message can be scheduled (docs.slack.dev/ai/slack-mcp-server)."""


def send_message(world: World, arguments: Arguments) -> Answer:
    """Post a message, as a reply where ``thread_ts`` is given; a named draft is used up."""
    _check_text(arguments["message"])
    world, channel = posting_channel(world, arguments["channel_id"])
    draft = arguments.get("draft_id")
    if draft is not None and world.get("slack.drafts", (draft,)) is None:
        raise Refused("draft_not_found")
    thread = thread_of(world, channel, arguments.get("thread_ts"))
    broadcast = bool(thread and arguments.get("reply_broadcast"))
    parts, hangs = _parts(world, arguments["message"])
    messages: list[Record] = []
    for part in parts:
        world, message = post(world, channel, part, thread, broadcast=broadcast, signed=part is parts[-1])
        messages.append(message)
    # Sending deletes the draft (docs.slack.dev/ai/slack-mcp-server).
    if draft is not None:
        world = world.remove("slack.drafts", (draft,))
    details = [
        _posted_part(world, channel, message, again=message is not messages[0]) for message in messages
    ]
    first = messages[0]
    value = {
        "message_link": message_link(channel, first["ts"], thread),
        "message_context": {"message_ts": first["ts"], "channel_id": channel["id"]},
    }
    return Answer(world, value, (*details, _where("draft.deleted", channel)), depends_on=hangs)


def send_message_draft(world: World, arguments: Arguments) -> Answer:
    """Keep a draft in a channel that has none."""
    _check_text(arguments["message"])
    world, channel = posting_channel(world, arguments["channel_id"])
    # The server keeps one draft a channel (docs.slack.dev/ai/slack-mcp-server).
    if world.table("slack.drafts").find("channel", channel["name"]):
        raise Refused("draft_already_exists")
    thread = thread_of(world, channel, arguments.get("thread_ts"))
    world, draft = new_id(world, "drafts")
    record = {"id": draft, "channel": channel["name"], "text": arguments["message"], "user": me(world)["id"]}
    world = put(world, "drafts", {**record, **({"thread_ts": thread} if thread else {})})
    link = f"https://app.slack.com/client/{base36_id('T', 'workspace')}/{channel['id']}"
    detail = _where("draft.created", channel, id=draft, url=link)
    return Answer(world, {"channel_link": link, "draft_id": draft}, (detail,))


def schedule_message(world: World, arguments: Arguments) -> Answer:
    """Schedule a message for later."""
    _check_text(arguments["message"])
    post_at = _post_at(arguments["post_at"])
    if post_at < world.clock + SOONEST:
        raise Refused("time_in_past")
    if post_at > world.clock + LATEST:
        raise Refused("time_too_far")
    world, channel = posting_channel(world, arguments["channel_id"])
    thread = thread_of(world, channel, arguments.get("thread_ts"))
    world, scheduled = new_id(world, "scheduled")
    record = {
        "id": scheduled,
        "channel": channel["name"],
        "text": arguments["message"],
        "post_at": post_at,
        "user": me(world)["id"],
    }
    world = put(world, "scheduled", {**record, **({"thread_ts": thread} if thread else {})})
    when = utc_text(post_at)
    text = (
        f"Message scheduled successfully!\nScheduled Message ID: {scheduled}\n"
        f"Channel: {channel['name']} ({channel['id']})\nPost at: {when} ({post_at})"
    )
    return Answer(world, {"result": text}, (_where("message.scheduled", channel, id=scheduled, at=when),))


def add_reaction(world: World, arguments: Arguments) -> Answer:
    """React to a message; a reaction that is there already stays as it is."""
    world, channel = posting_channel(world, arguments["channel_id"])
    ts, emoji = arguments["message_ts"], arguments["emoji"].strip(":")
    if world.get("slack.messages", (channel["name"], ts)) is None:
        raise Refused("message_not_found")
    if not re.fullmatch(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?", emoji):
        raise Refused("invalid_name")
    key = (channel["name"], ts, emoji)
    users = (world.get("slack.reactions", key) or {}).get("users", [])
    user = me(world)["id"]
    # The server answers success to a duplicate, where Slack's Web API answers already_reacted.
    repeated = user in users
    if not repeated:
        world = put(
            world,
            "reactions",
            dict(zip(("channel", "ts", "emoji"), key, strict=True)) | {"users": [*users, user]},
        )
    link = message_link(channel, ts)
    detail = Detail(
        target=f":{emoji}: on {link}", fields={"channel": channel["name"], "emoji": emoji}, unchanged=repeated
    )
    return Answer(
        world, {"result": f"Successfully added reaction :{emoji}:", "message_link": link}, (detail,)
    )


def create_conversation(world: World, arguments: Arguments) -> Answer:
    """Make a channel of a name, or open a direct message with users."""
    users = [_user(world, user) for user in arguments.get("user_ids", [])]
    name = arguments.get("channel_name")
    if name is None and not users:
        raise Refused("invalid_arguments: provide channel_name or user_ids")
    members = list(dict.fromkeys([me(world)["id"], *(user["id"] for user in users)]))
    if name is None:
        return _open_direct_message(world, users, members)
    name = name.lstrip("#")
    if not re.fullmatch(r"[a-z0-9_-]{1,80}", name):
        raise Refused("invalid_name_specials")
    if world.get("slack.channels", (name,)) is not None:
        raise Refused("name_taken")
    private = bool(arguments.get("is_private"))
    made = {"name": name, "is_private": private, "members": members, "creator": me(world)["id"]}
    world = put_channel(world, made)
    return _conversation(world, name, unchanged=False)


def post(
    world: World,
    channel: Record,
    text: str,
    thread: str | None,
    *,
    broadcast: bool = False,
    signed: bool = True,
) -> tuple[World, Record]:
    """The world with one more message, and the message; ``signed`` with the connector's line below it."""
    world, ts = timestamp(world)
    message: Record = {"channel": channel["name"], "ts": ts, "user": me(world)["id"], "text": text}
    if signed:
        message["signed"] = True
    if thread:
        message["thread_ts"] = thread
    if broadcast:
        message["reply_broadcast"] = True
    return put(world, "messages", message), message


def posted(world: World, channel: Record, ts: str, link: str) -> Detail:
    """What a posted message's effect says beyond its arguments."""
    return _where("message.posted", channel, id=ts, url=link, user=me(world)["id"], author=me(world)["name"])


def _posted_part(world: World, channel: Record, message: Record, *, again: bool) -> Detail:
    """The effect of one message of those that a call posted."""
    link = message_link(channel, message["ts"], message.get("thread_ts"))
    detail = posted(world, channel, message["ts"], link)
    return msgspec.structs.replace(detail, fields={**detail.fields, "text": message["text"]}, again=again)


def _parts(world: World, text: str) -> tuple[list[str], tuple[str, ...]]:
    """The messages as which a text arrives, and the settings on which that hangs."""
    if len(text) <= _WHOLE:
        return [text], ()
    if world.rules.setting(SPLITTING) != "split":
        return [text], (SPLITTING,)
    parts = []
    while len(text) > _WHOLE:
        at = _WHOLE
        if re.search(r"\S\s", text[:_WHOLE]):  # the part can end at a blank
            at = max(text.rfind("\n", 1, _WHOLE), text.rfind(" ", 1, _WHOLE))
        parts.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return [*parts, text], (SPLITTING,)


def _where(kind: str, channel: Record, **fields: Json) -> Detail:
    name = channel["name"]
    target = name if channel.get("is_im") else f"#{name}"
    return Detail(target, {"channel": name, "channel_id": channel["id"], **fields}, kind)


def _check_text(text: str) -> None:
    if not text.strip():
        raise Refused("no_text")
    if len(text) > MESSAGE_LIMIT:
        raise Refused("msg_too_long")


def thread_of(world: World, channel: Record, ts: str | None) -> str | None:
    """The parent's timestamp; a reply to a reply goes to the parent."""
    if ts is None:
        return None
    if not _THREAD.fullmatch(ts):
        raise Refused("invalid_thread_ts")
    message = world.get("slack.messages", (channel["name"], ts))
    if message is None:
        raise Refused("thread_not_found")
    return str(message.get("thread_ts") or ts)


def _post_at(value: int | str) -> int:
    try:
        return int(parse_instant(value))
    except ValueError:
        raise Refused("invalid_post_at_format") from None


def _user(world: World, user_id: str) -> Record:
    user = find_user(world, user_id)
    if user is None:
        raise Refused("user_not_found")
    return user


def _open_direct_message(world: World, users: list[Record], members: list[str]) -> Answer:
    names = sorted(user["name"] for user in users)
    name = f"dm-{names[0]}" if len(names) == 1 else f"mpdm-{'--'.join(names)}"
    there = world.get("slack.channels", (name,)) is not None
    if not there:
        kind = {"is_im": True} if len(names) == 1 else {"is_mpim": True}
        prefix = "D" if len(names) == 1 else "G"
        made = {
            "id": base36_id(prefix, "im", *members[1:]),
            "name": name,
            "is_private": True,
            "members": members,
        }
        world = put_channel(world, {**made, **kind, "user": users[0]["id"]})
    return _conversation(world, name, unchanged=there)


def _conversation(world: World, name: str, *, unchanged: bool) -> Answer:
    channel = world.get("slack.channels", (name,)) or {}
    link = f"{WORKSPACE}/archives/{channel['id']}"
    value = {"channel_id": channel["id"], "channel_name": name, "channel_link": link}
    fields = {"channel": name, "channel_id": channel["id"], "id": channel["id"], "url": link}
    return Answer(world, value, (Detail(f"#{name}", fields, unchanged=unchanged),))


def message_at(world: World, channel_id: str, ts: str) -> tuple[Record, Record]:
    """The channel and the message that two arguments name."""
    channel = channel_by_id(world, channel_id)
    if channel is None:
        raise Refused("channel_not_found")
    message = world.get("slack.messages", (channel["name"], ts))
    if message is None:
        raise Refused("message_not_found")
    return channel, message
