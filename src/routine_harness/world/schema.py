"""Short ways to write the JSON schemas of tools that are transcribed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from routine_harness.world.tool import Tool

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
FLAG: Final[Schema] = {"type": "boolean"}
WHOLE: Final[Schema] = {"type": "integer"}
NUMBER: Final[Schema] = {"type": "number"}
TEXTS: Final[Schema] = {"type": "array", "items": {"type": "string"}}
OBJECT: Final[Schema] = {"type": "object"}
OBJECTS: Final[Schema] = {"type": "array", "items": {"type": "object"}}


def one_of(*values: str) -> Schema:
    """A text that is one of ``values``."""
    return {"type": "string", "enum": list(values)}


def between(low: int, high: int) -> Schema:
    """A whole number from ``low`` to ``high``."""
    return {"type": "integer", "minimum": low, "maximum": high}


def or_null(schema: Schema) -> Schema:
    """What fits ``schema``, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def either(*schemas: Schema) -> Schema:
    """What fits one of ``schemas``."""
    return {"anyOf": list(schemas)}


def listed(schema: Schema, at_least: int = 0) -> Schema:
    """A list of what fits ``schema``."""
    return {"type": "array", "items": schema, **({"minItems": at_least} if at_least else {})}


def obj(properties: Mapping[str, Schema]) -> Schema:
    """An object; a name that ends in ``*`` is required."""
    return {
        "type": "object",
        "properties": {name.rstrip("*"): schema for name, schema in properties.items()},
        "required": [name[:-1] for name in properties if name.endswith("*")],
    }


def tool(
    name: str,
    access: Literal["read", "write"],
    description: str,
    properties: Mapping[str, Schema],
    *,
    modelled: bool = True,
    annotations: Mapping[str, Any] | None = None,
) -> Tool:
    """A tool whose arguments are ``properties``; a name that ends in ``*`` is required."""
    return Tool(
        name=name,
        description=description,
        input_schema=obj(properties),
        access=access,
        modelled=modelled,
        annotations=dict(annotations or {}),
    )


def by_name(*tools: Tool) -> dict[str, Tool]:
    """The tools by their names, in the order given."""
    return {tool.name: tool for tool in tools}


def short(arguments: str) -> dict[str, Schema]:
    """Arguments in one line: ``issueId* limit:i1-100 status:on|off regionUrl:? columns:[o]``.

    A name takes ``*`` where it is required; after the colon stand ``i`` (whole number, with bounds),
    ``n`` (number), ``b`` (true or false), ``o`` (object), choices parted by ``|``, ``[x]`` for a list
    of x, and ``?`` at the end where null is allowed. Without a colon it is a text.
    """
    found: dict[str, Schema] = {}
    for word in arguments.split():
        name, _, kind = word.partition(":")
        found[name] = _kind(kind)
    return found


def _kind(kind: str) -> Schema:
    if kind.endswith("?"):
        return or_null(_kind(kind[:-1]))
    if kind.startswith("["):
        return {"type": "array", "items": _kind(kind[1:-1])}
    if "|" in kind:
        return one_of(*kind.split("|"))
    if kind.startswith("i") and kind[1:2].isdigit():
        low, _, high = kind[1:].partition("-")
        return between(int(low), int(high))
    return {"": TEXT, "i": WHOLE, "n": NUMBER, "b": FLAG, "o": OBJECT}[kind]
