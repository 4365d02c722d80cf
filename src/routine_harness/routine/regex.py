"""The regular expressions of filters, expectations and policies: RE2, whole value.

RE2 matches in linear time, so no pattern of a user's can hang a check.
"""

from __future__ import annotations

import functools
import re
from typing import Final

from routine_harness.predicate import Match, Partly


@functools.lru_cache(maxsize=1024)
def compile_regex(pattern: str) -> Match:
    """The whole-value matcher of ``pattern``, in which ``.`` also matches a line break.

    Raises:
        ValueError: ``pattern`` is not RE2 syntax.
    """
    return WholeMatch(pattern, _compile(pattern, dot_matches_newline=True))


_FLAGS: Final = re.compile(r"\(\?([is]+)\)")


class WholeMatch:
    """One pattern over whole values, those that are known in part among them."""

    __slots__ = ("_match", "_pattern")

    def __init__(self, pattern: str, match: Match) -> None:
        self._pattern = pattern
        self._match = match

    def __call__(self, text: str) -> object:
        return self._match(text)

    def partly(self, text: Partly) -> bool | None:
        """Whether every text that ``text`` may be matches (True), none does (False), or some do."""
        # Imported here: few patterns are asked about a text that is known in part.
        from routine_harness.routine.automaton import Unproved
        from routine_harness.routine.languages import EVERYTHING, find_text

        known = "".join(EVERYTHING if piece is None else re.escape(piece) for piece in text.pieces)
        flags = _FLAGS.match(self._pattern)
        inner = self._pattern[flags.end() :] if flags else self._pattern
        spelt = f"(?{flags[1] if flags else ''}s:{inner})".replace("ss:", "s:")
        whole, possible = ((spelt, True),), (((known, True),), True)
        try:
            if find_text((possible, (whole, True)), _is_character) is None:
                return False
            return True if find_text((possible, (whole, False)), _is_character) is None else None
        except Unproved:
            return None


def _is_character(character: str) -> bool:
    return not "\ud800" <= character <= "\udfff"


@functools.lru_cache(maxsize=1024)
def compile_filter_regex(pattern: str) -> Match:
    """The same for trigger filters, where ``.`` stops at a line break."""
    return _compile(pattern, dot_matches_newline=False)


def _compile(pattern: str, *, dot_matches_newline: bool) -> Match:
    # Imported here: 10 ms that a run without patterns need not pay.
    import re2

    options = re2.Options()
    options.log_errors = False
    options.dot_nl = dot_matches_newline
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        raise ValueError(reason.decode() if isinstance(reason, bytes) else str(reason)) from error
    match: Match = compiled.fullmatch
    return match
