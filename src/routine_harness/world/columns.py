"""The columns of a world's tables, and what a file says that no table has.

Checked where a user's file is read: records that recorded reads, payloads and earlier worlds bring in are
the services' own, and may hold more than anybody here asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

from routine_harness.errors import Problem
from routine_harness.routine.reader import nearest, suggestion
from routine_harness.routine.spec import Path, Source
from routine_harness.world.registry import MODELLED, Registry

Schema = dict[str, Any]


class Columns(NamedTuple):
    """What the records of a connector's tables may say.

    ``by_table`` holds table → column → the JSON Schema of its value (empty: anything); ``nested`` the
    lists of records that may stand inside a record, table → column → the table that they fill;
    ``passed_over`` are patterns of names that records pasted from the service hold besides.
    """

    by_table: Mapping[str, Mapping[str, Schema]]
    nested: Mapping[str, Mapping[str, str]] = {}
    passed_over: tuple[str, ...] = ()

    def has(self, table: str, column: str) -> bool:
        """Whether a record of ``table`` may say ``column``."""
        known = self.by_table.get(table)
        return (
            known is None
            or column in known
            or any(fnmatchcase(column, pattern) for pattern in self.passed_over)
        )


def missing_table(connector: str, table: Any, known: Iterable[str]) -> tuple[str, str]:
    """Message and hint for a table that a connector does not have."""
    near = nearest(str(table), known)
    hint = f"did you mean {near}?" if near else f"its tables are {', '.join(known)}"
    return f"{connector} has no table {table!r}", hint


WORLD_KEYS: Final = ("clock", "counters", "http", "commands", "remove")
"""The keys of a world file that are no connector."""


def check_columns(world: Mapping[str, Any], registry: Registry, source: Source) -> list[Problem]:
    """What one layer of a world says that no table of a modelled connector has, each with its line."""
    check = _Check(registry, source)
    check.tables(world, ())
    if isinstance(world.get("remove"), Mapping):
        check.tables(world["remove"], ("remove",))
    return check.problems


class _Check:
    def __init__(self, registry: Registry, source: Source) -> None:
        self._registry = registry
        self._source = source
        self.problems: list[Problem] = []

    def tables(self, connectors: Mapping[str, Any], base: Path) -> None:
        for name, tables in connectors.items():
            if name in WORLD_KEYS:
                continue
            connector = self._registry.get(str(name))
            columns: Columns | None = getattr(connector, "columns", None)
            if connector is None:
                self._misspelt(name, tables, base)
            elif columns is not None and isinstance(tables, Mapping):
                for table, records in tables.items():
                    if table in getattr(connector, "declares", ()):
                        continue
                    at = (*base, name, table)
                    if table in columns.by_table:
                        self._records(f"{name}.{table}", columns, table, records, at)
                    else:
                        self._wrong(at, *missing_table(name, table, columns.by_table))

    def _misspelt(self, name: Any, tables: Any, base: Path) -> None:
        """A connector that nobody models keeps its records; one that is nearly a modelled one is that one."""
        near = nearest(str(name), (*MODELLED, *WORLD_KEYS), 0.75)
        if near is not None and not (isinstance(tables, Mapping) and "tools" in tables):
            self._wrong((*base, name), f"a world has no key {name!r}", f"did you mean {near}?")

    def _records(self, said: str, columns: Columns, table: str, records: Any, path: Path) -> None:
        for record, at in _listed(records, path):
            if not isinstance(record, dict):
                continue
            for column, value in record.items():
                if not columns.has(table, str(column)):
                    known = list(columns.by_table[table])
                    hint = suggestion(str(column), known, "its columns") or f"see `docs/connectors`: {said}"
                    self._wrong((*at, column), f"{said} has no column {column!r}", hint)
                inner = columns.nested.get(table, {}).get(str(column))
                if inner is not None and isinstance(value, list):
                    self._records(f"{said}.{column}", columns, inner, value, (*at, column))

    def _wrong(self, path: Path, message: str, hint: str) -> None:
        self.problems.append(Problem(self._source.file, self._source.line(*path), message, hint))


def _listed(records: Any, path: Path) -> Iterator[tuple[Any, Path]]:
    if isinstance(records, list):
        yield from ((record, (*path, index)) for index, record in enumerate(records))
    else:
        yield records, path
