"""A stand-in for the model's API on loopback, under each interface, that keeps what it was sent."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any, NamedTuple

import pytest

from routine_harness.redaction.values import MODEL_CREDENTIALS
from routine_harness.serve.credential import ELSEWHERE, FORMS
from routine_harness.serve.streams import Turn, content_blocks, encode_events, encode_json
from support.loopback import served

Model = Callable[[list[dict[str, Any]]], str | Sequence[dict[str, Any]]]


class Asked(NamedTuple):
    """A request that arrived; names of ``headers`` in lower case."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


def frame(event: bytes) -> bytes:
    """An event in a frame of Amazon's, as Bedrock sends it."""
    payload = json.dumps({"bytes": base64.b64encode(event).decode(), "p": "abc"}).encode()
    headers = b"".join(
        bytes([len(name)]) + name + b"\x07" + len(value).to_bytes(2, "big") + value
        for name, value in (
            (b":event-type", b"chunk"), (b":content-type", b"application/json"), (b":message-type", b"event"),
        )
    )  # fmt: skip
    head = (16 + len(headers) + len(payload)).to_bytes(4, "big") + len(headers).to_bytes(4, "big")
    whole = head + binascii.crc32(head).to_bytes(4, "big") + headers + payload
    return whole + binascii.crc32(whole).to_bytes(4, "big")


def framed(turn: Turn, model: str) -> bytes:
    """A turn as Bedrock streams it."""
    return b"".join(frame(event.partition(b"data: ")[2].strip()) for event in encode_events(turn, model))


def answer(asked: Asked, turn: Turn) -> tuple[str, bytes]:
    """The content type and the body with which the API gives ``turn``, as it was asked."""
    if asked.path.endswith("/invoke-with-response-stream"):
        return "application/vnd.amazon.eventstream", framed(turn, "claude-test")
    if asked.body.get("stream") or asked.path.endswith(":streamRawPredict"):
        return "text/event-stream", b"".join(encode_events(turn, "claude-test"))
    return "application/json", encode_json(turn, "claude-test")


def forget_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """No credential of this machine's, and nothing that belongs to one."""
    rows = [
        (*form.variables, form.address, form.switch, form.skip, *form.needs, *form.kept) for form in FORMS
    ]
    for name in {name for row in (*rows, MODEL_CREDENTIALS, ELSEWHERE) for name in row if name}:
        monkeypatch.delenv(name, raising=False)


@contextmanager
def standing_in(
    model: Model, *, status: int = 200, said: str = "", headers: dict[str, str] | None = None,
    expires_after: int = 0,
) -> Iterator[tuple[str, list[Asked]]]:  # fmt: skip
    """An API whose turns ``model`` gives, or that answers each request with an error; its address.

    With ``expires_after`` so many requests the credential has expired.
    """
    seen: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            seen.append(asked)
            expired = bool(expires_after) and len(seen) > expires_after
            message = "OAuth token has expired" if expired else said
            answered = 401 if expired else status
            kind, sent = "application/json", json.dumps({"error": {"type": "x", "message": message}}).encode()
            if answered == 200:
                turn = Turn(content_blocks(model(body["messages"]), f"toolu_{len(seen)}"))
                kind, sent = answer(asked, turn)
            self.send_response(answered)
            for name, value in {**(headers or {}), "content-type": kind}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

    with served(Handler) as url:
        yield url, seen
