"""The world: the simulated outside as an immutable value.

Tables of records per connector, a logical clock and id counters. A write gives a new world that
shares everything but the changed path with the old one; a world can be kept, compared and forked
at no cost. Records are plain dicts of JSON values that nobody may change in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Final

from immutables import Map, MapMutation

from routine_harness.plain import Json, Record
from routine_harness.routine.edition_rules import DIRECT, SessionRules

Key = tuple[Json, ...]
"""A record's natural key, as the connector's ``tables`` say: ``("acme/core", 42)``."""

Row = tuple[Key, Record]
Page = tuple[Row | None, ...]
Index = Map[Json, Map[int, None]]

_PAGE: Final = 256
"""Rows a page: a write copies one page and the list of pages, never the table."""


class Table:
    """Records by natural key, in order of insertion, with persistent indexes on chosen fields.

    Rows stand in pages by place, so that a scan costs what a list costs and needs no sorting; a
    removed row leaves a gap.
    """

    __slots__ = ("_indexes", "_length", "_pages", "_places")

    def __init__(
        self, pages: tuple[Page, ...], places: Map[Key, int], indexes: Map[str, Index], length: int
    ) -> None:
        self._pages = pages
        self._places = places
        self._indexes = indexes
        self._length = length

    @classmethod
    def empty(cls, indexed: Iterable[str] = ()) -> Table:
        """A table without rows that answers ``find`` on ``indexed`` fields by look-up."""
        return cls((), Map(), Map({field: Map() for field in indexed}), 0)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: Key) -> bool:
        return key in self._places

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records())

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same records under the same keys in the same order."""
        if not isinstance(other, Table):
            return NotImplemented
        if self is other or self._pages is other._pages:
            return True
        if len(self) != len(other):
            return False
        return self._pages == other._pages or self.items() == other.items()

    __hash__ = None  # type: ignore[assignment]  # tables are compared, never keyed on

    def __repr__(self) -> str:
        return f"<Table of {len(self)}>"

    def keys(self) -> list[Key]:
        """The natural keys in order of insertion."""
        return [key for key, _ in self.items()]

    def items(self) -> list[Row]:
        """Key and record, in order of insertion."""
        rows = chain.from_iterable(self._pages)
        return [row for row in rows if row is not None]

    def get(self, key: Key) -> Record | None:
        place = self._places.get(key)
        return None if place is None else self._at(place)[1]

    def find(self, field: str, value: Json, where: Callable[[Record], bool] | None = None) -> list[Record]:
        """Records whose ``field`` equals ``value``, in order; by look-up if the field is indexed."""
        index = self._indexes.get(field)
        if index is not None and _indexable(value):
            places = index.get(value, _NOWHERE)
            if len(places) * 8 <= len(self):
                found = [self._at(place)[1] for place in sorted(places)]
                return found if where is None else [record for record in found if where(record)]
        found = self._scan(field, value)
        return found if where is None else [record for record in found if where(record)]

    def covers(self, field: str) -> bool:
        """Whether the index of ``field`` lists every row, so that no row holds a list or mapping there."""
        index = self._indexes.get(field)
        return index is not None and sum(map(len, index.values())) == len(self)

    def put(self, key: Key, record: Record) -> Table:
        """The table with ``record`` under ``key``; a record that was there keeps its place."""
        place = self._places.get(key)
        if place is None:
            return self._append(key, record)
        before = self._at(place)[1]
        if before is record:
            return self
        indexes = self._indexes
        for field, index in indexes.items():
            old, new = before.get(field), record.get(field)
            if old is not new and (old != new or type(old) is not type(new)):
                index = _unlisted(index, old, place)
                indexes = indexes.set(field, _listed(index, new, place))
        return Table(self._with_row(place, (key, record)), self._places, indexes, self._length)

    def update(self, rows: Iterable[tuple[Key, Record]]) -> Table:
        """The table with other records under keys that it has, at the price of one copy for all."""
        pages = [list(page) for page in self._pages]
        indexes = {field: index.mutate() for field, index in self._indexes.items()}
        for key, record in rows:
            place = self._places[key]
            before = self._at(place)[1]
            pages[place // _PAGE][place % _PAGE] = (key, record)
            for field, index in indexes.items():
                old, new = before.get(field), record.get(field)
                if old is not new and (old != new or type(old) is not type(new)):
                    _move(index, old, new, place)
        finished = Map({field: index.finish() for field, index in indexes.items()})
        return Table(tuple(map(tuple, pages)), self._places, finished, self._length)

    def remove(self, key: Key) -> Table:
        """The table without ``key``; the same table if it was not there."""
        place = self._places.get(key)
        if place is None:
            return self
        record = self._at(place)[1]
        indexes = self._indexes
        for field, index in indexes.items():
            indexes = indexes.set(field, _unlisted(index, record.get(field), place))
        return Table(self._with_row(place, None), self._places.delete(key), indexes, self._length)

    def _scan(self, field: str, value: Json) -> list[Record]:
        if len(self._places) != self._length:
            return [record for record in self._records() if record.get(field) == value]
        whole: Json = self._pages  # no gaps, so no None
        return [record for page in whole for _, record in page if record.get(field) == value]

    def _records(self) -> list[Record]:
        if len(self._places) != self._length:
            return [record for _, record in self.items()]
        whole: Json = self._pages
        return [record for page in whole for _, record in page]

    def _at(self, place: int) -> Row:
        row = self._pages[place // _PAGE][place % _PAGE]
        assert row is not None  # noqa: S101 - places of gaps are never kept
        return row

    def _append(self, key: Key, record: Record) -> Table:
        place = self._length
        full = place % _PAGE == 0
        *others, last = (*self._pages, ()) if full else self._pages
        pages = (*others, (*last, (key, record)))
        indexes = self._indexes
        for field, index in indexes.items():
            indexes = indexes.set(field, _listed(index, record.get(field), place))
        return Table(pages, self._places.set(key, place), indexes, place + 1)

    def _with_row(self, place: int, row: Row | None) -> tuple[Page, ...]:
        number, offset = divmod(place, _PAGE)
        page = self._pages[number]
        page = (*page[:offset], row, *page[offset + 1 :])
        return (*self._pages[:number], page, *self._pages[number + 1 :])


_NOWHERE: Final[Map[int, None]] = Map()


_INDEXABLE: Final = (str, int, float, type(None))


def _indexable(value: Json) -> bool:
    return isinstance(value, _INDEXABLE)


def _listed(index: Index, value: Json, place: int) -> Index:
    if not isinstance(value, _INDEXABLE):
        return index
    return index.set(value, index.get(value, _NOWHERE).set(place, None))


def _unlisted(index: Index, value: Json, place: int) -> Index:
    if not _indexable(value):
        return index
    remaining = index[value].delete(place)
    return index.set(value, remaining) if remaining else index.delete(value)


def _move(index: MapMutation[Json, Map[int, None]], old: Json, new: Json, place: int) -> None:
    """List ``place`` under ``new`` instead of ``old``, in an index that is being made."""
    if _indexable(old):
        remaining = index[old].delete(place)
        if remaining:
            index[old] = remaining
        else:
            del index[old]
    if _indexable(new):
        index[new] = index.get(new, _NOWHERE).set(place, None)


_EMPTY: Final = Table.empty()


class World:
    """Tables by ``connector.table``, a clock (whole seconds since the epoch, UTC) and counters.

    ``rules`` say through which cloud session the services are asked; they are no part of the records.
    """

    __slots__ = ("clock", "counters", "rules", "tables")

    def __init__(
        self,
        tables: Map[str, Table] = Map(),
        clock: int = 0,
        counters: Map[str, int] = Map(),
        rules: SessionRules = DIRECT,
    ) -> None:
        self.tables = tables
        self.clock = clock
        self.counters = counters
        self.rules = rules

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, World):
            return NotImplemented
        return self.clock == other.clock and self.counters == other.counters and self.same_records(other)

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
        return World(self.tables.set(name, table), self.clock, self.counters, self.rules)

    def put(self, name: str, key: Key, record: Record) -> World:
        return self.with_table(name, self.table(name).put(key, record))

    def remove(self, name: str, key: Key) -> World:
        return self.with_table(name, self.table(name).remove(key))

    def next_id(self, counter: str, start: int = 1) -> tuple[World, int]:
        """The next number of ``counter`` and the world that has used it."""
        number = self.counters.get(counter, start)
        return self.counting(counter, number + 1), number

    def counting(self, counter: str, following: int) -> World:
        """The world whose ``counter`` gives ``following`` next."""
        return World(self.tables, self.clock, self.counters.set(counter, following), self.rules)

    def at(self, clock: int) -> World:
        """The same world at another instant."""
        return World(self.tables, clock, self.counters, self.rules)

    def under(self, rules: SessionRules) -> World:
        """The same world as a cloud session with ``rules`` sees it."""
        return World(self.tables, self.clock, self.counters, rules)

    def fork(self) -> World:
        """Another world that holds the same now; what becomes of one never shows in the other.

        Costs nothing: both share their tables until one of them changes.
        """
        return World(self.tables, self.clock, self.counters, self.rules)

    def same_records(self, other: World) -> bool:
        """Whether both hold equal records; clocks and counters do not count."""
        if self.tables is other.tables or self.tables == other.tables:
            return True
        names = {*self.tables, *other.tables}  # a table without rows is as good as none
        return all(self.table(name) == other.table(name) for name in names)
