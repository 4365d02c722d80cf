"""A first case for each trigger of an imported routine, to be filled in by who knows what it should do.

It fires its trigger and says nothing of what the run does: until a run is recorded it is red.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from routine_harness.routine.edition import load_edition
from routine_harness.routine.spec import ApiTrigger, GithubTrigger, Routine, ScheduleTrigger, Trigger
from routine_harness.routine.yaml_writer import yaml_text
from routine_harness.trigger.facts import Facts, event_of
from routine_harness.trigger.search import TriggerSearch


def first_cases(routine: Routine) -> dict[str, str]:
    """Path below the routine's folder → text: a case for each enabled trigger, and its payload."""
    found: dict[str, str] = {}
    names: Counter[str] = Counter()
    for index, trigger in enumerate(routine.triggers):
        name, firing, payload = _firing(routine, index, trigger)
        names[name] += 1
        numbered = name if names[name] == 1 else f"{name}-{names[name]}"
        path = f"payloads/{numbered}.yaml"
        if payload:
            firing["github"]["payload"] = f"../{path}"
        found[f"cases/{numbered}.yaml"] = _text(routine, firing)
        if payload:
            found[path] = "# To fill in: the webhook's body, as far as the routine looks at it.\n" + payload
    return found


def _firing(routine: Routine, index: int, trigger: Trigger) -> tuple[str, dict[str, Any], str]:
    """The case's name, what fires the trigger, and the payload's text where it is a webhook's."""
    if isinstance(trigger, ScheduleTrigger):
        return "first-schedule", {"schedule": {}}, ""
    if isinstance(trigger, ApiTrigger):
        return "first-api", {"api": {"text": "to fill in: what the caller sends"}}, ""
    assert isinstance(trigger, GithubTrigger)  # noqa: S101 - the third and last kind
    searched = TriggerSearch(routine, index, trigger, load_edition())
    witness = searched.witness()
    fallback = Facts(trigger.events[0], repository=searched.repository)
    event = event_of(witness if isinstance(witness, Facts) else fallback)
    name = event.name.replace("_", "-").replace(".", "-")
    return f"first-{name}", {"github": {"event": event.name}}, yaml_text(event.payload)


def _text(routine: Routine, firing: dict[str, Any]) -> str:
    repositories = [{"full_name": each.full_name, "files": {}} for each in routine.repositories]
    world = {"world": {"github": {"repositories": repositories}}} if repositories else {}
    case = {
        "description": "to fill in: what this run finds, and what it does about it",
        "trigger": firing,
        **world,
        "expect": {},
    }
    tables = ", ".join(sorted({each.connector for each in routine.connectors}))
    found = f"files of its repositories{f', {tables}' if tables else ''}, pages under http:"
    head = (
        "# A first case, to fill in:",
        f"#   world: what the run finds ({found}); what is not there, it finds empty",
        "#   expect: what it has to do (tickets, messages, comments, pull_requests, says), or nothing: true",
        "# It is red until a run is recorded: routine-harness record FOLDER --live",
    )
    return "\n".join(head) + "\n" + yaml_text(case)
