"""GitHub's REST interface over a session: the tool that does the same, answered as the API answers.

What is kept is the tool's call; only what the program reads has another shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

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
    """What the API answers: a JSON value, or a text where a diff was asked for."""

    status: int
    value: Any

    @property
    def failed(self) -> bool:
        return self.status >= 400

    @property
    def data(self) -> bytes:
        """The body as it is sent; empty where there is none."""
        if self.value is None:
            return b""
        return self.value.encode() if isinstance(self.value, str) else msgspec.json.encode(self.value)


Do = Callable[[str, dict[str, Any]], ToolResult]
"""Call a tool of GitHub's in the session."""


def answer_rest(session: Session, do: Do, asked: Asked) -> Reply | None:
    """The reply to a request, after ``do`` has done it; None where no operation stands for its path."""
    call = rest_call(asked.method, asked.path, asked.query, asked.body)
    if call is None:
        return None
    call = _wanted(with_branch(session.world, CONNECTOR.canonical(call)), asked.accept)
    kept = len(session.calls)
    result = do(call.tool, dict(call.arguments))
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
    return Reply(*rest_reply(session.world, asked.method, call, outcome))


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
