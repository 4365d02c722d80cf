"""The folders whose files hold for a routine: from its own up to the repository's root.

The walk ends at the folder that holds ``.git`` or at a policy with ``root: true``; it depends on where a
routine lies, never on the working directory. It is taken for every case: a folder costs one look.
"""

from __future__ import annotations

import functools
import os
from typing import Final, NamedTuple

from routine_harness.errors import HarnessError
from routine_harness.routine.document import Document
from routine_harness.routine.layout import POLICIES
from routine_harness.store.files import read_document
from routine_harness.store.stamped import Stamped

CONNECTORS: Final = "connectors"
_GIT: Final = ".git"


class Place(NamedTuple):
    """One folder of the walk: its path, its policy file, and whether it has a folder ``connectors``."""

    path: str
    policy: str | None
    connectors: bool
    is_root: bool


def folder_of(path: str | os.PathLike[str]) -> str:
    """The folder that ``path``, a file or a folder, means."""
    given = os.path.abspath(path)  # noqa: PTH100 - the way that was asked for, links included
    return given if os.path.isdir(given) else os.path.dirname(given)  # noqa: PTH112, PTH120


def places_above(folder: str) -> list[Place]:
    """``folder`` and the folders above it, the innermost first, as far as the repository goes."""
    found = []
    for path in _upwards(folder):
        place = _places.get(path)
        found.append(place)
        if place.is_root or (place.policy is not None and _ends(place.policy)):
            break
    return found


def root_above(folder: str) -> str | None:
    """The root of the repository that holds ``folder``; None where the walk found neither ``.git`` nor a
    policy with ``root: true``."""
    last = places_above(folder)[-1]
    ends = last.is_root or (last.policy is not None and _ends(last.policy))
    return last.path if ends else None


def policy_document(path: str) -> Document:
    """The values of a policy file.

    Raises:
        SpecError: it cannot be read.
    """
    return _documents.get(path)


@functools.lru_cache(maxsize=4096)
def _upwards(folder: str) -> tuple[str, ...]:
    above = os.path.dirname(folder)  # noqa: PTH120 - texts are what is wanted
    return (folder,) if above == folder else (folder, *_upwards(above))


def _ends(policy: str) -> bool:
    try:
        value = policy_document(policy).value
    except HarnessError:  # who reads the policy says what is wrong with it
        return False
    return isinstance(value, dict) and value.get("root") is True


def _look(folder: str) -> Place:
    try:
        names = frozenset(os.listdir(folder))  # noqa: PTH208 - names are all that is wanted
    except OSError:  # a folder that may be passed and not read: what it holds is asked for by name
        wanted = (*POLICIES, CONNECTORS, _GIT)
        names = frozenset(name for name in wanted if os.path.lexists(os.path.join(folder, name)))  # noqa: PTH118
    policy = next((name for name in POLICIES if name in names), None)
    place = os.path.join(folder, policy) if policy else None  # noqa: PTH118
    return Place(folder, place, CONNECTORS in names, _GIT in names)


_places: Final = Stamped(_look)
_documents: Final = Stamped(read_document)
