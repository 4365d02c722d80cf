"""The platform's own server in a cloud session: ``mcp__claude-code-remote__*``.

Its tools start sessions and routines and widen what a session may reach. Three are always there; the
others come with the connector of that name. Source: ``cloud-environments`` and sessions of October 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from routine_harness.plain import Json
from routine_harness.world.access import classify
from routine_harness.world.effect import Effect
from routine_harness.world.naming import connector_key
from routine_harness.world.rule import Rule, apply_rules
from routine_harness.world.tool import Tool, ToolCall

SERVER: Final = "claude-code-remote"
ALWAYS: Final = ("add_repo", "subscribe_pr_activity", "unsubscribe_pr_activity")
"""Tools that every session has; what they do is for the policy."""

_TRIGGER: Final = {"name": "name|trigger_id|id", "text": "text|prompt", "target": "trigger_id|name|id"}
RULES: Final[dict[str, tuple[Rule, ...]]] = {
    "add_repo": ({"kind": "repository.added",
                  "fields": {"repository": "{owner}/{repo}|repository|repo|full_name|url",
                             "target": "{owner}/{repo}|repository|repo|full_name|url"}},),
    "create_session": ({"kind": "session.created",
                        "fields": {"title": "title|name", "text": "prompt|message|text"}},),
    "create_trigger": ({"kind": "routine.created", "fields": _TRIGGER},),
    "update_trigger": ({"kind": "routine.updated", "fields": _TRIGGER},),
    "delete_trigger": ({"kind": "routine.deleted", "fields": _TRIGGER},),
    "fire_trigger": ({"kind": "routine.fired", "fields": _TRIGGER},),
    "run_trigger": ({"kind": "routine.fired", "fields": _TRIGGER},),
    "send_later": ({"kind": "wakeup.created", "fields": {"text": "message|text|prompt"}},),
    "subscribe_pr_activity": (),
    "unsubscribe_pr_activity": (),
}  # fmt: skip
"""Tool → its effects; a subscription wakes this very session and changes nothing outside."""


_WHO: Final = {"owner": {"type": "string"}, "repo": {"type": "string"}}
TOOLS: Final = (
    Tool("add_repo", "Let this session reach another repository.",
         {"type": "object", "properties": {**_WHO, "access": {"type": "string"}}}, "write"),
    Tool("subscribe_pr_activity", "Be told in this session of what happens on a pull request.",
         {"type": "object", "properties": {**_WHO, "pullNumber": {"type": "number"}}}, "write"),
    Tool("unsubscribe_pr_activity", "Hear of a pull request no more.",
         {"type": "object", "properties": {**_WHO, "pullNumber": {"type": "number"}}}, "write"),
)  # fmt: skip
"""The tools that are always there, as a live run is offered them; their schemas are unpublished."""


def session_answer(call: ToolCall) -> str | None:
    """What a tool of the session itself answers; None for any other. The words are ours."""
    if call.tool not in ALWAYS or not (is_remote(call.connector) or call.connector == "github"):
        return None
    given = call.arguments
    where = f"{given.get('owner', '')}/{given.get('repo', '')}".strip("/") or str(given.get("repository", ""))
    if call.tool == "add_repo":
        return f"Added {where} to this session."
    verb = "Subscribed to" if call.tool.startswith("sub") else "Unsubscribed from"
    return f"{verb} the activity of {where}#{given.get('pullNumber', '')}."


def is_remote(connector: str) -> bool:
    """Whether ``connector`` is the platform's own server, however it is spelt."""
    return connector_key(connector) == _KEY


def remote_effects(call: ToolCall) -> tuple[Effect, ...]:
    """What a call of the platform's server attempts."""
    if call.tool not in RULES:
        return () if classify(call.tool, call.arguments).kind == "read" else (_called(call),)
    found = apply_rules(RULES[call.tool], call.arguments)
    return tuple(_effect(call, kind, fields) for kind, fields in found)


def _effect(call: ToolCall, kind: str, fields: Mapping[str, Json]) -> Effect:
    shown = {name: value for name, value in fields.items() if name != "target"}
    return Effect(kind, SERVER, str(fields.get("target", "")), shown, tool=call.name)


def _called(call: ToolCall) -> Effect:
    return Effect("tool.called", SERVER, fields={"arguments": call.arguments}, tool=call.name)


_KEY: Final = connector_key(SERVER)
