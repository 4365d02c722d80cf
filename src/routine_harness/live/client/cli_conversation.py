"""The conversation with the CLI: the turns that it reads, and what it says of its own, kept in the session.

A session with one turn reads it as plain text; one with several reads them as stream-json, line by line,
and goes on until nothing more can come.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import IO, Final

import msgspec

from routine_harness.finding import Finding
from routine_harness.live.client.stream import Asked, Began, Ended, Event, Got, Retried, Said
from routine_harness.live.outside.calls import Calls, Pending
from routine_harness.live.sandbox.alarm import Alarm
from routine_harness.live.sandbox.limits import Limits, note_refusal
from routine_harness.report.call_line import call_line
from routine_harness.world.naming import OWN_SERVER
from routine_harness.world.tool import ToolResult

STREAMED: Final = ("--input-format", "stream-json")
"""The CLI's option for a session of several turns."""
_NO_LETTER: Final = re.compile(r"[^a-zA-Z0-9_-]")
"""What the CLI writes as an underscore where a server's name becomes part of a tool's."""

Progress = Callable[[str], None]


class Conversation:
    """One session of the CLI, whose standard input is ``stream``, kept in the session of ``calls``.

    ``began`` and ``ended`` are how it began and how it ended, by its own word; ``trouble`` is why it cannot
    go on.
    """

    def __init__(
        self, stream: IO[bytes], calls: Calls, *, several: bool, shown: Callable[[str], str],
        expected: frozenset[str], progress: Progress, alarm: Alarm, limits: Limits,
    ) -> None:  # fmt: skip
        """``several`` says that turns come after the first; ``shown`` puts their texts as the CLI sees
        them; ``expected`` are the servers that have to be connected."""
        self._stream = stream
        self._calls = calls
        self._session = calls.session
        self._several = several
        self._shown = shown
        self._expected = expected
        self._progress = progress
        self._alarm = alarm
        self._limits = limits
        self._turns: dict[str, int] = {}
        self._retried: Retried | None = None
        self.began: Began | None = None
        self.ended: Ended | None = None
        self.trouble = ""

    def begin(self, prompt: str) -> None:
        """Give the first turn; it is the only one unless several come."""
        if not self._several:
            self._write(prompt.encode(), last=True)
        else:
            self._write(user_line(prompt))

    def take(self, event: Event) -> None:
        """Keep what the CLI has said."""
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
            self.ended = _later(self.ended, event)
            if not event.idle:
                self._follow(well=event.status == "finished")

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
        if "command" in pending.arguments:
            note_refusal(self._limits, result.text, self._alarm)
        self._calls.record(pending, result, self._name(pending.name))

    def _name(self, name: str) -> str:
        """``server/tool`` for a server of the repository's own: even by a connector's name it is none."""
        server = self._own_server(name)
        return f"{server}{OWN_SERVER}{name.removeprefix(f'mcp__{server}__')}" if server else name

    def _own_server(self, name: str) -> str:
        """The server of the repository's own that a tool is of, as tools spell it; empty for none."""
        known = self.began.servers if self.began is not None else {}
        own = (_NO_LETTER.sub("_", server) for server in known.keys() - self._expected)
        return next((server for server in own if name.startswith(f"mcp__{server}__")), "")

    def keep_unanswered(self, reason: str) -> None:
        """Keep the calls that have no answer yet, each with ``reason`` as its error."""
        for pending in self._calls.pending:
            if pending.id not in self._calls.answered:
                self._record(pending, ToolResult(f"no answer: {reason}", is_error=True))

    def _check_servers(self, began: Began) -> None:
        self.began = began
        missing = sorted(name for name in self._expected if began.servers.get(name) != "connected")
        if missing:
            states = ", ".join(f"{name} is {began.servers.get(name, 'absent')}" for name in missing)
            self.trouble = f"a connector is missing: {states}"

    def retrying(self) -> str:
        """What the reason of a failure leaves out: that the API had failed, and was asked again."""
        if self._retried is None:
            return ""
        again = f"retry {self._retried.number} of {self._retried.most}"
        failure = "" if self.ended is not None else f", {self._retried.failure}"
        return f" (at {again}{failure})"

    def _follow(self, *, well: bool) -> None:
        """A turn has ended: give the next one that waits, or let the CLI end. After one that did not end
        ``well`` none is given."""
        if not self._several:
            return
        with self._calls.lock:
            text = self._session.wait() if well else None
            self._calls.move()  # a wake may come much later
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
