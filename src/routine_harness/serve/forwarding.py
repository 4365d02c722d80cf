"""Passing a request on to the real API, and its answer back, with an eye on what it costs."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec

from routine_harness.plain import Json
from routine_harness.redaction.redactor import Redactor
from routine_harness.routine.document import NOT_JSON
from routine_harness.serve.credential import KEY, Credential
from routine_harness.serve.model_session import BROKEN, REFUSED, ModelSession
from routine_harness.serve.modes import ModelProblem, Request, turns_so_far
from routine_harness.serve.streams import MalformedStream, StreamReader, stream_reader
from routine_harness.verdict.words import clip

CONNECTING_SECONDS: Final = (0.5, 2.0)
"""Pauses between attempts to connect to the real API."""
FORWARDED: Final = ("content-type", "accept", "user-agent", "x-app")
FORWARDED_KINDS: Final = ("anthropic-", "x-stainless-", "x-claude-code-")
"""What the CLI says of itself, by which the API tells a subscription's own client."""
RETURNED: Final = ("retry-after", "request-id")
RETURNED_KINDS: Final = ("anthropic-ratelimit-",)
"""How a subscription's limits stand: the CLI waits or ends by it."""
HINT: Final = (
    "the address is {address}, else the API's own: what stands there has to speak the Messages API "
    "and to pass its streams on whole; try again if it does"
)


class Asking(NamedTuple):
    """A request of the client's: its path, the model that it asks, and its body."""

    path: str
    model: str
    request: Request


async def forward(session: ModelSession, credential: Credential, asking: Asking, http: Json) -> Json:
    """Ask the real API; what it answers, as it comes."""
    import httpx2 as httpx  # the client that the mcp package brings
    from starlette.responses import Response, StreamingResponse

    headers = _kept(http.headers, FORWARDED, FORWARDED_KINDS)
    client = httpx.AsyncClient(base_url=credential.url, timeout=httpx.Timeout(600, connect=30))
    asked = client.build_request(
        "POST", asking.path, content=msgspec.json.encode(asking.request),
        params=dict(http.query_params), headers={**headers, **credential.headers},
    )  # fmt: skip
    try:
        answer = await _send(client, asked)
    except httpx.HTTPError as error:
        await client.aclose()
        said = f"the model cannot be reached: {type(error).__name__}"
        # We have tried again ourselves; of a 502 the CLI would make minutes of silence.
        return session.refuse(_problem("model.unreachable", credential, said))
    kind = answer.headers.get("content-type", "application/json")
    kept = _kept(answer.headers, RETURNED, RETURNED_KINDS)
    if answer.status_code == 200 and (reader := stream_reader(kind)):
        passing = _passing(session, credential, answer, client, asking, reader)
        return StreamingResponse(passing, answer.status_code, kept, media_type=kind)
    body = await answer.aread()
    await client.aclose()
    if refusal := read_refusal(credential, answer.status_code, answer.headers, body):
        return session.refuse(refusal)
    if not _count(session, body, asking) and answer.status_code == 200:
        session.problems.append(_broken(credential, asking, f"this is {kind.partition(';')[0]}, no message"))
    return Response(body, answer.status_code, kept, media_type=kind)


def _kept(headers: Mapping[str, str], names: tuple[str, ...], kinds: tuple[str, ...]) -> dict[str, str]:
    """The headers that are passed on."""
    return {name: value for name, value in headers.items() if name in names or name.startswith(kinds)}


async def _send(client: Json, asked: Json) -> Json:
    """Send a request; once more after each pause where there is nobody to talk to."""
    import anyio
    import httpx2 as httpx

    for pause in CONNECTING_SECONDS:
        with contextlib.suppress(httpx.ConnectError):
            return await client.send(asked, stream=True)
        await anyio.sleep(pause)
    return await client.send(asked, stream=True)


