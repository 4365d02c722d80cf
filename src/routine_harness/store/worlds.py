"""Loading world files."""

from __future__ import annotations

import os
from typing import Final

import msgspec

from routine_harness.case.read_commands import commands_of
from routine_harness.errors import SpecError
from routine_harness.plain import Record
from routine_harness.routine.document import Document
from routine_harness.routine.reader import kind_of
from routine_harness.store.connectors import connectors_above
from routine_harness.store.files import read_document, write_text
from routine_harness.store.stamped import Stamped
from routine_harness.world.declared.layers import with_declared
from routine_harness.world.layer_problems import check_layer
from routine_harness.world.registry import Registry
from routine_harness.world.state import World
from routine_harness.world.worldfile import world_from_data, world_to_data


def load_world_document(path: str | os.PathLike[str]) -> Document:
    """A world file as plain data with its lines; what it means is ``world.worldfile``'s.

    Raises:
        SpecError: the file cannot be read, or it is no mapping.
    """
    return _documents.get(os.fspath(path))


def load_world(path: str | os.PathLike[str], registry: Registry | None = None) -> World:
    """The world that the file ``path`` spells, by the connectors of ``registry`` and its own.

    Raises:
        SpecError: with every problem found.
    """
    document = load_world_document(path)
    declared = with_declared(registry or connectors_above(path), [(document.value, document.source)])
    connectors = {connector.name: connector for connector in declared}
    problems = check_layer(document.value, declared, document.source)
    problems += commands_of(document.value, document.source, declared)[1]
    if not problems:
        return world_from_data(document.value, connectors, source=document.source)
    try:
        world_from_data(document.value, connectors, source=document.source)
    except SpecError as error:
        problems += [problem for problem in error.problems if problem not in problems]
    raise SpecError(*sorted(problems, key=lambda problem: problem.line))


def dump_world(world: World, path: str | os.PathLike[str] | None = None) -> Record:
    """``world`` as a world file holds it, which ``dry_run`` and a case take; written to ``path``, if given.

    Raises:
        UsageError: the file cannot be written.
    """
    data = world_to_data(world)
    if path is not None:
        write_text(path, world_text(data, path))
    return data


def world_text(data: Record, path: str | os.PathLike[str] = "") -> str:
    """The text of a world file: JSON for a ``path`` that ends so, else YAML."""
    if os.fspath(path).endswith(".json"):
        return msgspec.json.format(msgspec.json.encode(data), indent=1).decode() + "\n"
    # Imported here: who reads worlds need not load what writes them.
    from routine_harness.routine.yaml_writer import yaml_text

    return yaml_text(data)


def _load(path: str) -> Document:
    document = read_document(path)
    value = {} if document.value is None else document.value
    if not isinstance(value, dict):
        raise SpecError.at(document.source.file, 1, f"expected a world as a mapping, found {kind_of(value)}")
    return Document(value, document.source)


_documents: Final = Stamped(_load)
