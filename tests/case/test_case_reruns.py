"""The default second run of a case: the same delivery once more, over what the first run left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from routine_harness import check_case
from routine_harness.routine.edition import load_edition
from routine_harness.trigger.facts import Facts, event_of

EVENTS = sorted(name for name in load_edition().event_names)
AGENT = """\
def read(session):
    session.call("github.list_issues", owner="acme-platform", repo="core-api")
    session.say("There is nothing to do.")
"""
ROUTINE = """\
name: any
repositories: [github:acme-platform/core-api]
triggers: [{{type: github, events: [{event}]}}]
prompt: Look at what happened, and write nothing.
"""
CASE = """\
trigger: {{github: {{event: {event}, payload: ../payload.json}}}}
agent: {{scripted: ../agents/a.py::read}}
expect: {{nothing: true}}
"""


def checked(folder: Path, event: str, payload: dict[str, Any]) -> list[str]:
    """What fails of a case with the default rerun, for an agent that looks and writes nothing."""
    for name in ("cases", "agents"):
        (folder / name).mkdir()
    (folder / "payload.json").write_text(json.dumps(payload))
    (folder / "routine.yaml").write_text(ROUTINE.format(event=event))
    (folder / "agents" / "a.py").write_text(AGENT)
    (folder / "cases" / "one.yaml").write_text(CASE.format(event=event))
    result = check_case(folder / "cases" / "one.yaml")
    return [
        f"{check.name}: {f.message}" for check in result.verdict.checks for f in check.findings if f.fails
    ]


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_of_the_platform_can_come_twice(tmp_path: Path, event: str) -> None:
    """A case of any category and action runs and runs again on the same delivery."""
    payload = event_of(Facts(event, repository="acme-platform/core-api")).payload
    assert checked(tmp_path, event, dict(payload)) == []


WEBHOOKS = sorted((Path(__file__).parents[2] / "fixtures" / "webhooks").glob("*.json"))


@pytest.mark.parametrize("file", WEBHOOKS, ids=lambda file: file.stem)
def test_every_delivery_of_the_project_can_come_twice(tmp_path: Path, file: Path) -> None:
    """The same for the full bodies among the project's fixtures."""
    event = ".".join(file.name.split(".")[:2])
    assert checked(tmp_path, event, json.loads(file.read_text("utf-8"))) == []
