"""Characters that show nothing: tags, marks of direction, joiners, variation selectors without a base."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from routine_harness.pattern import lazy_pattern

_REMOVED: Final = (
    "\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
    "\U000e0001\U000e0020-\U000e007f"
)
_SELECTORS: Final = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_HIDDEN: Final = lazy_pattern(f"[{_REMOVED}{_SELECTORS}]")
_REMOVED_ALONE: Final = lazy_pattern(f"[{_REMOVED}]")
_HAN: Final = lazy_pattern(
    "[\u2e80-\u2e99\u2e9b-\u2ef3\u2f00-\u2fd5\u3005\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufa6d\ufa70-\ufad9\U00016fe2\U00016fe3\U00016ff0-\U00016ff6"
    "\U00020000-\U0002a6df\U0002a700-\U0002ee5d\U0002f800-\U0002fa1d\U00030000-\U0003347f]"
)
_SUPPLEMENT: Final = "\U000e0100"
_PRESENTATIONS: Final = "\ufe0e\ufe0f"
_KEYCAPS: Final = "#*0123456789"


def filter_invisible(text: str) -> str:
    """``text`` without its invisible characters; a selector stays behind a base that it can belong to."""
    if text.isascii() or not _may_hide(text):
        return text
    return _HIDDEN.sub(_kept, text)


_OFTEN: Final = (
    "".join(
        map(
            chr,
            (*range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x206A), *range(0xFE00, 0xFE10)),
        )
    )
    + "\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\ufeff"
)
"""Those of the basic plane."""


def _may_hide(text: str) -> bool:
    """A quick look: to find one character after the other is faster than a class of them."""
    if any(character in text for character in _OFTEN):
        return True
    return len(text.encode("utf-16-le", "surrogatepass")) > 2 * len(text)  # beyond the basic plane


def _kept(found: re.Match[str]) -> str:
    character, start = found[0], found.start()
    if _REMOVED_ALONE.match(character) or not start:
        return ""
    return character if _belongs(found.string[start - 1], character) else ""


def _belongs(base: str, selector: str) -> bool:
    """Whether a variation selector can belong to ``base``, the character before it."""
    if _HIDDEN.match(base) or unicodedata.category(base)[0] not in "LMNPS":
        return False
    if selector >= _SUPPLEMENT:  # the database of variations registers ideographs alone
        return _HAN.match(base) is not None
    if base.isascii():
        return base in _KEYCAPS and selector in _PRESENTATIONS
    return True
