"""Opens listening sockets inside another process's network namespace and hands them back.

Run as a program of its own, because entering a user namespace needs a single thread:
``python -I -S netns.py PID CHANNEL PORT…``. Standard library alone.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import sys
from pathlib import Path

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_NS_GET_USERNS = 0xB701


def enter(pid: int) -> None:
    """Join the network namespace of ``pid``, by way of the user namespace that owns it."""
    libc = ctypes.CDLL(None, use_errno=True)
    network = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    owner = fcntl.ioctl(network, _NS_GET_USERNS)
    if os.fstat(owner).st_ino != Path("/proc/self/ns/user").stat().st_ino:
        _join(libc, owner, _CLONE_NEWUSER)
    _join(libc, network, _CLONE_NEWNET)


def _join(libc: ctypes.CDLL, namespace: int, kind: int) -> None:
    if libc.setns(namespace, kind):
        raise OSError(ctypes.get_errno(), "cannot join the namespace of the sandbox")


def main(pid: int, channel: int, ports: list[int]) -> None:
    enter(pid)
    listeners = [socket.create_server(("127.0.0.1", port), backlog=128) for port in ports]
    with socket.socket(fileno=channel) as out:
        socket.send_fds(out, [b"."], [listener.fileno() for listener in listeners])


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), [int(port) for port in sys.argv[3:]])
