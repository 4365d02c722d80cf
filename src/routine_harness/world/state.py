"""The world: the simulated outside as an immutable value.

Tables of records per connector, a logical clock and id counters. A write gives a new world that
shares everything but the changed path with the old one; a world can be kept, compared and forked
at no cost. Records are plain dicts of JSON values that nobody may change in place.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from immutables import Map

Record = dict[str, Any]
Key = tuple[Any, ...]
"""A record's natural key, as the connector's ``tables`` say: ``("acme/core", 42)``."""

Rows = Map[Key, tuple[int, Record]]
Index = Map[Any, Map[Key, None]]


class Table:
    """Records by natural key, in order of insertion, with persistent indexes on chosen fields."""

    __slots__ = ("__dict__", "_indexes", "_next", "_rows")

    def __init__(self, rows: Rows, indexes: Map[str, Index], following: int) -> None:
        self._rows = rows
        self._indexes = indexes
        self._next = following

    @classmethod
    def empty(cls, indexed: Iterable[str] = ()) -> Table:
        """A table without rows that answers ``find`` on ``indexed`` fields by look-up."""
        return cls(Map(), Map({field: Map() for field in indexed}), 0)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: Key) -> bool:
        return key in self._rows

    def __iter__(self) -> Iterator[Record]:
        return (record for _, record in self._ordered)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Table):
            return NotImplemented
        return self is other or (self._rows is other._rows or self._rows == other._rows)

    __hash__ = None  # type: ignore[assignment]  # tables are compared, never keyed on

    @functools.cached_property
    def _ordered(self) -> list[tuple[int, Record]]:
        return sorted(self._rows.values(), key=_sequence)

    def keys(self) -> list[Key]:
        """The natural keys in order of insertion."""
        return [key for key, _ in sorted(self._rows.items(), key=lambda item: item[1][0])]

    def items(self) -> list[tuple[Key, Record]]:
        """Key and record, in order of insertion."""
        return [(key, row[1]) for key, row in sorted(self._rows.items(), key=lambda item: item[1][0])]

    def get(self, key: Key) -> Record | None:
        row = self._rows.get(key)
        return None if row is None else row[1]

    def find(self, field: str, value: Any, where: Callable[[Record], bool] | None = None) -> list[Record]:
        """Records whose ``field`` equals ``value``, in order; by look-up if the field is indexed."""
        index = self._indexes.get(field)
        if index is None or not _indexable(value):
            rows: Iterable[tuple[int, Record]] = self._ordered
            return [r for _, r in rows if r.get(field) == value and (where is None or where(r))]
        found = [self._rows[key] for key in index.get(value, Map())]
        return [r for _, r in sorted(found, key=_sequence) if where is None or where(r)]

    def put(self, key: Key, record: Record) -> Table:
        """The table with ``record`` under ``key``; a record that was there keeps its place."""
        old = self._rows.get(key)
        sequence = self._next if old is None else old[0]
        indexes = self._indexes
        for field, index in self._indexes.items():
            before = None if old is None else old[1].get(field)
            after = record.get(field)
            if old is not None and before == after:
                continue
            if old is not None and _indexable(before):
                index = _unlisted(index, before, key)
            if _indexable(after):
                index = index.set(after, index.get(after, Map()).set(key, None))
            indexes = indexes.set(field, index)
        return Table(self._rows.set(key, (sequence, record)), indexes, max(self._next, sequence + 1))

    def remove(self, key: Key) -> Table:
        """The table without ``key``; the same table if it was not there."""
        row = self._rows.get(key)
        if row is None:
            return self
        indexes = self._indexes
        for field, index in self._indexes.items():
            value = row[1].get(field)
            if _indexable(value):
                indexes = indexes.set(field, _unlisted(index, value, key))
        return Table(self._rows.delete(key), indexes, self._next)


def _sequence(row: tuple[int, Record]) -> int:
    return row[0]


def _indexable(value: Any) -> bool:
    return isinstance(value, str | int | float | bool | type(None))


def _unlisted(index: Index, value: Any, key: Key) -> Index:
    remaining = index[value].delete(key)
    return index.set(value, remaining) if remaining else index.delete(value)


_EMPTY: Final = Table.empty()


class World:
    """Tables by ``connector.table``, a clock (whole seconds since the epoch, UTC) and counters."""

    __slots__ = ("clock", "counters", "tables")

    def __init__(
        self,
        tables: Map[str, Table] = Map(),
        clock: int = 0,
        counters: Map[str, int] = Map(),
    ) -> None:
        self.tables = tables
        self.clock = clock
        self.counters = counters

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, World):
            return NotImplemented
        return self.clock == other.clock and self.counters == other.counters and self.tables == other.tables

    __hash__ = None  # type: ignore[assignment]  # worlds are compared, never keyed on

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name}: {len(self.tables[name])}" for name in sorted(self.tables))
        return f"<World at {self.clock}: {sizes or 'empty'}>"

    def table(self, name: str) -> Table:
        """The table ``connector.table``; an empty one if the world has none."""
        return self.tables.get(name, _EMPTY)

    def get(self, name: str, key: Key) -> Record | None:
        return self.table(name).get(key)

    def with_table(self, name: str, table: Table) -> World:
        return World(self.tables.set(name, table), self.clock, self.counters)

    def put(self, name: str, key: Key, record: Record) -> World:
        return self.with_table(name, self.table(name).put(key, record))

    def remove(self, name: str, key: Key) -> World:
        return self.with_table(name, self.table(name).remove(key))

    def next_id(self, counter: str, start: int = 1) -> tuple[World, int]:
        """The next number of ``counter`` and the world that has used it."""
        number = self.counters.get(counter, start)
        return World(self.tables, self.clock, self.counters.set(counter, number + 1)), number

    def at(self, clock: int) -> World:
        """The same world at another instant."""
        return World(self.tables, clock, self.counters)

    def same_records(self, other: World) -> bool:
        """Whether both hold equal records, whatever their clocks and counters say."""
        return self.tables is other.tables or self.tables == other.tables
