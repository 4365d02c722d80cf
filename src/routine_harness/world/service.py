"""A service as its data file describes it: tables, tools, what they attempt, other names of tools.

The file ``service.txt`` of a connector's room has a line each, read by ``world.notation``: ``table |
name | key | indexed | fields`` (``!`` marks the field that a bare text stands for), ``way | tool |
parameters | description`` with the tool's effects indented below it, ``alias | name | tool |
arguments``, ``words`` and ``shape`` for what several lines share, and facts for the connector's page;
``known`` before a way says that no model answers the tool. ``trust | DOC | source`` says how far the tools
below it are known, ``fact | name | value | trust | sentence`` gives one point of the service's behaviour
that the code asks for by name.
Knows how records of any service are put, numbered, dated and completed, and nothing of a service's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import resources
from types import ModuleType
from typing import Any, Final

from routine_harness.plain import Json, Record
from routine_harness.world.arguments import ArgumentError, check_arguments, json_type
from routine_harness.world.notation import MACROS, Schema, parse_parameters, parse_rule, parse_tool
from routine_harness.world.rule import Rule
from routine_harness.world.simulated import Alias, Operation, Point, SeedRecord, SimulatedConnector, merged
from routine_harness.world.state import World
from routine_harness.world.table_columns import Columns
from routine_harness.world.times import iso_millis, parse_instant
from routine_harness.world.tool import Tool

_TIME: Final[Schema] = {"anyOf": [{"type": "string"}, {"type": "number"}]}


class Service:
    """The service ``name``; ``id_of`` makes the id of the nth record of a table."""

    def __init__(self, name: str, id_of: Callable[[str, int], str] = lambda _, number: str(number)) -> None:
        self.name, self._id_of = name, id_of
        self.tools: dict[str, Tool] = {}
        self.rules: dict[str, tuple[Rule, ...]] = {}
        self.aliases: dict[str, Alias] = {}
        self.keys: dict[str, tuple[str, ...]] = {}
        self._indexed: dict[str, tuple[str, ...]] = {}
        self._shapes: dict[str, dict[str, Schema]] = {}
        self._names: dict[str, str] = {}
        self._times: frozenset[str] = frozenset()
        self._facts: Record = {"limits": ()}
        self._points: dict[str, Point] = {}
        self._trust: dict[str, str] = {}
        self._trusted = ""
        self._macros = {**MACROS, "-": ""}
        self._objects: dict[str, Schema] = {"time": _TIME}
        room = resources.files("routine_harness.world").joinpath(name, "service.txt")
        for line in room.read_text("utf-8").splitlines():
            if line and not line.startswith("#"):
                self._read(line)

    def _read(self, line: str) -> None:
        if line.startswith("  "):
            tool = next(reversed(self.tools))
            self.rules[tool] = (*self.rules.get(tool, ()), parse_rule(line, self._macros))
            return
        way, name, *rest = line.split(" | ")
        if way in ("title", "source"):
            self._facts[way] = name
        elif way == "trust":
            self._trusted = " | ".join((name, *rest))
        elif way == "fact":
            value, trust, sentence = rest
            self._points[name] = Point(value, trust, sentence)
        elif way == "limit":
            self._facts["limits"] += (name,)
        elif way == "times":
            self._times = frozenset(name.split())
        elif way == "words":
            self._macros[name] = rest[0]
        elif way == "shape":
            self._objects[name] = parse_parameters(rest[0], self._objects, self._macros)
        elif way == "table":
            self._read_table(name, *rest)
        elif way == "alias":
            self._read_alias(name, *rest)
        else:
            own = parse_tool(
                line.removeprefix("known "),
                self._objects,
                self._macros,
                simulated=not way.startswith("known "),
            )
            self.tools[name] = own
            if self._trusted:
                self._trust[name] = self._trusted

    def _read_table(self, name: str, key: str, indexed: str, fields: str) -> None:
        self.keys[name] = tuple(key.split())
        self._indexed[name] = tuple(indexed.removeprefix("-").split())
        for word in fields.split():
            if word.endswith("!"):
                self._names[name] = word[:-1]
        self._shapes[name] = parse_parameters(fields.replace("!", ""), self._objects)["properties"]

    def _read_alias(self, name: str, tool: str, arguments: str = "") -> None:
        rule = parse_rule(f"alias {arguments}", self._macros)
        self.aliases[name] = Alias(tool, rule["fields"], rule.get("const", {}))

    def connector(
        self, *modules: ModuleType, seed: SeedRecord, prefix: str = "", **parts: Any
    ) -> SimulatedConnector:
        """The connector whose operations are functions of ``modules``, called as the tools are without
        ``prefix``; ``seed`` takes records that have been checked."""
        found = {
            tool.name: _operation(modules, tool.name.removeprefix(prefix).replace("-", "_"))
            for tool in self.tools.values()
            if tool.simulated
        }
        seed_record = _checked_seed(self._shapes, self._names, seed)
        return SimulatedConnector(
            name=self.name, tools=self.tools, tables=self.keys, rules=self.rules, operations=found,
            aliases=self.aliases, seed_record=seed_record, columns=Columns(self._shapes), trust=self._trust,
            points=tuple(self._points.values()), **self._facts, **parts,
        )  # fmt: skip

    def point(self, name: str) -> str:
        """The value of a point of the service's behaviour, as its file gives it."""
        return self._points[name].value

    def put(self, world: World, table: str, record: Record, default: Record | None = None) -> World:
        """``record`` merged into ``table`` by its natural key, into ``default`` where it is new."""
        key = tuple(record[field] for field in self.keys[table])
        return merged(world, f"{self.name}.{table}", key, record, default or {}, self._indexed[table])

    def new_id(self, world: World, table: str, start: int = 1) -> tuple[World, str]:
        """The next id of ``table``."""
        world, number = world.next_id(f"{self.name}.{table}", start)
        return world, self._id_of(table, number)

    def dated(self, record: Record) -> Record:
        """``record`` with its times as the service writes them."""
        return {
            name: iso_millis(parse_instant(value)) if name in self._times and value else value
            for name, value in record.items()
        }

    def identified(self, world: World, table: str, record: Record) -> tuple[World, Record]:
        """``record`` with an id where it needs one.

        Raises:
            ValueError: another part of its key is missing.
        """
        key = self.keys[table]
        if "id" in key and "id" not in record:
            world, made = self.new_id(world, table)
            record = {**record, "id": made}
        absent = [field for field in key if record.get(field) in (None, "")]
        if absent:
            said = f"expected {table} with {' and '.join(key)}"
            raise ValueError(f"{said}; {' and '.join(absent)} is missing")
        return world, record


