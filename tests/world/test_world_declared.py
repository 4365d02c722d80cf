"""Connectors that a world file declares, and those of third parties."""

# ruff: noqa: E501 - a line is a row of the table

from __future__ import annotations

from typing import Any

import pluggy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from world.contract_others import PAGERDUTY, third_party_module

from routine_harness.errors import SpecError, UsageError
from routine_harness.world.declared import parse_declared, with_declared
from routine_harness.world.effect_table import attempted_effects
from routine_harness.world.registry import Registry
from routine_harness.world.state import World
from routine_harness.world.template import fill_template, placeholders
from routine_harness.world.third_party import collect_connectors
from routine_harness.world.tool import ToolCall

DESIGN = {
    "pagerduty": {
        "tools": [
            {
                "name": "create_incident",
                "effect": "ticket.created",
                "returns": {"id": "INC-{n}", "status": "open"},
            },
            {"name": "list_incidents", "returns": {"incidents": []}},
        ]
    }
}


def test_the_declaration_of_the_design_works_as_it_stands() -> None:
    """A tool with an effect writes and counts; one without is classed by its name."""
    registry = with_declared(Registry(), [DESIGN])
    connector = registry.get("pagerduty")
    assert connector is not None
    call = registry.tool_call("mcp__PagerDuty__create_incident", {"title": "Down"})
    first = connector.call(World(), call)
    second = connector.call(first.world, call)
    assert [first.result.json()["id"], second.result.json()["id"]] == ["INC-1", "INC-2"]
    [effect] = first.effects
    assert (effect.kind, effect.target, effect.fields["title"]) == ("ticket.created", "INC-1", "Down")
    assert [one.kind for one in attempted_effects(call, registry)] == ["ticket.created"]
    listed = connector.call(World(), ToolCall("pagerduty", "list_incidents", {}))
    assert (listed.result.json(), listed.effects) == ({"incidents": []}, ())


def test_numbers_never_meet_a_record_that_is_there() -> None:
    """A counted id skips those that the world file took."""
    connector = parse_declared("pagerduty", PAGERDUTY)
    world = connector.seed_record(World(), "incidents", {"id": "INC-1", "title": "Old"})
    made = connector.call(world, ToolCall("pagerduty", "create_incident", {"title": "New"}))
    assert made.result.json()["id"] == "INC-2"


@pytest.mark.parametrize(
    ("tool", "message", "hint"),
    [
        ("nothing", "expected a tool, found 'nothing'", "write {name"),
        ({}, "expected a tool with a name", "write {name"),
        ({"name": "x", "efect": "ticket.created"}, "x: unknown key 'efect'", "did you mean effect?"),
        ({"name": "x", "effect": "ticket.create"}, "x: unknown effect 'ticket.create'", "did you mean ticket.created?"),
        ({"name": "x", "effect": "ticket.created", "fields": {"titel": "t"}}, "ticket.created has no field 'titel'", "title?"),
        ({"name": "x", "schema": []}, "x: schema is []", "expected a mapping"),
        ({"name": "x", "description": {"a": 1}}, "x: description is {'a': 1}", "expected a text"),
        ({"name": "x", "key": {"a": 1}}, "x: key is {'a': 1}", "expected a text"),
        ({"name": "x", "fields": {"title": {"a": 1}}}, "x: fields.title is {'a': 1}", "the name of an argument"),
        ({"name": "x", "input_schema": {"required": 1}}, "x: input_schema.required is no JSON Schema", "json-schema.org"),
        ({"name": "x", "schema": {}, "input_schema": {}}, "x: schema and input_schema are the same key", "input_schema alone"),
        ({"name": "x", "access": "maybe"}, "x: access is 'maybe'", "expected read or write"),
        ({"name": "x", "access": "read", "effect": "ticket.created"}, "neither effect nor writes", "leave access out"),
        ({"name": "x", "reads": "a", "writes": "b"}, "either reads or writes", "declare two tools"),
    ],
)  # fmt: skip
def test_wrong_declarations_are_all_named(tool: Any, message: str, hint: str) -> None:
    """Each fault of a declaration is a problem with a hint; none hides another."""
    with pytest.raises(SpecError) as error:
        with_declared(Registry(), [{"x": {"tools": [tool, {"name": "y", "bad": 1}]}}])
    problems = error.value.problems
    assert message in problems[0].message
    assert hint in problems[0].hint
    assert "unknown key 'bad'" in problems[-1].message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)


