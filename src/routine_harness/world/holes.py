"""Texts with holes: what only a run can tell stands inside a text, among what is known of it.

A hole is its own spelling, each character moved into the last plane of Unicode and closed by a mark. So a
text can be cut at a colon, joined to a path or read as JSON, and its holes stay whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from routine_harness.plain import Json
from routine_harness.predicate import Partly

_PLANE: Final = 0x100000
_LAST: Final = 0xFFF0
_LOOSE: Final = "\U0010fffc"
_CLOSED: Final = "\U0010fffd"
_HOLE: Final = re.compile(f"[\U00100000-\U0010fffb]*[{_LOOSE}{_CLOSED}]")
_MOVED: Final = re.compile("[\U00100000-\U0010fffd]")


def hole(spelling: str, *, loose: bool = False) -> str:
    """What only a run can tell, as text; ``loose`` where it is unquoted and may be many words or none."""
    moved = "".join(chr(_PLANE + min(ord(character), _LAST)) for character in spelt(spelling)[:400])
    return moved + (_LOOSE if loose else _CLOSED)


def has_hole(text: str) -> bool:
    return not text.isascii() and (_CLOSED in text or _LOOSE in text)


def is_loose(text: str) -> bool:
    """Whether a hole of ``text`` may become many words or none."""
    return not text.isascii() and _LOOSE in text


def is_hole(text: str) -> bool:
    """Whether nothing of ``text`` is known."""
    return has_hole(text) and not _HOLE.sub("", text)


def fasten(text: str, *, loose: bool) -> str:
    """``text`` with its holes quoted, or ``loose``."""
    if text.isascii():
        return text
    return text.replace(_CLOSED, _LOOSE) if loose else text.replace(_LOOSE, _CLOSED)


def without_holes(text: str) -> str:
    """Text from outside, in which nothing may pass for a hole."""
    return text if text.isascii() else _MOVED.sub("\ufffd", text)


def spelt(text: str) -> str:
    """``text`` as somebody wrote it, its holes by their spelling."""
    return text if text.isascii() else _MOVED.sub(_back, text)


def _back(found: re.Match[str]) -> str:
    return "" if found[0] in (_LOOSE, _CLOSED) else chr(ord(found[0]) - _PLANE)


def holes_of(text: str) -> list[str]:
    """The holes of ``text``, as they stand in it."""
    return [] if text.isascii() else _HOLE.findall(text)


def told(value: Json) -> Json:
    """``value`` (JSON values) as policies judge it: a text with holes is ``Partly`` known."""
    if isinstance(value, str):
        return _partly(value) if has_hole(value) else spelt(value)
    if isinstance(value, Mapping):
        return {spelt(name): told(held) for name, held in value.items()}
    return [told(held) for held in value] if isinstance(value, list | tuple) else value


def _partly(text: str) -> Partly:
    pieces: list[str | None] = []
    at = 0
    for found in _HOLE.finditer(text):
        pieces += [text[at : found.start()], None]
        at = found.end()
    return Partly(spelt(text), [*pieces, text[at:]])
