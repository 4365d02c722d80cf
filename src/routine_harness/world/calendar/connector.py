"""The connector calendar: its declaration, lists that read times and words, how far each tool is known."""

from __future__ import annotations

import dataclasses
from typing import Final

from routine_harness.world.calendar.listing import between_times, by_words
from routine_harness.world.declared.connector import packaged_connector
from routine_harness.world.simulated import Alias

_SEEN: Final = "OBS | schemas of live connectors, August to November 2026; answers are assumed"
_DECLARED: Final = packaged_connector(__package__)
CONNECTOR: Final = dataclasses.replace(
    _DECLARED,
    title="Google Calendar",
    operations={
        **_DECLARED.operations,
        "list_events": between_times(_DECLARED.operations["list_events"]),
        "search_events": by_words(_DECLARED.operations["search_events"]),
    },
    source="tool lists and schemas of live connectors, August to November 2026",
    aliases={f"gcal_{name}": Alias(name) for name in _DECLARED.tools},
    trust=dict.fromkeys(_DECLARED.tools, _SEEN),
    limits=(
        "Without times a list holds what begins within a week from now, as the tool's schema says.",
        "`search_events` looks for words; where it finds none, the answer is `world.incomplete`.",
        "Recurring events are not unrolled: a list beside one is `world.incomplete`.",
        "Attendees answer nothing. Free times are not known (`suggest_time` fails).",
    ),
)
