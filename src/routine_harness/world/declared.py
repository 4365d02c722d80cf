"""Connectors that a world file declares: tools with schema, effect and template of the answer.

For services of which the harness has no model. A tool may keep what it is told (``writes``) and
show it again (``reads``); one that does neither answers by its template alone.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from routine_harness.errors import Problem, SpecError
from routine_harness.routine.spec import Source
from routine_harness.world.access import classify
from routine_harness.world.declared_tool import DeclaredTool, declared_operation, is_key
from routine_harness.world.faults import zod_faults
from routine_harness.world.kinds import KINDS
from routine_harness.world.modelled import ModelledConnector, Operation, merged
from routine_harness.world.registry import MODELLED, Registry
from routine_harness.world.rule import Rule
from routine_harness.world.state import Record, World
from routine_harness.world.tool import Tool

KEYS: Final = (
    "name",
    "description",
    "schema",
    "input_schema",
    "access",
    "effect",
    "fields",
    "returns",
    "error",
    "reads",
    "writes",
    "key",
)
TABLE: Final = "tools"
_NO_SCHEMA: Final[dict[str, Any]] = {"type": "object", "properties": {}}


def with_declared(
    registry: Registry, worlds: Iterable[Mapping[str, Any]], source: Source | None = None
) -> Registry:
    """``registry`` and the connectors that the worlds of a case declare.

    Raises:
        SpecError: with every declaration that is wrong.
    """
    declared: dict[str, list[Any]] = {}
    tables: dict[str, set[str]] = {}
    for world in worlds:
        for name, section in world.items():
            if isinstance(section, Mapping) and isinstance(section.get(TABLE), list):
                declared.setdefault(name, []).extend(section[TABLE])
                tables.setdefault(name, set()).update(table for table in section if table != TABLE)
    problems = _modelled_problems(declared, registry, source or Source(file=""))
    if problems:
        raise SpecError(*problems)
    added = [parse_declared(name, tools, sorted(tables[name]), source) for name, tools in declared.items()]
    return registry.adding(added) if added else registry


def check_declarations(world: Mapping[str, Any], registry: Registry, source: Source) -> list[Problem]:
    """What is wrong with the tools that one layer of a world declares, each problem with its line."""
    declared = {
        name: section[TABLE]
        for name, section in world.items()
        if isinstance(section, Mapping) and isinstance(section.get(TABLE), list)
    }
    problems = _modelled_problems(declared, registry, source)
    for name, tools in declared.items():
        problems += _faults(name, tools, source)
    return problems


def _modelled_problems(declared: Iterable[str], registry: Registry, source: Source) -> list[Problem]:
    hint = "leave tools out; a modelled connector answers by itself"
    return [
        Problem(source.file, source.line(name, TABLE), f"{name} is modelled, and declares tools", hint)
        for name in declared
        if registry.name_of(name) in MODELLED
    ]


def parse_declared(
    name: str, tools: list[Any], tables: Iterable[str] = (), source: Source | None = None
) -> ModelledConnector:
    """The connector ``name`` with the declared ``tools`` (the list under ``tools:``).

    Raises:
        SpecError: with every problem found.
    """
    problems = _faults(name, tools, source or Source(file=""))
    if problems:
        raise SpecError(*problems)
    parsed = {given["name"]: msgspec.convert(_canonical(given), DeclaredTool) for given in tools}
    return _connector(name, parsed, tables)


def _canonical(given: Mapping[str, Any]) -> dict[str, Any]:
    """The tool with its schema under the one key that we read."""
    return {"schema" if key == "input_schema" else key: value for key, value in given.items()}


def _faults(name: str, tools: list[Any], source: Source) -> list[Problem]:
    return [
        Problem(source.file, source.line(name, TABLE, index), f"{name}.tools: {text}", hint)
        for index, given in enumerate(tools)
        for text, hint in _check(given)
    ]


def _connector(name: str, declared: Mapping[str, DeclaredTool], tables: Iterable[str]) -> ModelledConnector:
    keys: dict[str, tuple[str, ...]] = dict.fromkeys(tables, ("id",))
    for tool in declared.values():
        for table in (tool.reads, tool.writes):
            if table:
                keys[table] = (tool.key,)
    operations: dict[str, Operation] = {one: declared_operation(name, tool) for one, tool in declared.items()}

    def seed_record(world: World, table: str, record: Record) -> World:
        key = {**keys, TABLE: ("name",)}[table]
        if not all(is_key(record.get(field)) for field in key):
            raise ValueError(f"expected a record with {' and '.join(key)}")
        return merged(world, f"{name}.{table}", tuple(record[field] for field in key), record, {})

    return ModelledConnector(
        name=name,
        title=name,
        source="declared in a world file",
        tools={one: _tool(tool) for one, tool in declared.items()},
        tables={**keys, TABLE: ("name",)},
        rules={one: _rules(tool) for one, tool in declared.items() if tool.effect},
        operations=operations,
        word_faults=zod_faults,
        seed_record=seed_record,
        fixed=frozenset(one for one, tool in declared.items() if not tool.writes),
    )


def _tool(tool: DeclaredTool) -> Tool:
    return Tool(
        name=tool.name,
        description=tool.description or f"Declared in a world file: {tool.name}.",
        input_schema={**_NO_SCHEMA, **tool.schema},
        access=tool.access or _access(tool),
    )


def _access(tool: DeclaredTool) -> Any:
    if tool.effect or tool.writes:
        return "write"
    return "read" if tool.reads else classify(tool.name).kind


def _rules(tool: DeclaredTool) -> tuple[Rule, ...]:
    """The declared effect; without ``fields`` the arguments that bear the names of its fields."""
    allowed = KINDS[tool.effect]
    properties = tool.schema.get("properties", {})
    fields = tool.fields or {field: field for field in allowed if not properties or field in properties}
    target = next((path for field, path in fields.items() if field in ("title", "name", "text", "id")), "")
    return ({"kind": tool.effect, "fields": {**fields, **({"target": target} if target else {})}},)


def _check(given: Any) -> Iterable[tuple[str, str]]:
    """What is wrong with one declared tool, as message and hint."""
    if not isinstance(given, Mapping):
        yield f"expected a tool, found {given!r}", "write {name: …, returns: {…}}"
        return
    name = given.get("name")
    if not isinstance(name, str) or not name:
        yield "expected a tool with a name", "write {name: create_incident, …}"
        return
    for key in given:
        if key not in KEYS:
            yield f"{name}: unknown key {key!r}", _nearest(str(key), KEYS)
    for key, kind in (
        ("description", str),
        ("key", str),
        ("schema", Mapping),
        ("input_schema", Mapping),
        ("fields", Mapping),
        ("effect", str),
        ("reads", str),
        ("writes", str),
        ("error", str),
    ):
        if key in given and not isinstance(given[key], kind):
            yield f"{name}: {key} is {given[key]!r}", f"expected a {'mapping' if kind is Mapping else 'text'}"
    if isinstance(given.get("fields"), Mapping):
        for field, argument in given["fields"].items():
            if not isinstance(argument, str):
                yield f"{name}: fields.{field} is {argument!r}", "expected the name of an argument"
    for key in ("schema", "input_schema"):
        if isinstance(given.get(key), Mapping):
            yield from _schema_faults(f"{name}: {key}", given[key])
    if "schema" in given and "input_schema" in given:
        yield f"{name}: schema and input_schema are the same key", "write input_schema alone"
    if given.get("access") not in (None, "read", "write"):
        yield f"{name}: access is {given['access']!r}", "expected read or write"
    effect = given.get("effect")
    if isinstance(effect, str) and effect not in KINDS:
        yield f"{name}: unknown effect {effect!r}", _nearest(effect, KINDS)
    elif isinstance(effect, str) and isinstance(given.get("fields"), Mapping):
        for field in given["fields"]:
            if field not in KINDS[effect]:
                yield f"{name}: {effect} has no field {field!r}", _nearest(str(field), KINDS[effect])
    if given.get("access") == "read" and (effect or given.get("writes")):
        yield f"{name}: a tool that reads has neither effect nor writes", "leave access out"
    if given.get("reads") and given.get("writes"):
        yield f"{name}: a tool either reads or writes a table", "declare two tools"


def _schema_faults(name: str, schema: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    # Imported here: what a run without declared schemas need not load.
    from jsonschema import Draft202012Validator, SchemaError

    try:
        Draft202012Validator.check_schema({**_NO_SCHEMA, **schema})
    except SchemaError as error:
        place = "".join(f".{part}" for part in error.absolute_path)
        yield f"{name}{place} is no JSON Schema: {error.message}", "see json-schema.org"


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return f"did you mean {near[0]}?" if near else f"expected one of {', '.join(known)}"
