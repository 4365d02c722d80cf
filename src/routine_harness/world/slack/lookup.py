"""How Slack's people and channels are found: by id to read, by id, name or person to post."""

from __future__ import annotations

import re

import msgspec

from routine_harness.plain import Record
from routine_harness.world.effect import Effect
from routine_harness.world.identifiers import base36_id
from routine_harness.world.simulated import Refused
from routine_harness.world.slack.records import channel_by_id, find_user, me, put_channel
from routine_harness.world.state import World


def reading_channel(world: World, channel_id: str) -> Record:
    """The channel to read, by its id alone, as ``conversations.history`` has it."""
    channel = channel_by_id(world, channel_id) or direct_message(world, channel_id)[1]
    if channel is None:
        raise Refused("channel_not_found")
    return channel


def posting_channel(world: World, channel_id: str) -> tuple[World, Record]:
    """The channel to post to, by id, name or user, and the world in which it is open.

    ``chat.postMessage`` takes a name as well; to post to a user is to open a direct message.
    """
    channel = channel_by_id(world, channel_id) or world.get("slack.channels", (channel_id.lstrip("#"),))
    if channel is None:
        world, channel = direct_message(world, channel_id)
    if channel is None:
        raise Refused("channel_not_found")
    if channel.get("is_archived"):
        raise Refused("is_archived")
    # The MCP server posts to no Slack Connect channel (docs.slack.dev/ai/slack-mcp-server); the Web API does.
    if channel.get("is_ext_shared"):
        raise Refused("mcp_externally_shared_channel_restricted")
    return world, channel


def recognise(world: World, effect: Effect) -> Effect:
    """``effect`` with the channel's name and id, whichever of them the call gave."""
    said = effect.fields.get("channel")
    if not isinstance(said, str):
        return effect
    channel = channel_by_id(world, said) or world.get("slack.channels", (said.lstrip("#"),))
    if channel is None:
        return effect
    fields = {**effect.fields, "channel": channel["name"]}
    if "channel_id" in fields:
        fields["channel_id"] = channel["id"]
    target = f"#{channel['name']}" if effect.target == said else effect.target
    return msgspec.structs.replace(effect, fields=fields, target=target)


def direct_message(world: World, user_id: str) -> tuple[World, Record | None]:
    """The direct message with a user, opened where there is none yet."""
    user = find_user(world, user_id) if re.fullmatch(r"[UW][A-Z0-9]+", user_id) else None
    if user is None:
        return world, None
    name = f"dm-{user['name']}"
    if world.get("slack.channels", (name,)) is None:
        opened = {"id": base36_id("D", "im", user["id"]), "is_im": True, "is_private": True}
        members = [me(world)["id"], user["id"]]
        world = put_channel(world, {"name": name, "user": user["id"], "members": members, **opened})
    return world, world.get("slack.channels", (name,))
