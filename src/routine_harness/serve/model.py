"""The model endpoint: ``/v1/messages`` on loopback for sessions that show their token.

Every session has a mode of its own (see ``serve.modes``) or passes through to the real API with
the user's key, which is held in memory alone. Nothing but messages is answered or forwarded.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from routine_harness.serve.conversation import Conversation
from routine_harness.serve.modes import Mode, ModelProblem, Request, without_server_tools
from routine_harness.serve.prices import price
from routine_harness.serve.sse import (
    MalformedStream,
    StreamReader,
    encode_event,
    encode_events,
    encode_json,
)
from routine_harness.session.transcript import Usage

API: Final = "https://api.anthropic.com"
CONNECTING_SECONDS: Final = (0.5, 2.0)
"""Pauses between attempts to connect to the real API."""
FORWARDED: Final = ("anthropic-version", "anthropic-beta", "content-type", "accept", "user-agent")

SUBAGENT: Final = "x-claude-code-agent-id"
"""What a subagent's requests carry (Claude Code 2.1.329)."""


class Upstream(msgspec.Struct, frozen=True):
    """The real API and the user's key, never shown and never written."""

    key: str
    url: str = API

    def __repr__(self) -> str:
        return f"Upstream(url={self.url!r})"


class ModelSession:
    """What one session may ask, what it has cost, and what went wrong."""

    def __init__(
        self,
        source: Mode | Upstream,
        *,
        tools: Sequence[str] | None = None,
        limit_usd: float = 0.0,
        watch: Callable[[bytes], None] | None = None,
    ) -> None:
        """``tools`` are the routine's own tools, ``limit_usd`` its spending limit (0: none)."""
        self.token = f"routine-{secrets.token_urlsafe(24)}"
        self.source = source
        self.tools = tools
        self.limit_usd = limit_usd
        self.usage = Usage()
        self.problems: list[ModelProblem] = []
        self.watch = watch
        self.conversation = Conversation()
        self._lock = threading.Lock()

    def spend(self, counts: Mapping[str, int], model: str) -> None:
        """Add what one answer has cost."""
        taken = sum(counts.get(name, 0) for name in _INPUT)
        given = counts.get("output_tokens", 0)
        price_in, price_out = price(model)
        with self._lock:
            self.usage = Usage(
                self.usage.input_tokens + taken,
                self.usage.output_tokens + given,
                round(self.usage.cost_usd + (taken * price_in + given * price_out) / 1e6, 6),
            )

    @property
    def exhausted(self) -> bool:
        return bool(self.limit_usd) and self.usage.cost_usd >= self.limit_usd


_INPUT: Final = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


class ModelEndpoint:
    """The sessions by token, and the answers to their requests."""

    def __init__(self) -> None:
        self._sessions: dict[str, ModelSession] = {}

    def open(self, session: ModelSession) -> ModelSession:
        """Let ``session`` ask from now on."""
        self._sessions[session.token] = session
        return session

    def close(self, session: ModelSession) -> None:
        self._sessions.pop(session.token, None)

    def routes(self) -> list[Any]:
        """The endpoint's routes for a Starlette application."""
        from starlette.routing import Route

        return [Route("/v1/messages", self._messages, methods=["POST"])]

    async def _messages(self, http: Any) -> Any:
        session = self._session_of(http.headers)
        if session is None:
            return error_response(401, "authentication_error", "this is no session's token")
        body = await http.body()
        if session.watch is not None:
            session.watch(body)
        try:
            request = _read(body)
        except ValueError as error:
            return error_response(400, "invalid_request_error", str(error))
        if session.exhausted:
            problem = ModelProblem("budget.spent", f"the spending limit of ${session.limit_usd:g} is reached")
            return _refuse(session, problem)
        if isinstance(session.source, Upstream):
            return await _forward(session, session.source, without_server_tools(request, session.tools), http)
        return await _answer(session, session.source, request, http.headers.get(SUBAGENT, ""))

    def _session_of(self, headers: Mapping[str, str]) -> ModelSession | None:
        shown = headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")
        return self._sessions.get(shown)


def error_response(status: int, kind: str, message: str) -> Any:
    """The API's error envelope."""
    from starlette.responses import JSONResponse

    return JSONResponse({"type": "error", "error": {"type": kind, "message": message}}, status)


