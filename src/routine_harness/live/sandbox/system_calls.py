"""The system calls that no program inside may make: a filter that the kernel runs before each one.

Namespaces leave some ways open: a socket of the virtual machine's host (``AF_VSOCK``) belongs to no
network namespace, the user's keyring to no other, and a user namespace of a program's own gives it
every capability over what it holds. ``io_uring`` makes sockets past any such filter.

The filter is a program of the kernel's packet filter (``linux/filter.h``), given to bubblewrap.
"""

from __future__ import annotations

import errno
import struct
from typing import Final

AF_VSOCK: Final = 40
CLONE_NEWUSER: Final = 0x10000000

_ALLOW: Final = 0x7FFF0000
_ERRNO: Final = 0x00050000
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST = 0, 4, 16  # fields of struct seccomp_data, little-endian
_X32: Final = 0x40000000

_SINCE_UNIFIED: Final = {
    425: errno.ENOSYS,  # io_uring_setup
    438: errno.EPERM,  # pidfd_getfd would take the CLI's own stream from it
    435: errno.ENOSYS,  # clone3 keeps its flags where no filter sees them; libc goes back to clone
}
# Architecture → numbers of socket, clone and unshare; and of what is refused altogether.
_MACHINES: Final[dict[int, tuple[int, int, int, dict[int, int]]]] = {
    0xC000003E: (41, 56, 272, {248: errno.EPERM, 249: errno.EPERM, 250: errno.EPERM}),  # x86_64
    0xC00000B7: (198, 220, 97, {217: errno.EPERM, 218: errno.EPERM, 219: errno.EPERM}),  # aarch64
    # i386: its socketcall (102) keeps the family where no filter sees it; libc has used socket since 2.21
    0x40000003: (359, 120, 310, {102: errno.ENOSYS, 286: errno.EPERM, 287: errno.EPERM, 288: errno.EPERM}),
}

_Step = tuple[int, int, int, int]


def system_call_filter() -> bytes:
    """The filter, as the kernel takes it."""
    steps: list[_Step] = [(_LOAD, 0, 0, _ARCHITECTURE)]
    for architecture, (socket, clone, unshare, refused) in _MACHINES.items():
        body = _machine(socket, clone, unshare, refused | _SINCE_UNIFIED)
        steps += [(_EQUAL, 0, len(body), architecture), *body]
    steps.append(_refuse(errno.ENOSYS))  # a machine whose numbers are not known here
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _machine(socket: int, clone: int, unshare: int, refused: dict[int, int]) -> list[_Step]:
    """What holds for the calls of one architecture; its last step lets go what came so far."""
    steps: list[_Step] = [(_LOAD, 0, 0, _NUMBER), (_ANY_BIT, 0, 1, _X32), _refuse(errno.ENOSYS)]
    for number, code in refused.items():
        steps += [(_EQUAL, 0, 1, number), _refuse(code)]
    steps += [(_EQUAL, 0, 4, socket), (_LOAD, 0, 0, _FIRST), (_EQUAL, 0, 1, AF_VSOCK),
              _refuse(errno.EAFNOSUPPORT), (_RETURN, 0, 0, _ALLOW)]  # fmt: skip
    for number in (clone, unshare):
        steps += [(_EQUAL, 0, 4, number), (_LOAD, 0, 0, _FIRST), (_ANY_BIT, 0, 1, CLONE_NEWUSER),
                  _refuse(errno.EPERM), (_RETURN, 0, 0, _ALLOW)]  # fmt: skip
    return [*steps, (_RETURN, 0, 0, _ALLOW)]


def _refuse(code: int) -> _Step:
    return (_RETURN, 0, 0, _ERRNO | code)
