"""The folders whose files hold for a routine: from its own up to the repository's root.

The walk ends at the folder that holds ``.git`` or at a policy with ``root: true``; it depends on where a
routine lies, never on the working directory.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from routine_harness.errors import HarnessError
from routine_harness.routine.document import Document
from routine_harness.store.files import read_document
from routine_harness.store.stamped import Stamped

POLICIES: Final = ("policy.yaml", "policy.yml", "policy.json")


def folder_of(path: str | os.PathLike[str]) -> Path:
    """The folder that ``path``, a file or a folder, means."""
    path = Path(os.path.abspath(path))  # noqa: PTH100 - the way that was asked for, links included
    return path if path.is_dir() else path.parent


def folders_above(folder: Path) -> tuple[Path, ...]:
    """``folder`` and those above it, the innermost first, as far as the repository goes."""
    found = []
    for place in (folder, *folder.parents):
        found.append(place)
        if _is_root(policy_in(place)) or os.path.exists(place / ".git"):  # noqa: PTH110
            break
    return tuple(found)


def policy_in(folder: Path) -> str | None:
    """The policy file in ``folder``."""
    for name in POLICIES:
        path = os.path.join(folder, name)  # noqa: PTH118 - called for every folder above every case
        if os.path.lexists(path):
            return path
    return None


def policy_document(path: str) -> Document:
    """The values of a policy file.

    Raises:
        SpecError: it cannot be read.
    """
    return _documents.get(path)


def _is_root(path: str | None) -> bool:
    if path is None:
        return False
    try:
        value = policy_document(path).value
    except HarnessError:  # who reads the policy says what is wrong with it
        return False
    return isinstance(value, dict) and value.get("root") is True


_documents: Final = Stamped(read_document)
