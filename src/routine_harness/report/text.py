"""Words fitted to a line by rich: nothing here knows what they mean."""

from __future__ import annotations

import functools
import io
import json
import re
from typing import TYPE_CHECKING, Final

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json

if TYPE_CHECKING:
    from rich.console import Console

_SPACE: Final = lazy_pattern(r"\s+")
_UNSEEN: Final = lazy_pattern(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff"
    "\\ufff9-\\ufffb\\ud800-\\udfff\\U000e0000-\\U000e007f]"
)
"""What steers a terminal, turns the direction of text around or is not to be seen; line breaks and tabs
are left, and what joins the parts of an emoji."""


def visible(text: str) -> str:
    """``text`` with every character that a terminal would obey, or not show, spelt out as JSON does.

    What others wrote (an agent, a tool, a file) is never to move the cursor or rewrite what stands there.
    """
    if text.isascii() and text.replace("\n", "").isprintable():
        return text  # the pattern takes longer to compile than most commands have to say
    return _UNSEEN.sub(_spelt, text.replace("\r\n", "\n"))


def _spelt(match: re.Match[str]) -> str:
    units = match.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def one_line(text: str) -> str:
    """``text`` with every run of white space as one space and control characters made visible."""
    return visible(_SPACE.sub(" ", text).strip())


def cells(text: str) -> int:
    """How many columns of a terminal ``text`` takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # its tables are read where a character may be wide

    return cell_len(text)


def clip(text: str, width: int) -> str:
    """``text`` in at most ``width`` columns, its end replaced by ``…`` where it does not fit."""
    text = visible(text)
    if cells(text) <= width:
        return text
    from rich.cells import set_cell_size

    return set_cell_size(text, width - 1).rstrip() + "…"


def fold(text: str, width: int, indent: str = "") -> list[str]:
    """The lines of ``text`` wrapped at ``width``, each behind ``indent``."""
    room = max(1, width - len(indent))
    return [indent + part for line in visible(text).splitlines() or [""] for part in _folded(line, room)]


def _folded(line: str, room: int) -> list[str]:
    """One line in parts of at most ``room`` columns; a word that is longer begins a part of its own."""
    line = line.expandtabs().rstrip()
    if cells(line) <= room:
        return [line]
    from rich.text import Text

    return [part.plain.rstrip() for part in Text(line).wrap(_nowhere(), room, overflow="fold")]


@functools.cache
def _nowhere() -> Console:
    """What rich measures text for: no terminal, and nothing of the environment."""
    # Imported where a line is too long: 45 ms that a passed check does not pay.
    from rich.console import Console

    return Console(file=io.StringIO(), width=80, _environ={})


def short_value(value: Json) -> str:
    """An argument as one short word: quoted text, JSON otherwise."""
    if isinstance(value, str):
        return json.dumps(one_line(value), ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
