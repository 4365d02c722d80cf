"""The ``triggers`` of a routine file → Trigger values.

Checks what can be said of a clause by itself; what the platform sends, and when a schedule fires,
is the platform edition's business.
"""

from __future__ import annotations

from typing import Any, Final, Literal, cast

from routine_harness.pattern import lazy_pattern
from routine_harness.predicate import Predicate
from routine_harness.routine.glob import glob_regex
from routine_harness.routine.reader import Fields, Reader, flag_hint, kind_of, suggestion
from routine_harness.routine.regex import compile_filter_regex
from routine_harness.routine.schedule import check_schedule
from routine_harness.routine.spec import (
    ApiTrigger,
    Filter,
    GithubTrigger,
    Path,
    ScheduleTrigger,
    Trigger,
)

TRIGGER_TYPES: Final = ("github", "schedule", "api")
FILTER_FIELDS: Final = (
    "author", "title", "body", "base_branch", "head_branch", "labels", "is_draft", "is_merged", "from_fork",
)  # fmt: skip
FLAG_FIELDS: Final = ("is_draft", "is_merged", "from_fork")
FILTER_OPERATORS: Final = ("equals", "contains", "starts_with", "is_one_of", "is_not_one_of", "matches_regex")
PRESETS: Final = ("hourly", "daily", "weekdays", "weekly")

_EVENT = lazy_pattern(r"[a-z][a-z_]*(\.[a-z][a-z_]*)?\Z")


def read_triggers(top: Fields, repositories: tuple[str, ...]) -> tuple[Trigger, ...]:
    """The triggers under ``triggers:``; a github one may name only ``repositories``."""

    def read(value: Any, path: Path) -> Trigger | None:
        return _trigger(top.reader, value, path, repositories)

    return top.each("triggers", "triggers", read)


def _trigger(reader: Reader, value: Any, path: Path, repositories: tuple[str, ...]) -> Trigger | None:
    if not isinstance(value, dict):
        reader.problem(path, f"expected a trigger as a mapping, found {kind_of(value)}", "write {type: api}")
        return None
    kind = value.get("type")
    if kind not in TRIGGER_TYPES:
        _wrong_type(reader, value, path)
        return None
    if kind == "github":
        return _github(reader, value, path, repositories)
    if kind == "schedule":
        return _schedule(reader, value, path)
    return ApiTrigger(reader.fields(value, path, ("type", "enabled"), "an api trigger").flag("enabled", True))


def _wrong_type(reader: Reader, value: dict[str, Any], path: Path) -> None:
    kinds = ", ".join(TRIGGER_TYPES)
    if "type" not in value:
        reader.problem(path, "a trigger needs the key 'type'", f"its types are {kinds}")
        return
    kind = value["type"]
    hint = suggestion(kind, TRIGGER_TYPES, "its types") if isinstance(kind, str) else ""
    reader.problem((*path, "type"), f"expected a type among {kinds}, found {kind_of(kind)}", hint)


def _github(reader: Reader, value: Any, path: Path, repositories: tuple[str, ...]) -> GithubTrigger:
    known = ("type", "enabled", "events", "branches", "filters", "repositories")
    fields = reader.fields(value, path, known, "a github trigger")
    events = fields.texts("events")
    if fields.require("events", "write events: [pull_request.opened]") and not events:
        fields.problem(
            "events", "expected at least one event, found none", "write events: [pull_request.opened]"
        )
    for index, event in enumerate(events):
        if not _EVENT.match(event):
            hint = "write it as pull_request.opened"
            reader.problem(
                (*fields.at("events"), index), f"expected an event's name, found {kind_of(event)}", hint
            )
    branches = fields.texts("branches")
    for index, glob in enumerate(branches):
        try:
            glob_regex(glob.removeprefix("!"))
        except ValueError as error:
            hint = "write a branch or a glob such as release/*"
            reader.problem((*fields.at("branches"), index), str(error), hint)
    return GithubTrigger(
        events=events,
        branches=branches,
        filters=fields.each("filters", "filters", lambda each, at: _filter(reader, each, at)),
        repositories=_restricted(fields, repositories),
        enabled=fields.flag("enabled", True),
    )


def _restricted(fields: Fields, repositories: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(name.removeprefix("github:") for name in fields.texts("repositories"))
    for index, name in enumerate(names):
        if name not in repositories:
            place = (*fields.at("repositories"), index)
            hint = suggestion(name, repositories, "its repositories")
            fields.reader.problem(place, f"the routine has no repository {name!r}", hint)
    return names


def _filter(reader: Reader, value: Any, path: Path) -> Filter | None:
    fields = reader.fields(value, path, ("field", "operator", "value"), "a filter")
    present = [fields.require(key) for key in ("field", "operator", "value")]
    if not all(present):
        return None
    noted = len(reader.problems)
    field = fields.choice("field", FILTER_FIELDS, "")
    operator = fields.choice("operator", FILTER_OPERATORS, "")
    if len(reader.problems) > noted:
        return None
    operand = fields.data["value"]
    predicate = _filter_predicate(fields, field, operator, operand)
    return None if predicate is None else Filter(field, operator, operand, predicate)


def _filter_predicate(fields: Fields, field: str, operator: str, operand: Any) -> Predicate | None:
    path, reader = fields.at("value"), fields.reader
    listed = operator in ("is_one_of", "is_not_one_of")
    if listed and not (isinstance(operand, list) and operand):
        fields.problem("value", f"{operator} takes a list, found {kind_of(operand)}", "write value: [a, b]")
        return None
    wanted, words = (bool, "true or false") if field in FLAG_FIELDS else (str, "a text")
    if field in FLAG_FIELDS and operator not in ("equals", "is_one_of", "is_not_one_of"):
        fields.problem("operator", f"{operator} cannot judge {field}, which is true or false", "use equals")
        return None
    noted = len(reader.problems)
    for element, place in reader.items(operand, path, "values") if listed else [(operand, path)]:
        if not isinstance(element, wanted):
            hint = (
                "quote it" if wanted is str and not isinstance(element, dict | list) else flag_hint(element)
            )
            reader.problem(place, f"{field} {operator} takes {words}, found {kind_of(element)}", hint)
    if len(reader.problems) > noted:
        return None
    return reader.predicate({operator: operand}, path, compile_filter_regex)


def _schedule(reader: Reader, value: Any, path: Path) -> ScheduleTrigger:
    known = ("type", "enabled", "cron", "preset", "at", "once", "timezone")
    fields = reader.fields(value, path, known, "a schedule trigger")
    noted = len(reader.problems)
    preset = fields.choice("preset", PRESETS, PRESETS[0]) if "preset" in fields else None
    trigger = ScheduleTrigger(
        cron=fields.optional_text("cron"),
        preset=cast('Literal["hourly", "daily", "weekdays", "weekly"] | None', preset),
        at=fields.optional_text("at"),
        once=fields.optional_text("once"),
        timezone=fields.text("timezone", "UTC"),
        enabled=fields.flag("enabled", True),
    )
    for key, message, hint in check_schedule(trigger) if len(reader.problems) == noted else ():
        reader.problem((*path, key) if key else path, message, hint)
    return trigger
