"""GitHub's REST interface over a session: a program's request is the operation that it stands for.

So a write by ``curl`` or ``gh api`` has the same effects, faults and grants as the tool's. On the wire a
request and its answer have git's commit ids; here they have the world's.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from routine_harness.live.outside.egress import HttpRequest, HttpResponse
from routine_harness.live.outside.ids import Ids
from routine_harness.plain import Record
from routine_harness.routine.document import NOT_JSON
from routine_harness.session.run import CallRecord
from routine_harness.session.session import Session
from routine_harness.world.github.connector import CONNECTOR, call_passage
from routine_harness.world.github.faces import API, GRAPHQL
from routine_harness.world.github.gh.gh_plan import Request
from routine_harness.world.github.graphql.graphql_answers import answer_graphql
from routine_harness.world.github.operations.operation import Refused
from routine_harness.world.github.proxy import request_passage
from routine_harness.world.github.rest.replies import Reply, refused_reply, said_reply
from routine_harness.world.github.rest.rest_answers import reply_to
from routine_harness.world.github.rest.rest_paths import moved_reply, named_path, requested
from routine_harness.world.github.rest.rest_requests import read_request
from routine_harness.world.github.tools.tool_calls import Step, call_of
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolCall, ToolResult

ADDRESS: Final = "https://api.github.com"
_REPOSITORY: Final = re.compile(r"/repos/([^/]+)/([^/]+)")
_KEPT: Final = ("link", "location", "content-type")
"""The headers of a recorded answer that are handed on."""

Do = Callable[[str, Record, str], ToolResult]
"""Call a tool of GitHub's in the session, as a face of that name asks for it."""

Cassette = Callable[[Request], "Reply | None"]
"""What a cassette holds for a request; what it answers counts as played."""


def answer_rest(
    session: Session, do: Do, request: Request, cassette: Cassette = lambda _: None,
    *, via: str = "", turn: int = 0,
) -> Reply | None:  # fmt: skip
    """The reply to a request, after ``do`` has done it; None where no operation stands for its path.

    ``cassette`` answers operations that the world does not model; ``via`` and ``turn`` are those of the
    command that asks.
    """
    if request.path.strip("/") == "graphql":
        return _graphql(session, do, request, cassette)
    path = named_path(session.world, request.path)
    moved = moved_reply(session.world, request.method, path)
    if moved is not None:
        return moved
    step = read_request(request.method, path, request.query, request.body, request.accept)
    if step is None:
        return _unknown(session, path)
    call = call_of(step, API)
    if not CONNECTOR.tools[call.tool].simulated and (recorded := cassette(request)) is not None:
        return _replay(session, call, recorded, via, turn)
    before, kept = session.world, len(session.calls)
    result = do(call.tool, call.arguments, API)
    if len(session.calls) == kept:  # the session is over
        return said_reply(403, result.text)
    return _reply(step, before, session.calls[-1], requested(request.query, path))


def _unknown(session: Session, path: str) -> Reply | None:
    """The platform's refusal of a path that stands for no operation. None where it lets the path through, and
    for a repository that the routine does not grant, which the caller refuses."""
    passed = request_passage(session.world.rules, path)
    session.depend_on(*passed.depends_on)
    if passed.refused is None or "other_repositories" in passed.depends_on:
        return None
    return refused_reply(passed.refused)


def _graphql(session: Session, do: Do, request: Request, cassette: Cassette) -> Reply:
    """The reply to a GraphQL document; ``cassette`` answers one that the schema here does not know."""
    kept = len(session.calls)
    reply = answer_graphql(session.world, request.body, performer(session, do, GRAPHQL))
    if reply.status == 403 and session.calls[kept:] and session.calls[-1].answered_by == "fault":
        return said_reply(_status_of(session.calls[-1].result), session.calls[-1].result.text)
    if is_not_simulated(reply) and (recorded := cassette(request)) is not None:
        return recorded
    return reply


def is_not_simulated(reply: Reply) -> bool:
    """Whether a GraphQL document asks for what the schema here lacks, so that nothing was done."""
    return reply.status == 200 and bool(reply.incomplete)


