"""A program that stands in its sandbox, or without one: let it begin, end it and all that it started."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import IO, Final, NamedTuple

from routine_harness.errors import AgentError

START_SECONDS: Final = 20.0
MOST_COMPLAINT: Final = 64 * 1024


class Done(NamedTuple):
    """How a program ended that was given its whole input: exit code, output, what it complained of;
    ``failure`` is why it was ended early, empty where it ended by itself."""

    code: int
    out: bytes
    complaint: str
    failure: str = ""


class Contained:
    """A program that stands ready inside its namespaces and begins with ``release``.

    ``listeners`` are sockets on the program's own loopback. ``end`` ends every process in it.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], listeners: list[socket.socket], gate: int = -1
    ) -> None:
        """``gate`` is a descriptor: a byte lets the program begin, and it is open while it may run."""
        self.process = process
        self.listeners = listeners
        self.gate = gate
        self._released = False
        self._first = -1

    def watch(self, first: int) -> None:
        """Remember the first process of the namespace, by its descriptor; with it all others are gone."""
        self._first = first

    def release(self) -> None:
        """Let the program begin; the servers on ``listeners`` should be up by now."""
        if self.gate >= 0 and not self._released:
            self._released = True
            with contextlib.suppress(BrokenPipeError):  # it has ended already, and its exit says why
                os.write(self.gate, b".")

    def to_end(self, content: bytes, *, seconds: float, most: int) -> Done:
        """Let the program read ``content`` and come to its end, in so many seconds and bytes of output."""
        process = self.process
        assert process.stdin is not None  # noqa: S101
        assert process.stdout is not None  # noqa: S101
        assert process.stderr is not None  # noqa: S101
        late = threading.Event()

        def expire() -> None:
            late.set()
            self._kill()

        clock = threading.Timer(seconds, expire)
        complaints: list[bytes] = []
        others = [
            threading.Thread(target=_feed, args=(process.stdin, content)),
            threading.Thread(target=_listen, args=(process.stderr, complaints)),
            clock,
        ]
        for thread in others:
            thread.start()
        self.release()
        out = process.stdout.read(most + 1)
        if len(out) > most:
            self._kill()
        code = process.wait()
        clock.cancel()
        for thread in others:
            thread.join()
        said = b"".join(complaints).decode(errors="replace").strip()
        if late.is_set():
            return Done(code, out, said, f"did not end within {seconds:g} seconds")
        return Done(code, out, said, f"printed more than {most} bytes" if len(out) > most else "")

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def end(self) -> None:
        """End every process of the sandbox at once; nothing happens where all have ended."""
        self._kill()
        self.process.wait()
        if self.gate >= 0:
            os.close(self.gate)
            self.gate = -1
        if self._first >= 0:
            select.select([self._first], [], [], START_SECONDS)
            os.close(self._first)
            self._first = -1
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):  # it ended before it read what waits in there
                    stream.close()
        for listener in self.listeners:
            listener.close()

    def last_words(self) -> str:
        """What a sandbox that has ended by itself complained of; empty while it stands."""
        try:
            self.process.wait(1)
        except subprocess.TimeoutExpired:
            return ""
        assert self.process.stderr is not None  # noqa: S101
        return self.process.stderr.read().decode(errors="replace").strip()


def spawn(
    arguments: Sequence[str], pass_fds: tuple[int, ...], environment: Mapping[str, str], folder: str,
    *, converses: bool = False,
) -> subprocess.Popen[bytes]:  # fmt: skip
    """Start a program in a session of its own, with sockets for what it writes: a pipe could be opened
    and written to by every program inside (``/proc/PID/fd/1``), a socket cannot. What a program reads that
    ``converses`` comes by a socket, too.

    Raises:
        AgentError: there is no such program.
    """
    program = shutil.which(arguments[0])
    if program is None:
        raise AgentError.at("", 0, f"cannot start {arguments[0]!r}: there is no such program")
    with contextlib.ExitStack() as stack:
        (out, to_out), (err, to_err), (to_in, given) = (_sockets(stack) for _ in range(3))
        process = subprocess.Popen(  # noqa: S603 - our own arguments
            [program, *arguments[1:]], stdin=given.fileno() if converses else subprocess.PIPE,
            stdout=to_out.fileno(), stderr=to_err.fileno(), env=environment, cwd=folder,
            pass_fds=pass_fds, start_new_session=True,
        )  # fmt: skip
        for one in (out, err):
            one.shutdown(socket.SHUT_WR)
        process.stdout, process.stderr = out.makefile("rb"), err.makefile("rb")
        if converses:
            process.stdin = to_in.makefile("wb")
    return process


def _sockets(stack: contextlib.ExitStack) -> tuple[socket.socket, socket.socket]:
    ours, theirs = socket.socketpair()
    return stack.enter_context(ours), stack.enter_context(theirs)


def _feed(stream: IO[bytes], content: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), stream:  # it has ended already; its exit says why
        stream.write(content)


def _listen(stream: IO[bytes], heard: list[bytes]) -> None:
    """Keep the beginning of what comes, and let the rest go by."""
    left = MOST_COMPLAINT
    while said := stream.read1(MOST_COMPLAINT):  # type: ignore[attr-defined]
        heard.append(said[:left])
        left -= len(heard[-1])
