"""A short notation for tools and what they attempt, so that a service's table can be read.

A line of parameters such as ``@ pullNumber*:n state:open|closed labels:s[]``: a star marks a
required one; after the colon stands the type (text where nothing does), a list of allowed words,
or the name of a shape; ``n1-100`` bounds a number, ``s[1-9]`` the length of a list, ``s/n`` takes
either, ``s?`` null as well. ``@`` is ``owner* repo*``, ``%`` page numbers; a table may name more.

A line of effects such as ``ticket.updated ?id title body=description on_kind:=issue``: fields and the
arguments that they come from, ``:=`` before a word that is always so; the rule holds where ``?id`` is
there, ``!id`` is not, ``?kind=page`` has that value and ``~kind=page`` another one. ``*pages`` is a rule
for each element of a list, ``@priority=1:Urgent,2:High`` puts words for numbers (see ``world.rule``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json, Record
from routine_harness.world.rule import Rule
from routine_harness.world.tool import Tool

Schema = Record
Macros = Mapping[str, str]

MACROS: Final[Macros] = {"@": "owner* repo*", "%": "page:n1 perPage:n1-100"}
_PARAMETER: Final = lazy_pattern(
    r"(?P<name>\w+)(?P<required>\*?)(?::(?P<type>[^=]+))?(?:=(?P<default>.+))?\Z"
)
_NUMBER: Final = lazy_pattern(r"(?P<kind>[ni])(?P<low>\d+)?(?:-(?P<high>\d+))?\Z")
_LIST: Final = lazy_pattern(r"(?P<of>.*)\[(?P<least>\d*)-?(?P<most>\d*)\]\Z")
_WORDS: Final = {"b": "boolean", "o": "object", "s": "string", "": "string"}

_ANNOTATIONS: Final[Mapping[str, Record]] = {
    "read": {"readOnlyHint": True},
    "write": {"readOnlyHint": False},
    "destructive": {"readOnlyHint": False, "destructiveHint": True},
    "granular": {"readOnlyHint": False, "destructiveHint": False, "openWorldHint": True},
    "granular destructive": {"readOnlyHint": False, "destructiveHint": True, "openWorldHint": True},
    "rest read": {},
    "rest write": {},
    "bare read": {},
    "bare write": {},
    "told read": {"readOnlyHint": True, "destructiveHint": False},
    "told write": {"readOnlyHint": False, "destructiveHint": False},
    "told destructive": {"readOnlyHint": False, "destructiveHint": True},
}
"""The ways a line may begin → the hints that the server gives with such a tool."""


NO_SHAPES: Final[Mapping[str, Schema]] = {}


def parse_tools(
    table: str, shapes: Mapping[str, Schema] = NO_SHAPES, *, simulated: bool = True
) -> dict[str, Tool]:
    """The tools of a table with a line each: ``way | name | parameters | description``."""
    tools = (parse_tool(line, shapes, simulated=simulated) for line in table.strip().splitlines())
    return {tool.name: tool for tool in tools}


def parse_tool(
    line: str, shapes: Mapping[str, Schema], macros: Macros = MACROS, *, simulated: bool = True
) -> Tool:
    """The tool of one line."""
    # A list of words holds bars too, hence the spaces around the separator.
    way, name, parameters, description = line.split(" | ", 3)
    return Tool(
        name=name,
        description=description,
        input_schema=parse_parameters(parameters, shapes, macros),
        access="read" if way.endswith("read") else "write",
        simulated=simulated,
        offered=not way.startswith("rest"),
        annotations=dict(_ANNOTATIONS[way]),
    )


def parse_parameters(text: str, shapes: Mapping[str, Schema], macros: Macros = MACROS) -> Schema:
    """The JSON Schema of a line of parameters."""
    properties: dict[str, Schema] = {}
    required = []
    for word in expanded(text, macros):
        match = _PARAMETER.match(word)
        if match is None:
            raise ValueError(f"not a parameter: {word!r}")
        properties[match["name"]] = _schema(match["type"] or "s", match["default"], shapes)
        if match["required"]:
            required.append(match["name"])
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


def expanded(text: str, macros: Macros) -> list[str]:
    """The words of a line, those that stand for others taken apart."""
    return [
        word
        for part in text.split()
        for word in (expanded(macros[part], macros) if part in macros else [part])
    ]


def parse_rule(line: str, macros: Macros = MACROS) -> Rule:
    """The rule of a line of effects."""
    kind, *words = expanded(line, macros)
    rule: Record = {"kind": kind, "fields": {}}
    for word in words:
        name, _, said = word.lstrip("?!~@*").partition("=")
        if word.startswith("*"):
            rule["each"] = name
        elif word.startswith("@"):
            rule.setdefault("values", {})[name] = dict(pair.split(":") for pair in said.split(","))
        elif word.startswith(("?", "!", "~")):
            held = rule.setdefault("not" if word[0] == "~" else "when", {})
            held[name] = _value(said) if said else word[0] != "!"
        elif name.endswith(":"):
            rule.setdefault("const", {})[name[:-1]] = _value(said)
        else:
            rule["fields"][name] = said or name
    return rule


def _value(said: str) -> Json:
    return msgspec.json.decode(said) if said[0] == "[" or said in ("true", "false", "null") else said


def _schema(written: str, default: str | None, shapes: Mapping[str, Schema]) -> Schema:
    if default is not None:
        return {**_schema(written, None, shapes), "default": _default(default)}
    if written in shapes:
        return dict(shapes[written])
    if written.endswith("?"):
        return {"anyOf": [_schema(written[:-1], None, shapes), {"type": "null"}]}
    if "/" in written and written[0] != "(":
        return {"anyOf": [_schema(part, None, shapes) for part in written.split("/")]}
    listed = _LIST.match(written)
    if listed is not None:
        bounds = {"minItems": listed["least"], "maxItems": listed["most"]}
        items = _schema(listed["of"].strip("()"), None, shapes)
        return {"type": "array", "items": items, **{name: int(n) for name, n in bounds.items() if n}}
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


def _default(text: str) -> Json:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isdigit() else text
