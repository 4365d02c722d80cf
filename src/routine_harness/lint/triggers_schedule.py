"""Rules about schedules, of one routine and of all routines of a folder together."""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from routine_harness.finding import Severity
from routine_harness.lint.rule import Mark, folder_rule, rule
from routine_harness.lint.subject import Folder, Subject
from routine_harness.routine.edition_rules import Limit
from routine_harness.routine.schedule import cron_of, other_day_in_utc
from routine_harness.routine.spec import ScheduleTrigger

_JANUARY: Final = 1_767_225_600  # 2026-01-01T00:00:00Z


def _words(trigger: ScheduleTrigger) -> str:
    return trigger.cron or trigger.at or trigger.preset or ""


def _key(trigger: ScheduleTrigger) -> str:
    return "cron" if trigger.cron else "at" if trigger.at else "preset"


@rule("trigger.too-frequent", Severity.ERROR)
def too_frequent(subject: Subject) -> Iterator[Mark]:
    """A schedule shorter than the platform's minimum interval.

    The platform refuses schedules that fire twice within an hour (HTTP 400, `cron interval too short`). The
    whole expression counts: `0,30 9 * * *` fires twice within one hour a day.

    Bad:
        triggers: [{type: schedule, cron: "*/30 * * * *"}]

    Good:
        triggers: [{type: schedule, cron: "7 * * * *"}]
    """
    least = subject.edition.schedule.minimum_interval // 60
    for index, trigger in subject.schedules():
        cron = cron_of(trigger)
        if cron and cron.shortest_gap < least:
            yield Mark(
                message=f"fires {cron.shortest_gap} minutes apart; the minimum is {least}",
                path=("triggers", index, _key(trigger)),
                words=_words(trigger),
                hint="use an api trigger for what cannot wait an hour",
            )


@rule("trigger.on-the-hour", fixable=True)
def on_the_hour(subject: Subject) -> Iterator[Mark]:
    """A schedule exactly on the hour.

    Everybody's schedules start on the hour, so those runs may start minutes late. The platform's own
    documentation advises a minute such as 9:07.

    Bad:
        triggers: [{type: schedule, cron: "0 9 * * 1"}]

    Good:
        triggers: [{type: schedule, cron: "7 9 * * 1"}]
    """
    if subject.edition.schedule.late != "on-the-hour":
        return
    for index, trigger in subject.schedules():
        cron = cron_of(trigger)
        if cron and 0 in cron.minutes and not (trigger.preset and not trigger.at):
            minute = 5 + zlib.crc32(subject.routine.name.encode()) % 50
            yield Mark(
                message="starts exactly on the hour, when runs may be minutes late",
                path=("triggers", index, _key(trigger)),
                words=_words(trigger),
                hint=f"pick another minute, such as {minute}",
                fix=_moved(trigger, minute),
            )


def _moved(trigger: ScheduleTrigger, minute: int) -> str | None:
    """The same schedule at another minute, where only the minute has to change."""
    if trigger.cron and trigger.cron.split()[0] == "0":
        return re.sub(r"^\s*0(?=\s)", str(minute), trigger.cron)
    if trigger.at and trigger.at.endswith(":00"):
        return f"{trigger.at[:-2]}{minute:02}"
    return None


@rule("schedule.weekday-utc")
def weekday_utc(subject: Subject) -> Iterator[Mark]:
    """A day of the week or of the month that is another one in UTC.

    Days are reported to be judged by UTC: "Monday 04:10 in Singapore" is Sunday there, and the run did not
    come. A schedule that names days is safe where its local date is UTC's all year.

    Bad:
        triggers: [{type: schedule, cron: "30 21 * * 1", timezone: America/Los_Angeles}]

    Good:
        triggers: [{type: schedule, cron: "30 9 * * 1", timezone: America/Los_Angeles}]
    """
    for index, trigger in subject.schedules():
        found = other_day_in_utc(trigger, _JANUARY, subject.edition)
        if found is not None:
            utc = datetime.fromtimestamp(found.at, UTC)
            local = datetime.fromisoformat(found.local)
            yield Mark(
                message=f"{local:%A the} {local.day}. {local:%H:%M} in {trigger.timezone} is "
                f"{utc:%A the} {utc.day}. {utc:%H:%M} in UTC, by which days are reported to be judged",
                path=("triggers", index, _key(trigger)),
                words=_words(trigger),
                hint="move it to an hour at which both dates are one, or write it with timezone: UTC",
            )


