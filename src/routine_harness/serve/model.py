"""The model endpoint on loopback, for sessions that show their token.

Every session has a mode of its own (see ``serve.modes``) or passes through to the real API with
the user's credential, which is held in memory alone. Nothing but messages is answered or forwarded.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import Final
from urllib.parse import unquote

import msgspec

from routine_harness.plain import Json
from routine_harness.routine.document import NOT_JSON
from routine_harness.serve.credential import Credential, Interface
from routine_harness.serve.forwarding import Asking, forward
from routine_harness.serve.model_session import ModelSession, error_response
from routine_harness.serve.modes import Mode, ModelProblem, Request, without_server_tools
from routine_harness.serve.streams import encode_events, encode_json

SUBAGENT: Final = "x-claude-code-agent-id"
"""What a subagent's requests carry (Claude Code 2.1.329)."""


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

    def routes(self) -> list[Json]:
        """The endpoint's routes for a Starlette application."""
        from starlette.routing import Route

        places = ("/v1/messages", "/model/{rest:path}", "/projects/{rest:path}")
        return [Route(place, self._messages, methods=["POST"]) for place in places]

    async def _messages(self, http: Json) -> Json:
        session = self._session_of(http.headers)
        if session is None:
            return error_response(401, "authentication_error", "this is no session's token")
        path = http.scope["raw_path"].decode("ascii", "replace").partition("?")[0]
        interface, model = read_path(path) or ("", "")
        if interface != session.interface:
            return error_response(404, "not_found_error", "the session's model has no such path")
        body = await http.body()
        if session.watch is not None:
            session.watch(body)
        try:
            request = _read(body)
        except ValueError as error:
            return error_response(400, "invalid_request_error", str(error))
        if session.exhausted:
            limit = session.spending.limit_usd
            problem = ModelProblem("budget.spent", f"the spending limit of ${limit:g} is reached")
            return session.refuse(problem)
        if session.refused is not None:
            return session.refuse(session.refused)
        if isinstance(session.source, Credential):
            named = model or str(request.get("model", ""))
            asking = Asking(path, named, without_server_tools(request, session.tools))
            return await forward(session, session.source, asking, http)
        return await _answer(session, session.source, request, http.headers.get(SUBAGENT, ""))

    def _session_of(self, headers: Mapping[str, str]) -> ModelSession | None:
        shown = headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")
        return self._sessions.get(shown)


def _read(body: bytes) -> Request:
    try:
        request = msgspec.json.decode(body)
    except NOT_JSON as error:
        raise ValueError(f"the body is not JSON: {error}") from error
    messages = request.get("messages") if isinstance(request, dict) else None
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise ValueError("messages: expected a list of messages")
    return dict(request)


async def _answer(session: ModelSession, mode: Mode, request: Request, agent: str) -> Json:
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import Response, StreamingResponse

    model = str(request.get("model", ""))
    try:
        turn = await run_in_threadpool(mode.turn, request, agent)
    except ModelProblem as problem:
        return session.refuse(problem)
    counts = {"input_tokens": turn.usage.input_tokens, "output_tokens": turn.usage.output_tokens}
    session.spend(counts, model)
    session.conversation.keep(request, turn.content)
    if request.get("stream"):
        return StreamingResponse(_events(encode_events(turn, model)), media_type="text/event-stream")
    return Response(encode_json(turn, model), media_type="application/json")


async def _events(events: Json) -> AsyncIterator[bytes]:
    for event in events:
        yield event


PATHS: Final[Mapping[Interface, re.Pattern[str]]] = {
    "messages": re.compile(r"/v1/messages"),
    "bedrock": re.compile(r"/model/(?P<model>[\w.:%-]+)/invoke(?:-with-response-stream)?"),
    "vertex": re.compile(
        r"/projects/[\w.:-]+/locations/[\w-]+/publishers/anthropic/models/"
        r"(?!count-tokens)(?P<model>[\w.@%-]+):(?:streamRawPredict|rawPredict)"
    ),
}
"""What the CLI 2.1.332 asks for; nothing else is answered or forwarded."""


def read_path(path: str) -> tuple[Interface, str] | None:
    """The interface that a path belongs to, and the model that it names; None for any other path."""
    for interface, pattern in PATHS.items():
        if found := pattern.fullmatch(path):
            return interface, unquote(found.groupdict().get("model") or "")
    return None
