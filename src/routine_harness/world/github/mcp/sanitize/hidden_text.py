"""What a rendered page does not show: invisible characters, and words behind a code fence's language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from routine_harness.pattern import lazy_pattern

SPACE: Final = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
"""What Go takes for white space."""
_PLAIN_NAME: Final = lazy_pattern(r"[A-Za-z0-9+_#.-]+")
_LONGEST: Final = 48
"""Bytes of a language's name; a longer one is no language."""


def filter_fences(text: str) -> str:
    """``text`` whose code fences open with a language or nothing, and close with nothing."""
    if "```" not in text:
        return text
    kept: list[str] = []
    copied = open_ticks = 0
    for fence, end in _fences(text):
        ticks = fence.stop - fence.start
        rest = text[fence.stop : end]
        if open_ticks and ticks != open_ticks:
            continue
        shown = "" if open_ticks else _language(rest)
        open_ticks = 0 if open_ticks else ticks
        if shown != rest:
            kept += [text[copied : fence.stop], shown]
            copied = end
    return "".join([*kept, text[copied:]]) if kept else text


def _fences(text: str) -> Iterator[tuple[slice, int]]:
    """Where the backticks of each line that begins with three or more stand, and where the line ends."""
    size, position = len(text), 0
    while (start := text.find("```", position)) >= 0:
        end = text.find("\n", start)
        position = end = size if end < 0 else end
        if not text[text.rfind("\n", 0, start) + 1 : start].strip(SPACE):
            stop = start + 3
            while stop < size and text[stop] == "`":
                stop += 1
            yield slice(start, stop), end


def _language(rest: str) -> str:
    name = rest.strip(SPACE)
    if not name or len(name.encode()) > _LONGEST:
        return ""
    if not _PLAIN_NAME.fullmatch(name) and not all(_is_safe(character) for character in name):
        return ""
    return f" {name}" if rest[0] in " \t\v\f\r" else name


def _is_safe(character: str) -> bool:
    return character in "+-_#." or unicodedata.category(character) in ("Lu", "Ll", "Lt", "Lm", "Lo", "Nd")


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
