"""The connectors that hold in a folder: the models, those of plugins, and ``connectors/*.yaml`` above it.

Of two declarations of one name the nearer one holds. Other files in a folder of that name are left alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from routine_harness.errors import HarnessError, Problem, SpecError
from routine_harness.pattern import lazy_pattern
from routine_harness.routine.document import Document, load_document
from routine_harness.routine.spec import Source
from routine_harness.store.above import CONNECTORS, folder_of, places_above
from routine_harness.store.files import read_bytes, shown
from routine_harness.store.plugins import known_connectors
from routine_harness.store.stamped import Stamped
from routine_harness.world.declared.connector import DeclaredConnector, declared_connector
from routine_harness.world.declared.declaration import Declaration
from routine_harness.world.declared.parse import is_declaration, parse_connector
from routine_harness.world.registry import SIMULATED, Registry

SUFFIXES: Final = (".yaml", ".yml", ".json")
_SPEAKS: Final = lazy_pattern(r"(?m)^\s*[{\"']*(connector|tools)[\"']?\s*:")
"""A file without such a line is no declaration, whatever else may be wrong with it."""


def connectors_above(path: str | os.PathLike[str]) -> Registry:
    """The connectors that are known to the file or in the folder ``path``; to what is in no file (an empty
    ``path``) the models and plugins alone.

    Raises:
        SpecError: with the problems of all declarations above.
    """
    known = known_connectors()
    declared = declared_above(path)
    if not declared:
        return known
    key = tuple(map(id, declared))
    if key not in _registries:
        _registries[key] = known.adding(declared), declared
    return _registries[key][0]


_registries: dict[tuple[int, ...], tuple[Registry, tuple[DeclaredConnector, ...]]] = {}
"""Registries by the identity of what is declared, which is kept beside so that it stays its own."""


def declared_above(path: str | os.PathLike[str]) -> tuple[DeclaredConnector, ...]:
    """What the files of ``connectors/`` above ``path`` declare, in order of name.

    Raises:
        SpecError: with the problems of all of them.
    """
    if not os.fspath(path):
        return ()
    found: dict[str, DeclaredConnector] = {}
    problems: list[Problem] = []
    for place in places_above(folder_of(path)):
        for file in _files.get(os.path.join(place.path, CONNECTORS)) if place.connectors else ():  # noqa: PTH118
            try:
                declared = _declared.get(file)
            except HarnessError as error:
                problems += error.problems
            else:
                if declared is not None:
                    found.setdefault(declared.name, declared)
    if problems:
        raise SpecError(*problems)
    return tuple(found[name] for name in sorted(found))


def declarations_above(path: str | os.PathLike[str]) -> tuple[Declaration, ...]:
    """The same as values."""
    return tuple(each.declaration for each in declared_above(path))


def load_declaration(path: str | os.PathLike[str]) -> Declaration:
    """The connector that the file ``path`` declares.

    Raises:
        SpecError: it is no declaration, or with every problem of it.
    """
    document = _document(os.fspath(path))
    if document is None or not is_declaration(document.value):
        hint = "write connector: NAME and tools: […]"
        raise SpecError(Problem(shown(path), 1, "expected the declaration of a connector", hint))
    return _parsed(document)


def _list_files(folder: str) -> tuple[str, ...]:
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - names are all that is wanted
    except OSError:
        return ()
    files = (os.path.join(folder, name) for name in names if name.endswith(SUFFIXES))  # noqa: PTH118
    return tuple(file for file in files if os.path.isfile(file))  # noqa: PTH113


def _load(path: str) -> DeclaredConnector | None:
    """The connector that a file declares; None where it declares none."""
    document = _document(path)
    if document is None or not is_declaration(document.value):
        return None
    return declared_connector(_parsed(document))


def _parsed(document: Document) -> Declaration:
    declaration, problems = parse_connector(document)
    source = document.source
    problems = (*problems, *_about_its_name(declaration, source))
    if problems:
        raise SpecError(*sorted(problems, key=lambda problem: problem.line))
    return declaration


def _document(path: str) -> Document | None:
    """The values of a file that may be a declaration."""
    name = shown(path)
    data = read_bytes(path, name)
    if not _SPEAKS.search(data.decode("utf-8", errors="replace")):
        return None
    document = load_document(data, name)
    source = document.source
    return Document(document.value, Source(name, source.text, source.lines, os.path.abspath(path)))  # noqa: PTH100


def _about_its_name(declaration: Declaration, source: Source) -> Iterator[Problem]:
    stem, line = Path(source.path).stem, source.line("connector")
    known = known_connectors()
    own = known.name_of(declaration.name)
    if own in SIMULATED and not isinstance(known.get(own), DeclaredConnector):
        hint = "delete the file: the harness simulates this connector"
        yield Problem(source.file, line, f"{declaration.name} is simulated and cannot be declared", hint)
    elif declaration.name and stem != declaration.name:
        hint = f"call the file {declaration.name}{Path(source.path).suffix}, or write connector: {stem}"
        yield Problem(source.file, line, f"expected connector: {stem}, found {declaration.name}", hint)


_files: Final = Stamped(_list_files)
_declared: Final = Stamped(_load)
