"""A short notation for the tools of the GitHub server, so that their table can be read.

A line of parameters such as ``@ pullNumber*:n state:open|closed labels:s[]``: a star marks a
required one; after the colon stands the type (text where nothing does), a list of allowed words,
or the name of a shape; ``n1-100`` bounds a number. ``@`` is ``owner* repo*``, ``%`` page numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from routine_harness.pattern import lazy_pattern
from routine_harness.world.tool import Tool

Schema = dict[str, Any]

_MACROS: Final = {"@": "owner* repo*", "%": "page:n1 perPage:n1-100"}
_PARAMETER: Final = lazy_pattern(
    r"(?P<name>\w+)(?P<required>\*?)(?::(?P<type>[^=]+))?(?:=(?P<default>.+))?\Z"
)
_NUMBER: Final = lazy_pattern(r"(?P<kind>[ni])(?P<low>\d+)?(?:-(?P<high>\d+))?\Z")
_WORDS: Final = {"b": "boolean", "o": "object", "s": "string"}

_ANNOTATIONS: Final[Mapping[str, dict[str, Any]]] = {
    "read": {"readOnlyHint": True},
    "write": {"readOnlyHint": False},
    "destructive": {"readOnlyHint": False, "destructiveHint": True},
    "granular": {"readOnlyHint": False, "destructiveHint": False, "openWorldHint": True},
    "granular destructive": {"readOnlyHint": False, "destructiveHint": True, "openWorldHint": True},
    "rest read": {},
    "rest write": {},
}
"""The ways a line may begin → the hints that the server gives with such a tool."""


def parse_tools(table: str, shapes: Mapping[str, Schema], *, modelled: bool = True) -> dict[str, Tool]:
    """The tools of a table with a line each: ``way | name | parameters | description``."""
    tools = (_parse_tool(line, shapes, modelled) for line in table.strip().splitlines())
    return {tool.name: tool for tool in tools}


def _parse_tool(line: str, shapes: Mapping[str, Schema], modelled: bool) -> Tool:
    # A list of words holds bars too, hence the spaces around the separator.
    way, name, parameters, description = line.split(" | ", 3)
    return Tool(
        name=name,
        description=description,
        input_schema=parse_parameters(parameters, shapes),
        access="read" if way.endswith("read") else "write",
        modelled=modelled,
        offered=not way.startswith("rest"),
        annotations=dict(_ANNOTATIONS[way]),
    )


def parse_parameters(text: str, shapes: Mapping[str, Schema]) -> Schema:
    """The JSON Schema of a line of parameters."""
    words = [word for part in text.split() for word in _MACROS.get(part, part).split()]
    properties: dict[str, Schema] = {}
    required = []
    for word in words:
        match = _PARAMETER.match(word)
        if match is None:
            raise ValueError(f"not a parameter: {word!r}")
        properties[match["name"]] = _schema(match["type"] or "s", match["default"], shapes)
        if match["required"]:
            required.append(match["name"])
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


def _schema(written: str, default: str | None, shapes: Mapping[str, Schema]) -> Schema:
    if default is not None:
        return {**_schema(written, None, shapes), "default": _default(default)}
    if written in shapes:
        return dict(shapes[written])
    if written.endswith("[]"):
        return {"type": "array", "items": _schema(written[:-2].strip("()"), None, shapes)}
    if "|" in written:
        return {"type": "string", "enum": written.split("|")}
    number = _NUMBER.match(written)
    if number is None:
        return {"type": _WORDS[written]}
    schema: Schema = {"type": "number" if number["kind"] == "n" else "integer"}
    if number["low"]:
        schema["minimum"] = int(number["low"])
    if number["high"]:
        schema["maximum"] = int(number["high"])
    return schema


def _default(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isdigit() else text
