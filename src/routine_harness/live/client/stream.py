"""The CLI's stream-json lines as events; unknown types and fields are passed over.

Several lines may belong to one turn (``message.id``), and a result line that says ``success`` may
carry an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from routine_harness.interop.sessions.session_blocks import result_text
from routine_harness.interop.sessions.session_ending import result_status, result_usage
from routine_harness.plain import Json, Record
from routine_harness.routine.document import NOT_JSON
from routine_harness.session.transcript import RunStatus, Usage

_DECODE: Final = msgspec.json.Decoder().decode
MADE_UP: Final = "<synthetic>"
"""The model of what the CLI says itself, such as that the API failed."""


class Began(msgspec.Struct, frozen=True):
    """The session is up: what the CLI is, how each MCP server fares, and which plugins it has, by name
    and as ``name@marketplace``."""

    version: str
    model: str
    servers: dict[str, str]
    tools: tuple[str, ...]
    plugins: frozenset[str] = frozenset()


class Said(msgspec.Struct, frozen=True):
    """The agent says something; ``inner`` where a subagent does, ``made_up`` where the CLI speaks for it."""

    message: str
    text: str
    inner: bool = False
    made_up: bool = False


class Asked(msgspec.Struct, frozen=True):
    """The agent calls a tool."""

    message: str
    id: str
    name: str
    arguments: Record


class Got(msgspec.Struct, frozen=True):
    """What a call was answered."""

    id: str
    text: str
    is_error: bool


class Retried(msgspec.Struct, frozen=True):
    """The API has failed, and the CLI is going to ask it again, for the ``number``-th time of ``most``."""

    number: int
    most: int
    seconds: float
    status: int
    error: str

    @property
    def failure(self) -> str:
        """What the API has answered, in words."""
        return f"API error{f' {self.status}' if self.status else ''} ({self.error})"


class Ended(msgspec.Struct, frozen=True):
    """The session is over, as the CLI sees it; once more whenever a subagent in the background wakes it.

    ``usage`` is that of the session so far. ``idle`` where the agent was woken and had no turn.
    """

    status: RunStatus
    reason: str
    usage: Usage
    idle: bool = False


Event = Began | Said | Asked | Got | Retried | Ended


def read_line(line: bytes) -> Iterator[Event]:
    """The events of one line; none for a line that is no JSON object or of another type."""
    try:
        data = _DECODE(line)
    except NOT_JSON:
        return
    if not isinstance(data, dict):
        return
    kind = data.get("type")
    if kind == "system" and data.get("subtype") == "init":
        yield _began(data)
    elif kind == "system" and data.get("subtype") == "api_retry":
        yield _retried(data)
    elif kind == "assistant":
        yield from _assistant(data)
    elif kind == "user":
        yield from _results(data)
    elif kind == "result":
        yield _ended(data)


def _listed(data: Record, name: str) -> list[Json]:
    """A list of a line; what is none is empty."""
    found = data.get(name)
    return found if isinstance(found, list) else []


def _began(data: Record) -> Began:
    servers = {
        str(server.get("name")): str(server.get("status"))
        for server in _listed(data, "mcp_servers")
        if isinstance(server, dict)
    }
    plugins = frozenset(
        str(plugin[key])
        for plugin in _listed(data, "plugins")
        if isinstance(plugin, dict)
        for key in ("source", "name")
        if key in plugin
    )
    return Began(
        str(data.get("claude_code_version", "")), str(data.get("model", "")), servers,
        tuple(map(str, _listed(data, "tools"))), plugins,
    )  # fmt: skip


def _retried(data: Record) -> Retried:
    def count(name: str) -> int:
        value = data.get(name)
        return value if isinstance(value, int) else 0

    delay = data.get("retry_delay_ms")
    seconds = delay / 1000 if isinstance(delay, int | float) else 0.0
    error = str(data.get("error") or "unknown").replace("_", " ")
    return Retried(count("attempt"), count("max_retries"), seconds, count("error_status"), error)


def _blocks(data: Record) -> list[Record]:
    message = data.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block for block in content or [] if isinstance(block, dict)]


def _assistant(data: Record) -> Iterator[Event]:
    head = data.get("message")
    held = head if isinstance(head, dict) else {}
    message, made_up = str(held.get("id", "")), held.get("model") == MADE_UP
    inner = data.get("parent_tool_use_id") is not None
    for block in _blocks(data):
        if block.get("type") == "text" and str(block.get("text", "")).strip():
            yield Said(message, str(block["text"]), inner, made_up)
        elif block.get("type") == "tool_use":
            arguments = block.get("input")
            yield Asked(
                message,
                str(block.get("id")),
                str(block.get("name")),
                arguments if isinstance(arguments, dict) else {},
            )


def _results(data: Record) -> Iterator[Event]:
    for block in _blocks(data):
        if block.get("type") == "tool_result":
            yield Got(
                str(block.get("tool_use_id")), result_text(block.get("content")), bool(block.get("is_error"))
            )


def _ended(data: Record) -> Ended:
    return Ended(*result_status(data), result_usage(data), idle=data.get("num_turns") == 0)
