"""Patterns of which one thing is asked: whether they occur. RE2, as prompts are long and patterns many."""

from __future__ import annotations

import functools

from routine_harness.plain import Json


class Words:
    """A pattern that ignores case; compiled when it is first asked."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def search(self, text: str) -> bool:
        """Whether the pattern occurs in ``text``."""
        return self._compiled.search(text) is not None

    @functools.cached_property
    def _compiled(self) -> Json:
        # Imported here: 10 ms that an idle plugin need not pay.
        import re2

        options = re2.Options()
        options.case_sensitive = False
        return re2.compile(self.pattern, options)
