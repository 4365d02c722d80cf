"""The policy that holds in a folder: all ``policy.yaml`` from the repository's root inward.

The search goes up to the folder that holds ``.git`` or to a file with ``root: true``; it depends on
where a routine lies, never on the working directory.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from routine_harness.errors import HarnessError, Problem, SpecError
from routine_harness.store.files import read_document
from routine_harness.store.names import known_names
from routine_harness.store.stamped import Stamped
from routine_harness.verdict.default_policy import default_policy
from routine_harness.verdict.policy import Policy, PolicyFile
from routine_harness.verdict.policy_chain import merge_policies
from routine_harness.verdict.read_policy import parse_policy

NAMES: Final = ("policy.yaml", "policy.yml", "policy.json")


def load_policy(path: str | os.PathLike[str]) -> Policy:
    """What holds for the file or in the folder ``path``: the default policy and all files above.

    For what is in no file (an empty ``path``) the default policy alone holds.

    Raises:
        SpecError: a policy file is malformed, or one contradicts another (see ``verdict.policy``).
    """
    given = os.fspath(path)
    path = Path(os.path.abspath(path))  # noqa: PTH100 - the way that was asked for, links included
    folder = path if path.is_dir() else path.parent
    files = policy_files(folder) if given else ()
    key = tuple((id(file), file.source.path) for file in files)
    if key not in _merged:
        _merged[key] = merge_policies(default_policy(), files), files
    return _merged[key][0]


_merged: dict[tuple[tuple[int, str], ...], tuple[Policy, tuple[PolicyFile, ...]]] = {}
"""Merged chains by the identity of their files, which are kept beside so that it stays theirs."""


def policy_files(folder: Path) -> tuple[PolicyFile, ...]:
    """The policy files that hold in ``folder``, the outermost first.

    Raises:
        SpecError: with the problems of all of them.
    """
    found: list[PolicyFile] = []
    problems: list[Problem] = []
    for place in (folder, *folder.parents):
        path = _policy_in(place)
        try:
            file = _files.get(path) if path else None
        except HarnessError as error:
            problems += error.problems
            file = None
        if file is not None:
            found.append(file)
        if (file is not None and file.root) or os.path.exists(place / ".git"):  # noqa: PTH110
            break
    if problems:
        raise SpecError(*problems)
    return tuple(reversed(found))


def _policy_in(folder: Path) -> str | None:
    for name in NAMES:
        path = os.path.join(folder, name)  # noqa: PTH118 - called for every folder above every case
        if os.path.lexists(path):
            return path
    return None


def _load(path: str) -> PolicyFile:
    return parse_policy(read_document(path), known_names())


_files: Final = Stamped(_load)
