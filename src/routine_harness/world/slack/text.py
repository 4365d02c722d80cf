"""Slack's answers as text: the Markdown that the official server wraps in JSON.

Shapes follow recorded answers of live connectors; times are given in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json, Record
from routine_harness.world.identifiers import base36_id
from routine_harness.world.slack.records import SERVICE, WORKSPACE, find_user, message_link
from routine_harness.world.state import World
from routine_harness.world.times import iso_day, parse_instant, utc_text

CHANNEL_END: Final = "There are no more messages available.\n"
THREAD_END: Final = "There are no more messages in this thread.\n"
SEARCH_END: Final = "End of results - No more pages available.\n"
READ_BACK: Final = "slack_read_back"
"""The setting of the edition that says in which form messages come back."""
_SIGNATURE: Final = SERVICE.point("signature").replace("{app}", base36_id("U", "app", "claude"))
_LINK: Final = lazy_pattern(
    r"<[^<>]*>|`[^`]*`|\[(?P<text>[^\[\]]+)\]\((?P<url>https?://[^\s()]+)\)"
    r"|(?P<bare>https?://[^\s<>()|*]*[^\s<>()|*.,;:!?])"
)


def more_messages(cursor: str | None, end: str = CHANNEL_END) -> str:
    """How a channel or thread says whether there is another page."""
    if cursor is None:
        return end
    where = "available" if end is CHANNEL_END else "in this thread"
    return f"There are more messages {where}. To view the next page, use cursor: `{cursor}`\n"


def more_results(cursor: str | None) -> str:
    """How a search says whether there is another page."""
    return SEARCH_END if cursor is None else f"For the next page of results use cursor `{cursor}`\n"


def as_read(world: World, message: Record) -> Record:
    """``message`` with its text as a read of this session shows it."""
    if not message.get("signed") or world.rules.setting(READ_BACK) != "as_captured":
        return message
    return {**message, "text": f"{linked(str(message['text']))}\n{_SIGNATURE}"}


def hangs_on(messages: Iterable[Record]) -> tuple[str, ...]:
    """The settings on which a read of ``messages`` hangs."""
    return (READ_BACK,) if any(message.get("signed") for message in messages) else ()


def linked(text: str) -> str:
    """``text`` with ``[words](url)`` and bare addresses as ``<url|words>``; code is left alone."""

    def link(match: re.Match[str]) -> str:
        url, words, bare = match["url"], match["text"], match["bare"]
        if url:
            return f"<{url}|{words}>"
        return f"<{bare}|{bare.partition('://')[2]}>" if bare else match[0]

    return _LINK.sub(link, text)


def author(world: World, user_id: str, *, with_email: bool = True) -> str:
    """``Alice Doe <alice@example.com> (U01)``."""
    user = find_user(world, user_id) or {}
    name = user.get("real_name") or user.get("name") or user_id
    email = f" <{user['email']}>" if with_email and user.get("email") else ""
    return f"{name}{email} ({user_id})"


def display_name(world: World, user_id: str) -> str:
    """The name that people read."""
    user = find_user(world, user_id) or {}
    return str(user.get("real_name") or user.get("name") or user_id)


def reactions_line(reactions: Sequence[Record]) -> str:
    """``eyes (2), white_check_mark (1)``."""
    return ", ".join(f"{one['emoji']} ({len(one.get('users', [])) or 1})" for one in reactions)


def channel_heading(channel: Record) -> str:
    """``Channel: #security-alerts (C0…)``."""
    shown = "DM" if channel.get("is_im") else f"#{channel['name']}"
    return f"Channel: {shown} ({channel['id']})\n"


def channel_message(
    world: World, message: Record, replies: Sequence[Record], reactions: Sequence[Record], *, concise: bool
) -> str:
    """One message of a channel, with the count of its replies and its reactions."""
    if concise:
        return f"{message['text']} [{display_name(world, message['user'])}]"
    lines = [
        f"=== Message from {author(world, message['user'])} at {_time(message)} === ",
        f"Message TS: {message['ts']}",
        str(message["text"]),
    ]
    if replies:
        lines.append(f"Thread: {len(replies)} replies (latest: {_time(replies[-1])})")
    if reactions:
        lines.append(f"Reactions: {reactions_line(reactions)}")
    return "\n".join(lines)


