"""What calling a declared tool does to the world: rows made, listed, shown, changed and removed.

Knows one table and one tool at a time, and nothing of effects' rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.declared.declaration import DeclaredTable, DeclaredTool, Page
from routine_harness.world.rule import arguments_in, lookup
from routine_harness.world.simulated import Answer, Arguments, Detail, Operation, Refused, merged
from routine_harness.world.state import Table, World
from routine_harness.world.template import Template, compile_template, fill_template, placeholders
from routine_harness.world.times import iso_seconds

TOOLS: Final = "tools"
"""The table that holds what a world file says of tools, so that others may change a fixed answer."""


def is_key(value: object) -> bool:
    """Whether a row can be known by ``value``."""
    return isinstance(value, str | int | float) and not isinstance(value, bool)


class Rows:
    """The rows of one declared table in a world; ``indexed`` columns are found by look-up."""

    def __init__(self, connector: str, table: DeclaredTable, indexed: Iterable[str] = ()) -> None:
        self.table = table
        self.place = f"{connector}.{table.name}"
        self._indexed = tuple(indexed)
        self._numbered = {column for column, value in table.new.items() if "n" in placeholders(value)}
        if table.key not in table.new:
            self._numbered.add(table.key)
        self._made_of = set(placeholders(table.new.get(table.key))) - {"n", "now", *table.new}

    def find(self, world: World, value: Json) -> Record | None:
        """The row known by ``value``; a number and its text are one."""
        spelt = [value, str(value)]
        if isinstance(value, str) and value.isdecimal():
            spelt.append(int(value))
        found = (world.get(self.place, (each,)) for each in spelt)
        return next((row for row in found if row is not None), None)

    def put(self, world: World, row: Record) -> World:
        return merged(world, self.place, (row[self.table.key],), row, {}, self._indexed)

    def complete(self, world: World, given: Record) -> tuple[World, Record]:
        """``given`` as a new row, with what ``new`` says of the rest; its key is one that no row has.

        Raises:
            ValueError: a column of the key is missing.
        """
        key = self.table.key
        missing = [column for column in sorted(self._made_of) if given.get(column) is None]
        if missing and given.get(key) is None:
            raise ValueError(f"expected {key}, or {' and '.join(missing)} to make one of")
        if any(given.get(column) is None for column in self._numbered):
            return self._numbered_row(world, given)
        return world, self._filled(world, given, None)

    def _numbered_row(self, world: World, given: Record) -> tuple[World, Record]:
        key = self.table.key
        while True:
            world, number = world.next_id(self.place)
            row = self._filled(world, given, number)
            if row.get(key) is None:
                row = {key: str(number), **{name: value for name, value in row.items() if name != key}}
            if given.get(key) is not None or not is_key(row[key]) or self.find(world, row[key]) is None:
                return world, row

    def _filled(self, world: World, given: Record, number: int | None) -> Record:
        """The columns of ``new``, in its order, then those that were given besides."""
        row: Record = {}
        values = {**given, "now": iso_seconds(world.clock), "n": number}
        for column, template in self.table.new.items():
            row[column] = given[column] if column in given else fill_template(template, {**values, **row})
        return {**row, **{column: value for column, value in given.items() if column not in row}}


class Act:
    """One declared tool at work on the rows of its table."""

    def __init__(self, tool: DeclaredTool, rows: Rows, columns: Iterable[str] = ()) -> None:
        """``columns`` are those that may be set or selected by."""
        self._tool, self._rows = tool, rows
        self._columns = frozenset(columns)
        self._mapped = frozenset(name for path in tool.fields.values() for name in arguments_in(path))
        self._effect = tool.effect.columns() if tool.effect is not None else {}
        self._show, self._show_list = _shows(tool), _shows_list(tool)

    def operation(self) -> Operation:
        """What a call does, by the tool's action."""
        return {
            "creates": self._create,
            "lists": self._list,
            "gets": self._get,
            "updates": self._update,
            "deletes": self._delete,
        }[self._tool.action or "gets"]

    def _create(self, world: World, arguments: Arguments) -> Answer:
        rows = self._rows
        given = {name: value for name, value in self._given(arguments).items() if value is not None}
        try:
            world, row = rows.complete(world, {**given, **self._settled(world, arguments)})
        except ValueError as error:
            raise Refused(f"{rows.table.name}: {error}") from error
        key = row.get(rows.table.key)
        if not is_key(key):
            raise Refused(f"{rows.table.name}: expected {rows.table.key} as a text or number, found {key!r}")
        if rows.find(world, key) is not None:
            raise Refused(f"{rows.table.name}: there is already a record with {rows.table.key} {key!r}")
        return self._done(rows.put(world, row), row, arguments, touched=row)

    def _update(self, world: World, arguments: Arguments) -> Answer:
        rows, row = self._rows, self._named(world, arguments)
        changes = {**self._given(arguments), **self._settled(world, arguments)}
        changes.pop(rows.table.key, None)
        after = {**row, **changes}
        changed = rows.put(world, after) if after != row else world
        return self._done(changed, after, arguments, touched=changes, unchanged=after == row)

    def _delete(self, world: World, arguments: Arguments) -> Answer:
        row = self._named(world, arguments)
        key = row[self._rows.table.key]
        return self._done(world.remove(self._rows.place, (key,)), row, arguments, touched={})

    def _get(self, world: World, arguments: Arguments) -> Answer:
        row = self._named(world, arguments)
        return Answer(
            world, self._show({**arguments, **row, "row": row, "now": iso_seconds(world.clock)}, row)
        )

    def _list(self, world: World, arguments: Arguments) -> Answer:
        found, unread = self._selected(world, arguments)
        values: Record = {**arguments, "now": iso_seconds(world.clock), "total": len(found)}
        values["next"], shown = self._paged(found, arguments)
        answer = self._show_list(values, shown)
        if not unread or not found:
            return Answer(world, answer)
        what = f"rows of {self._rows.table.name} by {' and '.join(unread)}"
        known = f"rows by {' and '.join(self._tool.filter_by)}" if self._tool.filter_by else "all rows"
        hint = f"{known} (filter_by says by which columns an argument selects, ignores that it selects none)"
        return Answer(world, answer, incomplete=what, known=hint)

    def _selected(self, world: World, arguments: Arguments) -> tuple[list[Record], list[str]]:
        """The rows that the arguments select, and the arguments whose meaning is not known."""
        tool, unread = self._tool, []
        table = world.table(self._rows.place)
        wanted = {
            column: value
            for column in tool.filter_by
            if (value := lookup(arguments, tool.argument_of(column))) is not None
        }
        others = {name for column in tool.filter_by for name in arguments_in(tool.argument_of(column))}
        page = tool.page.arguments.values() if tool.page is not None else ()
        for name, value in arguments.items():
            if value is None or name in others or name in tool.ignores or name in page:
                continue
            if name in self._columns or any(name in row for row in table):
                wanted[name] = value
            else:
                unread.append(name)
        if not wanted:
            return list(table), unread
        rows = self._candidates(table, wanted)
        return [row for row in rows if all(_fits(row, *each) for each in wanted.items())], unread

    def _candidates(self, table: Table, wanted: Mapping[str, Json]) -> Iterable[Record]:
        """The rows that one look-up leaves; all of them where no column answers by look-up."""
        for column, value in wanted.items():
            if isinstance(value, str) and not value.isdecimal() and table.covers(column):
                return table.find(column, value)
        return table

    def _paged(self, found: list[Record], arguments: Arguments) -> tuple[str | None, list[Record]]:
        page = self._tool.page
        if page is None:
            return None, found
        size = arguments.get(page.size) if page.size else None
        limit = min(page.limit, int(size)) if isinstance(size, int | float) and size >= 1 else page.limit
        start = _start(page, limit, arguments, len(found))
        end = start + limit
        return (str(end) if end < len(found) else None), found[start:end]

    def _named(self, world: World, arguments: Arguments) -> Record:
        """The row whose key the call gives.

        Raises:
            Refused: there is none.
        """
        table = self._rows.table
        value = lookup(arguments, self._tool.argument_of(table.key))
        row = self._rows.find(world, value) if is_key(value) else None
        if row is None:
            said = fill_template(self._tool.missing, {**arguments, table.key: value})
            raise Refused(str(said or f"{table.name}: no record with {table.key} {value!r}"))
        return row

    def _given(self, arguments: Arguments) -> Record:
        """The columns that the arguments set."""
        given: Record = {}
        for column, path in self._tool.fields.items():
            if path in arguments:
                given[column] = arguments[path]
            elif (value := lookup(arguments, path)) is not None:
                given[column] = value
        closed = self._rows.table.columns
        for name, value in arguments.items():
            if name not in self._mapped and name not in given and (not closed or name in closed):
                given[name] = value
        return given

    def _settled(self, world: World, arguments: Arguments) -> Record:
        return dict(fill_template(self._tool.set, {**arguments, "now": iso_seconds(world.clock)}))

    def _done(
        self, world: World, row: Record, arguments: Arguments, *, touched: Mapping[str, Json],
        unchanged: bool = False,
    ) -> Answer:  # fmt: skip
        values = {**arguments, **row, "row": row, "now": iso_seconds(world.clock)}
        answer = self._show(values, row)
        if self._tool.effect is None:
            return Answer(world, answer)
        key = str(row[self._rows.table.key])
        fields = {
            field: row[column]
            for field, column in self._effect.items()
            if column in row and (column in touched or field in ("url", "title"))
        }
        return Answer(world, answer, (Detail(key, {**fields, "id": key}, unchanged=unchanged),))


