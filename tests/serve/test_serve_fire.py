"""The fire endpoint answers as the platform's does."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

pytest.importorskip("mcp")

from routine_harness.serve.fire import MAXIMUM_TEXT, Accepted, FireEndpoint, Refused
from routine_harness.serve.mcp import build_application
from routine_harness.serve.server import ServerThread, listen

TOKEN = "sk-ant-oat01-mine"
HEADERS = {
    "authorization": f"Bearer {TOKEN}",
    "anthropic-version": "2023-06-01",
    "anthropic-beta": "experimental-cc-routine-2026-04-01",
}


def endpoint(**options: Any) -> FireEndpoint:
    return FireEndpoint("triage", TOKEN, lambda _: None, **options)


@pytest.mark.parametrize(
    ("headers", "body", "options", "trigger", "status", "kind"),
    [
        ({"authorization": ""}, b"", {}, None, 401, "authentication_error"),
        ({"authorization": "Bearer other"}, b"", {}, None, 401, "authentication_error"),
        ({"anthropic-beta": "something"}, b"", {}, None, 400, "invalid_request_error"),
        ({"anthropic-version": ""}, b"", {}, None, 400, "invalid_request_error"),
        ({}, b"", {}, "trig_other", 404, "not_found_error"),
        ({}, b"", {"paused": True}, None, 400, "invalid_request_error"),
        ({}, b"{", {}, None, 400, "invalid_request_error"),
        ({}, b'{"text": 1}', {}, None, 400, "invalid_request_error"),
        (
            {},
            json.dumps({"text": "x" * (MAXIMUM_TEXT + 1)}).encode(),
            {},
            None,
            400,
            "invalid_request_error",
        ),
        ({}, b"", {"limit": lambda: 60}, None, 429, "rate_limit_error"),
    ],
    ids=["none", "wrong", "beta", "version", "absent", "paused", "json", "type", "long", "limit"],
)
def test_each_cause_has_its_error(
    headers: dict[str, str], body: bytes, options: dict[str, Any], trigger: str | None, status: int, kind: str
) -> None:
    """Status and type of an error are those of the platform's table."""
    fired = endpoint(**options)
    answer = fired.answer(trigger or fired.trigger_id, {**HEADERS, **headers}, body)
    assert isinstance(answer, Refused)
    assert (answer.status, answer.kind) == (status, kind)
    assert (status == 429) == ("retry-after" in answer.headers)


@pytest.mark.parametrize(
    ("body", "text"), [(b"", ""), (b"{}", ""), (b'{"text": "go", "more": 1}', "go"), (b'{"text": ""}', "")]
)
def test_the_body_is_optional_and_unknown_fields_are_ignored(body: bytes, text: str) -> None:
    """A request without a body, or with other fields besides, is accepted with its text."""
    fired = endpoint()
    assert fired.answer(fired.trigger_id, HEADERS, body) == Accepted(text, 1)


def test_every_accepted_request_is_a_session_of_its_own() -> None:
    """The same request twice starts two sessions: there is no idempotency key."""
    started: list[Accepted] = []
    fired = FireEndpoint("triage", TOKEN, started.append)
    server = ServerThread(build_application({}, fired.routes()), listen("127.0.0.1", 0), lambda *_: None)
    try:
        url = f"http://127.0.0.1:{server.port}/v1/claude_code/routines/{fired.trigger_id}/fire"
        answers = [httpx2.post(url, json={"text": "go"}, headers=HEADERS).json() for _ in range(2)]
        refused = httpx2.post(url, headers={**HEADERS, "authorization": "Bearer no"})
    finally:
        server.close()
    assert [answer["type"] for answer in answers] == ["routine_fire"] * 2
    ids = {answer["claude_code_session_id"] for answer in answers}
    assert len(ids) == 2
    assert all(
        answer["claude_code_session_url"].startswith("https://claude.ai/code/session_") for answer in answers
    )
    assert [accepted.number for accepted in started] == [1, 2]
    assert refused.json() == {
        "type": "error",
        "error": {"type": "authentication_error", "message": "Invalid bearer token."},
    }
