"""GitHub's REST interface over a session: a program's request is the operation that it stands for.

So a write by ``curl`` or ``gh api`` has the same effects, faults and grants as the tool's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from routine_harness.session.run import CallRecord
from routine_harness.session.session import Session
from routine_harness.world.github.connector import CONNECTOR, call_passage
from routine_harness.world.github.faces import API, GRAPHQL
from routine_harness.world.github.graphql.graphql_answers import answer_graphql
from routine_harness.world.github.operations.operation import Refused
from routine_harness.world.github.proxy import request_passage
from routine_harness.world.github.rest.replies import Reply as Reply
from routine_harness.world.github.rest.replies import refused_reply, said_reply
from routine_harness.world.github.rest.rest_answers import reply_to
from routine_harness.world.github.rest.rest_paths import moved_reply, named_path, requested
from routine_harness.world.github.rest.rest_requests import read_request
from routine_harness.world.github.tools.tool_calls import Step, call_of
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolCall, ToolResult


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One request of a program; ``body`` is decoded JSON, ``accept`` the media type it wants."""

    method: str
    path: str
    query: Mapping[str, Any] = {}
    body: Any = None
    accept: str = ""


Do = Callable[[str, dict[str, Any], str], ToolResult]
"""Call a tool of GitHub's in the session, as a face of that name asks for it."""

Held = Callable[[Asked], "Reply | None"]
"""What a cassette holds for a request; what it answers counts as played."""


def answer_rest(
    session: Session, do: Do, asked: Asked, held: Held = lambda _: None, *, via: str = "", turn: int = 0
) -> Reply | None:
    """The reply to a request, after ``do`` has done it; None where no operation stands for its path.

    ``held`` answers operations that the world does not model; ``via`` and ``turn`` are those of the
    command that asks.
    """
    if asked.path.strip("/") == "graphql":
        return _graphql(session, do, asked, held)
    path = named_path(session.world, asked.path)
    moved = moved_reply(session.world, asked.method, path)
    if moved is not None:
        return moved
    step = read_request(asked.method, path, asked.query, asked.body, asked.accept)
    if step is None:
        return _unknown(session, path)
    call = call_of(step, API)
    if not CONNECTOR.tools[call.tool].simulated and (recorded := held(asked)) is not None:
        return _replay(session, call, recorded, via, turn)
    before, kept = session.world, len(session.calls)
    result = do(call.tool, call.arguments, API)
    if len(session.calls) == kept:  # the session is over
        return said_reply(403, result.text)
    return _reply(step, before, session.calls[-1], requested(asked.query, path))


def _unknown(session: Session, path: str) -> Reply | None:
    """The platform's refusal of a path that stands for no operation; None where it lets it through, and
    of a repository that the routine does not grant, of which whoever asks is told."""
    passed = request_passage(session.world.rules, path)
    session.hang_on(*passed.depends_on)
    if passed.refused is None or "other_repositories" in passed.depends_on:
        return None
    return refused_reply(passed.refused)


def _graphql(session: Session, do: Do, asked: Asked, held: Held) -> Reply:
    """The reply to a GraphQL document; ``held`` answers one that the schema here does not know."""
    kept = len(session.calls)
    reply = answer_graphql(session.world, asked.body, performer(session, do, GRAPHQL))
    if reply.status == 403 and session.calls[kept:] and session.calls[-1].answered_by == "fault":
        return said_reply(_status_of(session.calls[-1].result), session.calls[-1].result.text)
    if is_not_simulated(reply) and (recorded := held(asked)) is not None:
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
    """What was recorded, unless the session does not grant the call or a fault befalls it."""
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
