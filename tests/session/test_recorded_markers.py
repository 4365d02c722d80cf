"""What an import has recorded stands, whatever GitHub's MCP server would give today."""

from __future__ import annotations

import json

from routine_harness.routine.edition import load_edition
from routine_harness.routine.spec import Repository, Routine
from routine_harness.session.session import Session
from routine_harness.trigger.event import Event, Firing
from routine_harness.world.github.connector import CONNECTOR
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolResult
from routine_harness.world.worldfile import world_from_data

MARKED = "<!-- asks -->\nWhich version is it?"
READ = {"owner": "acme", "repo": "core", "method": "get_comments", "issue_number": 12}
WORLD = {
    "github": {
        "repositories": [{"full_name": "acme/core"}],
        "issues": [{"repository": "acme/core", "number": 12, "title": "It fails", "body": "Help."}],
        "comments": [{"repository": "acme/core", "number": 12, "id": 7, "body": MARKED}],
    }
}


def _session() -> Session:
    routine = Routine("r", "p", repositories=(Repository("acme/core"),))
    world = world_from_data(WORLD, {"github": CONNECTOR}, at=1_790_000_000)
    firing = Firing(Event("manual", "manual", {}, at=1_790_000_000))
    return Session(
        routine, world.under(load_edition("2026-10").session_rules(routine)), firing, "p", Registry()
    )


def test_a_recorded_answer_keeps_its_marker_and_hangs_on_nothing() -> None:
    session = _session()
    recorded = json.dumps([{"id": 7, "body": MARKED}])
    record = session.replay("github.issue_read", READ, ToolResult(recorded), trust="recorded")
    assert record.result.text == recorded
    assert session.finish().depends_on == ()


def test_the_world_itself_answers_as_the_server_does() -> None:
    session = _session()
    assert "<!--" not in session.handle("github.issue_read", READ).text
    assert session.finish().depends_on == ("sanitised_reads",)