@folder_rule("trigger.clash")
def clash(folder: Folder) -> Iterator[tuple[Subject, Mark]]:
    """Two routines start at the same minute on the same repository.

    Both clone the same state, neither sees what the other does, and both may work the same issue, branch or
    ticket. Move one of them by some minutes, or better: by the time that the other takes.

    Bad:
        triggers: [{type: schedule, cron: "7 4 * * *"}]

    Good:
        triggers: [{type: schedule, cron: "37 5 * * *"}]
    """
    taken: dict[tuple[str, int], Subject] = {}
    told: set[tuple[str, int, str]] = set()
    for subject in folder.subjects:
        if not subject.routine.enabled:
            continue
        for at, index in subject.scheduled_week:
            for repository in subject.routine.repositories:
                other = taken.setdefault((repository.full_name, at), subject)
                name = other.routine.name
                if other is subject or (name, index, subject.routine.source.file) in told:
                    continue
                told.add((name, index, subject.routine.source.file))
                trigger = dict(subject.schedules())[index]
                yield (
                    subject,
                    Mark(
                        message=f"starts at the same minute as {name}, on {repository.full_name} as well",
                        path=("triggers", index, _key(trigger)),
                        words=_words(trigger),
                        hint="move one of them by the time that the other takes",
                    ),
                )


@folder_rule("trigger.over-limit")
def over_limit(folder: Folder) -> Iterator[tuple[Subject, Mark]]:
    """The schedules of a folder together exceed a limit of the account.

    Limits are counted over all routines of one account: 100 scheduled runs an hour today, a daily cap by plan
    under the rules until August 2026. What is above waits, fails or is dropped, whichever routine it is.

    Bad:
        triggers: [{type: schedule, cron: "7 * * * *"}]

    Good:
        triggers: [{type: schedule, cron: "7 4 * * 1"}]
    """
    if not folder.subjects:
        return
    first = folder.subjects[0]
    for limit in first.edition.limits:
        amount = limit.amount_for(first.plan)
        if "schedule" in limit.kinds and limit.scope == "account" and amount is not None:
            yield from _exceeded(folder, limit, amount)


def _exceeded(folder: Folder, limit: Limit, amount: int) -> Iterator[tuple[Subject, Mark]]:
    """The routine whose firing is the first above ``amount`` in the fullest hour or day."""
    windows: dict[int, list[tuple[int, Subject, int]]] = defaultdict(list)
    for subject in folder.subjects:
        if subject.routine.enabled:
            for at, index in subject.scheduled_week:
                windows[at // limit.seconds].append((at, subject, index))
    fullest = max(windows.values(), key=len, default=[])
    if len(fullest) <= amount:
        return
    _, subject, index = sorted(fullest, key=lambda entry: entry[0])[amount]
    trigger = dict(subject.schedules())[index]
    figure = f"{amount} (assumed, none is published)" if limit.assumed(subject.plan) else str(amount)
    yield (
        subject,
        Mark(
            message=f"{len(fullest)} scheduled runs in one {limit.per}; above {figure} a run {limit.beyond}",
            path=("triggers", index, _key(trigger)),
            words=_words(trigger),
            hint="spread the schedules; `routine-harness schedule` shows the week of all routines",
        ),
    )


RULES: Final = (too_frequent, on_the_hour, weekday_utc, clash, over_limit)
