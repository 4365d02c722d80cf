"""Passing a request on to the real API, and its answer back, with an eye on what it costs."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec

from routine_harness.routine.document import NOT_JSON
from routine_harness.serve.model_session import BROKEN, ModelSession, Upstream
from routine_harness.serve.modes import ModelProblem, Request, turns_so_far
from routine_harness.serve.sse import MalformedStream, StreamReader, encode_event

CONNECTING_SECONDS: Final = (0.5, 2.0)
"""Pauses between attempts to connect to the real API."""
FORWARDED: Final = ("anthropic-version", "anthropic-beta", "content-type", "accept", "user-agent")
HINT: Final = (
    "the address is ANTHROPIC_BASE_URL, else the API's own: what stands there has to speak the Messages API "
    "and to pass its streams on whole; try again if it does"
)


async def forward(session: ModelSession, upstream: Upstream, request: Request, http: Any) -> Any:
    """Ask the real API; what it answers, as it comes."""
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
        said = f"the model cannot be reached: {type(error).__name__}"
        # We have tried again ourselves; of a 502 the CLI would make minutes of silence.
        return session.refuse(ModelProblem("model.unreachable", said, file=upstream.url, hint=HINT))
    kind = answer.headers.get("content-type", "application/json")
    if "event-stream" in kind:
        passing = _passing(session, upstream, answer, client, request)
        return StreamingResponse(passing, answer.status_code, media_type=kind)
    body = await answer.aread()
    await client.aclose()
    if not _count(session, body, request) and answer.status_code == 200:
        session.problems.append(_broken(upstream, request, f"this is {kind.partition(';')[0]}, no message"))
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


async def _passing(
    session: ModelSession, upstream: Upstream, answer: Any, client: Any, request: Request
) -> AsyncIterator[bytes]:
    """The stream as it comes, event by event; a malformed one ends in the API's own error event."""
    import httpx2 as httpx

    reader = StreamReader()
    try:
        try:
            async for chunk in answer.aiter_bytes():
                if events := reader.feed(chunk):
                    yield events
        except httpx.HTTPError as error:
            raise MalformedStream(f"the connection ended: {type(error).__name__}") from error
        if not reader.complete and answer.status_code == 200:
            raise MalformedStream("the stream ended before its message did")
        session.answered()
    except MalformedStream as error:
        session.problems.append(_broken(upstream, request, str(error)))
        yield encode_event("error", {"error": {"type": "api_error", "message": f"malformed stream: {error}"}})
    finally:
        session.spend(reader.usage, str(request.get("model", "")))
        session.conversation.keep(request, reader.blocks.content() if reader.complete else ())
        await answer.aclose()
        await client.aclose()


def _broken(upstream: Upstream, request: Request, what: str) -> ModelProblem:
    said = f"the model's answer in turn {turns_so_far(request) + 1} is malformed: {what}"
    return ModelProblem(BROKEN, said, file=upstream.url, hint=HINT)


def _count(session: ModelSession, body: bytes, request: Request) -> bool:
    """Count what an answer costs; False for one that is no message, such as an error, which costs nothing."""
    try:
        answer = msgspec.json.decode(body)
    except NOT_JSON:
        return False
    content = answer.get("content") if isinstance(answer, dict) else None
    if not isinstance(content, list):
        return False
    session.answered()
    session.conversation.keep(request, [block for block in content if isinstance(block, dict)])
    usage = answer.get("usage")
    counts = usage if isinstance(usage, dict) else {}
    session.spend(
        {name: count for name, count in counts.items() if isinstance(count, int)},
        str(request.get("model", "")),
    )
    return True
