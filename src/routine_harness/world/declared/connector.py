"""A declaration as a connector: its tools with schemas, its part of the effect table, its operations."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from typing import Final

from routine_harness.errors import SpecError
from routine_harness.plain import Json, Record
from routine_harness.routine.document import load_document
from routine_harness.world.access import classify
from routine_harness.world.argument_errors import zod_errors
from routine_harness.world.declared.columns import misspelt
from routine_harness.world.declared.declaration import READING, Declaration, DeclaredTable, DeclaredTool
from routine_harness.world.declared.declaration_form import RESERVED
from routine_harness.world.declared.operations import TOOLS, Act, Rows, fixed_answer, is_key
from routine_harness.world.declared.parse import parse_connector
from routine_harness.world.declared.reveal import reveals_of
from routine_harness.world.notation import Schema
from routine_harness.world.rule import Rule, arguments_in
from routine_harness.world.simulated import Operation, SimulatedConnector, merged
from routine_harness.world.state import World
from routine_harness.world.table_columns import Columns
from routine_harness.world.template import placeholders
from routine_harness.world.tool import Tool

_NAMING: Final = ("title", "name", "text", "id")
"""Fields of an effect that name its target, the best first."""


@dataclass(frozen=True, eq=False)
class DeclaredConnector(SimulatedConnector):
    """A connector that knows the declaration that it was made from."""

    declaration: Declaration = field(default_factory=lambda: Declaration(""))
    not_rows: frozenset[str] = frozenset(("tables",))
    """What a world's section holds beside rows."""
    declares: tuple[str, ...] = RESERVED
    """What a world's section may declare besides."""


def declared_connector(declaration: Declaration) -> DeclaredConnector:
    """The connector that ``declaration`` spells."""
    name, tools = declaration.name, declaration.tools
    rows = {
        table: Rows(name, each, _indexed(declaration, each)) for table, each in declaration.tables.items()
    }
    keys = {table: (each.key,) for table, each in declaration.tables.items()}
    return DeclaredConnector(
        name=name,
        title=declaration.description or name,
        source=declaration.origin or "declared in a world file",
        tools={one: _tool(tool, declaration) for one, tool in tools.items()},
        tables={**keys, TOOLS: ("name",)},
        rules={one: _rules(tool, declaration) for one, tool in tools.items() if tool.effect is not None},
        operations={one: _operation(tool, declaration, rows) for one, tool in tools.items()},
        word_errors=zod_errors,
        seed_record=_Seeding(declaration, rows).seed_record,
        fixed=frozenset(one for one, tool in tools.items() if tool.action is None),
        reveals=reveals_of(declaration),
        columns=_columns(declaration),
        declaration=declaration,
    )


def redeclared(base: DeclaredConnector, declaration: Declaration) -> DeclaredConnector:
    """``base`` as ``declaration`` goes on with it; tools that it leaves alone answer as they did, also where
    a package answers them by code."""
    made = declared_connector(declaration)
    before, now = base.declaration, declaration
    same = [
        name
        for name, tool in now.tools.items()
        if before.tools.get(name) is tool and before.tables.get(tool.table) is now.tables.get(tool.table)
    ]
    operations = {**made.operations, **{name: base.operations[name] for name in same}}
    reveals = {**made.reveals, **{name: base.reveals[name] for name in same if name in base.reveals}}
    return replace(
        base, declaration=declaration, tools=made.tools, tables=made.tables, rules=made.rules,
        operations=operations, reveals=reveals, seed_record=made.seed_record, fixed=made.fixed,
        columns=made.columns,
    )  # fmt: skip


def _columns(declaration: Declaration) -> Columns | None:
    """The columns of the tables, where the declaration lists those of all of them."""
    tables = declaration.tables.values()
    if not tables or not all(table.columns for table in tables):
        return None
    return Columns({table.name: {name: {} for name in (table.key, *table.columns)} for table in tables})


def _indexed(declaration: Declaration, table: DeclaredTable) -> tuple[str, ...]:
    """The columns by which tools select."""
    filtered = (column for tool in declaration.acting_on(table.name) for column in tool.filter_by)
    return tuple(dict.fromkeys(filtered))


def _operation(tool: DeclaredTool, declaration: Declaration, rows: Mapping[str, Rows]) -> Operation:
    if tool.action is None:
        return fixed_answer(declaration.name, tool)
    return Act(tool, rows[tool.table], declaration.columns(tool.table)).operation()