def performer(session: Session, do: Do, face: str) -> Callable[[Step], Outcome]:
    """How an operation is carried out in a session, as ``face`` asks for it."""

    def perform(step: Step) -> Outcome:
        before, kept = session.world, len(session.calls)
        call = call_of(step, face)
        result = do(call.tool, call.arguments, face)
        if len(session.calls) == kept or session.calls[-1].answered_by != "world":
            denied = _denied(before, session.calls[-1]) if len(session.calls) > kept else None
            return Outcome(session.world, ToolResult(result.text, is_error=True), found=denied)
        return performed(before, session.calls[-1])

    return perform


def _reply(step: Step, before: World, record: CallRecord, path: str) -> Reply:
    if record.answered_by == "fault":
        return said_reply(_status_of(record.result), record.result.text)
    if record.answered_by != "world":
        denied = _denied(before, record)
        if denied is not None:
            return refused_reply(denied)
        return said_reply(403 if record.result.is_error else 200, record.result.text)
    return reply_to(step, performed(before, record), path)


def _denied(before: World, record: CallRecord) -> Refused | None:
    """The platform's refusal of a call that the routine does not grant either."""
    return call_passage(before.rules, record.call).refused if record.answered_by == "refused" else None


def performed(before: World, record: CallRecord) -> Outcome:
    """What a call that the world has answered found, in rows: operations are pure, so asking again tells."""
    return CONNECTOR.call(before.at(before.clock + 1), record.call)


def _replay(session: Session, call: ToolCall, recorded: Reply, via: str, turn: int) -> Reply:
    """What was recorded, unless the session does not grant the call or a fault hits it."""
    result = ToolResult(recorded.data.decode(errors="replace"), is_error=recorded.failed)
    record = session.replay(
        call.name, call.arguments, result, server=API, turn=turn, via=via, trust="recorded"
    )
    if record is None:
        return said_reply(403, "the session is over")
    if record.answered_by == "fault":
        return said_reply(_status_of(record.result), record.result.text)
    return said_reply(403, record.result.text) if record.answered_by == "refused" else recorded


def _status_of(result: ToolResult) -> int:
    """The status that a fault of the case names, else the one of a server that failed."""
    number = result.text.removeprefix("Request failed with status code ").partition("\n")[0]
    return int(number) if number.isdecimal() and 400 <= int(number) <= 599 else 500


def http_request_of(request: Request) -> HttpRequest:
    """The request as a client would send it, its body as JSON."""
    query = f"?{urlencode(request.query)}" if request.query else ""
    body = b"" if request.body is None else msgspec.json.encode(request.body)
    return HttpRequest(request.method, f"{ADDRESS}{request.path}{query}", {}, body)


def reply_of(response: HttpResponse) -> Reply:
    """The reply in a response; its text where that is no JSON."""
    headers = {name.lower(): value for name, value in response.headers.items() if name.lower() in _KEPT}
    try:
        value = msgspec.json.decode(response.body) if response.body else None
    except NOT_JSON:
        value = response.body.decode(errors="replace")
    return Reply(response.status, value, headers, response.body)


def api_call_of(request: Request) -> ToolCall:
    """The request as a call of GitHub, by which it is granted or not."""
    found = _REPOSITORY.match(request.path)
    where = {"owner": found[1], "repo": found[2]} if found is not None else {}
    return ToolCall("github", "api", {**where, "method": request.method, "path": request.path}, API)


def request_of(sent: HttpRequest, ids: Ids) -> Request | None:
    """What a program inside asks for, in the world's ids; None where its body is no JSON."""
    parts = urlsplit(sent.url)
    try:
        body = msgspec.json.decode(sent.body) if sent.body else None
    except NOT_JSON:
        return None
    return Request(
        method="GET" if sent.method == "HEAD" else sent.method,
        path=ids.meant(parts.path),
        query=ids.meant(dict(parse_qsl(parts.query))),
        body=ids.meant(body),
        accept=sent.headers.get("accept", ""),
    )


def response_of(reply: Reply, ids: Ids) -> HttpResponse:
    """The response that a program inside gets, in git's ids."""
    kind = "text/plain" if isinstance(reply.value, str) else "application/json"
    headers = {name: ids.shown(value) for name, value in reply.headers.items()}
    body = reply.data
    with contextlib.suppress(UnicodeDecodeError):  # an archive, say
        body = ids.shown(body.decode()).encode()
    return HttpResponse(reply.status, {"content-type": f"{kind}; charset=utf-8", **headers}, body)
