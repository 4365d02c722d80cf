"""A declaration's values → Declaration, with every problem named by line.

A declaration comes in parts: a file of ``connectors/``, then the sections of a case's worlds, of which
a later one completes an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from routine_harness.errors import Problem
from routine_harness.pattern import lazy_pattern
from routine_harness.routine.document import Document
from routine_harness.routine.reader import Fields, Reader, kind_of, suggestion
from routine_harness.routine.spec import Path, Source
from routine_harness.world.declared.columns import check_columns
from routine_harness.world.declared.declaration import (
    ACTIONS,
    READING,
    Declaration,
    DeclaredEffect,
    DeclaredTable,
    DeclaredTool,
    Page,
)
from routine_harness.world.kinds import KINDS
from routine_harness.world.rule import arguments_in

TOOL_KEYS: Final = (
    "name", "description", "schema", "input_schema", "access", *ACTIONS, "fields", "filter_by", "ignores",
    "page", "set", "answer", "missing", "effect", "returns", "error",
)  # fmt: skip
FILE_KEYS: Final = ("connector", "description", "tables", "tools", "$schema")
TABLE_KEYS: Final = ("key", "new", "columns")
PAGE_KEYS: Final = ("limit", "cursor", "size", "number")
RESERVED: Final = ("tools", "tables")
"""What a world's section holds beside the tables of a connector."""
_EARLIER: Final = {"reads": "lists: TABLE or gets: TABLE", "writes": "creates: TABLE or updates: TABLE"}
_NAME: Final = lazy_pattern(r"[a-z0-9][a-z0-9_-]*\Z")
_NO_SCHEMA: Final[dict[str, Any]] = {"type": "object", "properties": {}}


class Part(msgspec.Struct, frozen=True, eq=False):
    """Where a part of a declaration stands: the mapping with ``tables`` and ``tools``, and its place."""

    data: Mapping[str, Any]
    source: Source
    path: Path = ()


class Placed(msgspec.Struct, frozen=True, eq=False):
    """A table or tool that was read, and the reader and path to report on it."""

    reader: Reader
    path: Path
    value: Any


def parse_declaration(
    name: str, parts: Sequence[Part], base: Declaration | None = None
) -> tuple[Declaration, tuple[Problem, ...]]:
    """The connector ``name`` as ``parts`` declare it on top of ``base``, and all that is wrong with them.

    Of a tool whose table is not there the name remains, so that who speaks of it makes no second problem.
    """
    readers = [Reader(part.source) for part in parts]
    tables: dict[str, Placed] = {}
    tools: dict[str, Placed] = {}
    for part, reader in zip(parts, readers, strict=True):
        tables |= _tables(reader, part)
        tools |= _tools(reader, part)
    found = base or Declaration(name)
    declaration = Declaration(
        name,
        {**found.tables, **{key: placed.value for key, placed in tables.items()}},
        {**found.tools, **{key: placed.value for key, placed in tools.items()}},
        found.origin,
        found.description,
    )
    for placed in tools.values():
        _check_table(placed, declaration)
    check_columns(declaration, tables.values(), tools.values())
    sound = {
        key: msgspec.structs.replace(tool, action=None, table="")
        if tool.action is not None and tool.table not in declaration.tables
        else tool
        for key, tool in declaration.tools.items()
    }
    return msgspec.structs.replace(declaration, tools=sound), tuple(
        problem for reader in readers for problem in reader.problems
    )


def _tables(reader: Reader, part: Part) -> dict[str, Placed]:
    top = Fields(reader, dict(part.data), part.path, "a connector")
    found: dict[str, Placed] = {}
    for name, value in top.mapping("tables").items():
        path = (*top.at("tables"), name)
        if name in RESERVED:
            reader.problem(path, f"a table cannot be called {name}", "give it the name of its rows")
            continue
        fields = reader.fields({} if value is None else value, path, TABLE_KEYS, "a table")
        table = DeclaredTable(name, fields.text("key", "id"), fields.mapping("new"), fields.texts("columns"))
        found[name] = Placed(reader, path, table)
    return found


def _tools(reader: Reader, part: Part) -> dict[str, Placed]:
    top = Fields(reader, dict(part.data), part.path, "a connector")
    found: dict[str, Placed] = {}
    for value, path in top.items("tools", "tools"):
        tool = _tool(reader, value, path)
        if tool is None:
            continue
        if tool.name in found:
            reader.problem(
                (*path, "name"), f"the tool {tool.name} is declared twice", "leave one of them out"
            )
        found[tool.name] = Placed(reader, path, tool)
    return found


