"""What every finding means that is no lint rule's, for reports and the documentation.

The table is ``finding_codes.toml``; a test holds it and the code together.
"""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Final

import msgspec


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A finding's code in words: what it says, what brings it about as a rule, and how to mend it."""

    means: str
    cause: str
    fix: str


FAMILIES: Final = ("expect.", "noise.", "run.", "idempotency.", "recording.", "attestation.")
"""Areas in which codes are made from names: a noun, a limit, a status."""


@functools.cache
def finding_codes() -> dict[str, Code]:
    """Every code in order; one that is made from a name stands for its family."""
    table = resources.files("routine_harness").joinpath("report", "finding_codes.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(table), dict[str, Code])
