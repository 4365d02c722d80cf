"""Which rules are on: the ``lint:`` key of ``policy.yaml``, with the options of the command line over it."""

from __future__ import annotations

import fnmatch
from typing import Final

import msgspec

from routine_harness.finding import Severity


class LintSettings(msgspec.Struct, frozen=True):
    """Selectors are ``ALL``, an area (``prompt``) or a code (``prompt.no-link``).

    ``recording_days`` is the age at which a recording counts as old.
    """

    select: tuple[str, ...] = ("ALL",)
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: dict[str, tuple[str, ...]] = {}
    severity: dict[str, Severity] = {}
    recording_days: int = 30

    @property
    def selectors(self) -> tuple[str, ...]:
        """Every selector that the settings name."""
        per_file = (code for codes in self.per_file_ignores.values() for code in codes)
        return (*self.select, *self.extend_select, *self.ignore, *per_file, *self.severity)

    def ignored_for(self, file: str) -> tuple[str, ...]:
        """The selectors that are ignored for ``file`` (a glob matches the path or its end)."""
        matching = (
            selectors
            for pattern, selectors in self.per_file_ignores.items()
            if fnmatch.fnmatchcase(file, pattern) or fnmatch.fnmatchcase(file, f"*/{pattern}")
        )
        return tuple(selector for selectors in matching for selector in selectors)


DEFAULTS: Final = LintSettings()


def with_options(
    settings: LintSettings,
    select: tuple[str, ...] = (),
    extend_select: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
) -> LintSettings:
    """``settings`` under the options of a command line: ``select`` replaces, the others add."""
    return msgspec.structs.replace(
        settings,
        select=select or settings.select,
        extend_select=settings.extend_select + extend_select,
        ignore=settings.ignore + ignore,
    )
