"""Connections to other people's MCP servers."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Final, TextIO

from routine_harness.live.outside.server_entries import ServerEntry
from routine_harness.plain import Json
from routine_harness.redaction.redactor import Redactor
from routine_harness.world.tool import ToolCall, ToolResult

START_SECONDS: Final = 60.0
CALL_SECONDS: Final = 120.0


def why_silent(error: BaseException, secrets: Mapping[str, str]) -> str:
    """What kept a server from answering, in one line; without ``secrets``, by name."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, TimeoutError):
        return f"nothing came within {START_SECONDS:g} seconds"
    said = str(error).strip().partition("\n")[0] or type(error).__name__
    return Redactor(secrets).text(said)


@contextmanager
def _without_log() -> Iterator[None]:
    """What a server says beside the protocol is no news of the client's, and no traceback for a reader."""
    log = logging.getLogger("mcp")
    handler, propagate = logging.NullHandler(), log.propagate
    log.addHandler(handler)
    log.propagate = False
    try:
        yield
    finally:
        log.propagate = propagate
        log.removeHandler(handler)


@asynccontextmanager
async def connected(entry: ServerEntry, complaints: TextIO | None = None) -> Json:
    """A session with the server, ready to be asked; ``complaints`` takes its standard error.

    Raises:
        TimeoutError: it did not answer in time.
    """
    import anyio
    from mcp import ClientSession

    with _without_log(), anyio.fail_after(START_SECONDS) as starting:
        async with (
            _streams(entry, complaints) as streams,
            ClientSession(streams[0], streams[1], read_timeout_seconds=CALL_SECONDS) as session,
        ):
            await session.initialize()
            starting.deadline = float("inf")
            yield session


async def all_tools(session: Json) -> list[Json]:
    """The tools that a server lists, from all of its pages."""
    import mcp_types as types

    page = await session.list_tools()
    tools = list(page.tools)
    while page.next_cursor:
        page = await session.list_tools(params=types.PaginatedRequestParams(cursor=page.next_cursor))
        tools += page.tools
    return tools


@asynccontextmanager
async def _streams(entry: ServerEntry, complaints: TextIO | None = None) -> Json:
    if entry.type == "ws":
        raise OSError("it speaks over a web socket, which this client does not; ask for a server over http")
    if entry.type == "stdio":
        from mcp import StdioServerParameters
        from mcp.client.stdio import stdio_client

        parameters = StdioServerParameters(
            command=entry.command, args=list(entry.args), env=entry.env or None
        )
        with open(os.devnull, "w") as silent:  # noqa: PTH123 - what it complains of is not ours to show
            async with stdio_client(parameters, errlog=complaints or silent) as streams:
                yield streams
        return
    if entry.type == "sse":
        from mcp.client.sse import sse_client

        async with sse_client(entry.url, headers=dict(entry.headers)) as streams:
            yield streams
        return
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    async with (
        httpx2.AsyncClient(headers=entry.headers) as client,
        streamable_http_client(entry.url, http_client=client) as streams,
    ):
        yield streams


def call_tool(portal: Json, session: Json, call: ToolCall) -> ToolResult:
    """Really call a tool; an answer that does not come is an error result."""
    try:
        answer = portal.call(session.call_tool, call.tool, call.arguments)
    except Exception as error:  # noqa: BLE001 - anything that a stranger's server does is an answer
        return ToolResult(f"{call.name} failed: {error}", is_error=True)
    return ToolResult(_text(answer.content), bool(answer.is_error), answer.structured_content)


def _text(content: Sequence[Json]) -> str:
    return "\n".join(block.text if block.type == "text" else f"[{block.type}]" for block in content)
