"""The servers that a repository brings itself, and the registry of a case that knows them.

The platform's edition says which sessions honour an ``.mcp.json``; whatever its servers are called,
they are no connectors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from routine_harness.case.case import Case
from routine_harness.plain import Json
from routine_harness.routine.document import NOT_JSON
from routine_harness.routine.edition import Edition
from routine_harness.routine.spec import Routine, Source
from routine_harness.world.declared.layers import with_declared
from routine_harness.world.registry import Registry

FILE: Final = ".mcp.json"
PLATFORM: Final = "github"
"""The platform's own server of a session; a repository cannot take its name away from it."""


def case_registry(
    registry: Registry,
    case: Case,
    routine: Routine,
    edition: Edition,
    recorded: Sequence[Mapping[str, Json]] = (),
) -> Registry:
    """``registry`` with what the case's worlds declare, and without what its repositories bring themselves,
    under the platform's rules of the edition.

    ``recorded`` are the layers of the world that recorded reads reveal, below the case's own.

    Raises:
        SpecError: with every declaration that is wrong.
    """
    declared = with_declared(registry, layers_of(case))
    own = own_servers(routine, edition, (*recorded, *case.worlds))
    return (declared.with_own_servers(own) if own else declared).of_platform(edition)


def layers_of(case: Case) -> tuple[tuple[Mapping[str, Json], Source], ...]:
    """The worlds of ``case``, each with its place."""
    return tuple(zip(case.worlds, case.world_sources or (case.source,) * len(case.worlds), strict=True))


def own_servers(routine: Routine, edition: Edition, layers: Iterable[Mapping[str, Json]]) -> frozenset[str]:
    """The servers that the ``.mcp.json`` of the routine's repositories name, in a world of ``layers``.

    None where the edition's sessions of so many repositories honour no such file. The highest layer
    counts. A file that is no configuration names nobody.
    """
    repositories = routine.repositories
    if not edition.repository_settings.honours("servers", len(repositories)):
        return frozenset()
    held = [layer.get("github") for layer in layers]
    names = {name for each in repositories for name in _named(held, each.full_name.lower())}
    return frozenset(names - {PLATFORM})


def _named(layers: Iterable[Json], repository: str) -> list[str]:
    """The servers of one repository's file, as the highest of ``layers`` has it."""
    written: Json = None
    for layer in layers:
        for content in _contents(layer, repository):
            written = content
    try:
        servers = msgspec.json.decode(written).get("mcpServers") if isinstance(written, str) else None
    except (*NOT_JSON, AttributeError):
        return []
    return [*servers] if isinstance(servers, dict) else []


def _contents(github: Json, repository: str) -> Iterator[Json]:
    """What the tables of a layer say that the file holds."""
    tables = github if isinstance(github, Mapping) else {}
    for row in _records(tables.get("repositories")):
        files = row.get("files")
        if str(row.get("full_name", "")).lower() == repository and isinstance(files, Mapping):
            yield from (files[name] for name in (FILE,) if name in files)
    for row in _records(tables.get("files")):
        if str(row.get("repository", "")).lower() == repository and row.get("path") == FILE:
            yield row.get("content")


def _records(table: Json) -> list[Mapping[str, Json]]:
    return [row for row in table if isinstance(row, Mapping)] if isinstance(table, list) else []
