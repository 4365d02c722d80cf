"""A finding: one observation about a routine, a run or a file.

Codes are ``area.kebab-case`` and equal their anchor in the documentation.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from routine_harness.plain import Record

SECOND_CALLS: Final = "second_calls"
"""The key of ``data`` for the calls of the second run, where a finding of the first was met again."""


class Severity(StrEnum):
    """``error`` fails an item, ``warning`` is shown."""

    ERROR = "error"
    WARNING = "warning"


class Location(msgspec.Struct, frozen=True):
    """A place in a file; ``line`` and ``column`` count from 1, 0 means unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One observation.

    ``message`` is one sentence; ``detail`` holds further lines as they are to be shown
    (two records side by side, a diff); ``calls`` are the numbers of the tool calls that
    matter, as the timeline counts them, ``run`` the run (1 or 2) they belong to;
    ``hint`` says how to mend it; ``data`` is what a machine may want (JSON values).
    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    location: Location | None = None
    hint: str = ""
    detail: tuple[str, ...] = ()
    run: int = 1
    calls: tuple[int, ...] = ()
    data: Record = {}

    def calls_in(self, run: int) -> tuple[int, ...]:
        """The calls of ``run`` that matter; a finding may be of one run and met again in the second."""
        return self.calls if run == self.run else tuple(self.data.get(SECOND_CALLS, ())) if run == 2 else ()

    @property
    def fails(self) -> bool:
        """Whether this finding fails the item it is reported on."""
        return self.severity is Severity.ERROR
