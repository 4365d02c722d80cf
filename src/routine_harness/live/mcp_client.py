"""Connections to other people's MCP servers, as an ``.mcp.json`` names them."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from routine_harness.errors import AgentError

START_SECONDS: Final = 60.0
CALL_SECONDS: Final = 120.0


class ServerEntry(msgspec.Struct, frozen=True):
    """One entry of an ``.mcp.json``."""

    type: Literal["stdio", "http"] = "stdio"
    command: str = ""
    args: tuple[str, ...] = ()
    env: dict[str, str] = {}
    url: str = ""
    headers: dict[str, str] = {}


def parse_servers(data: bytes, file: str) -> dict[str, ServerEntry]:
    """The servers of an ``.mcp.json``.

    Raises:
        AgentError: it is none.
    """
    class_ = dict[str, dict[str, dict[str, Any]]]
    try:
        servers = msgspec.json.decode(data, type=class_).get("mcpServers", {})
        return {
            name: msgspec.convert({"type": "http" if "url" in entry else "stdio", **entry}, ServerEntry)
            for name, entry in servers.items()
        }
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        hint = 'it looks like {"mcpServers": {"name": {"command": "…", "args": []}}}'
        raise AgentError.at(file, 0, f"expected an MCP configuration: {error}", hint) from error


def load_servers(path: Path) -> dict[str, ServerEntry]:
    """The servers of the file ``path``; see ``parse_servers``."""
    try:
        return parse_servers(path.read_bytes(), str(path))
    except OSError as error:
        raise AgentError.at(str(path), 0, f"cannot read it: {error.strerror}") from error


@asynccontextmanager
async def connected(entry: ServerEntry) -> Any:
    """A session with the server, ready to be asked."""
    import anyio
    from mcp import ClientSession

    with anyio.fail_after(START_SECONDS) as starting:
        async with (
            _streams(entry) as streams,
            ClientSession(streams[0], streams[1], read_timeout_seconds=CALL_SECONDS) as session,
        ):
            await session.initialize()
            starting.deadline = float("inf")
            yield session


@asynccontextmanager
async def _streams(entry: ServerEntry) -> Any:
    if entry.type == "stdio":
        from mcp import StdioServerParameters
        from mcp.client.stdio import stdio_client

        parameters = StdioServerParameters(
            command=entry.command, args=list(entry.args), env=entry.env or None
        )
        with open(os.devnull, "w") as silent:  # noqa: PTH123 - what it complains of is not ours to show
            async with stdio_client(parameters, errlog=silent) as streams:
                yield streams
        return
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    async with (
        httpx2.AsyncClient(headers=entry.headers) as client,
        streamable_http_client(entry.url, http_client=client) as streams,
    ):
        yield streams
