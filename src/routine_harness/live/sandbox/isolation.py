"""The sandbox of a live run: own filesystem view, processes and network; nothing of the user's.

The system's programs are there read-only, an empty home and the workspace. The network has loopback
alone, and the sockets that listen there belong to the harness: they are opened inside the namespace
and handed out, so that no relay stands in between. Everything ends with the first process.
Bubblewrap makes it; where bubblewrap does not work, a live run is refused.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final, Literal

from routine_harness.case.case import AgentSpec, Case
from routine_harness.errors import AgentError, Problem
from routine_harness.live.sandbox import bubblewrap
from routine_harness.live.sandbox.contained import Contained, Done, spawn
from routine_harness.live.sandbox.view import Program

DETAIL: Final = "own filesystem view, processes and network"


@dataclass(frozen=True)
class Isolation:
    """What kept a live run in: ``bubblewrap``, or ``none`` where the user gave ``--unsafe``."""

    kind: Literal["bubblewrap", "none"]
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind} ({self.detail})" if self.detail else self.kind


CONTAINED: Final = Isolation("bubblewrap", DETAIL)
EXPOSED: Final = Isolation("none")
"""For programs over nothing that a run has made."""


def why_none() -> tuple[str, str]:
    """Why there is no isolation here, and what would help; empty where there is."""
    if sys.platform != "linux":
        return f"it exists on Linux alone, this is {sys.platform}", "record on Linux"
    if find_spec("cryptography") is None:  # hosts are answered over TLS
        return "the package cryptography is not installed", "pip install 'routine-harness[sandbox]'"
    return bubblewrap.why_not()


def probe_isolation(*, unsafe: bool = False) -> Isolation:
    """The isolation to be had here.

    Raises:
        AgentError: there is none and ``unsafe`` does not say that a run may do without.
    """
    said, remedy = why_none()
    if not said:
        return CONTAINED
    if unsafe:
        return Isolation("none", f"--unsafe: {said}")
    message = f"a live run needs isolation, and there is none here: {said}"
    raise AgentError.at("", 0, message, f"{remedy}; or accept the risk with --unsafe")


def script_problem(case: Case, script: AgentSpec, why: tuple[str, str]) -> Problem:
    """That ``script`` of ``case`` needs a sandbox, at its line; ``why`` there is none says ``why_none``."""
    said, remedy = why
    line = case.source.line("agent" if script is case.agent else "record_with")
    return Problem(
        case.source.file, line, f"this case needs a sandbox, and there is none here: {said}", remedy
    )


def contain(program: Program, isolation: Isolation, ports: Sequence[int] = ()) -> Contained:
    """Start ``program``, which waits for ``release``; with pipes for its standard streams.

    ``ports`` are opened on its own loopback, where it has one.

    Raises:
        AgentError: it cannot be started.
    """
    if isolation.kind == "none":
        return start_exposed(program, [])
    return bubblewrap.start(program, ports)


def run_to_end(
    program: Program, isolation: Isolation, content: bytes = b"", *, seconds: float, most: int
) -> Done:
    """Run ``program`` over ``content`` to its end; see ``Contained.to_end``.

    Raises:
        AgentError: it cannot be started.
    """
    contained = contain(program, isolation)
    try:
        return contained.to_end(content, seconds=seconds, most=most)
    finally:
        contained.end()


def start_exposed(program: Program, listeners: list[socket.socket]) -> Contained:
    """Start ``program`` without isolation, in a process group of its own; ``listeners`` are its own then.

    Raises:
        AgentError: it cannot be started.
    """
    try:
        environment, folder = program.environment, program.folder
        process = spawn(program.arguments, (), environment, folder, converses=program.converses)
    except BaseException:
        for listener in listeners:
            listener.close()
        raise
    return Contained(process, listeners)


def free_listeners(count: int) -> list[socket.socket]:
    """Listening sockets on free ports of this machine's own loopback."""
    return [socket.create_server(("127.0.0.1", 0), backlog=128) for _ in range(count)]
