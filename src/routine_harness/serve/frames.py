"""A stream as Bedrock sends it: binary frames of Amazon's, each around one event of the Messages API."""

from __future__ import annotations

import base64
import binascii
from typing import Final

import msgspec

from routine_harness.routine.document import NOT_JSON
from routine_harness.serve.sse import MAXIMUM_EVENT, MalformedStream, StreamReader

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
