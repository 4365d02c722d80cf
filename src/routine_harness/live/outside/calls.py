"""The calls of one run: which have no answer yet, and what programs do within them.

Servers and the reader of the CLI's stream come from threads of their own, so that every act on the
session is done under one lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.session.faults import Fault, FaultPlan, fault_result
from routine_harness.session.run import CallRecord
from routine_harness.session.session import Session
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolCall, ToolResult

ANNOUNCED_SECONDS: Final = 60.0
"""How long a call that has reached a server waits for the CLI's stream to name it. On a machine under load
the stream was seen to come seconds later than the request."""
SETUP: Final = "environment"
"""What a program belongs to that no command of the agent's has started: the setup script, a hook."""


class Pending(msgspec.Struct, frozen=True):
    """A call of the agent's that has no answer yet."""

    id: str
    name: str
    turn: int
    arguments: Record = {}


class Calls:
    """The calls of ``session``."""

    def __init__(
        self, session: Session, moved: Callable[[int], None] = lambda _: None, faults: tuple[Fault, ...] = ()
    ) -> None:
        """``moved`` gets the time of the world's clock; ``faults`` hit pages and the agent's own tools (those
        of connectors are the session's)."""
        self.session = session
        self.lock = threading.RLock()
        self.answered: set[str] = set()
        self._moved = moved
        self._faults = FaultPlan(faults, Registry())
        self._befallen: dict[str, ToolResult] = {}
        self._pending: dict[str, Pending] = {}
        self._turns: dict[str, int] = {}
        self._over = False
        self._announced = threading.Condition(self.lock)

    def announce(self, pending: Pending) -> None:
        """The agent is about to make a call."""
        with self._announced:
            self._pending[pending.id] = pending
            self._turns[pending.id] = pending.turn
            self._announced.notify_all()

    def settle(self, call_id: str) -> Pending | None:
        """The call has its answer; what was known of it."""
        with self.lock:
            return self._pending.pop(call_id, None)

    @property
    def pending(self) -> list[Pending]:
        """The calls without an answer, in order."""
        with self.lock:
            return list(self._pending.values())

    def turn_of(self, call_id: str) -> int:
        """The turn of a call that has reached a server; 0 of one that the CLI's stream never names.

        It waits until the stream names the call. The stream names the calls of earlier turns, and their
        results, before: so the session keeps the calls in the order of the turns, whichever of stream and
        request comes first.
        """
        with self._announced:
            if call_id:
                self._announced.wait_for(lambda: self._over or call_id in self._turns, ANNOUNCED_SECONDS)
            return self._turns.get(call_id, 0)

    def close(self) -> None:
        """The stream has ended and names no further call."""
        with self._announced:
            self._over = True
            self._announced.notify_all()

    def running(self) -> tuple[int, str]:
        """Turn and id of the call that a program inside belongs to: the last one still running."""
        own = [pending for pending in self._pending.values() if not pending.name.startswith("mcp__")]
        return (own[-1].turn, own[-1].id) if own else (0, SETUP)

    def keep(self, tool: str, arguments: Mapping[str, Json], result: ToolResult) -> None:
        """Keep what a program inside has done, and was answered."""
        turn, via = self.running()
        self.session.replay(tool, arguments, result, turn=turn, via=via)
        self.move()

    def record(self, pending: Pending, result: ToolResult, name: str = "") -> CallRecord | None:
        """Keep a call of one of the agent's own tools with its answer, under ``name`` where it has another;
        None where the session is over. What its programs did is kept as calls of theirs."""
        with self.lock:
            record = self.session.replay(
                name or pending.name, pending.arguments, result,
                turn=pending.turn, call_id=pending.id, captured=True,
            )  # fmt: skip
            self.move()
            return record

    def move(self) -> None:
        """Tell how late it has become in the world."""
        self._moved(self.session.world.clock)

    def befall(self, call_id: str, tool: str, arguments: Record) -> str:
        """What a fault of the case says instead of one of the agent's own tools; empty for none."""
        with self.lock:
            call = ToolCall("", tool, arguments)
            fault = self._faults.strike(call)
            if fault is None:
                return ""
            self._befallen[call_id] = fault_result(fault, call)
            return self._befallen[call_id].text

    def befallen(self, call_id: str) -> ToolResult | None:
        """What a fault has said instead of this call."""
        with self.lock:
            return self._befallen.get(call_id)

    def strike(self, tool: str) -> Fault | None:
        """The fault that hits the latest pending call of ``tool`` while it is carried out."""
        running = [pending for pending in self._pending.values() if pending.name == tool]
        return self._faults.strike(ToolCall("", tool, running[-1].arguments)) if running else None
