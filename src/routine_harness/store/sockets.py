"""No way out: while this is in force, nothing in this process opens a connection."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any, Final
from unittest import mock

_LOCAL: Final = getattr(socket, "AF_UNIX", None)


class SocketDeniedError(OSError):
    """A client tried to reach the network while a cassette is replayed."""


@contextlib.contextmanager
def deny_sockets(attempts: list[str]) -> Iterator[None]:
    """Refuse every connection and name look-up; each is noted in ``attempts`` first.

    Sockets within the machine's own namespace (AF_UNIX) stay open: event loops need them.
    """
    real_connect, real_connect_ex, real_sendto = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.socket.sendto,
    )

    def refuse(address: Any) -> None:
        place = ":".join(map(str, address[:2])) if isinstance(address, tuple) else str(address)
        attempts.append(place)
        raise SocketDeniedError(
            f"no connection to {place}: a cassette is replayed, and this client went past it"
        )

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != _LOCAL:
            refuse(address)
        real_connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        if self.family != _LOCAL:
            refuse(address)
        return real_connect_ex(self, address)

    def sendto(self: socket.socket, data: Any, *rest: Any) -> int:
        if self.family != _LOCAL:
            refuse(rest[-1] if rest else "")
        return real_sendto(self, data, *rest)

    def getaddrinfo(host: Any, port: Any, *_: Any, **__: Any) -> Any:
        refuse((host, port))

    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.object(socket.socket, "connect", connect))
        stack.enter_context(mock.patch.object(socket.socket, "connect_ex", connect_ex))
        stack.enter_context(mock.patch.object(socket.socket, "sendto", sendto))
        stack.enter_context(mock.patch.object(socket, "getaddrinfo", getaddrinfo))
        yield
