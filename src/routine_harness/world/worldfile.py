"""World files: plain data ↔ a world.

Records are merged by natural key and field; times may be relative to the firing (``-90m``). What
a record means is the connector's business; what a service fills in by itself, too: a connector
may be ``Completing``. Records of a connector that nobody models are taken as they stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, cast

from routine_harness.errors import Problem, SpecError
from routine_harness.plain import Json, Record
from routine_harness.routine.spec import Path, Source
from routine_harness.uncollected import uncollected
from routine_harness.world.http import TABLE as ANSWERS
from routine_harness.world.http import answer_key
from routine_harness.world.state import Key, Table, World
from routine_harness.world.table_columns import check_record, missing_table
from routine_harness.world.times import instant, iso_seconds, resolve_times
from routine_harness.world.tool import Connector


class Completing(Protocol):
    """What a connector may offer beside ``Connector``, each part to be asked for with ``getattr``."""

    def complete_world(self, world: World) -> World:
        """``world`` with the service's defaults in place of what was left out; idempotent."""
        ...

    def remove_record(self, world: World, table: str, record: Record) -> World:
        """``world`` without ``record``, and with what counts it brought up to date."""
        ...


def world_from_data(
    data: Mapping[str, Json],
    connectors: Mapping[str, Connector],
    base: World | None = None,
    *,
    at: int | None = None,
    source: Source | None = None,
) -> World:
    """``base`` (or an empty world) with the records of ``data`` merged in and made complete.

    ``at`` is the instant that relative times refer to; else ``clock:``, else the clock of
    ``base``. A connector that is not among ``connectors`` keeps its records as they stand.

    Raises:
        SpecError: with every problem found.
    """
    return complete_world(merge_data(data, connectors, base, at=at, source=source), connectors)


def merge_data(
    data: Mapping[str, Json],
    connectors: Mapping[str, Connector],
    base: World | None = None,
    *,
    at: int | None = None,
    source: Source | None = None,
) -> World:
    """The same without the defaults, so that further layers can be merged on top."""
    with uncollected():
        return _Merge(connectors, source or Source(file="")).merge(data, base or World(), at)


def complete_world(world: World, connectors: Mapping[str, Connector]) -> World:
    """``world`` with every connector's defaults filled in, in the order of their names."""
    with uncollected():
        for name in sorted(connectors):
            complete = getattr(connectors[name], "complete_world", None)
            if complete is not None:
                world = complete(world)
    return world


def merge_record(
    world: World, table: str, keys: tuple[str, ...], record: Record, indexed: Iterable[str] = ()
) -> World:
    """``world`` with ``record`` merged, field by field, into the row with the same key.

    ``table`` is the full name (``slack.messages``). A record without its ``id`` gets the next
    one of the table; ``indexed`` are the fields that the table is to answer by look-up.

    Raises:
        ValueError: a key field is missing.
    """
    if keys and "id" in keys and record.get("id") is None:
        world, number = world.next_id(f"{table}.id")
        record = {**record, "id": number}
    key = record_key(keys, record)
    rows = world.tables.get(table)
    if rows is None:
        rows = Table.empty(indexed)
    before = rows.get(key)
    after = record if before is None else {**before, **record}
    return world if before == after else world.with_table(table, rows.put(key, after))


def record_key(keys: tuple[str, ...], record: Record) -> Key:
    """The natural key of ``record``.

    Raises:
        ValueError: a key field is missing.
    """
    key = tuple([record.get(field) for field in keys])
    for value in key:
        if type(value) is not str and type(value) is not int:
            break
    else:
        return key
    missing = [field for field in keys if record.get(field) is None]
    if missing:
        raise ValueError(f"expected the field {' and '.join(missing)}, found {', '.join(record) or 'none'}")
    for field in keys:
        if isinstance(record[field], list | dict):
            raise ValueError(f"expected {field} to be a text or a number, found {_kind(record[field])}")
    return key


def world_to_data(world: World) -> Record:
    """``world`` as a world file holds it; ``world_from_data`` gives an equal world back."""
    data: Record = {"clock": iso_seconds(world.clock)}
    if world.counters:
        data["counters"] = {name: world.counters[name] for name in sorted(world.counters)}
    for name in sorted(world.tables):
        connector, _, table = name.partition(".")
        rows = world.tables[name].items()
        if rows:
            single = rows[0][0] == ()
            data.setdefault(connector, {})[table] = rows[0][1] if single else [row for _, row in rows]
    return data


