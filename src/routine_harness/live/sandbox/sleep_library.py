"""Sleeping under libfaketime: a shared library of one function, made byte by byte.

libfaketime 0.9.10, which Debian and Ubuntu ship, answers ``clock_nanosleep`` until an instant of the
monotonic clock with ``EINVAL`` where that clock is left alone (``FAKETIME_DONT_FAKE_MONOTONIC``), so that
``time.sleep`` of Python 3.11 and newer fails. The library is loaded before it and asks the kernel. The
monotonic clock cannot be faked instead: programs that wait for a lock would never wake.
"""

from __future__ import annotations

import platform
import struct
from typing import Final

NAME: Final = b"clock_nanosleep"
_PAGE: Final = 0x10000
"""The largest page of these machines: what is written at load time has one of its own."""

_CODE: Final = {
    # mov eax, 230 (clock_nanosleep); mov r10, rcx; syscall; neg eax; ret
    "x86_64": (62, bytes.fromhex("b8e6000000 4989ca 0f05 f7d8 c3")),
    # mov x8, 115 (clock_nanosleep); svc 0; neg w0, w0; ret
    "aarch64": (183, bytes.fromhex("680e80d2 010000d4 e003004b c0035fd6")),
}
"""Machine → its number in ELF, and the function: the system call, whose error is turned into its number."""

_HEADER, _SEGMENT, _SYMBOL, _ENTRY = 64, 56, 24, 16
_LOAD, _DYNAMIC = 1, 2
_EXECUTED, _WRITTEN = 5, 6
_HASH, _STRINGS, _SYMBOLS, _STRINGS_SIZE, _SYMBOL_SIZE = 4, 5, 6, 10, 11


def sleep_library() -> bytes:
    """The library for this machine; empty for one that is not known here."""
    machine, code = _CODE.get(platform.machine(), (0, b""))
    if not code:
        return b""
    strings = b"\0" + NAME + b"\0"
    parts = {}
    place = _HEADER + 3 * _SEGMENT
    for name, content in (
        ("code", code),
        ("hash", struct.pack("<5I", 1, 2, 1, 0, 0)),
        ("symbols", bytes(_SYMBOL) + struct.pack("<IBBHQQ", 1, 0x12, 0, 1, place, len(code))),
        ("strings", strings),
    ):
        parts[name] = (place, content)
        place += -(-len(content) // 8) * 8
    table = [
        (_HASH, parts["hash"][0]), (_STRINGS, parts["strings"][0]), (_SYMBOLS, parts["symbols"][0]),
        (_STRINGS_SIZE, len(strings)), (_SYMBOL_SIZE, _SYMBOL), (0, 0),
    ]  # fmt: skip
    dynamic = b"".join(struct.pack("<qQ", *entry) for entry in table)
    whole = bytearray(_PAGE + len(dynamic))
    segments = [
        _segment(_LOAD, _EXECUTED, 0, place),
        _segment(_LOAD, _WRITTEN, _PAGE, len(dynamic)),
        _segment(_DYNAMIC, _WRITTEN, _PAGE, len(dynamic)),
    ]
    for at, content in ((0, _header(machine) + b"".join(segments)), *parts.values(), (_PAGE, dynamic)):
        whole[at : at + len(content)] = content
    return bytes(whole)


def _header(machine: int) -> bytes:
    """A shared library of 64 bits, little-endian, with three segments."""
    kind = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    fields = (3, machine, 1, 0, _HEADER, 0, 0, _HEADER, _SEGMENT, 3, _HEADER, 0, 0)
    return kind + struct.pack("<HHIQQQIHHHHHH", *fields)


def _segment(kind: int, flags: int, place: int, size: int) -> bytes:
    return struct.pack("<IIQQQQQQ", kind, flags, place, place, place, size, size, _PAGE)
