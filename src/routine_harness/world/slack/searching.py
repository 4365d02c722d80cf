"""Slack's searches: messages by modifiers and words, channels, people, emoji."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from routine_harness.plain import Record
from routine_harness.world.paging import Page
from routine_harness.world.simulated import Answer, Arguments, Refused
from routine_harness.world.slack import text
from routine_harness.world.slack.reading import (
    channel_kind,
    in_window,
    is_concise,
    is_reply,
    page_by,
    reactions_to,
)
from routine_harness.world.slack.records import channel_by_id, find_user, me
from routine_harness.world.state import World
from routine_harness.world.times import iso_day, parse_instant

MOST: Final = 20
_TOKEN: Final = re.compile(r'(-?)(?:([a-z_]+):)?("[^"]*"|<[@#][^>]*>|\S+)')
_MODIFIERS: Final = frozenset(
    ["in", "from", "to", "with", "is", "has", "before", "after", "on", "during", "creator", "type"]
)


class Query(msgspec.Struct, frozen=True):
    """A search in parts: words that must and must not occur, and modifiers."""

    words: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    modifiers: tuple[tuple[str, str, bool], ...] = ()
    """Name, value, and whether it holds (false for ``-in:x``)."""


def parse_query(query: str) -> Query:
    """``from:<@U1> in:general "exact words" -not`` in parts."""
    words: list[str] = []
    excluded: list[str] = []
    modifiers: list[tuple[str, str, bool]] = []
    for minus, name, value in _TOKEN.findall(query):
        if name in _MODIFIERS:
            modifiers.append((name, value.strip('"'), not minus))
        else:
            word = (f"{name}:" if name else "") + value.strip('"')
            (excluded if minus else words).append(word.lower())
    return Query(tuple(words), tuple(excluded), tuple(modifiers))


def search_public(world: World, arguments: Arguments) -> Answer:
    """Messages of public channels."""
    return _search_messages(world, arguments, {"public_channel"})


def search_public_and_private(world: World, arguments: Arguments) -> Answer:
    """Messages of all channels, or of the kinds asked for."""
    kinds = arguments.get("channel_types") or "public_channel,private_channel,mpim,im"
    return _search_messages(world, arguments, set(kinds.replace(" ", "").split(",")))


def search_channels(world: World, arguments: Arguments) -> Answer:
    """Channels whose name, topic or purpose holds the words."""
    query = _query_text(arguments)
    kinds = set((arguments.get("channel_types") or "public_channel").replace(" ", "").split(","))
    archived = bool(arguments.get("include_archived"))
    parsed = parse_query(query)
    found = [
        channel
        for channel in world.table("slack.channels")
        if channel_kind(channel) in kinds
        and (archived or not channel.get("is_archived"))
        and _has_words(parsed, f"{channel['name']} {channel.get('topic', '')} {channel.get('purpose', '')}")
    ]
    page = page_by(
        found, lambda row: str(row["id"]), arguments, ["channels", query, sorted(kinds), archived], MOST, MOST
    )
    concise = is_concise(arguments)
    shown = [text.found_channel(world, channel, concise=concise) for channel in page.rows]
    return _results(world, query, "Channels", shown, page, numbered=not concise)


def search_users(world: World, arguments: Arguments) -> Answer:
    """People whose name, address or profile holds the words."""
    query = _query_text(arguments)
    parsed = parse_query(query)
    users = list(world.table("slack.users"))
    if not any(user.get("me") for user in users):
        users.append(me(world))
    fields = ("name", "real_name", "email", "title", "department")
    found = [
        user
        for user in users
        if not user.get("deleted")
        and _has_words(parsed, " ".join(str(user.get(field) or "") for field in fields))
    ]
    page = page_by(found, lambda row: str(row["id"]), arguments, ["users", query], MOST, MOST)
    concise = is_concise(arguments)
    shown = [text.found_user(user, concise=concise) for user in page.rows]
    return _results(world, query, "Users", shown, page, numbered=not concise)


def search_emojis(world: World, arguments: Arguments) -> Answer:
    """Custom emoji by name."""
    query = arguments["query"].strip(":").lower()
    found = [emoji["name"] for emoji in world.table("slack.emojis") if query in emoji["name"].lower()]
    lines = "".join(f":{name}:\n" for name in found)
    return Answer(world, {"results": lines or f"No emojis found matching '{query}'."})


def _search_messages(world: World, arguments: Arguments, kinds: set[str]) -> Answer:
    query = _query_text(arguments)
    found = _found(world, arguments, kinds, parse_query(query))
    newest_first = arguments.get("sort_dir", "desc") == "desc"
    found.sort(key=lambda row: str(row[0]["ts"]), reverse=newest_first)
    identity = [
        "messages",
        query,
        sorted(kinds),
        arguments.get("after"),
        arguments.get("before"),
        newest_first,
    ]
    page = page_by(found, lambda row: f"{row[1]['id']}/{row[0]['ts']}", arguments, identity, MOST, MOST)
    concise = is_concise(arguments)
    shown = [
        text.found_message(world, text.as_read(world, message), channel, concise=concise)
        for message, channel in page.rows
    ]
    answer = _results(world, query, "Messages", shown, page, numbered=not concise)
    return msgspec.structs.replace(answer, depends_on=text.hangs_on(message for message, _ in page.rows))


def _found(world: World, arguments: Arguments, kinds: set[str], query: Query) -> list[tuple[Record, Record]]:
    """Messages with their channels; the words are asked first, as they leave the fewest."""
    channels = {one["name"]: one for one in world.table("slack.channels") if channel_kind(one) in kinds}
    messages = in_window(list(world.table("slack.messages")), arguments, "after", "before")
    for word in query.words:
        part = word.rstrip("*")
        messages = [one for one in messages if part in one["text"].lower()]
    for word in query.excluded:
        messages = [one for one in messages if word not in one["text"].lower()]
    rows = [(one, channels[one["channel"]]) for one in messages if one["channel"] in channels]
    for name, value, holds in query.modifiers:
        matches = _MATCHERS.get(name)
        if matches is not None:
            rows = [row for row in rows if matches(world, *row, value) is holds]
    if arguments.get("include_bots"):
        return rows
    bots = {user["id"] for user in world.table("slack.users") if user.get("is_bot")}
    return [row for row in rows if not row[0].get("bot_id") and row[0]["user"] not in bots]


def _query_text(arguments: Arguments) -> str:
    parts = [arguments.get("query"), *arguments.get("keywords", []), arguments.get("natural_language_query")]
    if all(
        arguments.get(name) is None for name in ("query", "keywords", "natural_language_query", "filters")
    ):
        raise Refused("Please provide a search query")
    return " ".join(part for part in (*parts, arguments.get("filters")) if part)


def _results(
    world: World, query: str, title: str, shown: list[str], page: Page[Any], *, numbered: bool
) -> Answer:
    found = text.search_results(query, title, shown, numbered=numbered)
    return Answer(world, {"results": found, "pagination_info": text.more_results(page.cursor)})


def _has_words(query: Query, said: str) -> bool:
    """Every word occurs and no excluded one; a trailing ``*`` matches the rest of a word."""
    low = said.lower()
    return all(word.rstrip("*") in low for word in query.words) and not any(
        word in low for word in query.excluded
    )


def _in_channel(world: World, _: Record, channel: Record, value: str) -> bool:
    wanted = value.strip("<>#@").partition("|")[0]
    return (
        wanted in (channel["id"], channel["name"], channel.get("user"))
        or channel_by_id(world, wanted) == channel
    )


def _from_user(world: World, message: Record, _: Record, value: str) -> bool:
    return _same_user(world, message["user"], value)


def _to_user(world: World, message: Record, channel: Record, value: str) -> bool:
    wanted = me(world)["id"] if value == "me" else value.strip("<>@").partition("|")[0]
    return channel.get("user") == wanted or f"<@{wanted}" in str(message["text"])


def _with_user(world: World, message: Record, channel: Record, value: str) -> bool:
    return _from_user(world, message, channel, value) or value.strip("<>@") in channel.get("members", [])


def _is(world: World, message: Record, channel: Record, value: str) -> bool:
    del world, channel
    return value == "thread" and (is_reply(message) or "thread_ts" in message)


def _has(world: World, message: Record, channel: Record, value: str) -> bool:
    if value.startswith(":"):
        return any(one["emoji"] == value.strip(":") for one in reactions_to(world, channel, message["ts"]))
    return {"link": "http" in str(message["text"]), "file": bool(message.get("files"))}.get(value, False)


def _before(_: World, message: Record, __: Record, value: str) -> bool:
    return _day(message) < value


def _after(_: World, message: Record, __: Record, value: str) -> bool:
    return _day(message) > value


def _on(_: World, message: Record, __: Record, value: str) -> bool:
    return _day(message) == value


_MATCHERS: Final[dict[str, Callable[[World, Record, Record, str], bool]]] = {
    "in": _in_channel,
    "from": _from_user,
    "to": _to_user,
    "with": _with_user,
    "is": _is,
    "has": _has,
    "before": _before,
    "after": _after,
    "on": _on,
}


def _day(message: Record) -> str:
    return iso_day(parse_instant(message["ts"]))


def _same_user(world: World, user_id: str, value: str) -> bool:
    wanted = me(world)["id"] if value == "me" else value.strip("<>@").partition("|")[0]
    user = find_user(world, user_id) or {}
    return wanted in (user_id, user.get("name"), user.get("real_name"))
