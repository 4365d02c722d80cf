"""The names that refs and files may have, by the rules of git and GitHub."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from routine_harness.pattern import lazy_pattern
from routine_harness.world.github.operation import Refused

MAXIMUM: Final = 255
"""The bytes of a ref's name, as GitHub has it."""

_NONE: Final = lazy_pattern(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|\Z)|[./]\Z")
_NO_PART: Final = ("", ".", "..", ".git")


def is_ref(name: str) -> bool:
    """Whether git takes ``name`` for the full name of a ref (``git check-ref-format``)."""
    plain = name.startswith("refs/") and len(name.encode(errors="replace")) <= MAXIMUM
    return plain and _NONE.search(name) is None


def is_path(name: str) -> bool:
    """Whether git takes ``name`` for a file of a tree."""
    return "\0" not in name and all(part.lower() not in _NO_PART for part in name.split("/"))


def check_branch_name(name: str) -> None:
    """Refuse a branch whose name git does not take, as GitHub does."""
    if not is_ref(f"refs/heads/{name}"):
        raise Refused(422, f"refs/heads/{name} is not a valid ref name.")


def check_paths(paths: Iterable[str]) -> None:
    """Refuse files whose names git does not take, as GitHub does."""
    if not all(map(is_path, paths)):
        raise Refused(422, "path contains a malformed path component")
