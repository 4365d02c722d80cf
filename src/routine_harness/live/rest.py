"""GitHub's REST interface over a session: the tool that does the same, answered as the API answers.

What is kept is the tool's call; only what the program reads has another shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from routine_harness.live.rest_pages import Paging, cut_page, named_path, paged_call
from routine_harness.session.session import Session
from routine_harness.world.github.connector import CONNECTOR, with_branch
from routine_harness.world.github.rest import rest_call
from routine_harness.world.github.rest_answers import DOCUMENTATION, rest_reply
from routine_harness.world.tool import Outcome, ToolCall, ToolResult


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One request of a program; ``body`` is decoded JSON, ``accept`` the media type it wants."""

    method: str
    path: str
    query: Mapping[str, Any] = {}
    body: Any = None
    accept: str = ""


class Reply(msgspec.Struct, frozen=True):
    """What the API answers: a JSON value, or a text where a diff was asked for; ``headers`` are those
    that tell more than the body, by their lower-case names, ``sent`` the body of a recorded answer."""

    status: int
    value: Any
    headers: dict[str, str] = {}
    sent: bytes | None = None

    @property
    def failed(self) -> bool:
        return self.status >= 400

    @property
    def data(self) -> bytes:
        """The body as it is sent; empty where there is none."""
        if self.sent is not None:
            return self.sent
        if self.value is None:
            return b""
        return self.value.encode() if isinstance(self.value, str) else msgspec.json.encode(self.value)


Do = Callable[[str, dict[str, Any]], ToolResult]
"""Call a tool of GitHub's in the session."""


Held = Callable[[Asked], "Reply | None"]
"""What a cassette holds for a request; what it answers counts as played."""


def answer_rest(
    session: Session, do: Do, asked: Asked, held: Held = lambda _: None, *, via: str = "", turn: int = 0
) -> Reply | None:
    """The reply to a request, after ``do`` has done it; None where no operation stands for its path.

    ``held`` answers operations that the world does not model; ``via`` and ``turn`` are those of the
    command that asks.
    """
    path = named_path(session.world, asked.path)
    call = rest_call(asked.method, path, asked.query, asked.body)
    if call is None:
        return None
    call = _wanted(with_branch(session.world, CONNECTOR.canonical(call)), asked.accept)
    if call.tool not in CONNECTOR.operations and (recorded := held(asked)) is not None:
        return _replay(session, call, recorded, via, turn)
    paging = Paging.of(asked.query) if asked.method == "GET" else None
    paged = paged_call(session.world, call, paging) if paging is not None else call
    kept = len(session.calls)
    result = do(call.tool, dict((paged or call).arguments))
    if len(session.calls) == kept:  # the session is over
        return _said(403, result)
    record = session.calls[-1]
    if record.answered_by == "fault":
        return _said(_status_of(result), result)
    if record.answered_by != "world" or call.tool not in CONNECTOR.operations:
        return _said(403 if result.is_error else 200, result)
    if call.arguments.get("method") == "get_diff" and not result.is_error:
        return Reply(200, result.text)
    outcome = Outcome(session.world, result, incomplete="" if record.complete else "what was asked for")
    reply = Reply(*rest_reply(session.world, asked.method, call, outcome))
    if paging is None or reply.failed:
        return reply
    value = reply.value if paged is not None else []
    value, link = cut_page(session.world, call, value, paging, path, asked.query)
    return Reply(reply.status, value, {"link": link} if link else {})


def _replay(session: Session, call: ToolCall, recorded: Reply, via: str, turn: int) -> Reply:
    """What was recorded, unless the session does not grant the call or a fault befalls it."""
    result = ToolResult(recorded.data.decode(errors="replace"), is_error=recorded.failed)
    record = session.replay(call.name, call.arguments, result, turn=turn, via=via, trust="recorded")
    if record is None:
        return _said(403, ToolResult("the session is over", is_error=True))
    if record.answered_by == "fault":
        return _said(_status_of(record.result), record.result)
    return _said(403, record.result) if record.answered_by == "refused" else recorded


def _wanted(call: ToolCall, accept: str) -> ToolCall:
    """A pull request that is asked for as a diff is the call that reads its diff."""
    if "diff" in accept and call.tool == "pull_request_read" and call.arguments.get("method") == "get":
        return msgspec.structs.replace(call, arguments={**call.arguments, "method": "get_diff"})
    return call


def _said(status: int, result: ToolResult) -> Reply:
    return Reply(status, {"message": result.text, "documentation_url": DOCUMENTATION})


def _status_of(result: ToolResult) -> int:
    """The status that a fault of the case names, else the one of a server that failed."""
    number = result.text.removeprefix("Request failed with status code ").partition("\n")[0]
    return int(number) if number.isdecimal() and 400 <= int(number) <= 599 else 500
