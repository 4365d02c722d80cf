"""Arguments against schemas, without a validator."""

# ruff: noqa: E501 - a line is a row of the table

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from world.contract_strategies import invalid_arguments, valid_arguments

from routine_harness.world.arguments import check_arguments
from routine_harness.world.registry import Registry

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 5},
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "ratio": {"type": "number"},
        "deep": {"type": "array", "items": {"type": "object", "properties": {"on": {"type": "boolean"}}, "required": ["on"]}},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "maybe": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": ["name"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "faults"),
    [
        ({"name": "x"}, []),
        ({"name": "x", "count": 3.0, "ratio": 2, "maybe": None, "extra": object}, []),
        ({}, [("name", "required")]),
        ({"name": 3}, [("name", "type")]),
        ({"name": ""}, [("name", "too_small")]),
        ({"name": "x" * 6}, [("name", "too_big")]),
        ({"name": "x", "count": True}, [("count", "type")]),
        ({"name": "x", "count": 3.5}, [("count", "type")]),
        ({"name": "x", "count": 10}, [("count", "too_big")]),
        ({"name": "x", "deep": [{"on": True}, {}, {"on": 1}]}, [("deep[1].on", "required"), ("deep[2].on", "type")]),
        ({"name": "x", "kind": "c"}, [("kind", "enum")]),
        ({"name": "x", "maybe": 3}, [("maybe", "type")]),
        ("text", [("", "type")]),
    ],
)  # fmt: skip
def test_every_fault_is_found_in_its_place(arguments: Any, faults: list[tuple[str, str]]) -> None:
    """Faults name the place and what is wrong; unknown arguments are none."""
    assert [(fault.place, fault.kind) for fault in check_arguments(SCHEMA, arguments)] == faults


def test_closed_schemas_refuse_unknown_arguments() -> None:
    """Only a schema that says so refuses what it does not know."""
    [fault] = check_arguments({**SCHEMA, "additionalProperties": False}, {"name": "x", "nmae": "y"})
    assert (fault.place, fault.kind) == ("nmae", "unknown")


TOOLS = {f"{one.name}.{tool.name}": tool for one in Registry() for tool in one.tools.values()}


@settings(deadline=None)
@given(st.sampled_from(sorted(TOOLS)), st.data())
def test_it_agrees_with_the_validator(name: str, data: st.DataObject) -> None:
    """On the schemas of all tools it accepts and refuses what the jsonschema package does."""
    schema = {**TOOLS[name].input_schema, "type": "object"}
    valid = data.draw(valid_arguments(schema, ("a", "1", "2026-05-04")))
    candidates = [valid, *(arguments for _, arguments in invalid_arguments(schema, valid))]
    for arguments in candidates:
        expected = jsonschema.Draft202012Validator(schema).is_valid(arguments)
        assert (not check_arguments(schema, arguments)) is expected, (name, arguments)