def _read(body: bytes) -> Request:
    try:
        request = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise ValueError(f"the body is not JSON: {error}") from error
    messages = request.get("messages") if isinstance(request, dict) else None
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise ValueError("messages: expected a list of messages")
    return dict(request)


def _refuse(session: ModelSession, problem: ModelProblem) -> Any:
    session.problems.append(problem)
    return error_response(400, "invalid_request_error", str(problem))


async def _answer(session: ModelSession, mode: Mode, request: Request, agent: str) -> Any:
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import Response, StreamingResponse

    model = str(request.get("model", ""))
    try:
        turn = await run_in_threadpool(mode.turn, request, agent)
    except ModelProblem as problem:
        return _refuse(session, problem)
    counts = {"input_tokens": turn.usage.input_tokens, "output_tokens": turn.usage.output_tokens}
    session.spend(counts, model)
    session.conversation.keep(request, turn.content)
    if request.get("stream"):
        return StreamingResponse(_events(encode_events(turn, model)), media_type="text/event-stream")
    return Response(encode_json(turn, model), media_type="application/json")


async def _events(events: Any) -> AsyncIterator[bytes]:
    for event in events:
        yield event


async def _forward(session: ModelSession, upstream: Upstream, request: Request, http: Any) -> Any:
    import httpx2 as httpx  # the client that the mcp package brings
    from starlette.responses import Response, StreamingResponse

    headers = {name: value for name, value in http.headers.items() if name in FORWARDED}
    client = httpx.AsyncClient(base_url=upstream.url, timeout=httpx.Timeout(600, connect=30))
    asked = client.build_request(
        "POST", "/v1/messages", content=msgspec.json.encode(request),
        params=dict(http.query_params), headers={**headers, "x-api-key": upstream.key},
    )  # fmt: skip
    try:
        answer = await _send(client, asked)
    except httpx.HTTPError as error:
        await client.aclose()
        said = f"the model cannot be reached at {upstream.url}: {type(error).__name__}"
        # We have tried again ourselves; of a 502 the CLI would make minutes of silence.
        return _refuse(session, ModelProblem("model.unreachable", said))
    kind = answer.headers.get("content-type", "application/json")
    if "event-stream" in kind:
        return StreamingResponse(
            _passing(session, answer, client, request), answer.status_code, media_type=kind
        )
    body = await answer.aread()
    await client.aclose()
    _count(session, body, request)
    kept = {name: answer.headers[name] for name in ("retry-after", "request-id") if name in answer.headers}
    return Response(body, answer.status_code, kept, media_type=kind)


async def _send(client: Any, asked: Any) -> Any:
    """Send a request; once more after each pause where there is nobody to talk to."""
    import anyio
    import httpx2 as httpx

    for pause in CONNECTING_SECONDS:
        with contextlib.suppress(httpx.ConnectError):
            return await client.send(asked, stream=True)
        await anyio.sleep(pause)
    return await client.send(asked, stream=True)


async def _passing(session: ModelSession, answer: Any, client: Any, request: Request) -> AsyncIterator[bytes]:
    """The stream as it comes; a malformed one ends in the API's own error event."""
    reader = StreamReader()
    try:
        async for chunk in answer.aiter_bytes():
            reader.feed(chunk)
            yield chunk
        if not reader.complete and answer.status_code == 200:
            raise MalformedStream("the stream ended before its message did")
    except MalformedStream as error:
        session.problems.append(ModelProblem("model.malformed-stream", f"malformed event stream: {error}"))
        yield encode_event("error", {"error": {"type": "api_error", "message": f"malformed stream: {error}"}})
    finally:
        session.spend(reader.usage, str(request.get("model", "")))
        session.conversation.keep(request, reader.blocks.content() if reader.complete else ())
        await answer.aclose()
        await client.aclose()


def _count(session: ModelSession, body: bytes, request: Request) -> None:
    try:
        answer = msgspec.json.decode(body)
        usage, content = answer.get("usage", {}), answer.get("content")
    except (msgspec.DecodeError, AttributeError):
        return  # an error page; it costs nothing
    if isinstance(content, list):
        session.conversation.keep(request, [block for block in content if isinstance(block, dict)])
    session.spend(
        {name: count for name, count in usage.items() if isinstance(count, int)},
        str(request.get("model", "")),
    )
