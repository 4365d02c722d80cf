"""The names of connectors, tools and tables that files may use, asked of the registry.

A connector is loaded only when one of its tools is named.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping

from routine_harness.routine.spec import Routine
from routine_harness.store.connectors import connectors_above
from routine_harness.verdict.vocabulary import Vocabulary
from routine_harness.world.registry import Registry
from routine_harness.world.tool import Connector


class _Lazy(Mapping[str, tuple[str, ...]]):
    """Connector → names, each looked up when it is asked for."""

    def __init__(self, registry: Registry, names_of: Callable[[Connector], tuple[str, ...]]) -> None:
        self._registry = registry
        self._names_of = names_of
        self._known: dict[str, tuple[str, ...]] = {}

    def __getitem__(self, name: str) -> tuple[str, ...]:
        if name not in self._known:
            if name not in self._registry.names():
                raise KeyError(name)
            connector = self._registry.get(name)
            self._known[name] = () if connector is None else self._names_of(connector)
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._registry.names()

    def __iter__(self) -> Iterator[str]:
        return iter(self._registry.names())

    def __len__(self) -> int:
        return len(self._registry.names())


def _tools_of(connector: Connector) -> tuple[str, ...]:
    aliases = (alias for tool in connector.tools.values() for alias in tool.aliases)
    return (*connector.tools, *aliases)


def _tables_of(connector: Connector) -> tuple[str, ...]:
    return tuple(connector.tables)


def names_in(registry: Registry) -> Vocabulary:
    """The names that the connectors of ``registry`` and the agent's own tools have."""
    known = Vocabulary(_Lazy(registry, _tools_of), _Lazy(registry, _tables_of))
    return known.adding({"": registry.own_tools.names}, {})


def known_names() -> Vocabulary:
    """The names of the simulated connectors, those of plugins, and of the agent's own tools."""
    return names_above("")


def names_above(path: str | os.PathLike[str]) -> Vocabulary:
    """The same, and the names of the connectors that are declared above the file or folder ``path``.

    Raises:
        SpecError: with the problems of all declarations above.
    """
    return names_known(connectors_above(path))


def names_known(registry: Registry) -> Vocabulary:
    """The names in a registry that is kept, looked up once."""
    kept = _kept.get(id(registry))
    if kept is None:
        kept = _kept[id(registry)] = names_in(registry), registry
    return kept[0]


_kept: dict[int, tuple[Vocabulary, Registry]] = {}
"""Names by the identity of their registry, which is kept beside so that it stays its own."""


def names_for(routine: Routine, known: Vocabulary) -> Vocabulary:
    """``known`` and the connectors that ``routine`` grants, whose tools nobody may know."""
    reached = (*(grant.connector for grant in routine.connectors), *routine.organisation)
    granted = {name: () for name in reached if name not in known.tools}
    return known.adding(granted, {}) if granted else known
