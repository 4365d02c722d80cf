"""The keys of a routine's triggers: what each means, what it takes, an example."""

# Without `from __future__ import annotations`, as in `routine_form`.
from typing import Annotated, Literal

from routine_harness.plain import Json
from routine_harness.routine.form import Form, Raw, Text, key

FilterField = Literal[
    "author", "title", "body", "base_branch", "head_branch", "labels", "is_draft", "is_merged", "from_fork"
]
FilterOperator = Literal["equals", "contains", "starts_with", "is_one_of", "is_not_one_of", "matches_regex"]
EventName = Annotated[
    str, Text("an event's name", r"[a-z][a-z_]*(\.[a-z][a-z_]*)?", "write it as pull_request.opened")
]


class FilterForm(Form, frozen=True, kw_only=True):
    what = "a filter"
    part = "filter"
    rules = {
        "if": {"properties": {"operator": {"enum": ["is_one_of", "is_not_one_of"]}}},
        "then": {"properties": {"value": {"type": "array", "minItems": 1}}},
        "else": {"properties": {"value": {"type": ["string", "boolean"]}}},
    }
    examples = ({"field": "title", "operator": "matches_regex", "value": "(feat|fix): .*"},)

    field: Annotated[FilterField, key("What is looked at.", "labels")]
    operator: Annotated[FilterOperator, key("How it is compared.", "contains")]
    value: Annotated[
        Json,
        Raw({"type": ["string", "boolean", "array"]}),
        key("What it is compared with; a list for is_one_of and is_not_one_of.", "security"),
    ]


class TriggerForm(Form, frozen=True, kw_only=True):
    what = "a trigger"
    hint = "write {type: api}"
    part = "trigger"


class GithubForm(TriggerForm, frozen=True, kw_only=True):
    what = "a github trigger"

    type: Annotated[Literal["github"], key("What kind of trigger it is.", "github")]
    enabled: Annotated[bool, key("Whether the trigger is switched on.", True)] = True
    events: Annotated[
        tuple[EventName, ...],
        key(
            "Qualified names: pull_request.opened.",
            ["pull_request.opened", "pull_request.synchronize"],
            needs="write events: [pull_request.opened]",
            least=1,
        ),
    ]
    branches: Annotated[
        tuple[str, ...],
        key("Globs of the base branch: * stops at a slash, ** does not.", ["main", "release/**"]),
    ] = ()
    filters: Annotated[
        tuple[FilterForm, ...],
        key(
            "All must match.",
            [{"field": "author", "operator": "is_not_one_of", "value": ["dependabot[bot]"]}],
        ),
    ] = ()
    repositories: Annotated[
        tuple[str, ...],
        key("Those of the routine's repositories that the trigger watches.", ["acme/core"]),
    ] = ()


class ScheduleForm(TriggerForm, frozen=True, kw_only=True):
    what = "a schedule trigger"
    rules = {
        "oneOf": [{"required": ["cron"]}, {"required": ["preset"]}, {"required": ["once"]}],
        "dependentRequired": {"at": ["preset"]},
    }
    examples = (
        {"type": "schedule", "preset": "weekdays", "at": "09:07"},
        {"type": "schedule", "once": "2026-12-24T09:00:00Z"},
    )

    type: Annotated[Literal["schedule"], key("What kind of trigger it is.", "schedule")]
    enabled: Annotated[bool, key("Whether the trigger is switched on.", True)] = True
    cron: Annotated[str | None, key("Five fields: minute hour day month weekday.", "7 9 * * 1-5")] = None
    preset: Annotated[
        Literal["hourly", "daily", "weekdays", "weekly"] | None,
        key("A frequency of the web form, in place of cron."),
    ] = None
    at: Annotated[str | None, key("The time of day of a preset: 09:07.")] = None
    once: Annotated[str | None, key("An ISO timestamp.")] = None
    timezone: Annotated[str, key("An IANA time zone; left out, UTC.", "Europe/Berlin")] = "UTC"


class ApiForm(TriggerForm, frozen=True, kw_only=True):
    what = "an api trigger"

    type: Annotated[Literal["api"], key("What kind of trigger it is.", "api")]
    enabled: Annotated[bool, key("Whether the trigger is switched on.", True)] = True
