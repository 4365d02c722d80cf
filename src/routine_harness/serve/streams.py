"""Streams of the Messages API: Server-Sent Events, and Bedrock's binary frames around the same events."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from routine_harness.plain import Record
from routine_harness.routine.document import NOT_JSON
from routine_harness.serve.conversation import Blocks
from routine_harness.session.transcript import Usage

_ENCODE: Final = msgspec.json.Encoder().encode
_DECODE: Final = msgspec.json.Decoder().decode
MAXIMUM_EVENT: Final = 32 * 1024 * 1024


class Turn(msgspec.Struct, frozen=True):
    """One turn of the assistant: its content blocks, as the API spells them."""

    content: tuple[Record, ...]
    usage: Usage = Usage()
    id: str = "msg_1"

    @property
    def stop_reason(self) -> str:
        return "tool_use" if any(block.get("type") == "tool_use" for block in self.content) else "end_turn"


class MalformedStream(ValueError):  # noqa: N818 - named after what arrived
    """A stream that breaks the format of events."""


def encode_json(turn: Turn, model: str) -> bytes:
    """The body of an answer that is not streamed."""
    return _ENCODE(
        _envelope(turn, model)
        | {"content": list(turn.content), "stop_reason": turn.stop_reason, "usage": _usage(turn.usage)}
    )


def encode_events(turn: Turn, model: str) -> Iterator[bytes]:
    """The same answer as a stream, block by block."""
    start = _envelope(turn, model) | {"usage": _usage(msgspec.structs.replace(turn.usage, output_tokens=0))}
    yield encode_event("message_start", {"message": start})
    for index, block in enumerate(turn.content):
        opening, delta = _split(block)
        yield encode_event("content_block_start", {"index": index, "content_block": opening})
        yield encode_event("content_block_delta", {"index": index, "delta": delta})
        yield encode_event("content_block_stop", {"index": index})
    stop = {"stop_reason": turn.stop_reason, "stop_sequence": None}
    yield encode_event("message_delta", {"delta": stop, "usage": {"output_tokens": turn.usage.output_tokens}})
    yield encode_event("message_stop", {})


def encode_event(kind: str, data: Record) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + _ENCODE({"type": kind, **data}) + b"\n\n"


class StreamReader:
    """Reads a stream of events as it passes by; ``usage``, ``blocks`` and ``complete`` say what it
    amounted to."""

    def __init__(self) -> None:
        self.usage: dict[str, int] = {}
        self.complete = False
        self.blocks = Blocks()
        self._rest = b""

    def feed(self, chunk: bytes) -> bytes:
        """Read on; the events that are whole by now, to be passed on.

        Raises:
            MalformedStream: an event is no JSON object, or is endless.
        """
        *events, self._rest = (self._rest + chunk).replace(b"\r\n", b"\n").split(b"\n\n")
        if len(self._rest) > MAXIMUM_EVENT:
            raise MalformedStream(f"an event of more than {MAXIMUM_EVENT} bytes")
        for event in events:
            self._read(event)
        return b"".join(event + b"\n\n" for event in events)

    def failure(self, said: str) -> bytes:
        """What ends a stream that cannot go on: the API's own error event."""
        return encode_event("error", {"error": {"type": "api_error", "message": f"malformed stream: {said}"}})

    def _read(self, event: bytes) -> None:
        lines = [line[5:].strip() for line in event.split(b"\n") if line.startswith(b"data:")]
        if lines:
            self.take(b"\n".join(lines))

    def take(self, event: bytes) -> None:
        """Take one event of the Messages API.

        Raises:
            MalformedStream: it is no JSON object.
        """
        try:
            data = _DECODE(event)
        except NOT_JSON as error:
            raise MalformedStream(f"an event is not JSON: {error}") from error
        if not isinstance(data, dict):
            raise MalformedStream("an event is not an object")
        self.blocks.take(data)
        message = data.get("message")
        for holder in (message if isinstance(message, dict) else {}, data):
            usage = holder.get("usage")
            if isinstance(usage, dict):
                self.usage |= {name: count for name, count in usage.items() if isinstance(count, int)}
        self.complete = self.complete or data.get("type") == "message_stop"


def content_blocks(answer: str | Sequence[Record], prefix: str) -> tuple[Record, ...]:
    """Content blocks from what a script answers: a text, or blocks; tool calls get ids where they lack one.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(answer, str):
        return ({"type": "text", "text": answer},)
    blocks: list[Record] = []
    for index, block in enumerate(answer, 1):
        kind = block.get("type") if isinstance(block, dict) else None
        if kind == "text":
            blocks.append({"type": "text", "text": str(block.get("text", ""))})
        elif kind == "tool_use":
            name, arguments = block.get("name"), block.get("input", {})
            blocks.append(
                {
                    "type": "tool_use",
                    "id": block.get("id") or f"{prefix}_{index}",
                    "name": name,
                    "input": arguments,
                }
            )
        else:
            raise ValueError(f"block {index} is {block!r}, not a text or tool_use block")
    return tuple(blocks)


def _envelope(turn: Turn, model: str) -> Record:
    return {"id": turn.id, "type": "message", "role": "assistant", "model": model, "content": [],
            "stop_reason": None, "stop_sequence": None}  # fmt: skip


def _usage(usage: Usage) -> dict[str, int]:
    return {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens}


def _split(block: Record) -> tuple[Record, Record]:
    """A block as its opening and the one delta that fills it."""
    if block["type"] == "tool_use":
        delta = {"type": "input_json_delta", "partial_json": _ENCODE(block["input"]).decode()}
        return {**block, "input": {}}, delta
    return {"type": "text", "text": ""}, {"type": "text_delta", "text": block["text"]}


_PRELUDE: Final = 12
"""Bytes of the frame's length, of its headers' length, and of the checksum of both."""
_CHECKSUM: Final = 4


class FrameReader(StreamReader):
    """Reads frames as they pass by."""

    def feed(self, chunk: bytes) -> bytes:
        self._rest += chunk
        whole = b""
        while len(self._rest) >= _PRELUDE:
            length = int.from_bytes(self._rest[:4], "big")
            if not _PRELUDE + _CHECKSUM <= length <= MAXIMUM_EVENT:
                raise MalformedStream(f"a frame of {length} bytes")
            if len(self._rest) < length:
                break
            frame, self._rest = self._rest[:length], self._rest[length:]
            self._read_frame(frame)
            whole += frame
        return whole

    def failure(self, said: str) -> bytes:
        """Nothing: a stream of frames that breaks off is asked for again."""
        return b""

    def _read_frame(self, frame: bytes) -> None:
        headers = int.from_bytes(frame[4:8], "big")
        if binascii.crc32(frame[:8]) != int.from_bytes(frame[8:_PRELUDE], "big"):
            raise MalformedStream("a frame whose checksum is wrong")
        payload = frame[_PRELUDE + headers : -_CHECKSUM]
        try:
            held = msgspec.json.decode(payload)
            event = base64.b64decode(held["bytes"]) if isinstance(held, dict) and "bytes" in held else b""
        except (*NOT_JSON, ValueError, TypeError) as error:
            raise MalformedStream(f"a frame holds no event: {error}") from error
        if event:
            self.take(event)


STREAMS: Final = {"text/event-stream": StreamReader, "application/vnd.amazon.eventstream": FrameReader}
"""Who reads a stream, by its content type."""


def stream_reader(kind: str) -> StreamReader | None:
    """A reader for a body of this content type; none where it is no stream."""
    reader = STREAMS.get(kind.partition(";")[0].strip().lower())
    return reader() if reader else None
