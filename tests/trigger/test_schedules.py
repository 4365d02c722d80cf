"""Schedules: what is refused, when they fire, and what the clocks do to them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.triggers import routine

from routine_harness.routine.calendar import Load, Ruled, week_calendar
from routine_harness.routine.cron import NICKNAMES, parse_cron, preset_cron
from routine_harness.routine.edition import load_edition
from routine_harness.routine.schedule import check_schedule, next_instants, shift_settings
from routine_harness.routine.spec import ScheduleTrigger
from routine_harness.trigger.schedules import check_schedules, clock_changes, drift

OCTOBER = load_edition("2026-10")


def _at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _next(cron: str, zone: str, after: str, count: int = 3, **settings: str) -> list[tuple[str, str, str]]:
    edition = load_edition("2026-10", {"settings": settings})
    found = next_instants(ScheduleTrigger(cron=cron, timezone=zone), _at(after), count, edition)
    return [(datetime.fromtimestamp(i.at, UTC).strftime("%m-%dT%H:%M"), i.local[11:], i.shift) for i in found]


@pytest.mark.parametrize(
    ("zone", "day", "utc_before", "utc_after"),
    [
        ("Europe/Berlin", "2026-03-29", "01:30", "00:30"),
        ("Europe/Berlin", "2027-03-28", "01:30", "00:30"),
        ("America/New_York", "2026-03-08", "07:30", "06:30"),
        ("America/New_York", "2027-03-14", "07:30", "06:30"),
    ],
)
def test_a_time_that_the_clocks_skip_runs_when_they_have_moved_on(
    zone: str, day: str, utc_before: str, utc_after: str
) -> None:
    """In spring 02:30 does not exist: it runs an hour later by the clock, and is told as a gap."""
    found = _next("30 2 * * *", zone, f"{day}T00:00+00:00", 2)
    assert [(utc[6:], local[:5], shift) for utc, local, shift in found] == [
        (utc_before, "03:30", "gap"),
        (utc_after, "02:30", ""),
    ]
    skipped = _next("30 2 * * *", zone, f"{day}T00:00+00:00", 1, schedule_gap="skipped")
    assert skipped[0][2] == ""


@pytest.mark.parametrize(
    ("zone", "day", "local", "first", "second"),
    [
        ("Europe/Berlin", "2026-10-25", "30 2 * * *", "00:30", "01:30"),
        ("Europe/Berlin", "2027-10-31", "30 2 * * *", "00:30", "01:30"),
        ("America/New_York", "2026-11-01", "30 1 * * *", "05:30", "06:30"),
        ("America/New_York", "2027-11-07", "30 1 * * *", "05:30", "06:30"),
    ],
)
def test_a_time_that_the_clocks_show_twice_runs_once_unless_told_otherwise(
    zone: str, day: str, local: str, first: str, second: str
) -> None:
    """In autumn the hour repeats: the first time counts, or both under ``schedule_repeat: both``."""
    once = _next(local, zone, f"{day}T00:00+00:00", 2)
    assert (once[0][0][6:], once[0][2]) == (first, "repeat")
    assert once[1][0][:5] != once[0][0][:5]
    both = _next(local, zone, f"{day}T00:00+00:00", 2, schedule_repeat="both")
    assert [utc[6:] for utc, _, _ in both] == [first, second]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize("year", [2026, 2027])
def test_an_hourly_schedule_runs_every_hour_over_every_change_of_clocks(zone: str, year: int) -> None:
    """``5 * * * *`` has exactly one hour between starts, whatever the wall clock shows."""
    for change in clock_changes(zone, _at(f"{year}-01-01T00:00Z"), _at(f"{year}-12-31T00:00Z")):
        trigger = ScheduleTrigger(cron="5 * * * *", timezone=zone)
        found = next_instants(trigger, change.at - 6 * 3600, 12, OCTOBER)
        assert {later.at - earlier.at for earlier, later in pairwise(found)} == {3600}


def test_a_schedule_stored_as_utc_drifts_with_the_clocks() -> None:
    """The offset of the day it is saved holds for ever: in winter 09:00 becomes 08:00 by the clock."""
    found = _next("0 9 * * *", "Europe/Berlin", "2026-10-24T00:00Z", 2, schedule_clock="stored_utc")
    assert [local[:5] for _, local, _ in found] == ["09:00", "08:00"]
    changes = drift(ScheduleTrigger(cron="0 9 * * *", timezone="Europe/Berlin"), _at("2026-10-24T00:00Z"))
    assert [change.seconds for change in changes] == [-3600, 3600]
    assert drift(ScheduleTrigger(cron="0 9 * * *"), 0) == ()


@pytest.mark.parametrize(
    ("cron", "gap"),
    [
        ("*/30 * * * *", 30),
        ("0 9-17 * * *", 60),
        ("0 * * * *", 60),
        ("0,59 3 * * *", 59),
        ("50 9 * * 1", 1440),
    ],
)
def test_the_shortest_gap_is_proved_from_the_whole_expression(cron: str, gap: int) -> None:
    """Not from two samples: ``0,59 3 * * *`` is quiet all day but for one hour."""
    assert parse_cron(cron).shortest_gap == gap
    codes = {finding.code for finding in check_schedules(routine(ScheduleTrigger(cron=cron)), OCTOBER)}
    assert ("schedule.too-often" in codes) is (gap < 60)


_MINUTES = st.lists(st.integers(0, 59), min_size=1, max_size=3, unique=True)
_HOURS = st.lists(st.integers(0, 23), min_size=1, max_size=4, unique=True)


@given(_MINUTES, _HOURS)
def test_no_two_starts_are_ever_closer_than_the_proved_gap(minutes: list[int], hours: list[int]) -> None:
    """What the sets prove holds of the instants of three days, and one of them reaches it."""
    expression = f"{','.join(map(str, minutes))} {','.join(map(str, hours))} * * *"
    cron = parse_cron(expression)
    start = datetime(2026, 1, 1)
    found = [
        moment for moment, _ in zip(cron.after(start), range(len(minutes) * len(hours) * 3 + 1), strict=False)
    ]
    gaps = {(later - earlier) // timedelta(minutes=1) for earlier, later in pairwise(found)}
    assert min(gaps) == cron.shortest_gap


@pytest.mark.parametrize(
    ("trigger", "word"),
    [
        (ScheduleTrigger(cron="0 25 * * *"), "expected 0-23"),
        (ScheduleTrigger(cron="0 0 30 2 *"), "no date ever matches"),
        (ScheduleTrigger(cron="@reboot"), "nicknames"),
        (ScheduleTrigger(cron="* * * * * *"), "found 6"),
        (ScheduleTrigger(cron="0 9 * * *", timezone="Europe/Berln"), "there is no time zone"),
        (ScheduleTrigger(cron="0 9 * * *", timezone="../etc/passwd"), "there is no time zone"),
        (ScheduleTrigger(), "none of them"),
        (ScheduleTrigger(cron="0 9 * * *", once="2026-12-01T09:00Z"), "cron and once"),
        (ScheduleTrigger(preset="daily", at="25:00"), "expected a time"),
        (ScheduleTrigger(once="tomorrow"), "expected a timestamp"),
        (ScheduleTrigger(once="9999-12-31T23:30:00Z"), "expected a year from 1970 to 8999"),
        (ScheduleTrigger(cron="0 9 * * *", at="09:00"), "belongs to a preset"),
    ],
)
def test_an_impossible_schedule_is_named(trigger: ScheduleTrigger, word: str) -> None:
    """Each problem names the key, what was found and how to mend it."""
    assert any(word in message and hint for _, message, hint in check_schedule(trigger))


@pytest.mark.parametrize(("cron", "zone"), [("0 0 29 2 *", "UTC"), ("0 0 31 12 *", "Pacific/Kiritimati")])
def test_a_schedule_that_starts_rarely_is_told_to_the_end_of_the_calendar_at_once(
    cron: str, zone: str
) -> None:
    """Whoever asks for ten thousand leap days gets all that there are, and gets them in no time."""
    began = time.process_time()
    found = next_instants(ScheduleTrigger(cron=cron, timezone=zone), _at("2026-05-04"), 10_000, OCTOBER)
    assert time.process_time() - began < 5
    assert found[-1].local[:4] in ("9996", "9998")
    assert 1900 < len(found) < 8000


@pytest.mark.parametrize("nickname", sorted(NICKNAMES))
def test_a_nickname_of_other_crons_is_refused_with_the_expression_to_write(nickname: str) -> None:
    """The dialect is unpublished; the five fields of the hint mean the same and are accepted."""
    [(key, message, hint)] = check_schedule(ScheduleTrigger(cron=nickname))
    assert (key, "no document" in message) == ("cron", True)
    assert check_schedule(ScheduleTrigger(cron=hint.split("'")[1])) == ()


@pytest.mark.parametrize(
    ("preset", "at", "cron"),
    [
        ("hourly", ":07", "7 * * * *"),
        ("hourly", None, "0 * * * *"),
        ("daily", "09:07", "7 9 * * *"),
        ("weekdays", "9:07", "7 9 * * 1-5"),
        ("weekly", "friday 17:30", "30 17 * * 5"),
        ("weekly", "Sun 08:00", "0 8 * * 0"),
        ("weekly", None, "0 9 * * 1"),
    ],
)
def test_a_preset_stands_for_an_expression(preset: str, at: str | None, cron: str) -> None:
    """The presets of the web form, with their times."""
    assert preset_cron(preset, at) == cron


def test_a_one_off_fires_once_in_its_own_zone() -> None:
    """A timestamp without offset is of the trigger's zone; once it is past there is no next one."""
    trigger = ScheduleTrigger(once="2026-12-01T09:07:00", timezone="Europe/Berlin")
    [only] = next_instants(trigger, _at("2026-11-01T00:00Z"), 5, OCTOBER)
    assert only.at == _at("2026-12-01T08:07Z")
    assert next_instants(trigger, only.at, 5, OCTOBER) == ()


