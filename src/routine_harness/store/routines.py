"""Finding and loading routines: which files are routines, which are cases, and whose.

A routine is ``routine.yaml``, ``routine-*.yaml`` or ``*.routine.yaml``; it owns the ``cases/``
beside it. Other YAML files are left alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.errors import Problem, SpecError, UsageError
from routine_harness.routine.layout import CASES, SUFFIXES, is_routine_file
from routine_harness.routine.parse import parse_routine
from routine_harness.routine.reader import nearest
from routine_harness.routine.spec import Routine
from routine_harness.store.files import read_document, shown
from routine_harness.store.named_files import FilesBeside
from routine_harness.store.stamped import Stamped

_SKIPPED: Final = frozenset(("node_modules", "__pycache__", "venv", "build", "dist", "site-packages"))


class Discovered(msgspec.Struct, frozen=True):
    """The files under one folder, each list in the order of paths.

    ``owners`` maps a case file to the routine files beside its ``cases/`` folder; a case that
    names its routine (``routine:``) is resolved when it is loaded.
    """

    routines: tuple[Path, ...]
    cases: tuple[Path, ...]
    owners: dict[Path, tuple[Path, ...]]

    def cases_of(self, routine: Path) -> tuple[Path, ...]:
        """The case files beside ``routine``."""
        return tuple(case for case in self.cases if _is_among(routine, self.owners[case]))


def is_case_file(path: Path) -> bool:
    """Whether ``path`` is a YAML file in a ``cases/`` folder that has a routine beside it."""
    return path.suffix in SUFFIXES and not path.name.startswith(".") and bool(owners_of(path))


def owners_of(case: Path) -> tuple[Path, ...]:
    """The routine files beside the ``cases/`` folder of ``case``; none if it lies elsewhere."""
    folder = case.parent
    if folder.name != CASES:
        folder = Path(os.path.abspath(folder))  # noqa: PTH100 - the working directory may be that folder
    return routine_files(folder.parent) if folder.name == CASES else ()


def routine_files(folder: Path) -> tuple[Path, ...]:
    """The routine files directly in ``folder``."""
    return _routine_files.get(os.fspath(folder))


def _list_routines(folder: str) -> tuple[Path, ...]:
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - names are all that is wanted
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise _unreadable(error) from error
    return tuple(path for name in names if is_routine_file(path := Path(folder, name)))


_routine_files: Final = Stamped(_list_routines)


def _unreadable(error: OSError) -> UsageError:
    reason = (error.strerror or str(error)).lower()
    return UsageError(Problem(shown(error.filename or ""), 0, f"the folder cannot be read: {reason}"))


def _refuse(error: OSError) -> None:
    raise _unreadable(error) from error


def discover(root: str | os.PathLike[str]) -> Discovered:
    """All routines and cases under ``root``, which may be one file; a routine comes with its cases.

    Hidden folders, virtual environments and the like are not entered, links to folders neither.

    Raises:
        UsageError: there is no such file or folder, or a folder cannot be read.
    """
    root = Path(root)
    if not root.exists():
        raise UsageError(Problem("", 0, f"there is no file or folder {shown(root)}"))
    files = list(walk_files(root)) if root.is_dir() else [root, *_cases_beside(root)]
    routines = tuple(path for path in files if is_routine_file(path))
    owners = {path: owners_of(path) for path in files if not is_routine_file(path) and is_case_file(path)}
    return Discovered(routines, tuple(owners), owners)


def _cases_beside(path: Path) -> list[Path]:
    """The files in the ``cases/`` of a routine's file; none for any other file."""
    folder = path.parent / CASES
    inside = walk_files(folder) if is_routine_file(path) and folder.is_dir() else ()
    return [file for file in inside if _is_among(path, owners_of(file))]


def _is_among(routine: Path, owners: Iterable[Path]) -> bool:
    wanted = os.path.abspath(routine)  # noqa: PTH100 - owners are absolute where the root was relative
    return wanted in map(os.path.abspath, owners)


def walk_files(root: Path) -> Iterator[Path]:
    """Every file below ``root`` in the order of paths; see ``discover`` for what is not entered."""
    for folder, folders, names in os.walk(root, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        for name in sorted(names):
            yield Path(folder, name)


def load_routine(path: str | os.PathLike[str]) -> Routine:
    """The routine in the file ``path``, or the only one in the folder ``path``.

    Raises:
        SpecError: the file cannot be read or is malformed.
        UsageError: the folder holds no routine, or several.
    """
    return _routines.get(os.fspath(routine_path(path)))


def routine_path(path: str | os.PathLike[str]) -> Path:
    """The routine file that ``path``, a file or a folder, means; see ``load_routine``."""
    path = Path(path)
    if not path.is_dir():
        return path
    found = routine_files(path)
    if len(found) == 1:
        return found[0]
    if not found:
        hint = "a routine is routine.yaml, routine-*.yaml or *.routine.yaml"
        raise UsageError(Problem("", 0, f"the folder {shown(path)} holds no routine", hint))
    names = ", ".join(file.name for file in found)
    raise UsageError(
        Problem("", 0, f"the folder {shown(path)} holds several routines: {names}", "name one of them")
    )


def _load(path: str) -> Routine:
    document = read_document(path)
    return parse_routine(document, FilesBeside(document.source.path))


_routines: Final = Stamped(_load, lambda routine: routine.named_paths)


def routine_of_case(case: Path, written: str, owners: Iterable[Path], line: int = 0) -> Path:
    """The routine file of a case that says ``routine: written`` (empty where it says nothing).

    ``written`` is a path relative to the case, or the name of a routine beside it.

    Raises:
        SpecError: there is none, or it could be any of several.
    """
    owners = tuple(owners)
    name = shown(case)
    if written.endswith(SUFFIXES) or "/" in written:
        found = routine_path(beside_case(case, written))
        if not found.is_file():
            raise SpecError(Problem(name, line, f"there is no routine {written}"))
        return found
    if not written:
        return _only_owner(name, owners)
    named = {_name_of(owner): owner for owner in owners}
    if written in named:
        return named[written]
    near = nearest(written, named)
    hint = f"did you mean {near}?" if near else "name a file: routine: ../routine.yaml"
    raise SpecError(Problem(name, line, f"there is no routine {written!r} beside this case", hint))


def beside_case(case: Path, written: str) -> Path:
    """The path that the case file ``case`` means by ``written``."""
    return Path(os.path.normpath(case.parent / written))


def _only_owner(name: str, owners: tuple[Path, ...]) -> Path:
    if len(owners) == 1:
        return owners[0]
    if not owners:
        hint = "put it into cases/ beside a routine.yaml, or write routine: ../routine.yaml"
        raise SpecError(Problem(name, 0, "this case belongs to no routine", hint))
    hint = f"write routine: {_name_of(owners[0])}"
    files = ", ".join(owner.name for owner in owners)
    raise SpecError(Problem(name, 0, f"this case could belong to any of {files}", hint))


def _name_of(path: Path) -> str:
    """The name of the routine in ``path``, or its file's where it is malformed."""
    try:
        return load_routine(path).name
    except SpecError:
        return path.name
