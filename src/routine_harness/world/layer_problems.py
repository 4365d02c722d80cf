"""What a layer of a world says wrongly, as somebody has typed it: tables, columns, answers, times.

Checked where a user's file is read: records that recorded reads, payloads and earlier worlds bring in are
the services' own, and may hold more than anybody here asks for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from routine_harness.errors import Problem
from routine_harness.plain import Json
from routine_harness.routine.reader import kind_of, nearest, suggestion
from routine_harness.routine.spec import Path, Source
from routine_harness.world.registry import Registry
from routine_harness.world.table_columns import Columns, missing_table
from routine_harness.world.times import SIGNS, is_wrong_relative

WORLD_KEYS: Final = ("clock", "counters", "http", "commands", "remove")
"""The keys of a world file that are no connector."""


ANSWER_KEYS: Final = ("status", "headers", "body", "reason")
PAGE_KEYS: Final = ("method", "url", "request", *ANSWER_KEYS, "answers")
"""The keys of an answer under ``http``; those of one of several ``answers`` come first."""
_RECORDED: Final = ("source", "operation")
"""What recorded answers say besides."""
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def check_layer(world: Mapping[str, Json], registry: Registry, source: Source) -> list[Problem]:
    """What one layer of a world says that no table and no answer has, each with its line."""
    check = _Check(registry, source)
    check.tables(world, ())
    check.pages(world.get("http"), ("http",))
    if isinstance(world.get("remove"), Mapping):
        check.tables(world["remove"], ("remove",))
    return check.problems


class _Check:
    def __init__(self, registry: Registry, source: Source) -> None:
        self._registry = registry
        self._source = source
        self.problems: list[Problem] = []

    def tables(self, connectors: Mapping[str, Json], base: Path) -> None:
        for name, tables in connectors.items():
            if name in WORLD_KEYS:
                continue
            connector = self._registry.get(str(name))
            columns: Columns | None = getattr(connector, "columns", None)
            if connector is None:
                self._misspelt(name, tables, base)
            elif connector.name != name:  # its rows would lie where nobody looks
                hint = f"did you mean {connector.name}?"
                self._wrong((*base, name), f"a world has no key {name!r}", hint)
            elif columns is not None and isinstance(tables, Mapping):
                for table, records in tables.items():
                    if table in getattr(connector, "declares", ()):
                        continue
                    at = (*base, name, table)
                    if table in columns.by_table:
                        self._records(f"{name}.{table}", columns, table, records, at)
                    else:
                        self._wrong(at, *missing_table(name, table, columns.by_table))

    def _misspelt(self, name: Json, tables: Json, base: Path) -> None:
        """A connector that nobody models keeps its records; one that is nearly a known one is that one."""
        near = nearest(str(name), (*self._registry.names(), *WORLD_KEYS), 0.75)
        if near is not None and not (isinstance(tables, Mapping) and "tools" in tables):
            self._wrong((*base, name), f"a world has no key {name!r}", f"did you mean {near}?")

    def _records(self, said: str, columns: Columns, table: str, records: Json, path: Path) -> None:
        known, nested = columns.by_table[table], columns.nested.get(table, {})
        for record, at in _listed(records, path):
            if not isinstance(record, dict):
                continue
            for column in record if not record.keys() <= known.keys() else ():
                if not columns.has(table, str(column)):
                    hint = suggestion(str(column), list(known), "its columns")
                    message = f"{said} has no column {column!r}"
                    self._wrong((*at, column), message, hint or "its page in the docs lists them")
            for column, value in record.items():
                if type(value) is str:
                    if value[:1] in SIGNS and is_wrong_relative(str(column), value):
                        message = f"{said}: expected {column} to be a time, found {value!r}"
                        self._wrong((*at, column), message, "write -90m, -2d or +1h: s, m, h, d, w")
                elif type(value) is list and column in nested:
                    self._records(f"{said}.{column}", columns, nested[column], value, (*at, column))

    def pages(self, answers: Json, path: Path) -> None:
        """The answers under ``http``: a list of them, or a mapping of addresses to them."""
        if isinstance(answers, Mapping) and isinstance(answers.get("answers"), list):
            answers, path = answers["answers"], (*path, "answers")
        if isinstance(answers, list):
            for index, answer in enumerate(answers):
                self._page(answer, (*path, index), PAGE_KEYS)
            return
        for address, answer in answers.items() if isinstance(answers, Mapping) else ():
            method, _, _ = str(address).rpartition(" ")
            self._method(method or "GET", (*path, address))
            self._page(
                answer, (*path, address), tuple(key for key in PAGE_KEYS if key not in ("method", "url"))
            )

    def _page(self, answer: Json, path: Path, known: tuple[str, ...]) -> None:
        if not isinstance(answer, Mapping):
            return
        for key in answer:
            if key not in known and key not in _RECORDED:
                hint = suggestion(str(key), known, "its keys")
                self._wrong(
                    (*path, key), f"an answer has no key {key!r}", hint or "put what it holds under body"
                )
        if "method" in answer:
            self._method(answer["method"], (*path, "method"))
        status = answer.get("status", 200)
        if type(status) is not int or not 100 <= status <= 599:
            self._wrong((*path, "status"), f"expected an HTTP status, found {kind_of(status)}", "write 404")
        if not isinstance(answer.get("headers") or {}, Mapping):
            found = kind_of(answer["headers"])
            self._wrong(
                (*path, "headers"), f"expected headers as a mapping, found {found}", "write {etag: x}"
            )
        for index, one in enumerate(answer["answers"] if isinstance(answer.get("answers"), list) else ()):
            self._page(one, (*path, "answers", index), ANSWER_KEYS)

    def _method(self, method: Json, path: Path) -> None:
        if str(method).upper() not in METHODS:
            hint = suggestion(str(method).upper(), METHODS, "the methods")
            self._wrong(path, f"there is no HTTP method {method!r}", hint)

    def _wrong(self, path: Path, message: str, hint: str) -> None:
        self.problems.append(Problem(self._source.file, self._source.line(*path), message, hint))


def _listed(records: Json, path: Path) -> Iterator[tuple[Json, Path]]:
    if isinstance(records, list):
        yield from ((record, (*path, index)) for index, record in enumerate(records))
    else:
        yield records, path