def _start(page: Page, limit: int, arguments: Arguments, total: int) -> int:
    """The place of the page's first row.

    Raises:
        Refused: no answer gave that cursor, or pages are not counted so.
    """
    number = arguments.get(page.number) if page.number else None
    if number is not None:
        if not str(number).isdecimal() or int(number) < 1:
            raise Refused(f"{page.number}: expected a page from 1, found {number!r}")
        return (int(number) - 1) * limit
    cursor = arguments.get(page.cursor) if page.cursor else None
    if cursor is None:
        return 0
    if not str(cursor).isdecimal() or int(cursor) > total:
        raise Refused(f"{page.cursor}: expected the next of an earlier answer, found {cursor!r}")
    return int(cursor)


def _fits(row: Record, column: str, wanted: Json) -> bool:
    """Whether the row has ``wanted`` in that column: as its value, among its values, or as one of several."""
    value = row.get(column)
    if value == wanted:
        return True
    if isinstance(value, list):
        return all(each in value for each in wanted) if isinstance(wanted, list) else wanted in value
    if isinstance(wanted, list):
        return value in wanted
    return is_key(value) and is_key(wanted) and str(value) == str(wanted)


def is_columns(answer: Json) -> bool:
    """Whether ``answer`` is a list of columns, and no template."""
    return isinstance(answer, list) and all(
        isinstance(each, str) and not placeholders(each) for each in answer
    )


