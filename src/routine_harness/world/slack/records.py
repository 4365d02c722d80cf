"""Slack's tables: what a world file may say, and how records are found again.

A channel is keyed by its name and carries an id; messages name their channel by its name, so that
a file can be read by people. The id that a file gives takes the place of a made-up one.
"""

from __future__ import annotations

import re
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.routine.spec import Binding
from routine_harness.world.identifiers import base36_id
from routine_harness.world.service import Service
from routine_harness.world.state import World
from routine_harness.world.times import parse_instant

WORKSPACE: Final = "https://workspace.slack.com"
ME: Final[Record] = {
    "id": "U0ROUTINE",
    "name": "routine-owner",
    "real_name": "Routine Owner",
    "email": "routine-owner@example.com",
    "tz": "UTC",
    "me": True,
}
"""The person whose account the connector uses, unless a world file marks another with ``me: true``."""

_CHANNEL: Final[Record] = {
    "is_private": False,
    "is_archived": False,
    "is_ext_shared": False,
    "is_im": False,
    "topic": "",
    "purpose": "",
    "creator": ME["id"],
    "members": [],
}
_ID_PREFIX: Final = {
    "drafts": "Dr",
    "scheduled": "Q",
    "canvases": "F",
    "lists": "F",
    "list_records": "Rec",
    "files": "F",
}

SERVICE: Final = Service("slack", lambda table, number: base36_id(_ID_PREFIX[table], table, number))
put, new_id = SERVICE.put, SERVICE.new_id


def seed_record(world: World, table: str, record: Record) -> World:
    """A record of a world file, merged in; ValueError where it makes no sense."""
    if table == "users":
        return _seed_user(world, record)
    if table == "channels":
        return put_channel(world, record)
    if "channel" in SERVICE.keys[table] or "channel" in record:
        world, record = _with_channel(world, record)
    if table == "messages":
        return _seed_message(world, record)
    if table == "emojis" and "name" not in record:
        raise ValueError("expected an emoji with a name")
    if record.get("ts"):
        record = {**record, "ts": _ts(record["ts"])}
    world, record = SERVICE.identified(world, table, record)
    return put(world, table, record)


def seed_binding(world: World, binding: Binding) -> World:
    """``slack:security-alerts`` makes the public channel of that name, which the user is in."""
    given = {"name": binding.name.lstrip("#"), "members": [ME["id"]]}
    return put_channel(world, {**given, "id": binding.id} if binding.id else given)


def put_channel(world: World, record: Record) -> World:
    """A channel by its name, or by its id where no name is given."""
    known = world.table("slack.channels").find("id", record["id"]) if "id" in record else []
    name = str(record.get("name") or (known[0]["name"] if known else record.get("id", ""))).lstrip("#")
    if not name:
        raise ValueError("expected a channel with a name or an id")
    default = {"id": base36_id("C", "channel", name), "name": name, "created": world.clock, **_CHANNEL}
    return put(world, "channels", {**record, "name": name}, default)


def me(world: World) -> Record:
    """The person as whom the connector acts."""
    return next(iter(world.table("slack.users").find("me", True)), ME)


def find_user(world: World, id_or_name: str) -> Record | None:
    """A user by id, or by user name."""
    own = me(world)
    if id_or_name in (own["id"], own["name"]):
        return own
    users = world.table("slack.users")
    return users.get((id_or_name,)) or next(iter(users.find("name", id_or_name)), None)


def channel_by_id(world: World, channel_id: str) -> Record | None:
    """A channel by its id."""
    return next(iter(world.table("slack.channels").find("id", channel_id)), None)


def timestamp(world: World) -> tuple[World, str]:
    """The next message's ``ts``: unique, and later than those before it."""
    world, number = world.next_id("slack.ts")
    return world, normal_ts(world.clock, number % 1_000_000)


def normal_ts(seconds: int | str, micros: int | str = 0) -> str:
    """A timestamp as Slack writes it, so that texts sort as times do; ``micros`` as text is a fraction."""
    fraction = micros.ljust(6, "0") if isinstance(micros, str) else f"{micros:06d}"
    return f"{str(seconds).zfill(10)}.{fraction}"


def message_link(channel: Record, ts: str, thread: str | None = None) -> str:
    """The permalink of a message."""
    link = f"{WORKSPACE}/archives/{channel['id']}/p{ts.replace('.', '')}"
    return f"{link}?thread_ts={thread}&cid={channel['id']}" if thread and thread != ts else link


def _seed_user(world: World, record: Record) -> World:
    if "id" not in record and "name" not in record:
        raise ValueError("expected a user with an id or a name")
    known = world.table("slack.users").find("name", record["name"]) if "id" not in record else []
    key = (
        record["id"]
        if "id" in record
        else known[0]["id"]
        if known
        else base36_id("U", "user", record["name"])
    )
    name = record.get("name") or str(key).lower()
    default: Record = {
        "name": name,
        "real_name": name,
        "tz": "UTC",
        "is_bot": False,
        "deleted": False,
    }
    return put(world, "users", {**record, "id": key}, default)


def _with_channel(world: World, record: Record) -> tuple[World, Record]:
    """``record`` with its channel's name for a name or an id; a channel that is missing is made."""
    said = str(record.get("channel", "")).lstrip("#")
    if not said:
        raise ValueError("expected a channel, by name or id")
    known = channel_by_id(world, said) or world.get("slack.channels", (said,))
    if known is None:
        world = put_channel(
            world, {"id": said, "name": said} if re.fullmatch(r"[CGD][A-Z0-9]{8,}", said) else {"name": said}
        )
        known = world.get("slack.channels", (said,))
    return world, {**record, "channel": known["name"] if known else said}


def _seed_message(world: World, record: Record) -> World:
    if "text" not in record:
        raise ValueError("expected a message with a text")
    given = dict(record)
    if "ts" in given:
        given["ts"] = _ts(given["ts"])
    else:
        world, given["ts"] = timestamp(world)
    if given.get("thread_ts") is not None:
        given["thread_ts"] = _ts(given["thread_ts"])
    said = str(given["user"] if "user" in given else me(world)["id"])
    user = find_user(world, said)
    return put(world, "messages", {**given, "user": user["id"] if user else said})


def _ts(value: Json) -> str:
    if isinstance(value, str) and _is_normal(value):
        return value
    match = re.fullmatch(r"([0-9]{1,10})\.([0-9]{1,6})", value) if isinstance(value, str) else None
    return normal_ts(match[1], match[2]) if match else normal_ts(int(parse_instant(value)))


def _is_normal(ts: str) -> bool:
    """Whether ``ts`` is as ``normal_ts`` writes it, as in nearly all files."""
    return len(ts) == 17 and ts[10] == "." and ts.isascii() and ts[:10].isdigit() and ts[11:].isdigit()
