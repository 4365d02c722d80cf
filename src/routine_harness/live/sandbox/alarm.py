"""The alarm of a run: what went wrong in the threads around it, and the limits that it exceeded.

Each is a finding. A thread that failed, and a limit that has to hold, end the run as well, so that nothing
which happened beside the agent is lost.
"""

from __future__ import annotations

import functools
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from routine_harness.finding import Finding, Severity
from routine_harness.store.interactions import TooLargeError

FAILED: Final = "sandbox.failed"
EXCEEDED: Final = "sandbox.limit-exceeded"
MOST: Final = 20
"""Findings that are kept; what goes on going wrong is said so often at most."""
_FRAMES: Final = 3

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Alarm:
    """What is to be told of a run besides its calls. ``reason`` says why it has to end; empty while it
    may go on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._findings: list[Finding] = []
        self.reason = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was told so far."""
        with self._lock:
            return tuple(self._findings)

    def failed(self, part: str, error: BaseException) -> None:
        """A part of the harness around the run raised ``error``: the run ends, unless a body alone was
        too large, which was refused."""
        if isinstance(error, TooLargeError):
            self.exceeded(f"{part} refused {error}")
            return
        lines = str(error).strip().splitlines()
        said = f"{part} failed: {type(error).__name__}{f': {lines[0]}' if lines else ''}"
        hint = "the harness itself failed, and not the agent: run it again, and report it if it stays"
        self._keep(Finding(code=FAILED, message=said, hint=hint, detail=_innermost(error)), said)

    def exceeded(self, what: str, *, ends: bool = False, severity: Severity = Severity.ERROR) -> None:
        """The run has exceeded a limit; ``ends`` where it cannot go on."""
        hint = "the limits of the sandbox are in docs/how-to/record.md; a routine needs less"
        self._keep(Finding(code=EXCEEDED, message=what, severity=severity, hint=hint), what if ends else "")

    def tell(self, finding: Finding) -> None:
        """Keep a finding; the run goes on."""
        self._keep(finding, "")

    def watched(self, part: str, function: Callable[Given, Result]) -> Callable[Given, Result]:
        """``function``, whose exceptions sound the alarm before they go their way."""

        @functools.wraps(function)
        def watching(*given: Given.args, **named: Given.kwargs) -> Result:
            try:
                return function(*given, **named)
            except Exception as error:
                self.failed(part, error)
                raise

        return watching

    def _keep(self, finding: Finding, reason: str) -> None:
        with self._lock:
            known = {(each.code, each.message) for each in self._findings}
            if (finding.code, finding.message) not in known and len(known) < MOST:
                self._findings.append(finding)
            self.reason = self.reason or reason


def _innermost(error: BaseException) -> tuple[str, ...]:
    """Where an error was raised, without the folders of this machine."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return tuple(f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames)
