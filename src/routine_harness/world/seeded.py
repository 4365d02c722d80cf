"""Records of a world file, checked by their table's shape before a connector reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from routine_harness.world.arguments import ArgumentError, check_arguments, json_type
from routine_harness.world.notation import Schema
from routine_harness.world.simulated import SeedRecord
from routine_harness.world.state import Record, World


def checked(
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
                raise ValueError("; ".join(_word(error) for error in errors))
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


def _word(error: ArgumentError) -> str:
    found: Any = error.found if isinstance(error.found, str | int | float | bool) else json_type(error.found)
    if error.kind == "enum":
        return f"expected {error.place} to be one of {', '.join(map(str, error.expected))}, found {found!r}"
    expected = {"string": "text", "boolean": "true or false", "array": "list", "object": "mapping"}
    said = " or ".join(expected.get(part, part) for part in str(error.expected).split(" or "))
    return f"expected {error.place} to be {said}, found {found!r}"
