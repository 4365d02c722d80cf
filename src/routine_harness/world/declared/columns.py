"""Whether the columns that a declaration names are columns of its tables.

Where every column is known, another one is a problem; where rows may have more, only one that looks like
a misspelling of a known one is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from routine_harness.plain import Json
from routine_harness.routine.reader import Reader, nearest, suggestion
from routine_harness.routine.spec import Path
from routine_harness.world.declared.declaration import Declaration, DeclaredTable, DeclaredTool
from routine_harness.world.template import placeholders

_ALWAYS: Final = ("now", "row", "rows", "next", "total")
"""What every template may ask for."""
_SHORTEST: Final = 4
"""Shorter names differ in one letter and mean two things."""


class Placed(Protocol):
    """A table or tool with its place."""

    @property
    def reader(self) -> Reader: ...
    @property
    def path(self) -> Path: ...
    @property
    def value(self) -> Json: ...


def misspelt(name: str, known: Iterable[str], *, closed: bool) -> str | None:
    """A hint where ``name`` is no column among ``known``; None where it may be one."""
    known = tuple(known)
    if name in known:
        return None
    if closed:
        return suggestion(name, known, "its columns") or "list it under columns"
    near = meant(name, known)
    return f"did you mean {near}?" if near else None


def meant(name: str, known: Iterable[str]) -> str | None:
    """The column that ``name`` misspells, if it misspells one."""
    return next((each for each in known if _is_slip(name, each)), None)


def _is_slip(written: str, meant: str) -> bool:
    """Whether ``written`` is ``meant`` with one letter too many, too few or wrong, or two swapped."""
    if min(len(written), len(meant)) < _SHORTEST:
        return False
    start = next((n for n, pair in enumerate(zip(written, meant, strict=False)) if pair[0] != pair[1]), None)
    if start is None:
        return abs(len(written) - len(meant)) == 1
    rest, other = written[start:], meant[start:]
    if rest[:1].isdigit() or other[:1].isdigit():
        return False
    swapped = rest[:2] == other[1::-1] and rest[2:] == other[2:]
    return swapped or rest[1:] == other[1:] or rest[1:] == other or rest == other[1:]


def check_columns(declaration: Declaration, tables: Iterable[Placed], tools: Iterable[Placed]) -> None:
    """Note every column that is not one, at its place."""
    for placed in tables:
        table: DeclaredTable = placed.value
        others = _others(declaration, table)
        hint = misspelt(table.key, others, closed=False)
        if table.columns and table.key not in others and (near := nearest(table.key, table.columns)):
            hint = f"did you mean {near}?"
        if hint is not None:
            placed.reader.problem((*placed.path, "key"), f"{table.name} has no column {table.key!r}", hint)
        if table.columns:
            for column in (name for name in table.new if name not in (table.key, *table.columns)):
                hint, at = suggestion(column, table.columns, "its columns"), (*placed.path, "new", column)
                placed.reader.problem(at, f"{table.name} has no column {column!r}", hint)
    for placed in tools:
        if placed.value.table in declaration.tables:
            _check_tool(declaration, placed)


def _others(declaration: Declaration, table: DeclaredTable) -> tuple[str, ...]:
    """The columns that are spoken of besides the key."""
    nameless = DeclaredTable(table.name, "", table.new, table.columns)
    spoken = Declaration(declaration.name, {**declaration.tables, table.name: nameless}, declaration.tools)
    return tuple(name for name in spoken.columns(table.name) if name)


def _check_tool(declaration: Declaration, placed: Placed) -> None:
    tool: DeclaredTool = placed.value
    table = declaration.tables[tool.table]
    for place, column in _named_columns(tool):
        known = table.columns or _said_elsewhere(declaration, tool, place)
        known = tuple(dict.fromkeys((table.key, *known)))
        # What selects and sets rows may be a column that the rows of a world alone have.
        shown = place[0] in ("answer", "effect")
        closed = bool(table.columns) or (shown and declaration.is_closed(tool.table))
        if place == ("answer",) and column == "n" and "n" not in known:
            instead = f"a new row has its number under new; write {{{table.key}}}"
            placed.reader.problem((*placed.path, *place), "an answer has no {n}", instead)
            continue
        also = _ALWAYS if place[0] == "answer" and column in _template_names(tool.answer) else ()
        arguments = tuple(tool.arguments or ()) if also else ()
        if column in also or column in arguments or (also and closed and tool.arguments is None):
            continue
        hint = misspelt(column, known, closed=closed)
        if hint is not None:
            placed.reader.problem((*placed.path, *place), f"{tool.table} has no column {column!r}", hint)


def _said_elsewhere(declaration: Declaration, tool: DeclaredTool, place: Path) -> tuple[str, ...]:
    """The columns of the tool's table, without what the place itself would make one."""
    if place[0] not in ("fields", "set"):
        return declaration.columns(tool.table)
    own = {name: value for name, value in getattr(tool, str(place[0])).items() if name != place[1]}
    if place[0] == "fields":
        changed = DeclaredTool(tool.name, "", tool.schema, None, tool.action, tool.table, own, set=tool.set)
    else:
        changed = DeclaredTool(
            tool.name, "", tool.schema, None, tool.action, tool.table, tool.fields, set=own
        )
    tools = {**declaration.tools, tool.name: changed}
    return Declaration(declaration.name, declaration.tables, tools).columns(tool.table)


def _named_columns(tool: DeclaredTool) -> Iterator[tuple[Path, str]]:
    """The columns that a tool's declaration names, each with its place."""
    for column in tool.fields:
        yield ("fields", column), column
    for index, column in enumerate(tool.filter_by):
        yield ("filter_by", index), column
    for column in tool.set:
        yield ("set", column), column
    if isinstance(tool.answer, list) and all(isinstance(each, str) for each in tool.answer):
        for index, column in enumerate(tool.answer):
            if not placeholders(column):
                yield ("answer", index), column
    for column in _template_names(tool.answer):
        yield ("answer",), column
    if tool.effect is not None:
        for field, column in tool.effect.fields.items():
            yield ("effect", "fields", field), column


def _template_names(template: Json) -> list[str]:
    """The plain names that a template asks for."""
    return [name.partition(".")[0].partition("[")[0] for name in placeholders(template)]
