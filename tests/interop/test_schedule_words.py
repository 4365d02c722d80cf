"""Schedules in the words of agentic workflows; what the words leave open is noted."""

from __future__ import annotations

import pytest

from routine_harness.interop.routine_files import import_routines
from routine_harness.interop.routine_forms import Answers
from routine_harness.interop.schedule_words import schedule_of_words
from routine_harness.routine.document import load_document
from routine_harness.routine.parse import parse_routine


@pytest.mark.parametrize(
    ("words", "keys", "note"),
    [
        ("daily around 14:00", {"preset": "daily", "at": "14:00"}, ""),
        ("daily around 3pm utc-5", {"preset": "daily", "at": "15:00", "timezone": "Etc/GMT+5"}, ""),
        ("weekly on monday around 9:00 utc+9",
         {"preset": "weekly", "at": "monday 09:00", "timezone": "Etc/GMT-9"}, ""),
        ("daily utc+0", {"preset": "daily", "timezone": "UTC"}, "leaves the time open"),
        ("daily between 9:00 and 17:00", {"preset": "daily", "at": "09:00"}, "between 09:00 and 17:00"),
        ("daily between 9am and 5pm on weekdays", {"preset": "weekdays", "at": "09:00"}, "runs at 09:00"),
        ("weekly on friday between 9am and noon", {"preset": "weekly", "at": "friday 09:00"}, "and 12:00"),
        ("hourly between 9:00 and 17:00", {"cron": "0 9-17 * * *"}, ""),
        ("hourly", {"preset": "hourly"}, "leaves the minute open"),
        ("bi-weekly", {"cron": "0 9 */14 * *"}, "counted anew in each month"),
        ("tri-weekly", {"cron": "0 9 */21 * *"}, "steps of 21 days"),
        ("every 2 days", {"cron": "0 9 */2 * *"}, "steps of 2 days"),
        ("monthly", {"cron": "0 9 1 * *"}, "leaves the day open"),
        ("monthly on 15 at 08:30", {"cron": "30 8 15 * *"}, ""),
        ("monthly on the 3rd", {"cron": "0 9 3 * *"}, "leaves the time open"),
    ],
)  # fmt: skip
def test_a_phrase_is_a_schedule(words: str, keys: dict[str, str], note: str) -> None:
    """Its keys, and what they say more exactly than the words do."""
    found = schedule_of_words(words)
    assert found is not None
    assert found.keys == keys
    assert note in found.note
    assert bool(note) == bool(found.note)


@pytest.mark.parametrize("words", ["daily utc+5:30", "every 45 days", "monthly on 32", "whenever"])
def test_what_no_schedule_says(words: str) -> None:
    """Parts of an hour have no zone of their own, and a month has no 45 days."""
    assert schedule_of_words(words) is None


@pytest.mark.parametrize("words", ["bi-weekly", "monthly", "daily between 9:00 and 17:00 utc+9"])
def test_a_workflow_with_it_imports(words: str) -> None:
    """The phrase under ``on:`` is the routine's schedule, and its note stands in the list."""
    text = f"---\non: {words}\nengine: claude\n---\n# Brief\n\nList what is new.\n"
    [found] = import_routines({"brief.md": text.encode()}, Answers(repositories=("acme/core",)))
    read = parse_routine(load_document(found.texts["routine.yaml"].encode(), "routine.yaml"))
    assert [type(each).__name__ for each in read.triggers] == ["ScheduleTrigger"]
    assert any("routine runs" in each.why for each in found.lost)
