"""The time that a written file tells: the clock's, or the one that a reproducible build asks for."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from routine_harness.errors import Problem, UsageError

VARIABLE: Final = "SOURCE_DATE_EPOCH"
"""Seconds since 1970; see reproducible-builds.org."""


def written_at(environment: Mapping[str, str]) -> datetime:
    """Now, to the second; where ``environment`` sets ``SOURCE_DATE_EPOCH``, that instant.

    Raises:
        UsageError: it is no number of seconds.
    """
    text = environment.get(VARIABLE)
    try:
        return datetime.fromtimestamp(int(time.time() if text is None else text), UTC)
    except (ValueError, OverflowError, OSError) as error:
        hint = "write a whole number of seconds since 1970, or unset it"
        raise UsageError(Problem("", 0, f"{VARIABLE} is {text!r}", hint)) from error
