"""Two scripted agents at once on one world, their calls in a given order.

Only one of them runs at any time: each waits before every call until it is let go on. So the same
order gives the same runs.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence, Set

from routine_harness.agents.scripted import DEFAULT_SECONDS, Attempt, Script, Stopped, captured
from routine_harness.plain import Json
from routine_harness.session.run import Run, RunPair
from routine_harness.session.session import Session
from routine_harness.world.tool import ToolResult


class Side:
    """One of two agents: its hands, which wait for their turn before each call."""

    seconds = DEFAULT_SECONDS
    trouble = ""

    def __init__(self, script: Script, session: Session, steps: Set[int]) -> None:
        """``steps`` are the numbers of the calls that the other agent can come between."""
        self.session = session
        self.attempt: Attempt = script.start(session)
        self.steps = steps
        self.asked = 0
        self.over = self._hangs = False
        self._may = threading.Semaphore(0)
        self._waits = threading.Semaphore(0)
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Let the agent go to its first call, or to its end."""
        self._thread = self.attempt.begin(self, self._end)
        self._wait()

    @property
    def at_step(self) -> bool:
        """Whether the call that it waits with is one that the other agent can come between."""
        return self.asked in self.steps

    def go(self) -> None:
        """Let the agent make its call, and go on to the next one or to its end."""
        self._may.release()
        self._wait()

    def end(self) -> Run:
        """The run; an agent that has not come back is left behind."""
        assert self._thread is not None  # noqa: S101 - it has begun
        if not self._hangs:
            self._thread.join()
        self._may.release()  # one that was left behind waits with a call by now, or will
        self.attempt.stop()
        return self.attempt.end("")

    def _wait(self) -> None:
        self._hangs = not self._waits.acquire(timeout=self.attempt.seconds)
        self.over = self.over or self._hangs

    def _end(self) -> None:
        self.over = True
        self._waits.release()

    def call(self, tool: str, arguments: Mapping[str, Json]) -> ToolResult:
        self.asked += 1
        self._waits.release()
        self._may.acquire()
        if self._hangs:
            raise Stopped
        return self.session.handle(tool, arguments)

    def say(self, text: str) -> None:
        self.session.say(text)

    def shown(self, text: str) -> str:
        return text


def run_overlapping(sides: tuple[Side, Side], order: Sequence[int]) -> tuple[RunPair, tuple[int, ...]]:
    """Both runs, and which side made each call. ``order`` says whose next step it is; when it is used up, the
    first goes on to its end, then the second."""
    made: list[int] = []
    with captured():
        for side in sides:
            side.begin()
        for turn in _turns(sides, order):
            side, other = sides[turn], sides[1 - turn]
            before = len(side.session.calls)
            side.go()
            world, rules = side.session.world, other.session.world.rules
            other.session.world = world if world.rules is rules else world.under(rules)
            made += [turn] * (len(side.session.calls) - before)
        first, second = (side.end() for side in sides)
    return RunPair(first, second), tuple(made)


def _turns(sides: tuple[Side, Side], order: Sequence[int]) -> Iterator[int]:
    """Whose call is next: a call that matters to nobody else is made at once, a step when its turn is."""
    left = list(order)
    while not all(side.over for side in sides):
        free = next((at for at, side in enumerate(sides) if not side.over and not side.at_step), None)
        if free is not None:
            yield free
            continue
        turn = left.pop(0) if left else 0
        yield turn if not sides[turn].over else 1 - turn
