"""Recorded HTTP exchanges with MCP servers as the tool calls that they carry.

A server is known by its address alone: a connector's name among the labels of the host or the
parts of the path, ``mcp.slack.com`` or ``localhost:8000/slack/mcp``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json
from routine_harness.routine.document import NOT_JSON
from routine_harness.routine.network import split_url
from routine_harness.store.interactions import Interaction
from routine_harness.world.recorded import METHOD
from routine_harness.world.recorded import Interaction as Recorded
from routine_harness.world.registry import Registry
from routine_harness.world.tool import Tool, ToolCall, ToolResult

_HOSTS: Final = {"api.githubcopilot.com": "github"}
_PROTOCOL: Final = lazy_pattern(
    r"initialize|ping|(?:tools|resources|prompts)/\w+|resources/templates/list|notifications/[\w/]+"
    r"|logging/setLevel|completion/complete"
)
_AFFIX: Final = lazy_pattern(r"^mcp-?|-?mcp$")
_GENERIC: Final = frozenset({"", "mcp", "www", "api", "app", "sse", "v1", "localhost", "http"})


class Answered(NamedTuple):
    """A tool call with its answer, and the line of the cassette that holds them."""

    call: ToolCall
    result: ToolResult
    line: int = 0


def answered_calls(interactions: Iterable[Interaction], registry: Registry) -> Iterator[Answered]:
    """The tool calls among recorded requests, in the order of recording."""
    for each in interactions:
        call = mcp_call(each.method, each.url, each.request_body, registry)
        if call is not None and call.tool:
            yield Answered(call, mcp_result(each.status, each.plain), each.line)


def recorded_calls(
    interactions: Iterable[Interaction], registry: Registry, file: str = ""
) -> Iterator[Recorded]:
    """The calls of tools without a model, which a world cannot answer."""
    for call, result, line in answered_calls(interactions, registry):
        tool = registry.tool(call)
        if tool is None or not tool.simulated:
            yield Recorded(call.connector, call.tool, call.arguments, result, source=f"{file}:{line}")


def mcp_call(method: str, url: str, body: bytes, registry: Registry) -> ToolCall | None:
    """The tool call that a request carries; one without a tool for any other message of the protocol.

    None where the request is none: other services speak JSON-RPC, too.
    """
    if method.upper() != "POST" or b'"jsonrpc"' not in body:
        return None
    try:
        message = msgspec.json.decode(body)
    except NOT_JSON:
        return None
    if not isinstance(message, dict) or not _PROTOCOL.fullmatch(str(message.get("method"))):
        return None
    server, params = server_name(url, registry), message.get("params")
    name = params.get("name") if isinstance(params, dict) else None
    if message["method"] != METHOD or not isinstance(params, dict) or not isinstance(name, str):
        return ToolCall(server, "")
    given = params.get("arguments")
    arguments = given if isinstance(given, dict) else {}
    return registry.canonical(ToolCall(server, name, arguments, server))


def mcp_result(status: int, body: bytes) -> ToolResult:
    """The result in a response, plain or as a stream of events."""
    message = _message(body)
    result = message.get("result")
    if isinstance(result, dict):
        return ToolResult(_text(result), bool(result.get("isError")), result.get("structuredContent"))
    error = message.get("error")
    if isinstance(error, dict):
        return ToolResult(str(error.get("message", "")), is_error=True)
    return ToolResult(body.decode("utf-8", "replace"), is_error=status >= 400)


def server_name(url: str, registry: Registry) -> str:
    """The connector that answers at ``url``; of a stranger's the name of its domain."""
    parts = split_url(url)
    host = (parts.hostname or "").lower()
    if host in _HOSTS:
        return _HOSTS[host]
    labels = [] if host.replace(".", "").isdigit() else [_AFFIX.sub("", one) for one in host.split(".")]
    named = [label for label in (*labels, *map(str.lower, parts.path.split("/"))) if label not in _GENERIC]
    known = (name for label in named if (name := registry.name_of(label)) in registry.names())
    domain = labels[-2] if len(labels) > 1 else ""
    fallback = domain if domain not in _GENERIC else next(iter(named), host)
    return next(known, fallback)


def _message(body: bytes) -> Mapping[str, Json]:
    """The last message that is a response; a stream may send others before it."""
    lines = body.split(b"\n")
    events = [line[5:].strip() for line in lines if line.startswith(b"data:")]
    for text in reversed(events or [body]):
        try:
            message = msgspec.json.decode(text)
        except NOT_JSON:
            continue
        if isinstance(message, dict) and ("result" in message or "error" in message):
            return message
    return {}


def _text(result: Mapping[str, Json]) -> str:
    content = result.get("content")
    blocks = [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []
    return "\n".join(
        str(block.get("text", "")) if block.get("type") == "text" else f"[{block.get('type')}]"
        for block in blocks
    )


def listed_tools(interactions: Iterable[Interaction], registry: Registry) -> Iterator[tuple[str, Tool]]:
    """Connector and tool of every ``tools/list`` among recorded requests, as the servers listed them.

    Whether one reads is not said: a server's hints never make a read.
    """
    for each in interactions:
        if each.method != "POST" or b'"tools/list"' not in each.request_body:
            continue
        call = mcp_call(each.method, each.url, each.request_body, registry)
        result = _message(each.plain).get("result") if call is not None and not call.tool else None
        tools = result.get("tools") if isinstance(result, dict) else None
        for tool in tools if isinstance(tools, list) else ():
            if call is not None and isinstance(tool, dict) and isinstance(tool.get("name"), str):
                yield call.connector, listed_tool(tool)


def listed_tool(tool: Mapping[str, Json]) -> Tool:
    """One entry of a server's ``tools/list``, which has a name."""
    schema, hints, output = (tool.get(name) for name in ("inputSchema", "annotations", "outputSchema"))
    return Tool(
        str(tool["name"]),
        str(tool.get("description") or ""),
        schema if isinstance(schema, dict) else {"type": "object"},
        "write",
        simulated=False,
        annotations=hints if isinstance(hints, dict) else {},
        output_schema=output if isinstance(output, dict) else {},
    )
