"""Drives one run: reads what the CLI says as it comes, and ends what does not end.

How the CLI ends is mapped to how the run ends; there is always a run, with a transcript up to there.
"""

from __future__ import annotations

import contextlib
import functools
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from typing import IO, Final

import msgspec

from routine_harness.live.client.cli_conversation import Conversation, Progress
from routine_harness.live.client.stream import Began, read_line
from routine_harness.live.outside.calls import Calls
from routine_harness.live.sandbox.alarm import Alarm
from routine_harness.live.sandbox.contained import Contained
from routine_harness.live.sandbox.layout import HIDDEN
from routine_harness.live.sandbox.limits import LIMITS, Limits
from routine_harness.session.transcript import RunStatus, Usage

DEFAULT_SECONDS: Final = 1800.0
CLOSING_SECONDS: Final = 10.0
"""How long the CLI may take to exit after its result line."""
LAST_WORDS_SECONDS: Final = 2.0
KEPT_COMPLAINTS: Final = 20
PART: Final = "the driver"
POLL_SECONDS: Final = 0.2
MAXIMUM_LINE: Final = 64 * 1024 * 1024
MAXIMUM_OUTPUT: Final = 1024 * 1024 * 1024
"""How long a line of the CLI's stream, and all of it, may be."""
WAITING_LINES: Final = 1000
COMPLAINT: Final = 64 * 1024


class Driver:
    """One run of the CLI in ``contained``, kept in the session of ``calls``."""

    def __init__(
        self, contained: Contained, calls: Calls, *, seconds: float, expected: frozenset[str],
        progress: Progress, alarm: Alarm, limits: Limits = LIMITS, token: str = "", several: bool = False,
        shown: Callable[[str], str] = str,
    ) -> None:  # fmt: skip
        """``expected`` are the servers that have to be connected; ``token`` is the session's, which no
        transcript shows; ``several`` says that turns come after the first, whose texts the CLI sees as
        ``shown`` puts them; ``alarm`` gets what fails here; when it sounds, the run ends."""
        self._process = contained.process
        assert self._process.stdin is not None  # noqa: S101
        self._conversation = Conversation(
            self._process.stdin, calls, several=several, shown=shown, expected=expected, progress=progress,
            alarm=alarm, limits=limits,
        )  # fmt: skip
        self._calls = calls
        self._session = calls.session
        self._deadline = time.monotonic() + (seconds or DEFAULT_SECONDS)
        self._seconds = seconds or DEFAULT_SECONDS
        self._alarm = alarm
        self._token = token.encode()
        self._lines: queue.Queue[bytes | None] = queue.Queue(WAITING_LINES)
        self._complaints: list[str] = []
        self._listener: threading.Thread | None = None
        self._over = threading.Event()

    @property
    def began(self) -> Began | None:
        """How the CLI says that its session began."""
        return self._conversation.began

    def drive(self, prompt: str) -> tuple[RunStatus, str, Usage]:
        """Feed the prompt, follow the stream to its end; status, reason and cost of the run."""
        started = time.monotonic()
        assert self._process.stdout is not None  # noqa: S101
        assert self._process.stderr is not None  # noqa: S101
        self._start("the reader of the CLI's stream", self._pump, self._process.stdout)
        complain = self._complain
        self._listener = self._start("the reader of the CLI's errors", complain, self._process.stderr)
        status, reason = self._driven(prompt)
        self._over.set()
        self._calls.close()
        reason += self._conversation.retrying() if status != "finished" else ""
        self._conversation.keep_unanswered(reason or "the session ended while it ran")
        usage = self._conversation.ended.usage if self._conversation.ended is not None else Usage()
        return status, reason, msgspec.structs.replace(usage, seconds=round(time.monotonic() - started, 1))

    def _driven(self, prompt: str) -> tuple[RunStatus, str]:
        try:
            self._conversation.begin(prompt)
            return self._follow()
        except Exception as error:  # noqa: BLE001 - the alarm has it; there is always a run
            self._alarm.failed(PART, error)
            return "failed", self._alarm.reason

    def _start(self, part: str, read: Callable[[IO[bytes]], None], stream: IO[bytes]) -> threading.Thread:
        """A thread that reads ``stream``; the alarm gets what fails in it."""
        target = functools.partial(self._reading, part, read, stream)
        thread = threading.Thread(target=target, name=part, daemon=True)
        thread.start()
        return thread

    def _reading(self, part: str, read: Callable[[IO[bytes]], None], stream: IO[bytes]) -> None:
        try:
            read(stream)
        except Exception as error:  # noqa: BLE001 - it ends the run, which says so
            if not self._over.is_set():
                self._alarm.failed(part, error)

    def _pump(self, stream: IO[bytes]) -> None:
        """The lines of the CLI's stream; it waits where the run is slower than the CLI."""
        read = 0
        while line := stream.readline(MAXIMUM_LINE):
            read += len(line)
            if len(line) == MAXIMUM_LINE or read > MAXIMUM_OUTPUT:
                what = f"a line of {MAXIMUM_LINE}" if len(line) == MAXIMUM_LINE else f"{MAXIMUM_OUTPUT}"
                self._alarm.exceeded(f"the CLI wrote {what} bytes and more", ends=True)
                return
            self._put(line)
        self._put(None)

    def _put(self, line: bytes | None) -> None:
        waits = True
        while waits and not self._over.is_set():
            with contextlib.suppress(queue.Full):
                self._lines.put(line, timeout=POLL_SECONDS)
                waits = False

    def _complain(self, stream: IO[bytes]) -> None:
        while line := stream.readline(COMPLAINT):
            self._complaints = [*self._complaints, line.decode(errors="replace").rstrip()][-KEPT_COMPLAINTS:]

    def _follow(self) -> tuple[RunStatus, str]:
        while True:
            if self._alarm.reason:
                return "failed", self._alarm.reason
            if self._session.state != "open":
                return "over_budget", "the session's budget is used up"
            if time.monotonic() > self._deadline:
                hanging = ", ".join(pending.name for pending in self._calls.pending)
                said = f"{self._seconds:g} seconds of real time are used up"
                return "over_budget", f"{said}; {hanging} had not answered" if hanging else said
            try:
                line = self._lines.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue
            if line is None:
                return self._exited()
            for event in read_line(line.replace(self._token, HIDDEN.encode()) if self._token else line):
                self._conversation.take(event)
            if self._conversation.trouble:
                return "failed", self._conversation.trouble

    def _exited(self) -> tuple[RunStatus, str]:
        try:
            code = self._process.wait(CLOSING_SECONDS)
        except subprocess.TimeoutExpired:
            code = 0  # its output is closed and it stays: the caller ends it
        if self._conversation.ended is not None:
            return self._conversation.ended.status, self._conversation.ended.reason
        if self._listener is not None:  # what it said at the end may still be on its way
            self._listener.join(LAST_WORDS_SECONDS)
        said = f": {self._complaints[-1]}" if self._complaints else ""
        number = -code if code < 0 else code - 128
        if number in (signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGABRT):
            return "failed", f"the CLI was killed ({signal.Signals(number).name}){said}"
        return "failed", f"the CLI ended with exit code {code} and without a result{said}"
