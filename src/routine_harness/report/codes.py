"""What every finding means that is no lint rule's, for reports and the documentation.

The table is ``finding_codes.toml``; a test holds it and the code together.
"""

from __future__ import annotations

import functools
import tomllib
from importlib import resources

import msgspec


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A finding's code in words: what it says, what brings it about as a rule, and how to mend it."""

    means: str
    cause: str
    fix: str


@functools.cache
def finding_codes() -> dict[str, Code]:
    """Every code in order."""
    table = resources.files("routine_harness").joinpath("report", "finding_codes.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(table), dict[str, Code])