def _shows(tool: DeclaredTool) -> Json:
    """How a tool answers with one row: (values, row) → answer."""
    if tool.answer is None:
        if tool.action == "deletes":
            return lambda values, row: {"deleted": True}
        return lambda values, row: row
    if is_columns(tool.answer):
        columns = tuple(tool.answer)
        return lambda values, row: {column: row[column] for column in columns if column in row}
    template = compile_template(tool.answer)
    return lambda values, row: template(values)


def _shows_list(tool: DeclaredTool) -> Json:
    """How a tool answers with many rows: (values, rows) → answer."""
    if tool.answer is None or is_columns(tool.answer):
        return _plain_list(tool)
    ready: list[tuple[str, Template]] = []
    template = compile_template(_with_repeats(tool.answer, ready))

    def show(values: Record, rows: list[Record]) -> Json:
        repeated = {name: [row(each) for each in rows] for name, row in ready}
        return template({**values, "rows": rows, **repeated})

    return show


def _plain_list(tool: DeclaredTool) -> Json:
    columns = None if tool.answer is None else tuple(tool.answer)

    def show(values: Record, rows: list[Record]) -> Json:
        shown = rows
        if columns is not None:
            shown = [{column: row[column] for column in columns if column in row} for row in rows]
        answer: Record = {tool.table: shown}
        return answer if tool.page is None else {**answer, "next": values["next"]}

    return show


def _with_repeats(template: Json, ready: list[tuple[str, Template]]) -> Json:
    """``template`` with a placeholder for every list of one mapping, which stands for each row."""
    if isinstance(template, Mapping):
        return {name: _with_repeats(value, ready) for name, value in template.items()}
    if isinstance(template, list) and len(template) == 1 and isinstance(template[0], Mapping):
        name = f"rows-{len(ready)}"
        ready.append((name, compile_template(template[0])))
        return f"{{{name}}}"
    return template


def fixed_answer(connector: str, tool: DeclaredTool) -> Operation:
    """The operation of a tool without a table: its template, or its error, as the world has it now."""

    def answer(world: World, arguments: Arguments) -> Answer:
        said = world.get(f"{connector}.{TOOLS}", (tool.name,)) or {}
        error, returns = said.get("error", tool.error), said.get("returns", tool.returns)
        if error:
            raise Refused(str(fill_template(error, arguments)))
        values = {**arguments, "now": iso_seconds(world.clock)}
        if "n" in placeholders(returns):
            world, values["n"] = world.next_id(f"{connector}.{tool.name}")
        value = {} if returns is None else fill_template(returns, values)
        return Answer(world, value, _details(tool, value))

    return answer


def _details(tool: DeclaredTool, answer: Json) -> tuple[Detail, ...]:
    """What a fixed answer says of its effect."""
    if tool.effect is None:
        return ()
    shown = answer if isinstance(answer, dict) else {}
    known = {name: shown[name] for name in ("id", "url", "title") if isinstance(shown.get(name), str)}
    return (Detail(str(known.get("id") or known.get("title") or ""), known),)
