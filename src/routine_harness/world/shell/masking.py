"""Characters beyond ASCII kept from the shell grammar, and given back afterwards.

The grammar's scanner looks characters up in a table of 256 and reads past its end for others, which
can end the process; and it takes blanks of other scripts for separators, which shells do not.
"""

from __future__ import annotations

import re
from typing import Final

_MARK: Final = "\u00fe"
_BEYOND: Final = re.compile(r"[^\x00-\x7f]")
_MASKED: Final = re.compile(_MARK + r"([0-9a-f]{6})")


def mask(text: str) -> bytes:
    """``text`` for the parser: every other character is a word of its own number."""
    if text.isascii():
        return text.encode()
    return _BEYOND.sub(lambda found: f"{_MARK}{ord(found[0]):06x}", text).encode()


def unmask(source: bytes) -> str:
    """What ``source``, a part of a masked script, stands for."""
    text = source.decode("utf-8", "replace")
    return text if text.isascii() else _MASKED.sub(lambda found: chr(int(found[1], 16)), text)
