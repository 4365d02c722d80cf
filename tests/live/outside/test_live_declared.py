"""A declared connector in a live run: the real client is offered its tools, and they remember."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("mcp")

from support.live_runs import in_turns, needs_cli, run_live, use

from routine_harness.live.outside.served_world import offers_of, open_setting
from routine_harness.store.cases import load_case_file

DECLARED = """\
connector: pagerduty
tables: {incidents: {new: {id: "INC-{n}", status: open}}}
tools:
  - {name: create_incident, creates: incidents, effect: ticket.created, fields: {title: title}, answer: [id]}
  - {name: list_incidents, lists: incidents, filter_by: [status], answer: [id, title]}
  - {name: delete_incident, deletes: incidents, effect: ticket.deleted}
"""
ROUTINE = """\
name: pager
repositories: [github:acme/core]
connectors: [{connector: pagerduty, tools: {deny: [delete_incident]}}]
triggers: [{type: api}]
prompt: Open an incident for the alert, unless one is open.
"""
CASE = """\
trigger: {api: {text: go}}
world: {github: {repositories: [{full_name: acme/core, files: {README.md: hello}}]}}
rerun: {allow: [ticket.created]}
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    for name in ("cases", "connectors"):
        (tmp_path / name).mkdir()
    (tmp_path / "policy.yaml").write_text("root: true\n", "utf-8")
    (tmp_path / "routine.yaml").write_text(ROUTINE, "utf-8")
    (tmp_path / "connectors" / "pagerduty.yaml").write_text(DECLARED, "utf-8")
    place = tmp_path / "cases" / "one.yaml"
    place.write_text(CASE, "utf-8")
    return place


def test_its_tools_are_offered_as_far_as_they_are_granted(case: Path) -> None:
    """The server has the declared tools with what they take; one that the routine denies is left out."""
    loaded = load_case_file(case)
    offers = {offer.connector: offer for offer in offers_of(open_setting(loaded.cases[0], loaded.routine))}
    assert [tool.name for tool in offers["pagerduty"].tools] == ["create_incident", "list_incidents"]
    assert list(offers["pagerduty"].tools[0].input_schema["properties"]) == ["title"]


def test_the_real_client_works_on_its_rows(case: Path) -> None:
    """What the first run opened is listed to the second, and each creation has its effect."""
    needs_cli()
    model = in_turns(
        [use("mcp__pagerduty__list_incidents", status="open")],
        [use("mcp__pagerduty__create_incident", title="Down")],
        [use("mcp__pagerduty__list_incidents", status="open")],
    )
    result = run_live(case, model)
    assert result.pair is not None
    first, second = result.pair.first, result.pair.second
    assert second is not None
    calls = [call for run in (first, second) for call in run.calls if call.call.tool == "list_incidents"]
    listed = [[row["id"] for row in call.result.json()["incidents"]] for call in calls]
    assert listed == [[], ["INC-1"], ["INC-1"], ["INC-1", "INC-2"]]
    assert [(effect.kind, effect.target) for effect in first.effects] == [("ticket.created", "INC-1")]
