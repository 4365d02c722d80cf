"""A first case for each trigger of an imported routine, to be filled in by who knows what it should do.

It fires its trigger and says nothing of what the run does: until a run is recorded it is red.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec

from routine_harness.interop.case_drafts import case_text, draft_of_event
from routine_harness.routine.edition import load_edition
from routine_harness.routine.spec import ApiTrigger, Routine, ScheduleTrigger, Trigger
from routine_harness.trigger.event import Event
from routine_harness.trigger.facts import Facts, event_of
from routine_harness.trigger.search import TriggerSearch
from routine_harness.world.registry import Registry

_TEXT: Final = "to fill in: what the caller sends"
_MADE_UP: Final = "the payload is made up, so that it passes the trigger's filters"


def first_cases(routine: Routine) -> dict[str, str]:
    """Path below the routine's folder → text: a case for each trigger, and its payload."""
    found: dict[str, str] = {}
    names: Counter[str] = Counter()
    for index, trigger in enumerate(routine.triggers):
        event = example_event(routine, index, trigger)
        name = f"first-{event.name}".replace("_", "-").replace(".", "-")
        names[name] += 1
        numbered = name if names[name] == 1 else f"{name}-{names[name]}"
        draft = draft_of_event(event, f"trigger {index + 1} of {routine.name}", routine, Registry())
        if draft.payload is not None:
            draft = msgspec.structs.replace(draft, gaps=(*draft.gaps, _MADE_UP))
        found[f"cases/{numbered}.yaml"], payload = case_text(draft, numbered, routine)
        if payload:
            found[f"payloads/{numbered}.json"] = payload
    return found


def example_event(routine: Routine, index: int, trigger: Trigger) -> Event:
    """An event that fires the trigger, as far as one can be found."""
    if isinstance(trigger, ScheduleTrigger):
        return Event("schedule", "schedule")
    if isinstance(trigger, ApiTrigger):
        return Event("api", "api", {"text": _TEXT})
    searched = TriggerSearch(routine, index, trigger, load_edition())
    witness = searched.witness()
    fallback = Facts(trigger.events[0], repository=searched.repository)
    return event_of(witness if isinstance(witness, Facts) else fallback)
