"""Rules about lint itself: suppressions that suppress nothing, or name no rule.

Their marks are made by ``lint.run``, which knows what was suppressed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from routine_harness.lint.rule import Mark, rule
from routine_harness.lint.subject import Subject


@rule("lint.unused-suppression", fixable=True)
def unused_suppression(_: Subject) -> Iterator[Mark]:
    """A suppression that suppresses nothing.

    It was right once, or never. Left in place it hides the next finding of its kind, which may matter.

    Bad:
        name: example  # rh: ignore[prompt.secret]

    Good:
        name: example
    """
    return iter(())


@rule("lint.unknown-code", fixable=False)
def unknown_code(_: Subject) -> Iterator[Mark]:
    """A suppression that names no rule.

    A misspelt code suppresses nothing, and the finding that it was meant for is reported all the same.

    Bad:
        name: example  # rh: ignore[prompt.no-lnk]

    Good:
        name: example
    """
    return iter(())


META_RULES: Final = (unused_suppression, unknown_code)
