"""The columns of the simulated connectors as parts of the JSON Schema of a world file.

Pure: a schema and connectors in, the schema with every column out. What is shipped is what this gives.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import translate

from routine_harness.plain import Json, Record
from routine_harness.world.registry import SIMULATED, Registry
from routine_harness.world.table_columns import Columns, Schema


def with_columns(schema: Mapping[str, Json], registry: Registry | None = None) -> Record:
    """The schema of a world with the tables and columns of every simulated connector."""
    known = registry or Registry()
    properties, defined = dict(schema["properties"]), dict(schema["$defs"])
    for name in SIMULATED:
        columns: Columns | None = getattr(known.get(name), "columns", None)
        if columns is None:
            continue
        said = "Tables of records; the connector's page lists their columns."
        properties[name] = {"description": said, "$ref": f"#/$defs/{name}"}
        defined[name] = _connector(name, columns)
        for table in columns.by_table:
            defined[f"{name}.{table}"] = _record(name, table, columns)
    return {**schema, "properties": properties, "$defs": defined}


def _connector(name: str, columns: Columns) -> Schema:
    tables = {table: _records(name, table) for table in columns.by_table}
    return {"type": ["object", "null"], "properties": tables, "additionalProperties": False}


def _records(name: str, table: str) -> Schema:
    one = {"$ref": f"#/$defs/{name}.{table}"}
    return {"anyOf": [one, {"type": "array", "items": one}, {"type": "null"}]}


def _record(name: str, table: str, columns: Columns) -> Schema:
    """A record; a text stands for the column by which the service names it."""
    nested = columns.nested.get(table, {})
    shown = {column: dict(shape) for column, shape in columns.by_table[table].items()}
    for column, filled in nested.items():
        listed = {"type": "array", "items": {"$ref": f"#/$defs/{name}.{filled}"}}
        shown[column] = {"anyOf": [listed, {"type": ["integer", "object", "null"]}]}
    record: Schema = {"type": ["object", "string"], "properties": shown, "additionalProperties": False}
    if columns.passed_over:
        record["patternProperties"] = {
            re.sub(r"^\(\?s:(.*)\)\\[Zz]$", r"^\1$", translate(pattern)): {}
            for pattern in columns.passed_over
        }
    return record