def _tool(reader: Reader, value: Any, path: Path) -> DeclaredTool | None:
    if not isinstance(value, dict):
        reader.problem(path, f"expected a tool, found {kind_of(value)}", "write {name: …, returns: {…}}")
        return None
    known = {key: part for key, part in value.items() if key not in _EARLIER}
    for key in value.keys() & _EARLIER.keys():
        reader.problem((*path, key), f"a tool has no key {key!r}", f"write {_EARLIER[key]}")
    fields = reader.fields(known, path, TOOL_KEYS, "a tool")
    if not fields.require("name", "write {name: create_incident, …}") or not fields.text("name"):
        return None
    action = _action(fields)
    tool = DeclaredTool(
        name=fields.text("name"),
        description=fields.text("description"),
        schema=_schema(fields),
        access=_access(fields),
        action=action,
        table=fields.text(action) if action is not None else "",
        fields=_arguments_by_column(fields),
        filter_by=fields.texts("filter_by"),
        ignores=fields.texts("ignores"),
        page=_page(fields),
        set=fields.mapping("set"),
        answer=fields.data.get("answer"),
        missing=_missing(fields),
        effect=_effect(fields),
        returns=fields.data.get("returns"),
        error=fields.text("error"),
    )
    _check_sense(fields, tool)
    return tool


def _action(fields: Fields) -> Any:
    named = [action for action in ACTIONS if action in fields]
    if len(named) > 1:
        said = f"{fields.data.get('name')} {' and '.join(named)}"
        fields.problem(named[1], f"{said}: a tool does one thing to one table", "declare two tools")
    return named[0] if named else None


def _access(fields: Fields) -> Any:
    return fields.choice("access", ("read", "write"), "write") if "access" in fields else None


def _arguments_by_column(fields: Fields) -> dict[str, str]:
    found: dict[str, str] = {}
    for column, argument in fields.mapping("fields").items():
        if isinstance(argument, str) and argument:
            found[column] = argument
        else:
            place = (*fields.at("fields"), column)
            message = f"expected the name of an argument, found {kind_of(argument)}"
            fields.reader.problem(place, message, "write fields: {column: argument}")
    return found


def _schema(fields: Fields) -> dict[str, Any]:
    """The schema under either of its names."""
    if "schema" in fields and "input_schema" in fields:
        fields.problem("input_schema", "schema and input_schema are the same key", "write input_schema alone")
    key = "input_schema" if "input_schema" in fields else "schema"
    schema = fields.mapping(key)
    if schema:
        # Imported here: what a run without declared schemas need not load.
        from jsonschema import Draft202012Validator, SchemaError

        try:
            Draft202012Validator.check_schema({**_NO_SCHEMA, **schema})
        except SchemaError as error:
            place = (*fields.at(key), *error.absolute_path)
            fields.reader.problem(place, f"this is no JSON Schema: {error.message}", "see json-schema.org")
            return {}
    return schema


def _page(fields: Fields) -> Page | None:
    if fields.data.get("page") is None:
        return None
    page = fields.reader.fields(fields.data["page"], fields.at("page"), PAGE_KEYS, "a page")
    page.require("limit", "write page: {limit: 25, cursor: next}")
    limit = page.whole("limit", 1, least=1) if "limit" in page else 1
    if "cursor" in page and "number" in page:
        page.problem("number", "a page begins at a cursor or has a number, not both", "leave one of them out")
    return Page(limit, page.text("cursor"), page.text("size"), page.text("number"))


def _missing(fields: Fields) -> str:
    if fields.data.get("missing") is None:
        return ""
    missing = fields.reader.fields(fields.data["missing"], fields.at("missing"), ("error",), "missing")
    missing.require("error", 'write missing: {error: "Incident not found"}')
    return missing.text("error")


def _effect(fields: Fields) -> DeclaredEffect | None:
    value = fields.data.get("effect")
    if value is None:
        return None
    if isinstance(value, dict):
        named = fields.reader.fields(value, fields.at("effect"), ("kind", "fields"), "an effect")
        if not named.require("kind", "write effect: {kind: ticket.updated, fields: {state: status}}"):
            return None
        kind, renamed, place = named.text("kind"), named.text_map("fields"), named.at("kind")
    else:
        kind, renamed, place = fields.text("effect"), {}, fields.at("effect")
    if kind not in KINDS:
        if kind:
            hint = suggestion(kind, tuple(KINDS), "the effects")
            fields.reader.problem(place, f"unknown effect {kind!r}", hint)
        return None
    for field in renamed:
        if field not in KINDS[kind]:
            hint = suggestion(field, KINDS[kind], "its fields")
            at = (*fields.at("effect"), "fields", field)
            fields.reader.problem(at, f"{kind} has no field {field!r}", hint)
    return DeclaredEffect(kind, {name: column for name, column in renamed.items() if name in KINDS[kind]})


