"""Drives one run: reads what the CLI says, keeps it in the session, and ends what does not end.

How the CLI ends is mapped to how the run ends; there is always a run, with a transcript up to there.
"""

from __future__ import annotations

import contextlib
import functools
import queue
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from typing import IO, Final

import msgspec

from routine_harness.finding import Finding, Severity
from routine_harness.live.client.feed import Feed
from routine_harness.live.client.stream import Asked, Began, Ended, Event, Got, Retried, Said, read_line
from routine_harness.live.outside.calls import Calls, Pending
from routine_harness.live.sandbox.alarm import Alarm
from routine_harness.live.sandbox.contained import Contained
from routine_harness.live.sandbox.layout import HIDDEN
from routine_harness.live.sandbox.limits import LIMITS, Limits
from routine_harness.report.call_line import call_line
from routine_harness.session.transcript import RunStatus, Usage
from routine_harness.world.naming import OWN_SERVER
from routine_harness.world.tool import ToolResult

DEFAULT_SECONDS: Final = 1800.0
CLOSING_SECONDS: Final = 10.0
"""How long the CLI may take to exit after its result line."""
LAST_WORDS_SECONDS: Final = 2.0
KEPT_COMPLAINTS: Final = 20
_NO_LETTER: Final = re.compile(r"[^a-zA-Z0-9_-]")
"""What the CLI writes as an underscore where a server's name becomes part of a tool's."""
PART: Final = "the driver"
POLL_SECONDS: Final = 0.2
MAXIMUM_LINE: Final = 64 * 1024 * 1024
MAXIMUM_OUTPUT: Final = 1024 * 1024 * 1024
"""How long a line of the CLI's stream, and all of it, may be."""
WAITING_LINES: Final = 1000
COMPLAINT: Final = 64 * 1024

Progress = Callable[[str], None]


class Driver:
    """One run of the CLI in ``contained``, kept in the session of ``calls``."""

    def __init__(
        self, contained: Contained, calls: Calls, *, seconds: float, expected: frozenset[str],
        progress: Progress, alarm: Alarm, limits: Limits = LIMITS, token: str = "", several: bool = False,
        shown: Callable[[str], str] = str,
    ) -> None:  # fmt: skip
        """``expected`` are the servers that have to be connected; ``token`` is the session's, which no
        transcript shows; ``several`` says that turns come after the first, whose texts the CLI sees as
        ``shown`` puts them; ``alarm`` hears of what fails here, and ends the run whatever it has heard of."""
        self._process = contained.process
        assert self._process.stdin is not None  # noqa: S101
        self._feed = Feed(self._process.stdin, calls, several=several, shown=shown)
        self._calls = calls
        self._session = calls.session
        self._deadline = time.monotonic() + (seconds or DEFAULT_SECONDS)
        self._seconds = seconds or DEFAULT_SECONDS
        self._expected = expected
        self._progress = progress
        self._alarm = alarm
        self._limits = limits
        self._token = token.encode()
        self._turns: dict[str, int] = {}
        self._lines: queue.Queue[bytes | None] = queue.Queue(WAITING_LINES)
        self._complaints: list[str] = []
        self._listener: threading.Thread | None = None
        self._ended: Ended | None = None
        self.began: Began | None = None
        self._trouble = ""
        self._retried: Retried | None = None
        self._over = threading.Event()

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
        reason += self._retrying() if status != "finished" else ""
        self._keep_unanswered(reason or "the session ended while it ran")
        usage = self._ended.usage if self._ended is not None else Usage()
        return status, reason, msgspec.structs.replace(usage, seconds=round(time.monotonic() - started, 1))

    def _driven(self, prompt: str) -> tuple[RunStatus, str]:
        try:
            self._feed.begin(prompt)
            return self._follow()
        except Exception as error:  # noqa: BLE001 - the alarm has it; there is always a run
            self._alarm.failed(PART, error)
            return "failed", self._alarm.reason

    def _start(self, part: str, read: Callable[[IO[bytes]], None], stream: IO[bytes]) -> threading.Thread:
        """A thread that reads ``stream``; what fails in it is heard of."""
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
            self._progress(call_line(event.name, event.arguments))
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
            if not event.idle:
                self._feed.follow(well=event.status == "finished")

    def _turn(self, message: str) -> int:
        return self._turns.setdefault(message, len(self._turns) + 1)

    def _keep(self, got: Got) -> None:
        """Keep the answer to a call that no server of ours has answered.

        Of a connector's call that is an error of the CLI's own, such as a denial; a success can only be
        made up, and does not count.
        """
        pending = self._calls.settle(got.id)
        if pending is None or got.id in self._calls.answered:
            return
        if pending.name.startswith("mcp__") and not got.is_error and not self._own_server(pending.name):
            self._alarm.tell(_made_up(pending))
        else:
            self._record(pending, self._calls.befallen(got.id) or ToolResult(got.text, got.is_error))

    def _record(self, pending: Pending, result: ToolResult) -> None:
        said = self._limits.said(result.text) if "command" in pending.arguments else ""
        if said:
            self._alarm.exceeded(f"a command says {said}", severity=Severity.WARNING)
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
        server = self._own_server(name)
        return f"{server}{OWN_SERVER}{name.removeprefix(f'mcp__{server}__')}" if server else name

    def _own_server(self, name: str) -> str:
        """The server of the repository's own that a tool is of, as tools spell it; empty for none."""
        known = self.began.servers if self.began is not None else {}
        own = (_NO_LETTER.sub("_", server) for server in known.keys() - self._expected)
        return next((server for server in own if name.startswith(f"mcp__{server}__")), "")

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


def _made_up(pending: Pending) -> Finding:
    return Finding(
        code="call.unanswered",
        message=f"the stream shows {pending.name} and a result, and no server of the harness answered it",
        hint="it does not count: somebody else than the CLI wrote into its stream",
        data={"tool": pending.name},
    )