@pytest.mark.parametrize(
    ("once", "utc", "shift", "depends_on"),
    [
        ("2026-03-29T02:30:00", "2026-03-29T01:30Z", "gap", ("schedule_gap",)),
        ("2026-10-25T02:30:00", "2026-10-25T00:30Z", "repeat", ("schedule_repeat",)),
        ("2026-10-25T02:30:00+01:00", "2026-10-25T01:30Z", "", ()),
        ("2026-10-25T04:30:00", "2026-10-25T03:30Z", "", ()),
    ],
)
def test_a_one_off_at_a_change_of_clocks_is_told_as_such(
    once: str, utc: str, shift: str, depends_on: tuple[str, ...]
) -> None:
    """A time that is skipped or shown twice is marked, with the setting that decided; an offset is exact."""
    trigger = ScheduleTrigger(once=once, timezone="Europe/Berlin")
    found = next_instants(trigger, _at("2026-01-01T00:00Z"), 1, OCTOBER)
    assert [(instant.at, instant.shift) for instant in found] == [(_at(utc), shift)]
    assert shift_settings(trigger, found, OCTOBER) == depends_on
    answered = load_edition("2026-10", {"settings": {"schedule_gap": "shifted", "schedule_repeat": "first"}})
    assert shift_settings(trigger, found, answered) == ()


