"""The files that a gate's verdict rests on, with their digests."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from routine_harness.errors import HarnessError
from routine_harness.lint.subject import Subject
from routine_harness.plain import Json
from routine_harness.routine.layout import ATTEMPTS, TESTED
from routine_harness.store.files import as_committed, read_bytes, read_document
from routine_harness.store.routines import routine_files, walk_files


class Tested(msgspec.Struct, frozen=True):
    """SHA-256 by file name: ``subjects`` are the routines, ``configuration`` what they were tested with."""

    subjects: dict[str, str]
    configuration: dict[str, str]


def digest_files(subjects: Iterable[Subject], policies: Iterable[tuple[str, ...]], root: Path) -> Tested:
    """The digests of everything that the subjects rest on; names are relative to ``root``.

    Raises:
        SpecError: a file cannot be read.
    """
    routines: dict[str, str] = {}
    others: dict[str, str] = {}
    for subject in subjects:
        path = Path(subject.routine.source.path)
        routines[_name(path, root)] = _digest(path)
        for file in _beside(path):
            others[_name(file, root)] = _digest(file)
        for named in subject.routine.named_paths:
            others[_name(Path(named), root)] = _digest(Path(named))
        for case in subject.cases:
            for file in _referenced(Path(case.source.path)):
                others[_name(file, root)] = _digest(file)
    for files in policies:
        for name in files:
            path = Path(os.path.abspath(name))  # noqa: PTH100 - names are as messages show them
            if path.is_file():
                others[_name(path, root)] = _digest(path)
    return Tested(routines, {name: value for name, value in others.items() if name not in routines})


def root_of(subjects: Iterable[Subject], policies: Iterable[tuple[str, ...]]) -> Path:
    """The folder that names of tested files are relative to, from wherever the gate is run.

    The root of the repository that holds the routines; without one the folder of the outermost
    policy, else the working directory.
    """
    folders = [Path(subject.routine.source.path).parent for subject in subjects]
    for folder in folders:
        for above in (folder, *folder.parents):
            if (above / ".git").exists():
                return above
    outermost = {os.path.dirname(os.path.abspath(files[0])) for files in policies if files}  # noqa: PTH100, PTH120
    return Path(os.path.commonpath(outermost)) if outermost else Path.cwd()


def _beside(routine: Path) -> Iterator[Path]:
    """The files of the folders that belong to ``routine``, those of a neighbour included."""
    for folder in TESTED:
        place = routine.parent / folder
        if place.is_dir():
            files = (file for file in walk_files(place) if not file.name.startswith("."))
            yield from (file for file in files if ATTEMPTS not in file.relative_to(place).parts)
    yield from (file for file in routine_files(routine.parent) if file != routine)


def _referenced(case: Path) -> Iterator[Path]:
    """The files that a case names anywhere: payload, worlds, cassettes, agents."""
    try:
        value = read_document(case).value
    except HarnessError:
        return
    for text in _texts(value):
        name = text.partition("::")[0]
        if 0 < len(name) < 1024 and "\n" not in name and "\0" not in name:
            path = Path(os.path.normpath(case.parent / name))
            if path.is_file():
                yield path


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _digest(path: Path) -> str:
    return hashlib.sha256(as_committed(read_bytes(path))).hexdigest()


def _name(path: Path, root: Path) -> str:
    return Path(os.path.relpath(path, root)).as_posix()
