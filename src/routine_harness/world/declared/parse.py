"""A declaration's values → Declaration, with every problem named by line.

A declaration comes in parts: a file of ``connectors/``, then the sections of a case's worlds, of which
a later one completes an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from msgspec import UNSET

from routine_harness.errors import Problem
from routine_harness.plain import Json, Record
from routine_harness.routine.document import Document
from routine_harness.routine.form_reader import read_file, read_form
from routine_harness.routine.reader import Reader, suggestion
from routine_harness.routine.spec import Path, Source
from routine_harness.world.declared.columns import check_columns
from routine_harness.world.declared.declaration import (
    ACTIONS,
    Declaration,
    DeclaredEffect,
    DeclaredTable,
    DeclaredTool,
    Page,
)
from routine_harness.world.declared.declaration_form import (
    RESERVED,
    ConnectorForm,
    DeclarationForm,
    EffectForm,
    TableForm,
    ToolForm,
)
from routine_harness.world.kinds import KINDS
from routine_harness.world.rule import arguments_in

_NO_SCHEMA: Final[Record] = {"type": "object", "properties": {}}


class Part(msgspec.Struct, frozen=True, eq=False):
    """A part of a declaration that was read, and who collects its problems."""

    reader: Reader
    form: DeclarationForm | ConnectorForm


def read_part(section: Json, source: Source, path: Path) -> Part:
    """The part of a declaration that a section of a world is."""
    reader = Reader(source)
    return Part(reader, read_form(reader, section, path, DeclarationForm))


class Placed(msgspec.Struct, frozen=True, eq=False):
    """A table or tool that was read, and the reader and path to report on it."""

    reader: Reader
    path: Path
    value: Json


def parse_declaration(
    name: str, parts: Sequence[Part], base: Declaration | None = None
) -> tuple[Declaration, tuple[Problem, ...]]:
    """The connector ``name`` as ``parts`` declare it on top of ``base``, and all that is wrong with them.

    Of a tool whose table is not there the name remains, so that who speaks of it makes no second problem.
    """
    tables: dict[str, Placed] = {}
    tools: dict[str, Placed] = {}
    for part in parts:
        tables |= _tables(part)
        tools |= _tools(part)
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
        problem
        for part in parts
        for problem in sorted(part.reader.problems, key=lambda problem: problem.line)
    )


def _tables(part: Part) -> dict[str, Placed]:
    found: dict[str, Placed] = {}
    for name, given in part.form.tables.items():
        path, form = part.form.below("tables", name), given or TableForm()
        if name in RESERVED:
            part.reader.problem(path, f"a table cannot be called {name}", "give it the name of its rows")
            continue
        found[name] = Placed(part.reader, path, DeclaredTable(name, form.key_, form.new, form.columns))
    return found


def _tools(part: Part) -> dict[str, Placed]:
    found: dict[str, Placed] = {}
    for form in part.form.tools:
        if not form.name:
            continue
        if form.name in found:
            message = f"the tool {form.name} is declared twice"
            part.reader.problem(form.below("name"), message, "leave one of them out")
        found[form.name] = Placed(part.reader, form.place, _tool(part.reader, form))
    return found


def _tool(reader: Reader, form: ToolForm) -> DeclaredTool:
    action = next((action for action in ACTIONS if action in form.acts), None)
    return DeclaredTool(
        name=form.name,
        description=form.description,
        schema=_schema(reader, form),
        access=form.access or None,
        action=action,
        table=getattr(form, action) if action is not None else "",
        fields=form.fields,
        filter_by=form.filter_by or (),
        ignores=form.ignores or (),
        page=Page(form.page.limit, form.page.cursor, form.page.size, form.page.number) if form.page else None,
        set=form.set or {},
        answer=None if form.answer is UNSET else form.answer,
        missing=form.missing.error if form.missing else "",
        effect=_effect(reader, form),
        returns=None if form.returns is UNSET else form.returns,
        error=form.error or "",
    )


def _schema(reader: Reader, form: ToolForm) -> Record:
    """The schema under either of its names."""
    key = "input_schema" if form.input_schema is not UNSET else "schema"
    schema: Record = getattr(form, key) or {}
    if schema:
        # Imported here: what a run without declared schemas need not load.
        from jsonschema import Draft202012Validator, SchemaError

        try:
            Draft202012Validator.check_schema({**_NO_SCHEMA, **schema})
        except SchemaError as error:
            place = form.below(key, *error.absolute_path)
            reader.problem(place, f"this is no JSON Schema: {error.message}", "see json-schema.org")
            return {}
    return schema


def _effect(reader: Reader, form: ToolForm) -> DeclaredEffect | None:
    effect = form.effect
    if effect is UNSET or effect is None:
        return None
    kind, renamed, place = effect, {}, form.below("effect")
    if isinstance(effect, EffectForm):
        kind, renamed, place = effect.kind, effect.fields, effect.below("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        if kind:
            hint = suggestion(kind, tuple(KINDS), "the effects") if isinstance(kind, str) else ""
            reader.problem(place, f"unknown effect {kind!r}", hint)
        return None
    for field in renamed:
        if field not in KINDS[kind]:
            hint = suggestion(field, KINDS[kind], "its fields")
            reader.problem(form.below("effect", "fields", field), f"{kind} has no field {field!r}", hint)
    return DeclaredEffect(kind, {name: column for name, column in renamed.items() if name in KINDS[kind]})


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


def _likely_argument(name: str, known: Mapping[str, Json]) -> str:
    """The argument that most likely carries the key ``name``."""
    likely = [each for each in known if each.lower().endswith(name.lower())]
    return (likely or list(known))[0]


def is_declaration(value: Json) -> bool:
    """Whether the values of a file are meant to declare a connector."""
    if not isinstance(value, dict):
        return False
    return isinstance(value.get("tools"), list) or isinstance(value.get("connector"), str)


def parse_connector(document: Document) -> tuple[Declaration, tuple[Problem, ...]]:
    """What a file of ``connectors/`` declares, and all that is wrong with it, in the order of lines."""
    reader, form = read_file(document, ConnectorForm)
    base = Declaration(form.connector, origin=document.source.file, description=form.description)
    declaration, problems = parse_declaration(form.connector, [Part(reader, form)], base)
    return declaration, tuple(sorted(problems, key=lambda problem: problem.line))
