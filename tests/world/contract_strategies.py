"""Arguments for tools, made from their JSON schemas: valid ones at random, invalid ones one by one."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

Schema = Mapping[str, Any]
WRONG: dict[str, Any] = {
    "string": 7,
    "integer": "seven",
    "number": "seven",
    "boolean": "yes",
    "array": "not a list",
    "object": "not a mapping",
}


def valid_arguments(schema: Schema, seeds: Sequence[str]) -> st.SearchStrategy[Any]:
    """Values that ``schema`` allows; its texts are often one of ``seeds`` (ids and names of a world)."""
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return st.one_of([valid_arguments({**_outer(schema), **option}, seeds) for option in options])
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    wanted = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(wanted, list):
        return st.one_of([valid_arguments({**schema, "type": one}, seeds) for one in wanted])
    return _OF_TYPE[wanted](schema, seeds)


def invalid_arguments(schema: Schema, valid: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Arguments with one fault each, beside what is wrong with them."""
    properties: Mapping[str, Schema] = schema.get("properties", {})
    for name in schema.get("required", ()):
        yield f"{name} is missing", {key: value for key, value in valid.items() if key != name}
    for name, part in properties.items():
        wanted = part.get("type")
        if isinstance(wanted, str) and "enum" not in part:
            yield f"{name} is no {wanted}", {**copy.deepcopy(dict(valid)), name: WRONG[wanted]}
        if "enum" in part:
            yield f"{name} is none of its values", {**valid, name: "none-of-these"}
        if "maximum" in part:
            yield f"{name} is too big", {**valid, name: part["maximum"] + 1}
        if "minimum" in part:
            yield f"{name} is too small", {**valid, name: part["minimum"] - 1}


def _outer(schema: Schema) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}


def _texts(schema: Schema, seeds: Sequence[str]) -> st.SearchStrategy[str]:
    low, high = schema.get("minLength", 0), schema.get("maxLength", 20)
    free = st.text(min_size=low, max_size=min(high, 20))
    fitting = [seed for seed in seeds if low <= len(seed) <= high]
    return st.one_of(st.sampled_from(fitting), free) if fitting else free


def _whole(schema: Schema, _: Sequence[str]) -> st.SearchStrategy[int]:
    return st.integers(int(schema.get("minimum", -5)), int(schema.get("maximum", 60)))


def _number(schema: Schema, seeds: Sequence[str]) -> st.SearchStrategy[Any]:
    return _whole(schema, seeds)


def _flag(_: Schema, __: Sequence[str]) -> st.SearchStrategy[bool]:
    return st.booleans()


def _nothing(_: Schema, __: Sequence[str]) -> st.SearchStrategy[None]:
    return st.none()


def _array(schema: Schema, seeds: Sequence[str]) -> st.SearchStrategy[list[Any]]:
    items = valid_arguments(schema.get("items", {"type": "string"}), seeds)
    return st.lists(items, min_size=schema.get("minItems", 0), max_size=min(schema.get("maxItems", 3), 3))


def _object(schema: Schema, seeds: Sequence[str]) -> st.SearchStrategy[dict[str, Any]]:
    properties = schema.get("properties", {})
    if not properties:
        return st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2)
    parts = {name: valid_arguments(part, seeds) for name, part in properties.items()}
    required = set(schema.get("required", ()))
    return st.fixed_dictionaries(
        {name: part for name, part in parts.items() if name in required},
        optional={name: part for name, part in parts.items() if name not in required},
    )


_OF_TYPE: dict[str, Any] = {
    "string": _texts,
    "integer": _whole,
    "number": _number,
    "boolean": _flag,
    "null": _nothing,
    "array": _array,
    "object": _object,
}
