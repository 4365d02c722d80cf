"""Words in texts as services look for them: whole, in order, in upper or lower case."""

from __future__ import annotations

import functools
from typing import Final

from routine_harness.pattern import lazy_pattern

_TOKEN: Final = lazy_pattern(r"\d+(?:\.\d+)+|[^\W_]+")
_UNSPACED: Final = lazy_pattern("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_ENDINGS: Final = ("ing", "ies", "ed", "es", "s", "y", "e")
_SHORTEST: Final = 3


def said_in(text: str, value: str) -> bool:
    """Whether ``text`` holds the words of ``value``, one after the other."""
    if _UNSPACED.search(value):  # languages that put no blanks between words
        return value.casefold() in text.casefold()
    return plain(value) in plain(text)


def alike_in(text: str, value: str) -> bool:
    """Whether ``text`` holds those words in this or another form: ``invoices`` for ``invoice``."""
    return plain(value, loose=True) in plain(text, loose=True)


@functools.lru_cache(maxsize=8192)
def plain(text: str, *, loose: bool = False) -> str:
    """The words of ``text`` between blanks; ``loose`` without their commonest endings."""
    words = _TOKEN.findall(text.casefold())
    return f" {' '.join(map(_stem, words) if loose else words)} "


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            return word[: -len(ending)]
    return word