def _operation(modules: tuple[ModuleType, ...], name: str) -> Operation:
    own = [getattr(module, name) for module in modules if hasattr(module, name)]
    [operation] = {id(function): function for function in own}.values()
    found: Operation = operation
    return found


def _checked_seed(
    shapes: Mapping[str, Mapping[str, Schema]], names: Mapping[str, str], seed: SeedRecord
) -> SeedRecord:
    """``seed`` for records whose fields have the types that ``shapes`` gives them by table.

    ``names`` says which field a record that is a mere text stands for, by table. Fields that no
    shape mentions are taken as they are.
    """
    schemas = {table: {"type": "object", "properties": shape} for table, shape in shapes.items()}
    usual = {
        table: {name: _usual_types(schema) for name, schema in shape.items()}
        for table, shape in shapes.items()
    }

    def seed_record(world: World, table: str, record: Record | str) -> World:
        if isinstance(record, str):
            if table not in names:
                raise ValueError(f"expected a record of {table}, found the text {record!r}")
            record = {names[table]: record}
        if not _is_usual(usual.get(table, {}), record):
            errors = check_arguments(schemas.get(table, {"type": "object"}), record)
            if errors:
                raise ValueError("; ".join(_said(error) for error in errors))
        return seed(world, table, record)

    return seed_record


_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,), "boolean": (bool,), "integer": (int,), "number": (int, float), "object": (dict,),
    "array": (list,), "null": (type(None),),
}  # fmt: skip


def _usual_types(schema: Schema) -> frozenset[type]:
    """The types with which a value fits ``schema`` for certain; none where more is asked of it."""
    if schema.keys() == {"anyOf"}:
        return frozenset().union(*map(_usual_types, schema["anyOf"]))
    if schema.keys() == {"type"} and isinstance(schema["type"], str):
        return frozenset(_TYPES[schema["type"]])
    return frozenset()


def _is_usual(usual: Mapping[str, frozenset[type]], record: Record) -> bool:
    """Whether every field is of a type that fits for certain, as in nearly all records."""
    if type(record) is not dict:
        return False
    for name, value in record.items():
        types = usual.get(name)
        if types is not None and type(value) not in types:
            return False
    return True


def _said(error: ArgumentError) -> str:
    found: Json = error.found if isinstance(error.found, str | int | float | bool) else json_type(error.found)
    if error.kind == "enum":
        return f"expected {error.place} to be one of {', '.join(map(str, error.expected))}, found {found!r}"
    expected = {"string": "text", "boolean": "true or false", "array": "list", "object": "mapping"}
    said = " or ".join(expected.get(part, part) for part in str(error.expected).split(" or "))
    return f"expected {error.place} to be {said}, found {found!r}"
