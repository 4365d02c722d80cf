"""Words fitted to a line: nothing here knows what they mean."""

from __future__ import annotations

import json
import re
import textwrap
import unicodedata
from typing import Any, Final

_SPACE: Final = re.compile(r"\s+")


def one_line(text: str) -> str:
    """``text`` with every run of white space as one space and control characters made visible."""
    folded = _SPACE.sub(" ", text).strip()
    return "".join(f"\\x{ord(c):02x}" if unicodedata.category(c) in ("Cc", "Cf") else c for c in folded)


def cells(text: str) -> int:
    """How many columns of a terminal ``text`` takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def clip(text: str, width: int) -> str:
    """``text`` in at most ``width`` columns, its end replaced by ``…`` where it does not fit."""
    if cells(text) <= width:
        return text
    kept, used = [], 0
    for char in text:
        used += cells(char)
        if used > width - 1:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…"


def fold(text: str, width: int, indent: str = "") -> list[str]:
    """The lines of ``text`` wrapped at ``width``, each behind ``indent``."""
    lines: list[str] = []
    for line in text.splitlines() or [""]:
        wrapped = textwrap.wrap(line, width - len(indent), break_on_hyphens=False, replace_whitespace=False)
        lines += [indent + part for part in wrapped or [""]]
    return lines


def short_value(value: Any) -> str:
    """An argument as one short word: quoted text, JSON otherwise."""
    if isinstance(value, str):
        return json.dumps(one_line(value), ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
