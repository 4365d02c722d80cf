"""The policy that holds in a folder: all ``policy.yaml`` from the repository's root inward.

The search goes up to the folder that holds ``.git`` or to a file with ``root: true``; it depends on
where a routine lies, never on the working directory.
"""

from __future__ import annotations

import os
from typing import Final

from routine_harness.errors import HarnessError, Problem, SpecError
from routine_harness.routine.document import Document
from routine_harness.store.above import folder_of, places_above, policy_document
from routine_harness.store.connectors import connectors_above
from routine_harness.store.names import names_known
from routine_harness.verdict.policy.chain import merge_policies
from routine_harness.verdict.policy.default_policy import default_policy
from routine_harness.verdict.policy.rules import Policy, PolicyFile
from routine_harness.verdict.read_policy import parse_policy
from routine_harness.world.registry import Registry


def load_policy(path: str | os.PathLike[str]) -> Policy:
    """What holds for the file or in the folder ``path``: the default policy and all files above.

    For what is in no file (an empty ``path``) the default policy alone holds.

    Raises:
        SpecError: a policy file is malformed, or one contradicts another (see ``verdict.policy.chain``).
    """
    files = policy_files(folder_of(path)) if os.fspath(path) else ()
    key = tuple((id(file), file.source.path) for file in files)
    if key not in _merged:
        _merged[key] = merge_policies(default_policy(), files), files
    return _merged[key][0]


_merged: dict[tuple[tuple[int, str], ...], tuple[Policy, tuple[PolicyFile, ...]]] = {}
"""Merged chains by the identity of their files, which are kept beside so that it stays theirs."""


def policy_files(folder: str | os.PathLike[str]) -> tuple[PolicyFile, ...]:
    """The policy files that hold in ``folder``, the outermost first.

    Raises:
        SpecError: with the problems of all of them.
    """
    found: list[PolicyFile] = []
    problems: list[Problem] = []
    for place in places_above(os.fspath(folder)):
        try:
            file = _file_at(place.policy) if place.policy else None
        except HarnessError as error:
            problems += error.problems
            file = None
        if file is not None:
            found.append(file)
    if problems:
        raise SpecError(*problems)
    return tuple(reversed(found))


def _file_at(path: str) -> PolicyFile:
    """The policy file at ``path``, read once for what it and the connectors above it say."""
    document, registry = policy_document(path), connectors_above(path)
    kept = _files.get(path)
    if kept is None or kept[0] is not document or kept[1] is not registry:
        kept = _files[path] = document, registry, parse_policy(document, names_known(registry))
    return kept[2]


_files: Final[dict[str, tuple[Document, Registry, PolicyFile]]] = {}
