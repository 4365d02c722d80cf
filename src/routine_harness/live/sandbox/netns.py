"""Opens listening sockets inside another process's network namespace and hands them back.

Run as a program of its own, because entering a user namespace needs a single thread:
``python -I -S netns.py PID CHANNEL PORT…``. Standard library alone.
"""

from __future__ import annotations

import _socket  # the module around it takes as long to load as the interpreter to start
import ctypes
import fcntl
import os
import struct
import sys

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_NS_GET_USERNS = 0xB701


def enter(pid: int) -> None:
    """Join the network namespace of ``pid``, by way of the user namespace that owns it."""
    libc = ctypes.CDLL(None, use_errno=True)
    network = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    owner = fcntl.ioctl(network, _NS_GET_USERNS)
    if os.fstat(owner).st_ino != os.stat("/proc/self/ns/user").st_ino:  # noqa: PTH116 - as above
        _join(libc, owner, _CLONE_NEWUSER)
    _join(libc, network, _CLONE_NEWNET)


def _join(libc: ctypes.CDLL, namespace: int, kind: int) -> None:
    if libc.setns(namespace, kind):
        raise OSError(ctypes.get_errno(), "cannot join the namespace of the sandbox")


def main(pid: int, channel: int, ports: list[int]) -> None:
    enter(pid)
    listeners = [_listening(port) for port in ports]
    held = struct.pack(f"={len(listeners)}i", *(listener.fileno() for listener in listeners))
    out = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, channel)
    out.sendmsg([b"."], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, held)])


def _listening(port: int) -> _socket.socket:
    listener = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM, 0)
    listener.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(128)
    return listener


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), [int(port) for port in sys.argv[3:]])
