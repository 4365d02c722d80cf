"""Colours, or none: what a terminal understands, and nothing for a file or a pipe."""

from __future__ import annotations

from typing import Final

from routine_harness.report.text import visible

_CODES: Final = {
    "error": "31;1",
    "warning": "33;1",
    "code": "1",
    "file": "4",
    "faint": "2",
    "good": "32;1",
    "fix": "36",
}


class Ink:
    """Puts a text into a style. The text is made visible first, so that the only escapes are its own."""

    def __init__(self, *, colour: bool) -> None:
        self._colour = colour

    def __call__(self, text: str, style: str = "") -> str:
        """``text`` in ``style``; as it is where there is none."""
        text = visible(text)
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self._colour and text and style else text


PLAIN: Final = Ink(colour=False)
"""For what is read by programs, and for tests."""

_DIFFERENCE: Final = {"+": "good", "-": "error", "@": "faint"}


def style_of_difference(line: str) -> str:
    """The style of a line of a unified difference: what came, what went, and where; the rest has none."""
    return _DIFFERENCE.get(line[:1], "")
