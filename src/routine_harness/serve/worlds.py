"""The worlds of one server: one that all clients share, or one for each that asks for its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from routine_harness.serve.mcp import Received
from routine_harness.session.run import Run
from routine_harness.session.session import Session
from routine_harness.world.tool import ToolResult


class Worlds:
    """The open worlds of a server by name, each made when a client first calls."""

    def __init__(self, make: Callable[[], Session], *, each_session: bool) -> None:
        self._make, self._each_session = make, each_session
        self._lock = threading.RLock()  # a signal may end the thread that holds it
        self._opened: dict[str, Session] = {}
        if not each_session:
            self._opened[""] = make()

    def answer(self, received: Received) -> ToolResult:
        name = received.world or (received.session if self._each_session else "")
        with self._lock:
            if name not in self._opened:
                self._opened[name] = self._make()
            tool = f"{received.offer.connector}.{received.tool}"
            return self._opened[name].handle(tool, received.arguments, server=received.offer.server)

    def finished(self) -> Iterator[tuple[str, Run]]:
        """Every world by its name, with what was done in it, in the order in which they were made."""
        with self._lock:
            for name, session in self._opened.items():
                yield name, session.finish("interrupted")
