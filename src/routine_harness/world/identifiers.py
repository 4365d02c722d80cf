"""Ids in the shapes that services use, made from what they stand for: no clock, no chance."""

from __future__ import annotations

import functools
import hashlib
import uuid
from typing import Final

_BASE36: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def base36_id(prefix: str, *parts: object, length: int = 9) -> str:
    """``prefix`` and ``length`` letters and digits, as Slack's ids: ``C0A1B2C3D4``."""
    number = int.from_bytes(_digest(*parts), "big")
    digits = []
    for _ in range(length):
        number, rest = divmod(number, 36)
        digits.append(_BASE36[rest])
    return prefix + "".join(digits)


@functools.lru_cache(maxsize=4096)
def uuid_of(*parts: object) -> str:
    """A UUID that stands for ``parts``."""
    return str(uuid.UUID(bytes=_digest(*parts)[:16], version=4))


def hex_of(*parts: object, length: int = 32) -> str:
    """``length`` hexadecimal digits that stand for ``parts``."""
    return _digest(*parts).hex()[:length]


def _digest(*parts: object) -> bytes:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
