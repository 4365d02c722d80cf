"""The fence around a thread: which connections it, and every thread that it starts, may open.

While a fence stands, the methods of ``socket.socket`` and the look-ups of names ask it first; threads that
are behind none are not touched. It holds Python alone: a program that a script starts, and a library in C
that opens its own connections, pass it by.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import socket
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any, Final

from routine_harness.plain import Json

_LOCAL: Final = {getattr(socket, name, None) for name in ("AF_UNIX", "AF_NETLINK", "AF_ALG")} - {None}
"""Families whose sockets never leave the machine: event loops need the first."""
_INTERNET: Final = (socket.AF_INET, socket.AF_INET6)
_LOOK_UPS: Final = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo")
_ABSENT: Final = object()


class SocketDeniedError(OSError):
    """Somebody behind a fence tried to reach what lies beyond it."""


class Fence:
    """What may not be reached; ``attempts`` are the places that were refused, each as often as tried."""

    def __init__(self, reason: str, *, loopback: bool) -> None:
        """``reason`` is why, in the words of the error; ``loopback`` lets this machine itself be reached."""
        self.reason = reason
        self.loopback = loopback
        self.attempts: list[str] = []

    def refuses(self, family: int, host: str) -> bool:
        if family in _LOCAL:
            return False
        return not (self.loopback and family in _INTERNET and is_loopback(host))

    def refuses_name(self, host: str) -> bool:
        """Whether a look-up may not be: one of an address asks nobody."""
        return not self.loopback or not (
            _is_address(host) or is_loopback(host) or host == socket.gethostname()
        )

    def note(self, place: str) -> SocketDeniedError:
        """Keep an attempt, and give the error that its program gets."""
        self.attempts.append(place)
        return SocketDeniedError(errno.ENETUNREACH, f"no connection to {place}: {self.reason}")


_OPEN: Final = Fence("", loopback=True)
"""Stands for a thread that may reach everything, even if a fence is put around it later."""
_lock: Final = threading.Lock()
_behind: Final[weakref.WeakKeyDictionary[threading.Thread, tuple[Fence, ...]]] = weakref.WeakKeyDictionary()
_replaced: Final[list[tuple[Json, str, Json]]] = []


@contextlib.contextmanager
def fenced(fence: Fence) -> Iterator[Fence]:
    """Put ``fence`` around the running thread, and the threads that it starts, in the body."""
    thread = threading.current_thread()
    with _lock:
        before = _behind.get(thread, ())
        _behind[thread] = (*before, fence)
        if not _replaced:
            _replace()
    try:
        yield fence
    finally:
        _leave(thread, before)


def _leave(thread: threading.Thread, before: tuple[Fence, ...] = ()) -> None:
    """Let ``thread`` stand as before; what it has left running stays behind its fence."""
    with _lock:
        _behind.pop(thread, None)
        if before:
            _behind[thread] = before
        if not any(each.is_alive() for each in list(_behind)):
            _restore()


def let_out() -> contextlib.AbstractContextManager[Fence]:
    """Let the running thread, and those that it starts, reach everything in the body."""
    return fenced(_OPEN)


def is_loopback(host: str) -> bool:
    """Whether an address or a name means this machine itself, without asking anybody."""
    name = host.lower().rstrip(".")
    if name in ("", "localhost", "ip6-localhost", "ip6-loopback") or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return _short_form(name).startswith(b"\x7f")
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified


def _is_address(host: str) -> bool:
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(host.partition("%")[0])
        return True
    return bool(_short_form(host))


def _short_form(host: str) -> bytes:
    """An address such as ``127.1``; empty for any other text."""
    try:
        return socket.inet_aton(host) if " " not in host else b""
    except OSError:
        return b""


def _text(host: Json) -> str:
    if isinstance(host, bytes | bytearray):
        return bytes(host).decode(errors="replace")
    return "" if host is None else str(host)


def _fences() -> tuple[Fence, ...]:
    """The fences around the running thread, the outermost first."""
    found = _behind.get(threading.current_thread(), ())
    return () if _OPEN in found else found


def _denial(family: int, address: Json) -> SocketDeniedError | None:
    """The error of the first fence that refuses ``address``."""
    parts = address if isinstance(address, tuple) else (address,)
    host = _text(parts[0]) if parts else ""
    for fence in _fences():
        if fence.refuses(family, host):
            return fence.note(":".join(_text(part) for part in parts[:2]))
    return None


def _asking(real: Callable[..., Any], position: Callable[[tuple[Json, ...]], Json]) -> Callable[..., Any]:
    """A method of sockets that is refused where the address, at ``position`` of its arguments, is."""

    def asking(self: socket.socket, *given: Any) -> Json:
        address = position(given)
        if address is not None and (denial := _denial(self.family, address)) is not None:
            raise denial
        return real(self, *given)

    return asking


def _connect_ex(real: Callable[..., int]) -> Callable[..., int]:
    def connect_ex(self: socket.socket, address: Json) -> int:
        return errno.ENETUNREACH if _denial(self.family, address) is not None else real(self, address)

    return connect_ex


def _looking_up(real: Callable[..., Any]) -> Callable[..., Any]:
    """A look-up that is refused where the name is not this machine's."""

    def looking_up(*given: Any, **named: Any) -> Json:
        asked = given[0] if given else named.get("host")
        host = _text(asked[0] if isinstance(asked, tuple) and asked else asked)
        for fence in _fences():
            if fence.refuses_name(host):
                port = f":{given[1]}" if len(given) > 1 and isinstance(given[1], int | str) else ""
                raise fence.note(f"{host}{port}")
        return real(*given, **named)

    return looking_up


def _starting(real: Callable[..., None]) -> Callable[..., None]:
    """``Thread.start``, by which a thread stands behind the fences of the one that starts it."""

    def start(self: threading.Thread) -> None:
        found = _behind.get(threading.current_thread())
        if found:
            with _lock:
                _behind[self] = found
            run = self.run

            def run_fenced() -> None:
                try:
                    run()
                finally:
                    _leave(self)

            self.run = run_fenced  # type: ignore[method-assign]
        real(self)

    return start


def _replace() -> None:
    """Let sockets, look-ups and threads ask; called with the lock."""
    kind: Json = socket.socket
    wrapped: dict[tuple[Json, str], Callable[..., Any]] = {
        (kind, "connect"): _asking(kind.connect, lambda given: given[0]),
        (kind, "connect_ex"): _connect_ex(kind.connect_ex),
        (kind, "sendto"): _asking(kind.sendto, lambda given: given[-1]),
        (kind, "sendmsg"): _asking(kind.sendmsg, lambda given: given[3] if len(given) > 3 else None),
        (threading.Thread, "start"): _starting(threading.Thread.start),
        **{(socket, name): _looking_up(getattr(socket, name)) for name in _LOOK_UPS},
    }
    for (owner, name), function in wrapped.items():
        _replaced.append((owner, name, vars(owner).get(name, _ABSENT)))
        setattr(owner, name, function)


def _restore() -> None:
    """Leave everything as it was; called with the lock."""
    for owner, name, before in _replaced:
        if before is _ABSENT:
            delattr(owner, name)
        else:
            setattr(owner, name, before)
    _replaced.clear()