class _Seeding:
    """Takes in the rows of world files."""

    def __init__(self, declaration: Declaration, rows: Mapping[str, Rows]) -> None:
        self._declaration, self._rows = declaration, rows

    def seed_record(self, world: World, table: str, record: Record) -> World:
        """``world`` with one row: what is left out of a new one gets the declaration's ``new``.

        Raises:
            ValueError: it has a column that the table has not, or a key that no row can have.
        """
        if table == TOOLS:
            return merged(world, f"{self._declaration.name}.{TOOLS}", (record.get("name"),), record, {})
        rows, known = self._rows[table], self._declaration.columns(table)
        for column in record:
            hint = misspelt(column, known, closed=bool(rows.table.columns))
            if hint is not None:
                raise ValueError(f"there is no column {column!r}; {hint}")
        key = record.get(rows.table.key)
        if key is not None and not is_key(key):
            raise ValueError(f"expected {rows.table.key} to be a text or a number, found {key!r}")
        if key is None or rows.find(world, key) is None:
            world, record = rows.complete(world, record)
        return rows.put(world, record)


def _tool(tool: DeclaredTool, declaration: Declaration) -> Tool:
    return Tool(
        name=tool.name,
        description=tool.description or _description(tool),
        input_schema={"type": "object", "properties": {}, **(tool.schema or _schema(tool, declaration))},
        access=tool.access or _access(tool),
    )


def _description(tool: DeclaredTool) -> str:
    if tool.action is None:
        return f"Declared without a description: {tool.name}."
    return f"{tool.action.capitalize()} {tool.table}."


def _schema(tool: DeclaredTool, declaration: Declaration) -> Record:
    """The arguments that the declaration speaks of, for a tool that gives no schema; others may come."""
    paths = (*tool.fields.values(), *map(tool.argument_of, tool.filter_by))
    names = dict.fromkeys(name for path in paths for name in arguments_in(path))
    if tool.page is not None:
        names.update(dict.fromkeys(tool.page.arguments.values()))
    required: list[str] = []
    if tool.action in ("gets", "updates", "deletes"):
        key = tool.argument_of(declaration.tables[tool.table].key)
        if key.isidentifier():
            names.setdefault(key)
            required = [key]
    found: Record = {"properties": {name: {} for name in names}}
    return {**found, "required": required} if required else found


def _access(tool: DeclaredTool) -> Json:
    if tool.effect is not None or tool.action in ("creates", "updates", "deletes"):
        return "write"
    return "read" if tool.action in READING else classify(tool.name).kind


def _rules(tool: DeclaredTool, declaration: Declaration) -> tuple[Rule, ...]:
    """The tool's part of the effect table: its effect's fields by the arguments that set their columns."""
    effect = tool.effect
    if effect is None:
        return ()
    paths: dict[str, str] = {}
    settled: Record = {}
    mapped = {name for path in tool.fields.values() for name in arguments_in(path)}
    for name, column in effect.columns().items():
        if column in tool.set:
            if not placeholders(tool.set[column]):
                settled[name] = tool.set[column]
        elif column in tool.fields:
            paths[name] = tool.fields[column]
        elif column not in mapped and (tool.arguments is None or column in tool.arguments):
            paths[name] = column
    if tool.action in ("updates", "deletes"):
        paths = {"id": tool.argument_of(declaration.tables[tool.table].key), **paths}
    naming = _NAMING if tool.action in ("creates", None) else ("id", *_NAMING)
    target = "|".join(dict.fromkeys(paths[name] for name in naming if name in paths))
    fields = {**paths, **({"target": target} if target else {})}
    return ({"kind": effect.kind, "fields": fields, **({"const": settled} if settled else {})},)


FILE: Final = "connector.yaml"


ANYTHING: Final[Schema] = {}


def packaged_connector(package: str, file: str = FILE) -> DeclaredConnector:
    """The connector that the data file ``file`` of ``package`` declares, in the format of
    ``connectors/NAME.yaml``.

    Raises:
        SpecError: with every problem of the declaration.
    """
    data = resources.files(package).joinpath(file).read_bytes()
    declaration, problems = parse_connector(load_document(data, f"{package}/{file}"))
    if problems:
        raise SpecError(*problems)
    tables = {name: dict.fromkeys(declaration.columns(name), ANYTHING) for name in declaration.tables}
    return dataclasses.replace(declared_connector(declaration), columns=Columns(tables))
