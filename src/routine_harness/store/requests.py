"""What an HTTP request amounts to in the words of a session: the call that has its effects."""

from __future__ import annotations

import shlex
from urllib.parse import parse_qsl

import msgspec

from routine_harness.routine.document import NOT_JSON
from routine_harness.routine.network import split_url
from routine_harness.store.interactions import Interaction, reads, server_of
from routine_harness.store.mcp_interactions import mcp_call, mcp_result
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolCall, ToolResult


def observed(method: str, url: str, body: bytes, answer: Interaction) -> tuple[ToolCall, ToolResult]:
    """The call that a request amounts to, and what it was answered."""
    spoken = mcp_call(method, url, body, Registry())
    if spoken is not None and spoken.tool:
        return spoken, mcp_result(answer.status, answer.plain)
    call = request_call(method, url, body)
    return call, ToolResult(answer.plain.decode("utf-8", "replace"), is_error=answer.status >= 400)


def request_call(method: str, url: str, body: bytes = b"") -> ToolCall:
    """The tool call that a request amounts to: a connector's tool, a fetch, or ``curl``."""
    method, parts = method.upper(), split_url(url)
    if server_of(url) == "api.github.com":
        # Imported here: a run without GitHub need not load its REST forms.
        from routine_harness.world.github.rest.rest_requests import rest_call

        try:
            value = msgspec.json.decode(body) if body else {}
        except NOT_JSON:
            value = {}
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        found = rest_call(method, parts.path, query, value if isinstance(value, dict) else {})
        if found is not None:
            return found
    spoken = mcp_call(method, url, body, Registry())
    if spoken is not None and spoken.tool:
        return spoken
    if reads(method, body) or spoken is not None:  # a handshake or a list of tools changes nothing
        return ToolCall("", "WebFetch", {"url": url})
    words = ["curl", "-X", method, url]
    if body:
        words += ["--data-raw", body.decode("utf-8", "replace")]
    return ToolCall("", "Bash", {"command": shlex.join(words)})
