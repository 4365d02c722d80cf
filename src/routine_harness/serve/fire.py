"""The fire endpoint of a routine over loopback, with the platform's answers and errors.

``POST /v1/claude_code/routines/{trig_…}/fire``: bearer token of the routine, dated beta header,
optional ``{"text": …}``. Every accepted request starts a session of its own; nothing is streamed.
Source: https://platform.claude.com/docs/en/api/claude-code/routines-fire, text of 2026-08-22.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from routine_harness.plain import Json
from routine_harness.routine.document import NOT_JSON
from routine_harness.routine.placeholders import routine_id

BETAS: Final = ("experimental-cc-routine-2026-04-01",)
VERSION: Final = "2023-06-01"
MAXIMUM_TEXT: Final = 65_536


class Accepted(msgspec.Struct, frozen=True):
    """A request that starts a session; ``number`` counts them from 1."""

    text: str
    number: int


class Refused(msgspec.Struct, frozen=True):
    """A request that does not: status, the error's type and message, further headers."""

    status: int
    kind: str
    message: str
    headers: dict[str, str] = {}


class FireEndpoint:
    """One routine's endpoint.

    ``started`` gets every accepted request; ``limit`` says, per request, after how many
    seconds the hourly limit lets the next one pass (0: now).
    """

    def __init__(
        self, name: str, token: str, started: Callable[[Accepted], None], *, paused: bool = False,
        limit: Callable[[], int] = lambda: 0,
    ) -> None:  # fmt: skip
        self.trigger_id = routine_id(name)
        self._token = token
        self._started = started
        self._paused = paused
        self._limit = limit
        self._count = 0

    def routes(self) -> list[Json]:
        """The endpoint's routes for a Starlette application."""
        from starlette.routing import Route

        return [Route("/v1/claude_code/routines/{trigger}/fire", self._fire, methods=["POST"])]

    def answer(self, trigger: str, headers: Mapping[str, str], body: bytes) -> Accepted | Refused:
        """Judge one request, without starting anything. ``headers`` have lower-case names."""
        refusal = self._refuse_caller(trigger, headers)
        if refusal is not None:
            return refusal
        text = _text(body)
        if isinstance(text, Refused):
            return text
        if self._paused:
            return Refused(400, "invalid_request_error", "This routine is paused.")
        wait = self._limit()
        if wait:
            message = "This routine has reached its hourly limit of runs."
            return Refused(429, "rate_limit_error", message, {"retry-after": str(wait)})
        self._count += 1
        return Accepted(text, self._count)

    def _refuse_caller(self, trigger: str, headers: Mapping[str, str]) -> Refused | None:
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(shown.encode(), self._token.encode()):
            return Refused(401, "authentication_error", "Invalid bearer token.")
        if trigger != self.trigger_id:
            return Refused(404, "not_found_error", f"No routine {trigger}.")
        if headers.get("anthropic-version") != VERSION:
            return Refused(400, "invalid_request_error", f"anthropic-version: expected {VERSION}")
        named = {beta.strip() for beta in headers.get("anthropic-beta", "").split(",")}
        if named.isdisjoint(BETAS):
            return Refused(400, "invalid_request_error", f"anthropic-beta: expected {BETAS[0]}")
        return None

    async def _fire(self, http: Json) -> Json:
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import JSONResponse

        answer = self.answer(http.path_params["trigger"], dict(http.headers), await http.body())
        if isinstance(answer, Refused):
            error = {"type": "error", "error": {"type": answer.kind, "message": answer.message}}
            return JSONResponse(error, answer.status, answer.headers)
        await run_in_threadpool(self._started, answer)
        session = session_id(self.trigger_id, answer.number)
        url = f"https://claude.ai/code/{session}"
        return JSONResponse(
            {"type": "routine_fire", "claude_code_session_id": session, "claude_code_session_url": url}
        )


def session_id(trigger: str, number: int) -> str:
    return f"session_{hashlib.sha256(f'{trigger} {number}'.encode()).hexdigest()[:24]}"


def _text(body: bytes) -> str | Refused:
    if not body.strip():
        return ""
    try:
        data = msgspec.json.decode(body)
    except NOT_JSON as error:
        return Refused(400, "invalid_request_error", f"The body is not JSON: {error}")
    text = data.get("text", "") if isinstance(data, dict) else None
    if not isinstance(text, str):
        return Refused(400, "invalid_request_error", "text: expected a string")
    if len(text) > MAXIMUM_TEXT:
        return Refused(400, "invalid_request_error", f"text: at most {MAXIMUM_TEXT} characters")
    return text