@pytest.mark.parametrize(
    ("cron", "words"),
    [("7 9 13 * 5", "taken as either"), ("7 9 */2 * 1", "taken as both"), ("7 9 * * 5", "")],
)
def test_a_day_of_month_beside_a_weekday_is_no_promised_dialect(cron: str, words: str) -> None:
    """Classic cron takes either day, and both where one begins with a star; what this one does is unknown."""
    found = [f.message for f in check_schedules(routine(ScheduleTrigger(cron=cron)), OCTOBER)]
    assert [words in message for message in found] == [True] * bool(words)


def test_what_starts_every_hour_depends_on_no_setting_about_the_clocks() -> None:
    """In autumn ``7 * * * *`` starts at 02:07 twice, an hour apart, whatever the settings say."""
    trigger = ScheduleTrigger(cron="7 * * * *", timezone="Europe/Berlin")
    found = next_instants(trigger, _at("2026-10-24T23:00Z"), 4, OCTOBER)
    assert [instant.shift for instant in found].count("repeat") == 2
    assert shift_settings(trigger, found, OCTOBER) == ()


def test_a_start_on_the_hour_is_warned_of_where_it_may_be_late() -> None:
    """October says that such runs may start late; before, a constant stagger made no difference."""
    hourly = routine(ScheduleTrigger(cron="0 9 * * *"))
    assert "schedule.on-the-hour" in {finding.code for finding in check_schedules(hourly, OCTOBER)}
    assert not check_schedules(hourly, load_edition("2026-04"))
    assert not check_schedules(routine(ScheduleTrigger(cron="7 9 * * *")), OCTOBER)
    once = routine(ScheduleTrigger(once="2026-12-01T09:00:00", timezone="Europe/Berlin"))
    assert [finding.code for finding in check_schedules(once, OCTOBER)] == ["schedule.on-the-hour"]


