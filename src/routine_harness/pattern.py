"""Patterns that are compiled when they are first used: a process uses few of those that it imports."""

from __future__ import annotations

import re
from typing import cast

from routine_harness.plain import Json


class _LazyPattern:
    """Stands for a pattern until someone asks it for a match; then its methods are the pattern's own."""

    def __init__(self, text: str, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> Json:
        found = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, found)  # from now on without this detour
        return found


def lazy_pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """The pattern ``text``, compiled at its first use; compiling costs more than reading its module."""
    return cast("re.Pattern[str]", _LazyPattern(text, flags))
