"""The JSON Schema of lines that the harness writes itself, from the structs that are written."""

from __future__ import annotations

import inspect
from typing import Final

import msgspec

from routine_harness.plain import Record
from routine_harness.routine.form import ALWAYS, Schema
from routine_harness.routine.form_schema import DRAFT

_REFERENCE: Final = "#/$defs/{name}"


def lines_schema(name: str, title: str, said: str, structs: tuple[type[msgspec.Struct], ...]) -> Schema:
    """The JSON Schema of a line that is one of ``structs``, which their tags tell apart."""
    _, parts = msgspec.json.schema_components(structs, ref_template=_REFERENCE)
    kinds = {str(struct.__struct_config__.tag): struct for struct in structs}
    defined: dict[str, Schema] = {}
    for kind, struct in kinds.items():
        whole = _spelt_out(parts[struct.__name__], parts)
        whole["properties"]["type"] = {
            "description": "Which entry of the recording the line is.",
            "const": kind,
        }
        sentence = " ".join((inspect.getdoc(struct) or "").split("\n\n")[0].split()).partition(";")[0]
        examples = list(getattr(struct, "examples", ()))
        defined[kind] = {"description": f"{sentence.rstrip('.')}.", "examples": examples, **whole}
    first = next(iter(defined.values()))["examples"]
    return {
        "$schema": DRAFT,
        "$id": f"urn:routine-harness:{name}",
        "title": title,
        "description": said,
        "examples": first[:1] if isinstance(first, list) else [],
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"description": "Which entry the line is.", "enum": list(kinds)}},
        "oneOf": [{"$ref": _REFERENCE.format(name=kind)} for kind in kinds],
        "$defs": defined,
    }


def _spelt_out(part: Record, parts: Record) -> Record:
    """The mapping of a struct, with the structs within it where they stand."""
    properties = {name: _value(value, parts) for name, value in part["properties"].items()}
    always = [name for name, value in properties.items() if value.pop(ALWAYS, False)]
    required = [name for name in properties if name in (*part.get("required", ()), *always)]
    whole: Record = {"type": "object", "properties": properties}
    return {**whole, **({"required": required} if required else {}), "additionalProperties": False}


def _value(value: Record, parts: Record) -> Record:
    said = {name: inner for name, inner in value.items() if name not in ("default", "anyOf", "allOf", "$ref")}
    holders = (value, *value.get("anyOf", ()), *value.get("allOf", ()))
    named = [str(each["$ref"]) for each in holders if "$ref" in each]
    return {**said, **_spelt_out(parts[named[0].rpartition("/")[2]], parts)} if named else said
