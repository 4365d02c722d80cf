"""The shell's grammar, and characters beyond ASCII kept from it and given back afterwards.

The grammar's scanner looks characters up in a table of 256 and reads past its end for others, which
can end the process; and it takes blanks of other scripts for separators, which shells do not.
"""

from __future__ import annotations

import functools
import re
from typing import Final

import tree_sitter
import tree_sitter_bash

_MARK: Final = "\u00fe"
_BEYOND: Final = re.compile(r"[^\x00-\x7f]")
_MASKED: Final = re.compile(_MARK + r"([0-9a-f]{6})")


@functools.cache
def parser() -> tree_sitter.Parser:
    """A parser of shell scripts."""
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


def mask(text: str) -> bytes:
    """``text`` for the parser: every other character is a word of its own number."""
    if text.isascii():
        return text.encode()
    return _BEYOND.sub(lambda found: f"{_MARK}{ord(found[0]):06x}", text).encode()


def unmask(source: bytes) -> str:
    """What ``source``, a part of a masked script, stands for."""
    text = source.decode("utf-8", "replace")
    return text if text.isascii() else _MASKED.sub(lambda found: chr(int(found[1], 16)), text)
