"""The names that a ref may have, by the rules of git and GitHub."""

from __future__ import annotations

import re
from typing import Final

MAXIMUM: Final = 255
"""The bytes of a ref's name, as GitHub has it."""

_NONE: Final = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|\Z)|[./]\Z")


def is_ref(name: str) -> bool:
    """Whether git takes ``name`` for the full name of a ref (``git check-ref-format``)."""
    plain = name.startswith("refs/") and len(name.encode(errors="replace")) <= MAXIMUM
    return plain and _NONE.search(name) is None
