"""The keys of a world: in a case, and as a file.

They say what its JSON Schema holds; ``world.worldfile`` and ``world.layer_problems`` read it.
"""

# Without `from __future__ import annotations`, as in `routine.routine_form`.
from typing import Annotated, Final

from msgspec import UNSET, UnsetType

from routine_harness.case.read_commands import CommandForm
from routine_harness.plain import Json
from routine_harness.routine.form import FileForm, Form, Raw, Schema, key
from routine_harness.world.declared.declaration_form import DeclarationForm

_HTTP: Final = Raw({"type": ["object", "array", "null"]})
_REMOVE: Final[Schema] = {"type": ["object", "null"]}

Clock = Annotated[str | UnsetType, key("The time of the world, ISO 8601.", "2026-05-04T09:00:00Z")]
Counters = Annotated[
    dict[str, int] | UnsetType,
    key(
        "The number that each series gives out next: with linear.issues.SEC: 8 the next ticket is SEC-8.",
        {"linear.issues.SEC": 8},
    ),
]


class WorldForm(Form, frozen=True, kw_only=True):
    what = "a world"
    part = "world"
    open = True
    values = DeclarationForm | None
    shown = {"linear": {"issues": [{"id": "SEC-7", "title": "Disk full"}]}}
    examples = ({"remove": {"linear": {"issues": ["SEC-7"]}}},)

    clock: Clock = UNSET
    counters: Counters = UNSET
    http: Annotated[
        Json,
        _HTTP,
        key("Answers for WebFetch and curl by method and URL.", {"https://status.example.com/": "all good"}),
    ] = UNSET
    remove: Annotated[Json, Raw(_REMOVE), key("Rows that are gone, by connector and table.", UNSET)] = UNSET
    commands: Annotated[
        tuple[CommandForm, ...],
        key(
            "What programs print, because none is run.",
            [{"run": "npm audit", "stdout": "found 0 vulnerabilities"}],
        ),
    ] = ()


class WorldFileForm(FileForm, frozen=True, kw_only=True):
    what = "a world"
    part = "world"
    title = "A world"
    said = "The simulated outside: tables per connector."
    open = True
    values = DeclarationForm | None
    shown = {
        "github": {
            "issues": [
                {
                    "repository": "acme/core",
                    "number": 7,
                    "title": "Disk full",
                    "created_at": "-90m",
                    "updated_at": "-2d",
                }
            ]
        },
        "slack": {"messages": [{"channel": "ops", "user": "U1", "text": "Look at 7.", "ts": "-1h"}]},
        "linear": {
            "issues": [{"id": "SEC-7", "title": "Disk full", "project": "Security", "team": "Security"}]
        },
        "notion": {"pages": []},
        "sentry": {"teams": []},
        "drive": {"files": []},
        "gmail": {"labels": []},
        "calendar": {"events": []},
        "jira": {"issues": []},
    }
    examples = ({"remove": {"github": {"issues": [{"repository": "acme/core", "number": 7}]}}},)

    clock: Clock = UNSET
    counters: Counters = UNSET
    http: Annotated[
        Json,
        _HTTP,
        key(
            "Answers for WebFetch and curl by method and URL.",
            [{"url": "https://status.example.com/", "body": "all good"}],
            [
                {"url": "https://status.acme.example/api", "body": {"up": True}},
                {
                    "method": "POST",
                    "url": "https://hooks.acme.example/x",
                    "status": 201,
                    "headers": {"etag": "a1"},
                },
                {
                    "url": "https://status.acme.example/slow",
                    "answers": [{"status": 503, "reason": "Busy"}, {"body": "ready"}],
                },
            ],
        ),
    ] = UNSET
    commands: Annotated[
        tuple[CommandForm, ...],
        key(
            "What programs print, because none is run; a case's own come first.",
            [{"run": "npm audit", "stdout": "found 0 vulnerabilities"}],
            [{"run": "terraform plan **", "stdout": "No changes."}],
        ),
    ] = ()
    remove: Annotated[
        Json,
        Raw(_REMOVE),
        key(
            "Rows that are gone, by connector and table.",
            UNSET,
            {"github": {"issues": [{"repository": "acme/core", "number": 7}]}},
        ),
    ] = UNSET


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