@given(st.lists(JSON, max_size=3))
def test_any_declaration_is_a_connector_or_a_clean_error(tools: list[Any]) -> None:
    """Whatever stands under tools: gives a connector, or an error with its problems."""
    try:
        found = list(parse_declared("x", tools).tools)
    except SpecError as error:
        found = [problem.message for problem in error.problems]
    assert bool(found) is bool(tools)


def test_a_modelled_connector_cannot_be_declared() -> None:
    """A declaration never takes the place of a model."""
    with pytest.raises(SpecError) as error:
        with_declared(Registry(), [{"slack": {"tools": []}, "google-drive": {"tools": []}}])
    assert [problem.message for problem in error.value.problems] == [
        "slack is modelled, and declares tools",
        "google-drive is modelled, and declares tools",
    ]


def test_templates_keep_values_and_write_texts() -> None:
    """A lone placeholder is the value itself, inside a text it is written out, absent ones are empty."""
    template = {"id": "INC-{n}", "tags": "{tags}", "text": "{title} ({tags}) {nope}", "fixed": [1, True]}
    filled = fill_template(template, {"n": 4, "tags": ["a", "b"], "title": "T"})
    assert filled == {"id": "INC-4", "tags": ["a", "b"], "text": "T (a, b) ", "fixed": [1, True]}
    assert placeholders(template) == ["n", "tags", "title", "tags", "nope"]


def _manager(*connectors: Any) -> pluggy.PluginManager:
    class Plugin:
        @pluggy.HookimplMarker("routine_harness")
        def routine_harness_connectors(self) -> list[Any]:
            return list(connectors)

    manager = pluggy.PluginManager("routine_harness")
    manager.register(Plugin())
    return manager


def test_a_third_party_brings_a_connector() -> None:
    """The documented example package, registered as a plugin, is a connector like any other."""
    manager = pluggy.PluginManager("routine_harness")
    manager.register(third_party_module())
    registry = Registry(collect_connectors(manager))
    call = registry.tool_call("mcp__claude_ai_Weather__raise_alert", {"city": "Berlin", "text": "storm"})
    assert call.connector == "weather"
    assert [effect.kind for effect in attempted_effects(call, registry)] == ["notification.sent"]


def test_what_is_no_connector_is_refused_by_name() -> None:
    """A plugin that gives something else, or a name that is taken, is an error that says which."""
    slack = Registry().get("slack")
    with pytest.raises(UsageError) as error:
        collect_connectors(_manager("weather", slack))
    texts = [problem.message for problem in error.value.problems]
    assert texts[0].startswith("a plugin gave str for a connector, without name, tools")
    assert texts[1].endswith("under the name 'slack', which is taken")


@pytest.mark.parametrize("key", ["schema", "input_schema"])
def test_a_schema_is_taken_under_either_name(key: str) -> None:
    """What a call leaves out is refused, whichever of its names the schema stands under."""
    schema = {
        "type": "object",
        "properties": {"title": {"type": "string"}, "any": True},
        "required": ["title", "any"],
    }
    connector = parse_declared("pager", [{"name": "create", key: schema, "effect": "ticket.created"}])
    assert connector.tools["create"].input_schema == schema
    refused = connector.call(World(), ToolCall("pager", "create", {"any": [1]}))
    assert refused.result.is_error
    assert not connector.call(
        World(), ToolCall("pager", "create", {"title": "x", "any": [1]})
    ).result.is_error


def test_a_key_that_no_row_can_have_is_refused() -> None:
    """An agent that passes a list where a key belongs is answered with an error."""
    connector = parse_declared("pager", [{"name": "write", "writes": "rows", "returns": {"n": "{n}"}}])
    assert connector.call(World(), ToolCall("pager", "write", {"id": ["1"]})).result.is_error
    with pytest.raises(ValueError, match="expected a record with id"):
        connector.seed_record(World(), "rows", {"id": {"a": 1}})
