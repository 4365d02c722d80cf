"""Packs of attacks of the user's own, as policies and cases name them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

from routine_harness.adversity.attacks import Attack, read_pack
from routine_harness.errors import Problem, SpecError
from routine_harness.store.files import read_document
from routine_harness.store.stamped import Stamped
from routine_harness.verdict.further import OwnPack


def load_own_pack(pack: OwnPack) -> tuple[Attack, ...]:
    """The attacks of a file.

    Raises:
        SpecError: there is no such file, or every problem of it.
    """
    if not os.path.lexists(pack.path):
        hint = "paths are relative to the file that holds them"
        raise SpecError(Problem(pack.file, pack.line, f"there is no file {pack.written}", hint))
    if os.path.isdir(pack.path):  # noqa: PTH112 - a text is what is kept
        message = f"expected a file, found the folder {pack.written}"
        raise SpecError(Problem(pack.file, pack.line, message))
    return _packs.get(pack.path)


def check_own_packs(packs: Iterable[OwnPack]) -> None:
    """Read all of them.

    Raises:
        SpecError: every problem of every one.
    """
    problems: list[Problem] = []
    for pack in packs:
        try:
            load_own_pack(pack)
        except SpecError as error:
            problems += error.problems
    if problems:
        raise SpecError(*problems)


_packs: Final = Stamped(lambda path: read_pack(read_document(path)))
