"""What stands behind a code fence's language, where no reader of the rendered page sees it."""

from __future__ import annotations

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
