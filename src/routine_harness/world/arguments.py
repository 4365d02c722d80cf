"""Arguments of a tool call against the tool's JSON schema.

A small checker of the part of JSON Schema that tools use, so that the hot path pays no import of
a validator. It finds every error; each service words them in its own way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from routine_harness.plain import Json, Record

Path = tuple[str | int, ...]
FaultKind = Literal["required", "type", "enum", "too_small", "too_big", "unknown"]


class ArgumentError(msgspec.Struct, frozen=True):
    """One argument that does not fit: where, in what way, what was expected, what was found.

    ``expected`` is a JSON type for ``type``, the allowed values for ``enum``, the bound for
    ``too_small`` and ``too_big`` (of the number, or of the length of a text or list).
    """

    path: Path
    kind: FaultKind
    expected: Json = None
    found: Json = None

    @property
    def place(self) -> str:
        """The path in words: ``sections[0].content``."""
        text = ""
        for part in self.path:
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
        return text


def check_arguments(schema: Mapping[str, Json], arguments: Json) -> list[ArgumentError]:
    """Everything in ``arguments`` that ``schema`` does not allow, in the schema's order."""
    errors: list[ArgumentError] = []
    _check(schema, arguments, (), errors)
    return errors


def json_type(value: Json) -> str:
    """The JSON type of ``value``; a whole float is an integer, as JSON has one kind of number."""
    if type(value) is float:
        return "integer" if value.is_integer() else "number"
    return _TYPES.get(type(value)) or type(value).__name__


_TYPES: Final = {
    bool: "boolean",
    int: "integer",
    str: "string",
    dict: "object",
    list: "array",
    tuple: "array",
    type(None): "null",
}


def _check(schema: Mapping[str, Json] | bool, value: Json, path: Path, errors: list[ArgumentError]) -> None:
    if isinstance(schema, bool):  # true takes every value, false none
        if not schema:
            errors.append(ArgumentError(path, "unknown", [], value))
        return
    wanted = schema.get("type")
    if type(wanted) is str and len(schema) == 1:  # most ask no more
        if not _is_type(wanted, value):
            errors.append(ArgumentError(path, "type", _expected(schema), value))
        return
    for union in ("anyOf", "oneOf"):
        if union in schema and not _fits_one(schema[union], value):
            errors.append(ArgumentError(path, "type", _expected(schema), value))
            return
    if "type" in schema and not _is_type(schema["type"], value):
        errors.append(ArgumentError(path, "type", _expected(schema), value))
        return
    allowed = [schema["const"]] if "const" in schema else schema.get("enum")
    if allowed is not None and not any(_same(value, one) for one in allowed):
        errors.append(ArgumentError(path, "enum", list(allowed), value))
        return
    _check_bounds(schema, value, path, errors)
    if isinstance(value, dict):
        _check_object(schema, value, path, errors)
    elif isinstance(value, list | tuple) and isinstance(schema.get("items"), Mapping):
        for index, element in enumerate(value):
            _check(schema["items"], element, (*path, index), errors)


def _check_object(schema: Mapping[str, Json], value: Record, path: Path, errors: list[ArgumentError]) -> None:
    properties = schema.get("properties", {})
    errors.extend(
        ArgumentError((*path, name), "required", _expected(_mapping(properties.get(name))))
        for name in schema.get("required", ())
        if name not in value
    )
    others = schema.get("additionalProperties", True)
    for name, element in value.items():
        if name in properties:
            _check(properties[name], element, (*path, name), errors)
        elif others is False:
            errors.append(ArgumentError((*path, name), "unknown", sorted(properties), element))
        elif isinstance(others, Mapping):
            _check(others, element, (*path, name), errors)


def _mapping(schema: Json) -> Mapping[str, Json]:
    return schema if isinstance(schema, Mapping) else {}


def _same(left: Json, right: Json) -> bool:
    """Equality of JSON values, in which true is not 1."""
    return bool(left == right) and json_type(left) == json_type(right)


def _check_bounds(schema: Mapping[str, Json], value: Json, path: Path, errors: list[ArgumentError]) -> None:
    size, low, high = _measure(schema, value)
    if size is None:
        return
    if low is not None and size < low:
        errors.append(ArgumentError(path, "too_small", low, value))
    if high is not None and size > high:
        errors.append(ArgumentError(path, "too_big", high, value))


def _measure(schema: Mapping[str, Json], value: Json) -> tuple[float | None, float | None, float | None]:
    if isinstance(value, str):
        return len(value), schema.get("minLength"), schema.get("maxLength")
    if isinstance(value, list | tuple):
        return len(value), schema.get("minItems"), schema.get("maxItems")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value, schema.get("minimum"), schema.get("maximum")
    return None, None, None


def _fits_one(options: Json, value: Json) -> bool:
    return any(not check_arguments(option, value) for option in options)


def _is_type(wanted: Json, value: Json) -> bool:
    names = wanted if isinstance(wanted, list | tuple) else (wanted,)
    found = json_type(value)
    return found in names or (found == "integer" and "number" in names)


def _expected(schema: Mapping[str, Json]) -> str:
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return " or ".join(dict.fromkeys(_expected(option) for option in options))
    wanted = schema.get("type", "any")
    return " or ".join(wanted) if isinstance(wanted, list | tuple) else str(wanted)