def thread(
    world: World, parent: Record, replies: Sequence[tuple[int, Record]], total: int, *, concise: bool
) -> str:
    """A thread: its parent, and the numbered replies of this page out of ``total``."""
    if concise:
        head = f"THREAD: {parent['text']} [{display_name(world, parent['user'])}]\n"
        return head + "".join(f"\n> {display_name(world, r['user'])}: {r['text']}" for _, r in replies) + "\n"
    text = "=== THREAD PARENT MESSAGE ===\n" + _lines(world, parent)
    if not total:
        return text + "\n\nNo thread messsages\n"  # the service's own spelling
    text += f"\n\n=== THREAD REPLIES ({total} total) ===\n"
    for number, reply in replies:
        text += f"\n--- Reply {number} of {total} ---\n{_lines(world, reply)}\n"
    return text


def search_results(query: str, title: str, found: Sequence[str], *, numbered: bool = True) -> str:
    """``# Search Results for: …`` and the results under one heading."""
    head = f"# Search Results for: {query}\n\n"
    if not found:
        return head + "No results found.\n"
    count = len(found)
    head += f"## {title} ({count} results)\n"
    if not numbered:
        return head + "".join(f"{number}. {text}\n" for number, text in enumerate(found, 1))
    return head + "".join(
        f"### Result {number} of {count}\n{text}\n\n---\n\n" for number, text in enumerate(found, 1)
    )


def found_message(world: World, message: Record, channel: Record, *, concise: bool) -> str:
    """A message as a search shows it."""
    if concise:
        day = iso_day(parse_instant(message["ts"]))
        return f"#{channel['name']} - {display_name(world, message['user'])}: {message['text']} [{day}]"
    user = f"{author(world, message['user'])[: -len(message['user']) - 2]}(ID: {message['user']}) "
    return (
        f"Channel: #{channel['name']} (ID: {channel['id']})\nFrom: {user}\nTime: {_time(message)}\n"
        f"Message_ts: {message['ts']}\n"
        f"Permalink: [link]({message_link(channel, message['ts'], message.get('thread_ts'))})\n"
        f"Text: \n{message['text']}"
    )


def found_channel(world: World, channel: Record, *, concise: bool) -> str:
    """A channel as a search shows it."""
    if concise:
        return f"#{channel['name']} ({channel['id']})"
    optional = "".join(
        f"{label}: {channel[field]}\n"
        for label, field in (("Topic", "topic"), ("Purpose", "purpose"))
        if channel.get(field)
    )
    creator = f"{display_name(world, channel['creator'])} (<@{channel['creator']}>)"
    created = utc_text(parse_instant(channel.get("created", 0)))
    return (
        f"Name: #{channel['name']}\nCreator: {creator}\nCreated: {created}\n{optional}"
        f"Permalink: [link]({WORKSPACE}/archives/{channel['id']})\n"
        f"Is Archived: {str(bool(channel.get('is_archived'))).lower()}"
    )


def found_user(user: Record, *, concise: bool) -> str:
    """A person as a search shows them."""
    if concise:
        return f"{user.get('real_name') or user['name']} ({user['id']})"
    fields: Iterable[tuple[str, Json]] = (
        ("Name", user.get("real_name") or user["name"]),
        ("User ID", user["id"]),
        ("Email", user.get("email")),
        ("Title", user.get("title")),
        ("Timezone", user.get("tz")),
        ("Permalink", f"[link]({WORKSPACE}/team/{user['id']})"),
    )
    return "\n".join(f"{label}: {value}" for label, value in fields if value)


def profile(user: Record, *, concise: bool, locale: bool) -> str:
    """A user's profile."""
    yes = {True: "Yes", False: "No"}
    fields: list[tuple[str, Json]] = [
        ("User ID", user["id"]),
        ("Username", user["name"]),
        ("Real Name", user.get("real_name")),
        ("Email", user.get("email")),
    ]
    if not concise:
        fields += [
            ("Title", user.get("title")),
            ("Timezone", user.get("tz")),
            ("Status", user.get("status_text")),
            ("Admin", yes[bool(user.get("is_admin"))]),
            ("Bot", yes[bool(user.get("is_bot"))]),
            ("Restricted", yes[bool(user.get("is_restricted"))]),
            ("Deleted", yes[bool(user.get("deleted"))]),
        ]
    if locale:
        fields.append(("Locale", user.get("locale", "en-US")))
    return "".join(f"{label}: {value}\n" for label, value in fields if value)


def _lines(world: World, message: Record) -> str:
    return (
        f"From: {author(world, message['user'])}\nTime: {_time(message)}\n"
        f"Message TS: {message['ts']}\n{message['text']}"
    )


def _time(message: Record) -> str:
    return utc_text(parse_instant(message["ts"]))
