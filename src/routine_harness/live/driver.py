"""Drives one run: reads what the CLI says, keeps it in the session, and ends what does not end.

How the CLI ends is mapped to how the run ends; there is always a run, with a transcript up to there.
"""

from __future__ import annotations

import contextlib
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from typing import IO, Final

import msgspec

from routine_harness.live.calls import Calls, Pending
from routine_harness.live.sandbox import Contained
from routine_harness.live.stream import Asked, Began, Ended, Event, Got, Retried, Said, read_line
from routine_harness.session.transcript import RunStatus, Usage
from routine_harness.world.naming import OWN_SERVER
from routine_harness.world.tool import ToolResult

DEFAULT_SECONDS: Final = 1800.0
CLOSING_SECONDS: Final = 10.0
"""How long the CLI may take to exit after its result line."""
LAST_WORDS_SECONDS: Final = 2.0
HIDDEN: Final = b"[token of the session]"
KEPT_COMPLAINTS: Final = 20
POLL_SECONDS: Final = 0.2

Progress = Callable[[str], None]


class Driver:
    """One run of the CLI in ``contained``, kept in the session of ``calls``."""

    def __init__(
        self, contained: Contained, calls: Calls, *, seconds: float, expected: frozenset[str],
        progress: Progress, token: str = "",
    ) -> None:  # fmt: skip
        """``expected`` are the servers that have to be connected; ``token`` is the session's, which no
        transcript shows."""
        self._process = contained.process
        self._calls = calls
        self._session = calls.session
        self._deadline = time.monotonic() + (seconds or DEFAULT_SECONDS)
        self._seconds = seconds or DEFAULT_SECONDS
        self._expected = expected
        self._progress = progress
        self._token = token.encode()
        self._turns: dict[str, int] = {}
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        self._complaints: list[str] = []
        self._listener: threading.Thread | None = None
        self._ended: Ended | None = None
        self.began: Began | None = None
        self._trouble = ""
        self._retried: Retried | None = None

    def drive(self, prompt: str) -> tuple[RunStatus, str, Usage]:
        """Feed the prompt, follow the stream to its end; status, reason and cost of the run."""
        started = time.monotonic()
        assert self._process.stdout is not None  # noqa: S101
        assert self._process.stderr is not None  # noqa: S101
        threading.Thread(target=self._pump, args=(self._process.stdout,), daemon=True).start()
        self._listener = threading.Thread(target=self._complain, args=(self._process.stderr,), daemon=True)
        self._listener.start()
        self._feed(prompt)
        status, reason = self._follow()
        reason += self._retrying() if status != "finished" else ""
        self._keep_unanswered(reason or "the session ended while it ran")
        usage = self._ended.usage if self._ended is not None else Usage()
        return status, reason, msgspec.structs.replace(usage, seconds=round(time.monotonic() - started, 1))

    def _feed(self, prompt: str) -> None:
        assert self._process.stdin is not None  # noqa: S101
        with contextlib.suppress(BrokenPipeError):  # it has ended already; its exit says why
            self._process.stdin.write(prompt.encode())
            self._process.stdin.close()

    def _pump(self, stream: IO[bytes]) -> None:
        for line in stream:
            self._lines.put(line)
        self._lines.put(None)

    def _complain(self, stream: IO[bytes]) -> None:
        for line in stream:
            self._complaints = [*self._complaints, line.decode(errors="replace").rstrip()][-KEPT_COMPLAINTS:]

    def _follow(self) -> tuple[RunStatus, str]:
        while True:
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
            for event in read_line(line.replace(self._token, HIDDEN) if self._token else line):
                self._take(event)
            if self._trouble:
                return "failed", self._trouble

    def _exited(self) -> tuple[RunStatus, str]:
        try:
            code = self._process.wait(CLOSING_SECONDS)
        except subprocess.TimeoutExpired:
            code = 0  # its output is closed and it stays: the caller ends it
        if self._ended is not None:
            return self._ended.status, self._ended.reason
        if self._listener is not None:  # what it said at the end may still be on its way
            self._listener.join(LAST_WORDS_SECONDS)
        said = f": {self._complaints[-1]}" if self._complaints else ""
        number = -code if code < 0 else code - 128
        if number in (signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGABRT):
            return "failed", f"the CLI was killed ({signal.Signals(number).name}){said}"
        return "failed", f"the CLI ended with exit code {code} and without a result{said}"

    def _retrying(self) -> str:
        """What the reason of a failure leaves out: that the API had failed, and was asked again."""
        if self._retried is None:
            return ""
        again = f"retry {self._retried.number} of {self._retried.most}"
        failure = "" if self._ended is not None else f", {self._retried.failure}"
        return f" (at {again}{failure})"

    def _take(self, event: Event) -> None:
        if isinstance(event, Asked) or (isinstance(event, Said) and not event.made_up):
            self._retried = None
        if isinstance(event, Said):
            self._progress(event.text)
            if not event.inner:
                with self._calls.lock:
                    self._session.say(event.text, turn=self._turn(event.message))
        elif isinstance(event, Asked):
            self._progress(f"→ {event.name}")
            self._calls.announce(Pending(event.id, event.name, self._turn(event.message), event.arguments))
        elif isinstance(event, Got):
            self._keep(event)
        elif isinstance(event, Began):
            self._check_servers(event)
        elif isinstance(event, Retried):
            self._retried = event
            again = f"retry {event.number} of {event.most} in {event.seconds:.1f} s"
            self._progress(f"{event.failure}: {again}")
        else:
            self._ended = _later(self._ended, event)

    def _turn(self, message: str) -> int:
        return self._turns.setdefault(message, len(self._turns) + 1)

    def _keep(self, got: Got) -> None:
        """Keep the answer to a call that no server of ours has answered."""
        pending = self._calls.settle(got.id)
        if pending is not None and got.id not in self._calls.answered:
            self._record(pending, self._calls.befallen(got.id) or ToolResult(got.text, got.is_error))

    def _record(self, pending: Pending, result: ToolResult) -> None:
        with self._calls.lock:
            self._session.replay(
                self._name(pending.name),
                pending.arguments,
                result,
                turn=pending.turn,
                call_id=pending.id,
                captured=True,
            )
            self._calls.move()

    def _name(self, name: str) -> str:
        """``server/tool`` for a server of the repository's own: it is no connector, whatever it is called."""
        server, _, tool = name.removeprefix("mcp__").partition("__")
        known = self.began.servers if self.began is not None else {}
        own = name.startswith("mcp__") and server in known and server not in self._expected
        return f"{server}{OWN_SERVER}{tool}" if own else name

    def _keep_unanswered(self, reason: str) -> None:
        for pending in self._calls.pending:
            if pending.id not in self._calls.answered:
                self._record(pending, ToolResult(f"no answer: {reason}", is_error=True))

    def _check_servers(self, began: Began) -> None:
        self.began = began
        missing = sorted(name for name in self._expected if began.servers.get(name) != "connected")
        if missing:
            states = ", ".join(f"{name} is {began.servers.get(name, 'absent')}" for name in missing)
            self._trouble = f"a connector is missing: {states}"


def _later(before: Ended | None, now: Ended) -> Ended:
    """How the session stands after one more result: one without a turn adds its cost alone."""
    if before is None or not now.idle or now.status != "finished":
        return now
    return msgspec.structs.replace(before, usage=now.usage)
