"""``routine-harness schedule``: when routines start by the clock, and what is wrong with that."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from routine_harness.cli.judged import Judged, instant_of, load_judged
from routine_harness.cli.lines import echo, echo_rendered
from routine_harness.cli.terminal import colour_option, ink, terminal_width
from routine_harness.errors import Problem, UsageError
from routine_harness.finding import Finding
from routine_harness.plain import Record
from routine_harness.report.week import render_loads, render_week
from routine_harness.routine.calendar import Calendar, Ruled, week_calendar
from routine_harness.routine.edition import EDITIONS
from routine_harness.routine.schedule import (
    Instant,
    check_schedule,
    cron_of,
    next_instants,
    shift_settings,
)
from routine_harness.routine.spec import ScheduleTrigger
from routine_harness.trigger.schedules import check_schedules, drift

EPILOG = """\b
Examples:
  routine-harness schedule routines/backlog --next 10
  routine-harness schedule routines/ --after 2026-10-20 --timezone Europe/Berlin
"""
_SHIFTS = {"gap": "the clocks skip {}", "repeat": "the clocks show {} twice"}


@click.command(epilog=EPILOG)
@click.argument("routines", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="ROUTINE...")
@click.option("--next", "count", type=click.IntRange(1, 10_000), help="So many next starts of each schedule.")
@click.option("--after", metavar="TIME", help="From then on (ISO 8601, in --timezone; default: now).")
@click.option("--timezone", default="UTC", show_default=True, help="Of --after and the calendar.")
@click.option("--platform", type=click.Choice(EDITIONS), help="The edition of the platform's rules.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@colour_option
def command(
    routines: tuple[Path, ...],
    count: int | None,
    after: str | None,
    timezone: str,
    platform: str | None,
    as_json: bool,
) -> int:
    """List the next times of a routine's schedules.

    A folder gives the calendar of a week for all its routines instead, unless --next is given.
    """
    judged = load_judged(routines, platform)
    _known_zone(timezone)
    begin = instant_of(after, timezone)
    findings = [finding for each in judged for finding in check_schedules(each.routine, each.edition, begin)]
    if count is None and any(path.is_dir() for path in routines) and len(judged) > 1:
        ruled = [Ruled(each.routine, each.edition, each.plan) for each in judged]
        calendar = week_calendar(ruled, begin, timezone)
        _print_calendar(calendar, findings, as_json)
    else:
        _print_instants(judged, begin, count or 10, findings, as_json)
    return int(any(finding.fails for finding in findings))


def _known_zone(name: str) -> None:
    for _, message, hint in check_schedule(ScheduleTrigger(preset="daily", timezone=name)):
        raise UsageError(Problem("", 0, f"--timezone: {message}", hint))


def _print_instants(
    judged: tuple[Judged, ...], begin: int, count: int, findings: list[Finding], as_json: bool
) -> None:
    rows = [
        (each, index, trigger, next_instants(trigger, begin, count, each.edition))
        for each in judged
        for index, trigger in enumerate(each.routine.triggers)
        if isinstance(trigger, ScheduleTrigger)
    ]
    if as_json:
        records = [_record(each, index, trigger, found, begin) for each, index, trigger, found in rows]
        echo(json.dumps({"schedules": records, "findings": msgspec.to_builtins(findings)}, indent=2))
        return
    for each, index, trigger, found in rows:
        paused = "" if each.routine.enabled and trigger.enabled else "  (switched off)"
        echo(f"{each.routine.name} trigger {index + 1}: {_words(trigger)}{paused}")
        for instant in found:
            echo(f"  {_utc(instant.at)}  {instant.local}{_shift(instant)}")
        if not found:
            echo(f"  never after {_utc(begin)}")
        if assumed := shift_settings(trigger, found, each.edition):
            echo(f"  depends on undocumented: {', '.join(assumed)}")
    if not rows:
        echo("no schedule")
    _print_findings(findings)


def _record(
    judged: Judged, index: int, trigger: ScheduleTrigger, found: tuple[Instant, ...], begin: int
) -> Record:
    cron = cron_of(trigger)
    return {
        "routine": judged.routine.name,
        "trigger": index,
        "cron": cron.expression if cron else None,
        "once": trigger.once,
        "timezone": trigger.timezone,
        "shortest_gap_minutes": cron.shortest_gap if cron else None,
        "instants": [
            {"at": _utc(instant.at), "local": instant.local, "shift": instant.shift or None}
            for instant in found
        ],
        "depends_on": list(shift_settings(trigger, found, judged.edition)),
        "stored_utc_drift": [
            {"from": _utc(change.at), "seconds": change.seconds} for change in drift(trigger, begin)
        ],
    }


def _print_calendar(calendar: Calendar, findings: list[Finding], as_json: bool) -> None:
    if as_json:
        record = {**msgspec.to_builtins(calendar), "findings": msgspec.to_builtins(findings)}
        echo(json.dumps(record, indent=2))
        return
    echo_rendered("\n".join(render_week(calendar, width=terminal_width(), ink=ink())))
    for line in render_loads(calendar):
        echo(line)
    _print_findings(findings)


def _print_findings(findings: list[Finding]) -> None:
    # Imported here: what draws findings is only needed where there are some.
    from routine_harness.cli.findings import print_plain

    if findings:
        echo()
        print_plain(findings, count=0, as_json=False)


def _words(trigger: ScheduleTrigger) -> str:
    if trigger.once is not None:
        return f"once at {trigger.once} ({trigger.timezone})"
    cron = cron_of(trigger)
    preset = f"{trigger.preset} = " if trigger.preset else ""
    return f"{preset}{cron.expression if cron else ''} ({trigger.timezone})"


def _shift(instant: Instant) -> str:
    return f"  {_SHIFTS[instant.shift].format(instant.wanted[11:])}" if instant.shift else ""


def _utc(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%MZ")