def test_the_calendar_of_a_week_has_every_start_of_every_routine() -> None:
    """Seven days in one zone, sorted by time, with the busiest hour beside the account's limit."""
    folder = [
        routine(ScheduleTrigger(cron="30 2 * * *", timezone="Europe/Berlin"), name="nightly"),
        routine(ScheduleTrigger(preset="weekdays", at="02:40", timezone="Europe/Berlin"), name="triage"),
    ]
    ruled = [Ruled(each, OCTOBER) for each in folder]
    calendar = week_calendar(ruled, _at("2026-10-20T12:00Z"), "Europe/Berlin")
    assert [len(day.slots) for day in calendar.days] == [2, 2, 2, 2, 1, 1, 2]
    [repeated] = calendar.days[5].slots
    assert (repeated.shift, repeated.depends_on) == ("repeat", ("schedule_repeat",))
    assert calendar.loads == (Load("hour", 2, 100, beyond="waits"),)


def test_each_routine_of_a_calendar_starts_by_its_own_rules() -> None:
    """One has said what a repeated time does, the other has not; of two editions the tighter limits count."""
    both = load_edition("2026-10", {"settings": {"schedule_repeat": "both"}})
    nightly = ScheduleTrigger(cron="30 2 * * *", timezone="Europe/Berlin")
    once = ScheduleTrigger(once="2026-10-25T12:00:00")
    ruled = [
        Ruled(routine(nightly, name="a"), both),
        Ruled(routine(nightly, name="b"), load_edition("2026-04"), "enterprise"),
        Ruled(routine(once, name="once"), OCTOBER),
    ]
    calendar = week_calendar(ruled, _at("2026-10-25T10:00Z"), "Europe/Berlin")
    assert [(slot.routine, slot.depends_on) for slot in calendar.days[0].slots] == [
        ("a", ()),
        ("b", ("schedule_repeat",)),
        ("a", ()),
        ("once", ()),
    ]
    assert calendar.loads == (
        Load("hour", 2, 100, beyond="waits"),
        Load("day", 3, 25, assumed=True, beyond="fails"),
    )


@pytest.mark.parametrize("cron", ["*/61 * * * *", "0 */25 * * *", "5-10/61 * * * *", "0 0 */32 * *"])
def test_a_step_beyond_its_range_is_refused(cron: str) -> None:
    """``*/61`` is neither every 61 minutes nor meant to be every hour."""
    with pytest.raises(ValueError, match="steps over every"):
        parse_cron(cron)


@pytest.mark.parametrize("cron", ["*/59 * * * *", "0 */23 * * *", "0 0 */31 * *", "7 0 1 */12 *"])
def test_a_step_within_its_range_is_read(cron: str) -> None:
    """The longest steps that say anything."""
    assert parse_cron(cron).expression == cron
