"""The shape of a tool's result: its fields and their kinds, without their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.routine.document import NOT_JSON
from routine_harness.world.arguments import check_arguments
from routine_harness.world.tool import ToolResult

_MOST: Final = 5
_KINDS: Final = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}


def value_of(result: ToolResult) -> Json:
    """The values that a result holds: its structured content, the JSON of its text, else the text."""
    if result.structured is not None:
        return result.structured
    try:
        return msgspec.json.decode(result.text)
    except NOT_JSON:
        return result.text


def lost_shape(recorded: Json, now: Json, place: str = "") -> list[str]:
    """What a reader of the recorded result looks for in vain in the one of today, a line each.

    Fields that came in addition say nothing; nor do a null, an empty list or an absent element, which may
    be anything.
    """
    return list(_lost(recorded, now, place))[:_MOST]


def _lost(recorded: Json, now: Json, place: str) -> Iterator[str]:
    where = place or "the result"
    if recorded is None or now is None:
        return
    if kind_of(recorded) != kind_of(now):
        yield f"{where}: was {kind_of(recorded)}, is {kind_of(now)}"
    elif isinstance(recorded, Mapping):
        for name, value in recorded.items():
            inner = f"{place}.{name}" if place else str(name)
            if name not in now:
                yield f"{inner}: is gone"
            else:
                yield from _lost(value, now[name], inner)
    elif isinstance(recorded, list) and recorded and now:
        yield from _lost(_common(recorded), _every(now), f"{place}[]")


def _common(elements: list[Json]) -> Json:
    """The fields that all elements of a list have; of other elements the first."""
    first = elements[0]
    if not all(isinstance(one, Mapping) for one in elements):
        return first
    return {name: value for name, value in first.items() if all(name in one for one in elements)}


def _every(elements: list[Json]) -> Json:
    """The fields that any element of a list has; of other elements the first."""
    if not all(isinstance(one, Mapping) for one in elements):
        return elements[0]
    found: Record = {}
    for one in elements:
        found.update({name: value for name, value in one.items() if found.get(name) is None})
    return found


def kind_of(value: Json) -> str:
    return _KINDS.get(type(value), "a number")


def misfits(schema: Mapping[str, Json], result: ToolResult) -> list[str]:
    """Where a recorded result does not fit the schema that the server states for its output, a line each.

    A schema that wraps its value in ``result`` says nothing of a recording without structured content.
    """
    value = value_of(result)
    wraps = set(schema.get("properties", {})) == {"result"}
    if not isinstance(value, dict) or (wraps and result.structured is None):
        return []
    lines = []
    for fault in check_arguments(dict(schema), value):
        if fault.kind == "required":
            lines.append(f"{fault.place}: the recording lacks it")
        elif fault.kind == "type":
            expected = fault.expected if isinstance(fault.expected, str) else "another type"
            lines.append(f"{fault.place}: is {expected} now, was {kind_of(fault.found)}")
    return lines[:_MOST]
