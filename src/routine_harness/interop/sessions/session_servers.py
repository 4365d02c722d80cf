"""The MCP servers of an imported session: what state they were in, and what they offered."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from routine_harness.interop.sessions.session_lines import Line
from routine_harness.session.transcript import Call, Entry, Result
from routine_harness.world.registry import Registry

_ODD: Final = re.compile(r"[^A-Za-z0-9_-]")
"""What becomes an underscore where a server's name is part of a tool's."""
_SEARCH: Final = "ToolSearch"


def read_servers(lines: Sequence[Line]) -> dict[str, str]:
    """MCP server → its state when the session began."""
    found: dict[str, str] = {}
    for line in lines:
        data = line.data
        if data.get("type") == "system" and data.get("subtype") == "init":
            servers = data.get("mcp_servers")
            found |= {
                str(server.get("name")): str(server.get("status"))
                for server in (servers if isinstance(servers, list) else [])
                if isinstance(server, dict)
            }
            errors = data.get("mcp_server_errors")
            for error in errors if isinstance(errors, list) else []:
                if isinstance(error, dict) and error.get("name"):
                    found[str(error["name"])] = "failed"
    return found


def read_tools(lines: Sequence[Line]) -> frozenset[str]:
    """The tools that the session was offered when it began; empty where it does not say."""
    found: set[str] = set()
    for line in lines:
        tools = line.data.get("tools")
        if (line.data.get("type"), line.data.get("subtype")) == ("system", "init") and isinstance(
            tools, list
        ):
            found |= set(map(str, tools))
    return frozenset(found)


def needed_servers(
    servers: Mapping[str, str],
    entries: Sequence[Entry],
    registry: Registry,
    granted: Collection[str] | None,
) -> dict[str, str]:
    """The servers that the session could not do without: granted, and never heard of.

    One that is slow to connect is ``pending`` at the beginning and answers all the same.
    """
    answered = {entry.id for entry in entries if isinstance(entry, Result) and not entry.is_error}
    heard = {connector for connector, mark in _called(entries) if mark in answered}
    named = _named(servers, registry)
    return {
        name: state
        for name, state in servers.items()
        if named[name] not in heard and (granted is None or named[name] in granted)
    }


def silent_connectors(
    servers: Mapping[str, str], offered: Collection[str], entries: Sequence[Entry], registry: Registry
) -> tuple[str, ...]:
    """The connectors that were connected and listed no tool, where tools of connectors are listed.

    Under tool search some releases list none: then nobody can say.
    """
    listing = {registry.parse(name).connector for name in offered} - {""}
    if not offered or (not listing and _SEARCH in offered):
        return ()
    known = listing | {connector for connector, _ in _called(entries)}
    named = _named(servers, registry)
    connected = (named[name] for name, state in servers.items() if state == "connected")
    return tuple(connector for connector in connected if connector not in known)


def connector_of(server: str, registry: Registry) -> str:
    """The connector that a server of a session is."""
    return registry.name_of(_ODD.sub("_", server))


def _named(servers: Mapping[str, str], registry: Registry) -> dict[str, str]:
    """Server → the connector that it is."""
    return {name: connector_of(name, registry) for name in servers}


def _called(entries: Sequence[Entry]) -> list[tuple[str, str]]:
    """Connector and id of every call."""
    return [(entry.tool.rpartition(".")[0], entry.id) for entry in entries if isinstance(entry, Call)]