async def _passing(
    session: ModelSession,
    credential: Credential,
    answer: Json,
    client: Json,
    asking: Asking,
    reader: StreamReader,
) -> AsyncIterator[bytes]:  # fmt: skip
    """The stream as it comes, event by event; a malformed one ends in the API's own error event."""
    import httpx2 as httpx

    try:
        try:
            async for chunk in answer.aiter_bytes():
                if events := reader.feed(chunk):
                    yield events
        except httpx.HTTPError as error:
            raise MalformedStream(f"the connection ended: {type(error).__name__}") from error
        if not reader.complete:
            raise MalformedStream("the stream ended before its message did")
        session.answered()
    except MalformedStream as error:
        session.problems.append(_broken(credential, asking, str(error)))
        yield reader.failure(str(error))
    finally:
        session.spend(reader.usage, asking.model)
        session.conversation.keep(_named(asking), reader.blocks.content() if reader.complete else ())
        await answer.aclose()
        await client.aclose()


def _named(asking: Asking) -> Request:
    """The request with its model, which may stand in the path alone."""
    return {**asking.request, "model": asking.model}


def _broken(credential: Credential, asking: Asking, what: str) -> ModelProblem:
    turn = turns_so_far(asking.request) + 1
    return _problem(BROKEN, credential, f"the model's answer in turn {turn} is malformed: {what}")


def _problem(code: str, credential: Credential, said: str) -> ModelProblem:
    hint = HINT.format(address=credential.form.address)
    return ModelProblem(code, said, file=credential.url, hint=hint)


def _count(session: ModelSession, body: bytes, asking: Asking) -> bool:
    """Count what an answer costs; False for one that is no message, such as an error, which costs nothing."""
    try:
        answer = msgspec.json.decode(body)
    except NOT_JSON:
        return False
    content = answer.get("content") if isinstance(answer, dict) else None
    if not isinstance(content, list):
        return False
    session.answered()
    session.conversation.keep(_named(asking), [block for block in content if isinstance(block, dict)])
    usage = answer.get("usage")
    counts = usage if isinstance(usage, dict) else {}
    session.spend({name: count for name, count in counts.items() if isinstance(count, int)}, asking.model)
    return True


STATUSES: Final = (401, 403)
SPENT: Final = ("anthropic-ratelimit-unified-status", "rejected")
"""The header that tells a subscription's used-up limit from a moment's crowd (seen in the CLI 2.1.332)."""
RESET: Final = "anthropic-ratelimit-unified-reset"
LONGEST: Final = 200
"""Characters that are shown of what the API says."""


def read_refusal(
    credential: Credential, status: int, headers: Mapping[str, str], body: bytes
) -> ModelProblem | None:
    """What an answer says against the credential; none where it says something else."""
    name, value = SPENT
    if status == 429 and headers.get(name) == value:
        told, hint = "says that the limit of {} is used up", _until(headers.get(RESET, ""))
    elif status in STATUSES:
        told, hint = "refuses {}", credential.form.mend
    else:
        return None
    message = _message(body)
    # A refusal may repeat the credential that it refuses.
    said = clip(Redactor({credential.variable: credential.secret}).text(message), LONGEST)
    shown = told.format(credential.variable or "a request without a token")
    text = f"the model's API {shown} ({status})" + (f": {said}" if said else "")
    return ModelProblem(REFUSED, text, file=credential.url, hint=hint)


def _until(reset: str) -> str:
    """When the limit begins anew, and what to do meanwhile."""
    if not reset.isdecimal() or len(reset) > len("9999999999"):
        return f"try again later, or set {KEY}, which is billed by the token"
    instant = datetime.fromtimestamp(int(reset), UTC)
    return f"try again after {instant:%Y-%m-%d %H:%M} UTC, or set {KEY}, which is billed by the token"


def _message(body: bytes) -> str:
    """The message of an error of the API's, or of a gateway's."""
    try:
        answer = msgspec.json.decode(body)
    except NOT_JSON:
        return ""
    error = answer.get("error", answer) if isinstance(answer, dict) else answer
    message = error.get("message", "") if isinstance(error, dict) else error
    return message if isinstance(message, str) else ""
