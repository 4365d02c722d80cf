"""What every trigger made of the event, in the words of the check ``fires``."""

from __future__ import annotations

from routine_harness.case.firing import explain_match
from routine_harness.routine.document import load_document
from routine_harness.routine.edition import load_edition
from routine_harness.routine.parse import parse_routine
from routine_harness.trigger.event import Event
from routine_harness.trigger.match import match_routine

ROUTINE = b"""
name: r
repositories: [github:acme/core]
triggers: [{type: api}, {type: schedule, preset: daily, at: '09:07'}]
prompt: x
"""


def test_triggers_are_counted_from_one():
    """The first trigger is trigger 1, as the command ``fires`` says it too."""
    routine = parse_routine(load_document(ROUTINE, "routine.yaml"))
    event = Event("github", "pull_request.opened", {}, at=0)
    matches = match_routine(routine, event, load_edition("2026-10"))
    assert [next(explain_match(match)) for match in matches] == [
        "trigger 1: skipped",
        "trigger 2: skipped",
    ]
