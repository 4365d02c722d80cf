"""The connectors of a world as real MCP servers: the services' own tools, schemas and result shapes.

What a call does is not decided here: every one is handed to one function, as a server receives it.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from typing import Final

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.serve.server import Failed
from routine_harness.session.run import Run
from routine_harness.session.session import Session
from routine_harness.world.tool import Tool, ToolResult

TOOL_USE_ID: Final = "claudecode/toolUseId"
"""Where the CLI says, in a request's ``_meta``, which tool call of the model it belongs to."""


SESSION_ID: Final = "mcp-session-id"
"""The header by which a client of streamable HTTP says which session a request belongs to."""


class Offer(msgspec.Struct, frozen=True):
    """One connector to serve: its own name, the server's name as the agent sees it, and its tools."""

    connector: str
    server: str
    tools: tuple[Tool, ...]
    instructions: str = ""


class Received(msgspec.Struct, frozen=True):
    """A call as a server receives it; ``call_id`` is the model's, where the client says it.

    ``session`` is the client's ``Mcp-Session-Id``, and ``world`` the name in its URL (``?world=NAME``); both
    are empty on standard input and output.
    """

    offer: Offer
    tool: str
    arguments: Record
    call_id: str = ""
    session: str = ""
    world: str = ""


Answer = Callable[[Received], ToolResult]


def build_server(offer: Offer, answer: Answer, failed: Failed, *, in_thread: bool = False) -> Json:
    """The MCP server of ``offer``. ``failed`` hears of what ``answer`` raises, of which a client sees an
    error alone; ``in_thread`` is for an ``answer`` that may wait."""
    import mcp_types as types  # nine tenths of a second that only serving pays
    from mcp.server.lowlevel import Server
    from starlette.concurrency import run_in_threadpool

    listed = types.ListToolsResult(tools=[_tool(tool) for tool in offer.tools])

    async def list_tools(_: Json, __: Json) -> Json:
        return listed

    async def call_tool(context: Json, params: Json) -> Json:
        meta = params.meta or {}
        call_id = str(meta.get(TOOL_USE_ID, ""))
        session, world = _client(context.request)
        received = Received(offer, params.name, dict(params.arguments or {}), call_id, session, world)
        try:
            result = await run_in_threadpool(answer, received) if in_thread else answer(received)
        except Exception as error:
            failed(f"the server of {offer.server}", error)
            raise
        return types.CallToolResult(
            content=[types.TextContent(type="text", text=result.text)],
            structured_content=result.structured,
            is_error=result.is_error,
        )

    return Server(
        offer.server,
        version=version("routine-harness"),
        instructions=offer.instructions or None,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _client(request: Json) -> tuple[str, str]:
    """The session of the client that asks over HTTP, and the world that it names."""
    if request is None:
        return "", ""
    return request.headers.get(SESSION_ID, ""), request.query_params.get("world", "")


def _tool(tool: Tool) -> Json:
    import mcp_types as types

    return types.Tool(
        name=tool.name,
        description=tool.description,
        input_schema={"type": "object", **tool.input_schema},
        annotations=types.ToolAnnotations.model_validate(tool.annotations) if tool.annotations else None,
    )


def build_application(servers: Mapping[str, Json], routes: Sequence[Json] = (), *, token: str = "") -> Json:
    """One ASGI application: each server under ``/mcp/<connector>``, beside ``routes``.

    With a ``token`` the servers answer only those who show it as a bearer.
    """
    from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
    from mcp.server.transport_security import TransportSecuritySettings
    from starlette.applications import Starlette
    from starlette.routing import Route

    local = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=["127.0.0.1:*", "localhost:*", "[::1]:*"],
        allowed_origins=["http://127.0.0.1:*", "http://localhost:*", "http://[::1]:*"],
    )
    managers = {
        name: StreamableHTTPSessionManager(app=server, security_settings=local)
        for name, server in servers.items()
    }
    endpoints = [
        Route(f"/mcp/{name}", guarded(StreamableHTTPASGIApp(manager), token))
        for name, manager in managers.items()
    ]

    @asynccontextmanager
    async def lifespan(_: Json) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for manager in managers.values():
                await stack.enter_async_context(manager.run())
            yield

    return Starlette(routes=[*endpoints, *routes], lifespan=lifespan)


def guarded(application: Json, token: str) -> Json:
    """``application`` for those who show ``token`` as a bearer; for everybody without one."""
    if not token:
        return application
    return _Guarded(application, token)


class _Guarded:
    def __init__(self, application: Json, token: str) -> None:
        self._application = application
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Json, receive: Json, send: Json) -> None:
        import hmac

        shown = dict(scope["headers"]).get(b"authorization", b"")
        if hmac.compare_digest(shown, self._expected):
            await self._application(scope, receive, send)
            return
        from starlette.responses import PlainTextResponse

        await PlainTextResponse("this is no session's token\n", 401)(scope, receive, send)


async def serve_stdio(server: Json) -> None:
    """Serve on standard input and output until the client hangs up."""
    from mcp.server.stdio import stdio_server

    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


class Worlds:
    """The open worlds of a server by name, each made when a client first calls."""

    def __init__(self, make: Callable[[], Session], *, each_session: bool) -> None:
        self._make, self._each_session = make, each_session
        self._lock = threading.RLock()  # a signal may end the thread that holds it
        self._opened: dict[str, Session] = {}
        if not each_session:
            self._opened[""] = make()

    def answer(self, received: Received) -> ToolResult:
        name = received.world or (received.session if self._each_session else "")
        with self._lock:
            if name not in self._opened:
                self._opened[name] = self._make()
            tool = f"{received.offer.connector}.{received.tool}"
            return self._opened[name].handle(tool, received.arguments, server=received.offer.server)

    def finished(self) -> Iterator[tuple[str, Run]]:
        """Every world by its name, with what was done in it, in the order in which they were made."""
        with self._lock:
            for name, session in self._opened.items():
                yield name, session.finish("interrupted")
