"""What the CLI reads: the first turn, and those that come into the open session when that one has ended.

A session with one turn reads it as plain text; one with several reads them as stream-json, line by line,
and goes on until nothing more can come.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import IO

import msgspec

from routine_harness.live.outside.calls import Calls

STREAMED = ("--input-format", "stream-json")
"""The CLI's option for a session of several turns."""


class Feed:
    """The turns of one session, written to the CLI's standard input."""

    def __init__(
        self, stream: IO[bytes], calls: Calls, *, several: bool, shown: Callable[[str], str] = str
    ) -> None:
        """``several`` says that turns come after the first; ``shown`` puts their texts as the CLI sees
        them."""
        self._stream = stream
        self._calls = calls
        self._several = several
        self._shown = shown

    def begin(self, prompt: str) -> None:
        """Give the first turn; it is the only one unless several come."""
        if not self._several:
            self._write(prompt.encode(), last=True)
        else:
            self._write(user_line(prompt))

    def follow(self, *, well: bool) -> None:
        """A turn has ended: give the next one that waits, or let the CLI end. After one that did not end
        ``well`` none is given."""
        if not self._several:
            return
        with self._calls.lock:
            text = self._calls.session.next_turn() if well else None
        if text is None:
            self._several = False
            self._write(b"", last=True)
        else:
            self._write(user_line(self._shown(text)))

    def _write(self, data: bytes, *, last: bool = False) -> None:
        with contextlib.suppress(BrokenPipeError):  # it has ended already; its exit says why
            self._stream.write(data)
            self._stream.flush()
            if last:
                self._stream.close()


def user_line(text: str) -> bytes:
    """A turn of the user as the CLI's stream-json spells it."""
    content = [{"type": "text", "text": text}]
    return msgspec.json.encode({"type": "user", "message": {"role": "user", "content": content}}) + b"\n"
