"""What MCP servers offer, as files hold it: answers to ``tools/list``, lists that doctor kept, recordings.

Gives tools by server; the server is called ``""`` where a file does not say its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from routine_harness.agents.recording import Recording
from routine_harness.errors import Problem, RecordingError
from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json, Record
from routine_harness.routine.document import NOT_JSON
from routine_harness.session.transcript import Call
from routine_harness.store.mcp_interactions import listed_tool
from routine_harness.world.registry import Registry
from routine_harness.world.tool import Tool

Lists = dict[str, tuple[Tool, ...]]
"""Server → its tools, in the order of its list."""

_AFFIX: Final = lazy_pattern(r"^(?:mcp-)?server-|^mcp-|-?mcp(?:-server)?$|-server$")
_HINT: Final = 'expected {"tools": [{"name": …, "inputSchema": {…}}]}, an answer to tools/list'


def parse_tool_lists(data: bytes, file: str) -> Lists | None:
    """The lists in a JSON file; None where it configures servers (``mcpServers``) and lists nothing.

    Raises:
        RecordingError: it is no such file.
    """
    try:
        value = msgspec.json.decode(data)
    except NOT_JSON as error:
        raise RecordingError(Problem(file, 0, f"expected JSON: {error}", _HINT)) from error
    if isinstance(value, dict) and "mcpServers" in value:
        return None
    if isinstance(value, dict) and isinstance(value.get("servers"), dict):
        return {name: _tools(each, file) for name, each in value["servers"].items()}
    return {_server(value): _tools(value, file)}


def tools_of_recording(recording: Recording, registry: Registry) -> Lists:
    """The tools without a model that were called in a recording, with the arguments that were seen."""
    found: dict[str, dict[str, Tool]] = {}
    for entry in (entry for run in recording.runs.values() for entry in run):
        if not isinstance(entry, Call):
            continue
        call = registry.tool_call(entry.tool, entry.arguments)
        known = registry.tool(call)
        if call.connector and (known is None or not known.simulated):
            tools = found.setdefault(call.connector, {})
            tools[call.tool] = with_seen(tools.get(call.tool), call.tool, call.arguments)
    return {server: tuple(tools.values()) for server, tools in found.items()}


def tool_lists_text(lists: Mapping[str, tuple[Tool, ...]]) -> str:
    """What servers list, as a file that ``parse_tool_lists`` reads back."""
    servers = {server: {"tools": [_entry(tool) for tool in tools]} for server, tools in lists.items()}
    return msgspec.json.format(msgspec.json.encode({"servers": servers}), indent=1).decode() + "\n"


def _entry(tool: Tool) -> Record:
    entry = {"name": tool.name, "description": tool.description, "inputSchema": tool.input_schema}
    return {**entry, "annotations": tool.annotations} if tool.annotations else entry


def with_seen(tool: Tool | None, name: str, arguments: Mapping[str, Json]) -> Tool:
    """``tool`` (None: one called ``name``) with the arguments of one more call among its own."""
    known = tool.input_schema.get("properties", {}) if tool is not None else {}
    properties = {**known, **{key: {} for key in arguments if key not in known}}
    schema = {"type": "object", "properties": properties}
    return Tool(name=name, description="", input_schema=schema, access="write", simulated=False)


def server_named(name: str) -> str:
    """A server's or file's name as a connector is called: ``mcp-servers/pager-mcp`` is ``pager``."""
    bare = name.rpartition("/")[2].lower().replace("_", "-").replace(" ", "-")
    while (shorter := _AFFIX.sub("", bare)) not in ("", bare):
        bare = shorter
    return "".join(letter for letter in bare if letter.isalnum() or letter == "-").strip("-")


def _server(value: Json) -> str:
    """The name that a server gives itself in the answer to ``initialize``."""
    for _ in range(2):  # a whole answer of initialize holds it one level further in
        value = value.get("serverInfo", value) if isinstance(value, dict) else {}
    name = value.get("name") if isinstance(value, dict) and "inputSchema" not in value else None
    return server_named(name) if isinstance(name, str) else ""


def _tools(value: Json, file: str) -> tuple[Tool, ...]:
    if isinstance(value, dict) and isinstance(value.get("result"), dict):  # the answer as JSON-RPC carries it
        value = value["result"]
    listed = value.get("tools", [value] if "name" in value else None) if isinstance(value, dict) else value
    if not isinstance(listed, list) or not listed:
        raise RecordingError(Problem(file, 0, "the file lists no tools", _HINT))
    problems = list(_faults(listed, file))
    if problems:
        raise RecordingError(*problems)
    return tuple(map(listed_tool, listed))


def _faults(listed: list[Json], file: str) -> Iterator[Problem]:
    for number, each in enumerate(listed, 1):
        if not isinstance(each, dict) or not isinstance(each.get("name"), str) or not each["name"]:
            yield Problem(file, 0, f"entry {number} is no tool: it has no name", _HINT)