_NEEDS: Final = {
    "filter_by": ("lists",),
    "ignores": ("lists",),
    "page": ("lists",),
    "set": ("creates", "updates"),
    "missing": ("gets", "updates", "deletes"),
    "answer": ACTIONS,
}
"""Key → the actions that it belongs to."""


def _check_sense(fields: Fields, tool: DeclaredTool) -> None:
    """Note the keys that say nothing beside the tool's action."""
    for key, actions in _NEEDS.items():
        if key in fields and tool.action not in actions:
            words = " or ".join(f"{action}:" for action in actions)
            hint = "write returns: {…} for a fixed answer" if key == "answer" else ""
            fields.problem(key, f"{tool.name}: {key} belongs to a tool with {words}", hint)
    for key in ("returns", "error"):
        if key in fields and tool.action is not None:
            hint = "write answer: […]" if key == "returns" else "write missing: {error: …}"
            fields.problem(key, f"{tool.name}: {key} belongs to a tool without a table", hint)
    writes = "effect" in fields or tool.action not in (*READING, None)
    if tool.action in READING and "effect" in fields:
        fields.problem("effect", f"{tool.name}: a tool that {tool.action} rows has no effect", "leave it out")
    elif tool.access == "read" and writes:
        fields.problem("access", f"{tool.name}: a tool that reads changes nothing", "leave access out")


def _check_table(placed: Placed, declaration: Declaration) -> None:
    """Note a table or an argument that is not there."""
    tool: DeclaredTool = placed.value
    reader, path = placed.reader, placed.path
    if tool.action is not None and tool.table not in declaration.tables:
        hint = suggestion(tool.table, tuple(declaration.tables), "the tables") if declaration.tables else ""
        hint = hint or f"write tables: {{{tool.table}: {{key: id}}}}"
        if tool.table:
            message = (
                f"{tool.name} {tool.action} {tool.table!r}, which is no table of {declaration.name or 'it'}"
            )
            reader.problem((*path, tool.action), message, hint)
        return
    for place, argument in _named_arguments(tool, declaration):
        _check_argument(reader, (*path, *place), tool, argument)


def _named_arguments(tool: DeclaredTool, declaration: Declaration) -> Iterable[tuple[Path, str]]:
    """The arguments that a tool's declaration names, each with its place."""
    for column, path in tool.fields.items():
        yield ("fields", column), path
    for index, column in enumerate(tool.filter_by):
        if column not in tool.fields:
            yield ("filter_by", index), column
    for index, name in enumerate(tool.ignores):
        yield ("ignores", index), name
    if tool.page is not None:
        for key, name in tool.page.arguments.items():
            yield ("page", key), name
    if tool.action in ("gets", "updates", "deletes"):
        key = declaration.tables[tool.table].key
        if key not in tool.fields:
            yield (tool.action,), key


def _check_argument(reader: Reader, path: Path, tool: DeclaredTool, argument: str) -> None:
    known = tool.arguments
    for name in arguments_in(argument) if known is not None else ():
        if known is not None and name not in known:
            hint = suggestion(name, tuple(known), "its arguments")
            if path[-1] == tool.action:
                hint = f"write fields: {{{argument}: {_likely_argument(name, known)}}}"
            reader.problem(path, f"{tool.name} has no argument {name!r}", hint)


def _likely_argument(name: str, known: Mapping[str, Any]) -> str:
    """The argument that most likely carries the key ``name``."""
    likely = [each for each in known if each.lower().endswith(name.lower())]
    return (likely or list(known))[0]


def is_declaration(value: Any) -> bool:
    """Whether the values of a file are meant to declare a connector."""
    if not isinstance(value, dict):
        return False
    return isinstance(value.get("tools"), list) or isinstance(value.get("connector"), str)


def parse_connector(document: Document) -> tuple[Declaration, tuple[Problem, ...]]:
    """What a file of ``connectors/`` declares, and all that is wrong with it, in the order of lines."""
    reader = Reader(document.source)
    top = reader.fields(document.value, (), FILE_KEYS, "a connector")
    name = top.text("connector") if top.require("connector", "write connector: pagerduty") else ""
    if name and not _NAME.match(name):
        hint = "use small letters, digits, '-' and '_'"
        top.problem("connector", f"expected the name of a connector, found {name!r}", hint)
    base = Declaration(name, origin=document.source.file, description=top.text("description"))
    parts = [Part(document.value, document.source)] if isinstance(document.value, dict) else []
    declaration, problems = parse_declaration(name, parts, base)
    return declaration, tuple(sorted((*reader.problems, *problems), key=lambda problem: problem.line))
