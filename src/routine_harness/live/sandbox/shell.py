"""A script's shell in its sandbox: one process that stands from the first command to the last.

Knows how to ask it and what its end means; what is asked is ``live.sandbox.shell_tools``'.
"""

from __future__ import annotations

import contextlib
import json
import select
import threading
from collections import deque
from pathlib import Path
from typing import IO, Final

from routine_harness.live.sandbox import shell_worker
from routine_harness.live.sandbox.alarm import Alarm
from routine_harness.live.sandbox.contained import Contained
from routine_harness.live.sandbox.layout import SETUP_FAILED, python_inside
from routine_harness.plain import Json, Record

NAME: Final = "shell.py"
"""What the worker is called among the tools of a workplace."""
POLL_SECONDS: Final = 0.2
ENDING_SECONDS: Final = 5.0
LAST_WORDS_SECONDS: Final = 2.0
KEPT_COMPLAINTS: Final = 20
COMPLAINT: Final = 64 * 1024


class ShellOverError(Exception):
    """The shell answers no more; the text says why."""


class Shell:
    """The worker in ``contained``; it ends when ``alarm`` sounds."""

    def __init__(self, contained: Contained, alarm: Alarm) -> None:
        self._process = contained.process
        self._alarm = alarm
        self._complaints: deque[str] = deque(maxlen=KEPT_COMPLAINTS)
        assert self._process.stderr is not None  # noqa: S101
        self._listener = threading.Thread(target=self._listen, args=(self._process.stderr,), daemon=True)
        self._listener.start()
        contained.release()

    def ask(self, do: str, **given: Json) -> Record:
        """What the worker answers.

        Raises:
            ShellOverError: it has ended, or has to.
        """
        assert self._process.stdin is not None  # noqa: S101
        assert self._process.stdout is not None  # noqa: S101
        try:
            self._process.stdin.write(json.dumps({"do": do, **given}).encode() + b"\n")
            self._process.stdin.flush()
            self._wait(self._process.stdout)
            line = self._process.stdout.readline()
        except (OSError, ValueError) as error:  # the sandbox was ended meanwhile
            raise ShellOverError(self._why()) from error
        if not line.endswith(b"\n"):
            raise ShellOverError(self._why())
        answer: Record = json.loads(line)
        return answer

    def _wait(self, stream: IO[bytes]) -> None:
        while not select.select([stream], [], [], POLL_SECONDS)[0]:
            if self._alarm.reason:
                raise ShellOverError(self._alarm.reason)

    def _why(self) -> str:
        """Why the worker has ended."""
        if self._alarm.reason:
            return self._alarm.reason
        with contextlib.suppress(Exception):
            self._process.wait(ENDING_SECONDS)
        self._listener.join(LAST_WORDS_SECONDS)
        said = f": {self._complaints[-1]}" if self._complaints else ""
        if self._process.returncode == SETUP_FAILED:
            before = list(self._complaints)[-2:-1]
            return "the setup script failed" + (f": {before[0]}" if before else "")
        return f"the shell of the sandbox was ended{said}"

    def _listen(self, stream: IO[bytes]) -> None:
        """Keep the last of what the setup script and the worker complain of."""
        with contextlib.suppress(OSError, ValueError):  # the sandbox was ended meanwhile
            while line := stream.readline(COMPLAINT):
                self._complaints.append(line.decode(errors="replace").rstrip())


def worker_words(tools: Path, inside: str) -> tuple[str, ...]:
    """Write the worker among the ``tools``, which stand ``inside``; the words that start it there."""
    (tools / NAME).write_text(Path(shell_worker.__file__).read_text())
    return (python_inside(), "-I", "-S", f"{inside}/{NAME}")
