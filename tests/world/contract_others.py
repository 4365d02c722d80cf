"""Connectors without a model of ours under contract: a declared one, and the example of a third party."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from world.contract import Subject, Visible

from routine_harness.routine.spec import Source
from routine_harness.world.declared.connector import DeclaredConnector
from routine_harness.world.declared.layers import with_declared
from routine_harness.world.registry import Registry
from routine_harness.world.state import World

CLOCK = 1_777_885_200
THIRD_PARTY = Path(__file__).parents[2] / "fixtures" / "third_party" / "weather_harness" / "__init__.py"

PAGERDUTY = {
    "tables": {"incidents": {"key": "id", "new": {"id": "INC-{n}", "status": "open", "opened": "{now}"}}},
    "tools": [
        {
            "name": "create_incident",
            "creates": "incidents",
            "effect": "ticket.created",
            "schema": {
                "type": "object",
                "properties": {
                    "title": {"type": "string"},
                    "priority": {"type": "string", "enum": ["P1", "P2"]},
                    "labels": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["title"],
            },
        },
        {
            "name": "update_incident",
            "updates": "incidents",
            "effect": {"kind": "ticket.updated", "fields": {"state": "status"}},
            "schema": {
                "type": "object",
                "properties": {"incident_id": {"type": "string"}, "status": {"type": "string"}},
                "required": ["incident_id"],
            },
            "fields": {"id": "incident_id"},
            "answer": ["id", "status"],
        },
        {
            "name": "list_incidents",
            "lists": "incidents",
            "schema": {"type": "object", "properties": {"status": {"type": "string"}}},
            "filter_by": ["status"],
        },
        {
            "name": "get_incident",
            "gets": "incidents",
            "schema": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
        },
        {
            "name": "delete_incident",
            "deletes": "incidents",
            "effect": "ticket.deleted",
            "missing": {"error": "Incident {id} not found"},
        },
        {"name": "list_services", "returns": {"services": [{"name": "checkout"}]}},
        {"name": "page_everyone", "returns": "paged"},
    ],
}


def connector_of(name: str, declared: dict[str, Any]) -> DeclaredConnector:
    """The connector that a world's section declares."""
    registry = with_declared(Registry(), [({name: declared}, Source(file=""))])
    connector = registry.get(name)
    assert isinstance(connector, DeclaredConnector)
    return connector


def declared() -> Subject:
    """The connector of DESIGN §4, with a table that its writes fill and its reads show."""
    connector = connector_of("pagerduty", PAGERDUTY)
    world = connector.seed_record(
        World(clock=CLOCK), "incidents", {"id": "INC-1", "title": "Old", "status": "open"}
    )
    return Subject(
        connector=connector,
        world=world,
        refusal="^MCP error -32602: Input validation error",
        seeds=("INC-1", "open"),
        examples={
            "create_incident": ({"title": "Database down", "priority": "P1"},),
            "update_incident": (
                {"incident_id": "INC-1", "status": "resolved"},
                {"incident_id": "INC-1", "status": "open"},
            ),
            "delete_incident": ({"id": "INC-1"},),
            "list_incidents": ({}, {"status": "open"}),
            "get_incident": ({"id": "INC-1"},),
            "list_services": ({},),
            "page_everyone": ({},),
        },
        visible=(
            Visible("create_incident", {"title": "Database down"}, "list_incidents", {}, "Database down"),
            Visible(
                "create_incident",
                {"title": "Database down"},
                "get_incident",
                {"id": "{id}"},
                '"status":"open"',
                r'"id":"(INC-2)"',
            ),
            Visible(
                "update_incident",
                {"incident_id": "INC-1", "status": "resolved"},
                "get_incident",
                {"id": "INC-1"},
                "resolved",
            ),
        ),
        unknown=(
            ("get_incident", {"id": "INC-99"}, "no record with id 'INC-99'"),
            ("update_incident", {"incident_id": "INC-99", "status": "x"}, "no record with id 'INC-99'"),
            ("delete_incident", {"id": "INC-99"}, "Incident INC-99 not found"),
        ),
    )


def third_party() -> Subject:
    """The connector of the documented example package."""
    connector = third_party_module().CONNECTOR
    world = connector.seed_record(World(clock=CLOCK), "forecasts", {"city": "Berlin", "sky": "rain"})
    return Subject(
        connector=connector,
        world=world,
        refusal="^MCP error -32602: Input validation error",
        seeds=("Berlin",),
        examples={
            "get_forecast": ({"city": "Berlin"},),
            "list_alerts": ({}, {"city": "Berlin"}),
            "raise_alert": ({"city": "Berlin", "text": "storm", "level": "red"},),
        },
        visible=(Visible("raise_alert", {"city": "Berlin", "text": "storm"}, "list_alerts", {}, "storm"),),
        unknown=(("get_forecast", {"city": "Atlantis"}, "unknown city"),),
    )


def third_party_module() -> ModuleType:
    """The example package, loaded from its folder as an installed one would be."""
    known = sys.modules.get("weather_harness")
    if known is not None:
        return known
    spec = importlib.util.spec_from_file_location("weather_harness", THIRD_PARTY)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["weather_harness"] = module
    spec.loader.exec_module(module)
    return module
