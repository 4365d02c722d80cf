"""The keys of a world in a case, for its JSON Schema; ``world.worldfile`` reads it."""

# Without `from __future__ import annotations`, as in `routine.routine_form`.
from typing import Annotated, Any, Final

from msgspec import UNSET, UnsetType

from routine_harness.case.read_commands import CommandForm
from routine_harness.routine.form import Form, Raw, Schema, key

_NAMED: Final[Schema] = {"type": ["object", "null"]}
_TABLE: Final = Raw(
    {
        "description": "Records with the service's own field names; times may be relative: -90m.",
        "type": ["array", "object", "string", "null"],
    },
    "table",
)
_RECORDS: Final[Schema] = {"$ref": "#/$defs/table"}


class ToolForm(Form, frozen=True, kw_only=True):
    """A tool of a connector without a model."""

    what = "a tool"
    plural = "tools"
    part = "tool"
    open = True
    examples = ({"name": "delete_page", "error": "you may not delete pages"},)

    name: Annotated[str, key("The tool's name.", "create_page")]
    description: Annotated[str, key("What the server says of it.", "Create a page.")] = ""
    effect: Annotated[str, key("The kind of effect that it has; none for a read.", "document.created")] = ""
    returns: Annotated[Any, key("What a call returns.", '{"id": "p1"}')] = UNSET
    input_schema: Annotated[
        Any,
        Raw({"type": "object"}),
        key(
            "The JSON Schema of its arguments.",
            {"type": "object", "properties": {"title": {"type": "string"}}},
        ),
    ] = UNSET
    fields: Annotated[
        Any,
        Raw({"type": "object"}),
        key("Field of the effect → argument that gives it.", {"title": "title"}),
    ] = UNSET
    error: Annotated[str, key("The text of the error that every call gets.", UNSET)] = ""


TOOL: Final = Raw(form=ToolForm)
_CONNECTOR: Final = Raw(
    {
        **_NAMED,
        "properties": {
            "tools": {
                "description": "Tools of a connector without a model, with what they do and answer.",
                "anyOf": [{"type": "array", "items": {"$ref": "#/$defs/tool"}}, _NAMED],
            }
        },
        "additionalProperties": _RECORDS,
        "examples": [{"tools": [{"name": "create_page", "effect": "document.created"}], "pages": []}],
    },
    "connector",
    (TOOL, _TABLE),
)


class WorldForm(Form, frozen=True, kw_only=True):
    what = "a world"
    part = "world"
    open = True
    rules = {"additionalProperties": {"$ref": "#/$defs/connector"}}
    shown = {"linear": {"issues": [{"id": "SEC-7", "title": "Disk full"}]}}
    examples = ({"remove": {"linear": {"issues": ["SEC-7"]}}},)

    clock: Annotated[
        Any,
        Raw({"type": "string"}, needs=(_CONNECTOR,)),
        key("The time of the world, ISO 8601.", "2026-05-04T09:00:00Z"),
    ] = UNSET
    counters: Annotated[
        dict[str, int] | UnsetType,
        key(
            "The number that each series gives out next: with linear.issues.SEC: 8 the next ticket is SEC-8.",
            {"linear.issues.SEC": 8},
        ),
    ] = UNSET
    http: Annotated[
        Any,
        Raw({"type": ["object", "array", "null"]}),
        key("Answers for WebFetch and curl by method and URL.", {"https://status.example.com/": "all good"}),
    ] = UNSET
    remove: Annotated[Any, Raw(_NAMED), key("Rows that are gone, by connector and table.", UNSET)] = UNSET
    commands: Annotated[
        tuple[CommandForm, ...],
        key(
            "What programs print, because none is run.",
            [{"run": "npm audit", "stdout": "found 0 vulnerabilities"}],
        ),
    ] = ()


WORLD: Final = Raw(form=WorldForm)
WORLDS: Final = Raw(
    {
        "description": "A world file, a world, or a list of such, the lowest first.",
        "anyOf": [
            {"type": ["string", "null"]},
            {"$ref": "#/$defs/world"},
            {"type": "array", "items": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/world"}]}},
        ],
    },
    "worlds",
    (WORLD,),
)
