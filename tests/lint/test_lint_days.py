"""Days of a schedule that are others in UTC, and time zones inside of an expression."""

from __future__ import annotations

from pathlib import Path

import pytest
from lint_fragments import codes, lint

from routine_harness.errors import SpecError

ROUTINE = """name: example
repositories: [github:acme/core]
triggers: [{{type: schedule, {schedule}}}]
prompt: Read the open issues. Never push to main. You are done when each has been read.
"""


@pytest.mark.parametrize(
    ("schedule", "told"),
    [
        ("cron: '10 4 * * 1', timezone: Asia/Singapore", True),
        ("cron: '30 21 * * MON-FRI', timezone: America/Los_Angeles", True),
        ("cron: '30 22 1 * *', timezone: America/New_York", True),
        ("preset: weekdays, at: '00:30', timezone: Europe/Berlin", True),
        ("cron: '30 1 * * 1', timezone: Europe/Berlin", True),  # in summer alone
        ("cron: '10 4 * * *', timezone: Asia/Singapore", False),
        ("cron: '30 9 * * 1', timezone: Europe/Berlin", False),
        ("cron: '30 21 * * 1'", False),
        ("cron: '10 4 * 3 *', timezone: Asia/Singapore", False),
        ("preset: daily, at: '00:30', timezone: Europe/Berlin", False),
    ],
)
def test_days_that_are_others_in_utc(schedule: str, told: bool) -> None:
    """A day of the week or month is told wherever one of a year's firings has another date in UTC."""
    found = lint(ROUTINE.format(schedule=schedule))
    assert ("schedule.weekday-utc" in codes(found)) is told


def test_both_days_are_named() -> None:
    """The local one and UTC's."""
    found = lint(ROUTINE.format(schedule="cron: '10 4 * * 1', timezone: Asia/Singapore"))
    [message] = [a.finding.message for a in found if a.finding.code == "schedule.weekday-utc"]
    assert message.startswith("Monday the 5. 04:10 in Asia/Singapore is Sunday the 4. 20:10 in UTC")


@pytest.mark.parametrize("prefix", ["CRON_TZ", "TZ"])
def test_a_zone_inside_of_an_expression_is_explained(prefix: str) -> None:
    """The hint is what to write instead."""
    with pytest.raises(SpecError) as refused:
        lint(ROUTINE.format(schedule=f"cron: '{prefix}=America/Los_Angeles 30 21 * * *'"))
    [problem] = refused.value.problems
    assert "time zone" in problem.message
    assert problem.hint == "put the zone under timezone: — cron: '30 21 * * *', timezone: America/Los_Angeles"


def test_the_reported_schedule(shared_data: Path) -> None:
    """The reported routine is told where its zone belongs."""
    with pytest.raises(SpecError) as refused:
        lint((shared_data / "reports" / "cron-tz.yaml").read_text())
    assert "timezone: America/Los_Angeles" in refused.value.problems[0].hint