class _Merge:
    """One pass over a world file; collects what is wrong instead of stopping."""

    def __init__(self, connectors: Mapping[str, Connector], source: Source) -> None:
        self._connectors = connectors
        self._source = source
        self._problems: list[Problem] = []

    def merge(self, data: Mapping[str, Json], world: World, at: int | None) -> World:
        world = world.at(self._clock(data.get("clock"), at, world))
        for name, tables in data.items():
            if name in ("clock", "commands", "$schema"):  # no records, any of these
                continue
            if name == "counters":
                world = self._counters(world, tables)
            elif name == "remove":
                world = self._remove(world, tables)
            elif name == "http":
                world = self._http(world, tables)
            elif isinstance(tables, Mapping):
                world = self._tables(world, name, tables)
            elif tables is not None:
                self._wrong((name,), f"expected a mapping of tables under {name}, found {_kind(tables)}")
        if self._problems:
            raise SpecError(*self._problems)
        return world

    def _clock(self, given: Json, at: int | None, world: World) -> int:
        if given is not None:
            try:
                clock = instant(given)
            except (TypeError, ValueError):
                self._wrong(("clock",), f"expected a time such as 2026-05-04T09:00:00Z, found {given!r}")
            else:
                return clock if at is None else at
        return world.clock if at is None else at

    def _counters(self, world: World, counters: Json) -> World:
        if not isinstance(counters, Mapping) or not all(type(n) is int for n in counters.values()):
            self._wrong(("counters",), "expected a mapping of names to whole numbers")
            return world
        for name, number in counters.items():
            world = world.counting(name, max(number, world.counters.get(name, number)))
        return world

    def _tables(self, world: World, name: str, tables: Mapping[str, Json]) -> World:
        connector = self._connectors.get(name)
        for table in _seeding_order(tables, connector):
            if table in getattr(connector, "not_rows", ()):
                continue
            records = tables[table]
            if connector is not None and table not in connector.tables:
                self._wrong((name, table), *missing_table(name, table, connector.tables))
            elif isinstance(records, list):
                for index, record in enumerate(records):
                    world = self._record(world, name, table, record, (name, table, index))
            elif records is not None:
                world = self._record(world, name, table, records, (name, table))
        return world

    def _record(self, world: World, name: str, table: str, record: Json, path: Path) -> World:
        connector = self._connectors.get(name)
        seed = getattr(connector, "seed_record", None)
        if not isinstance(record, dict) and not (seed is not None and isinstance(record, str)):
            self._wrong(path, f"expected a record of {name}.{table}, found {_kind(record)}")
            return world
        wrong = list(check_record(name, table, record)) if isinstance(record, dict) else []
        for place, message in wrong:
            self._wrong((*path, *place), f"{name}.{table}: {message}")
        if wrong:
            return world
        record = resolve_times(record, world.clock)
        try:
            if seed is not None:
                return cast(World, seed(world, table, record))
            keys = connector.tables[table] if connector is not None else _likely_keys(record)
            return merge_record(world, f"{name}.{table}", keys, record)
        except ValueError as error:
            self._wrong(path, f"{name}.{table}: {error}")
        except (AttributeError, TypeError, KeyError, IndexError) as error:
            # Records are free in form: what a connector reads of one may be anything a file can hold.
            if isinstance(record, str):  # this connector's records have no short form
                self._wrong(path, f"expected a record of {name}.{table}, found {record!r}")
            else:
                self._wrong(path, f"{name}.{table}: a field has a type that it never has ({error})")
        return world

    def _http(self, world: World, answers: Json) -> World:
        listed = answers.get("answers") if isinstance(answers, Mapping) and "answers" in answers else answers
        if isinstance(listed, Mapping):
            listed = [_http_answer(address, answer) for address, answer in listed.items()]
        if not isinstance(listed, list):
            self._wrong(("http",), f"expected answers by method and URL, found {_kind(answers)}")
            return world
        for index, answer in enumerate(listed):
            if not isinstance(answer, dict) or not isinstance(answer.get("url"), str):
                self._wrong(("http", index), "expected an answer with a url", 'write {url: …, body: "…"}')
                continue
            world = _put_answer(world, {**answer, "method": str(answer.get("method", "GET")).upper()})
        return world

    def _remove(self, world: World, removed: Json) -> World:
        if not isinstance(removed, Mapping):
            self._wrong(("remove",), f"expected connectors with tables, found {_kind(removed)}")
            return world
        for name, tables in removed.items():
            if not isinstance(tables, Mapping):
                self._wrong(("remove", name), f"expected tables of {name}, found {_kind(tables)}")
                continue
            for table, records in tables.items():
                for index, record in enumerate(records if isinstance(records, list) else [records]):
                    world = self._remove_matching(
                        world, f"{name}.{table}", record, ("remove", name, table, index)
                    )
        return world

    def _remove_matching(self, world: World, name: str, record: Json, path: Path) -> World:
        connector, _, table = name.partition(".")
        remove = getattr(self._connectors.get(connector), "remove_record", None)
        given = record.items() if isinstance(record, dict) else ()
        rows = world.table(name).items()
        found = [(key, row) for key, row in rows if all(row.get(f) == v for f, v in given)]
        if not found or not given:
            self._wrong(path, f"{name} holds no record such as {record!r}")
            return world
        for key, row in found:
            world = world.remove(name, key) if remove is None else remove(world, table, row)
        return world

    def _wrong(self, path: Path, message: str, hint: str = "") -> None:
        self._problems.append(Problem(self._source.file, self._source.line(*path), message, hint))


def _seeding_order(tables: Mapping[str, Json], connector: Connector | None) -> list[str]:
    """The tables of a file in the order of the connector's own, so that a file's order says nothing."""
    known = list(connector.tables) if connector is not None else []
    return sorted(tables, key=lambda table: known.index(table) if table in known else -1)


def _http_answer(address: Json, answer: Json) -> Json:
    method, _, url = str(address).rpartition(" ")
    fields = answer if isinstance(answer, dict) else {"body": answer}
    return {"url": url, **({"method": method} if method else {}), **fields}


def _put_answer(world: World, record: Record) -> World:
    """``world`` with an answer; one that is declared here stands for all that were recorded."""
    key = answer_key(record)
    rows = world.tables.get(ANSWERS) or Table.empty(("url", "operation"))
    before = rows.get(key) or {}
    if "answers" in before or "source" in before:
        before = {}
    return world.with_table(ANSWERS, rows.put(key, {**before, **record}))


def _likely_keys(record: Record) -> tuple[str, ...]:
    """The key of a record whose connector nobody models; the field ``id`` if it names none."""
    return next(((field,) for field in ("id", "key", "name") if record.get(field) is not None), ("id",))


def _kind(value: Json) -> str:
    kinds = {list: "a list", str: "a text", bool: "true or false", dict: "a mapping", type(None): "nothing"}
    return kinds.get(type(value), f"{value!r}")
