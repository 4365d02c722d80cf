"""Values in the words of a message."""

from __future__ import annotations

from routine_harness.plain import Json


def shorten(value: Json, width: int = 60) -> str:
    """``value`` as it is written in Python, on one line, cut to ``width``."""
    text = repr(value)
    return text if len(text) <= width else text[: width - 1] + "…"


def clip(text: str, width: int) -> str:
    """``text`` on one line, cut to ``width``."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def counted(number: int, noun: str) -> str:
    """``1 ticket``, ``2 tickets``, ``1,000 tickets``."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"
