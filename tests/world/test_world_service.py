"""The six services whose tables stand in data files of one notation."""

from __future__ import annotations

import subprocess
import sys

import pytest

from routine_harness.world.notation import parse_parameters, parse_rule
from routine_harness.world.registry import Registry
from routine_harness.world.service import Service
from routine_harness.world.state import World

SERVICES = ("linear", "slack", "notion", "sentry", "drive", "gmail")


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_what_its_file_says(name: str) -> None:
    """Every tool that is written down is offered; each one that is simulated has an operation."""
    service, connector = Service(name), Registry().get(name)
    assert connector is not None
    assert list(connector.tools) == list(service.tools)
    assert dict(connector.tables) == service.keys
    simulated = {tool.name for tool in service.tools.values() if tool.simulated}
    assert simulated == set(connector.operations)  # type: ignore[attr-defined]
    assert {alias.tool for alias in service.aliases.values()} <= simulated


@pytest.mark.parametrize("code", ["import routine_harness", "import routine_harness.plugin"])
def test_no_table_is_read_before_somebody_asks_for_its_service(code: str) -> None:
    """The package and an idle plugin load no connector and read no table of one."""
    asked = f"{code}; import sys; print([m for m in sys.modules if m.startswith('routine_harness.world.')])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    loaded = done.stdout
    assert "world.service" not in loaded
    assert "world.notation" not in loaded
    assert not any(f"world.{name}." in loaded for name in (*SERVICES, "github"))


@pytest.mark.parametrize(
    ("written", "schema"),
    [
        ("", {"type": "string"}),
        (":s?", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        (":?", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        (":i1-9", {"type": "integer", "minimum": 1, "maximum": 9}),
        (":n/o", {"anyOf": [{"type": "number"}, {"type": "object"}]}),
        (":s/o[]", {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "object"}}]}),
        (":(a|b)[1-]", {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}, "minItems": 1}),
        (":s[1-3]", {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3}),
    ],
)
def test_a_parameter_is_written_in_a_word(written: str, schema: dict[str, object]) -> None:
    """Types, bounds, lists and alternatives of the notation."""
    assert parse_parameters(f"x{written}", {})["properties"]["x"] == schema


def test_a_rule_is_written_in_a_line() -> None:
    """Conditions, fields, fixed words and words for numbers of the notation."""
    line = "ticket.updated *issues ?id !name ?kind=page ~state=[null,false] IN body=text on:=issue @p=1:High,2:Low"  # noqa: E501
    assert parse_rule(line, {"IN": "title team=teamId"}) == {
        "kind": "ticket.updated",
        "each": "issues",
        "when": {"id": True, "name": False, "kind": "page"},
        "not": {"state": [None, False]},
        "fields": {"title": "title", "team": "teamId", "body": "text"},
        "const": {"on": "issue"},
        "values": {"p": {"1": "High", "2": "Low"}},
    }


def test_a_record_is_numbered_dated_and_merged() -> None:
    """What the services share: ids in order, times as the service writes them, a key that must be whole."""
    service = Service("sentry")
    world, record = service.identified(World(clock=0), "notes", service.dated({"dateCreated": 60}))
    assert record == {"id": "1", "dateCreated": "1970-01-01T00:01:00.000Z"}
    world = service.put(world, "notes", {**record, "text": "a"}, {"author": "me"})
    world = service.put(world, "notes", {"id": "1", "text": "b"}, {"author": "other"})
    assert world.get("sentry.notes", ("1",)) == {**record, "text": "b", "author": "me"}
    with pytest.raises(ValueError, match="expected teams with organization and slug; slug is missing"):
        service.identified(world, "teams", {"organization": "acme"})
