"""The sandbox of a live run: own filesystem view, processes and network; nothing of the user's.

The system's programs are there read-only, an empty home and the workspace. The network has loopback
alone, and the sockets that listen there belong to the harness: they are opened inside the namespace
and handed out, so that no relay stands in between. Everything ends with the first process. Bubblewrap
makes it, or ``unshare`` with a helper of ours, from one description and with the same guarantees.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from routine_harness.errors import AgentError
from routine_harness.live import bubblewrap, unshared
from routine_harness.live.contained import Contained, spawn
from routine_harness.live.view import Mount, Program

__all__ = ["Contained", "Isolation", "Mount", "Program", "contain", "free_listeners", "probe_isolation",
           "start_exposed"]  # fmt: skip

Kind = Literal["bubblewrap", "unshare", "none"]
DETAIL: Final = "own filesystem view, processes and network"


@dataclass(frozen=True)
class Isolation:
    """What kept a live run in: ``bubblewrap``, ``unshare``, or ``none`` where the user gave ``--unsafe``."""

    kind: Kind
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind} ({self.detail})" if self.detail else self.kind


@dataclass(frozen=True)
class Form:
    """A way to make the sandbox: why it is not to be had here (empty if it is), and how to start in it."""

    why_not: Callable[[], str]
    start: Callable[[Program, Sequence[int]], Contained]


FORMS: Final[Mapping[Kind, Form]] = {
    "bubblewrap": Form(bubblewrap.why_not, bubblewrap.start),
    "unshare": Form(unshared.why_not, unshared.start),
}
"""Best first."""


def probe_isolation(*, unsafe: bool = False) -> Isolation:
    """The isolation to be had here: bubblewrap, else ``unshare``.

    Raises:
        AgentError: there is none and ``unsafe`` does not say that a run may do without.
    """
    reasons = [] if sys.platform == "linux" else [f"it exists on Linux alone, this is {sys.platform}"]
    for kind, form in FORMS.items() if not reasons else ():
        reason = form.why_not()
        if not reason:
            return Isolation(kind, DETAIL)
        reasons.append(reason)
    said = "; ".join(reasons)
    if unsafe:
        return Isolation("none", f"--unsafe: {said}")
    raise AgentError.at(
        "",
        0,
        f"a live run needs isolation, and there is none here: {said}",
        "install bubblewrap or util-linux and allow user namespaces, or accept the risk with --unsafe",
    )


def contain(program: Program, isolation: Isolation, ports: Sequence[int] = ()) -> Contained:
    """Start ``program``, which waits for ``release``; with pipes for its standard streams.

    ``ports`` are opened on its own loopback. Without isolation use ``start_exposed``.

    Raises:
        AgentError: it cannot be started.
    """
    return FORMS[isolation.kind].start(program, ports)


def start_exposed(program: Program, listeners: list[socket.socket]) -> Contained:
    """Start ``program`` without isolation, in a process group of its own; ``listeners`` are its own then.

    Raises:
        AgentError: it cannot be started.
    """
    try:
        process = spawn(program.arguments, (), program.environment, program.folder)
    except BaseException:
        for listener in listeners:
            listener.close()
        raise
    return Contained(process, listeners)


def free_listeners(count: int) -> list[socket.socket]:
    """Listening sockets on free ports of this machine's own loopback."""
    return [socket.create_server(("127.0.0.1", 0), backlog=128) for _ in range(count)]
