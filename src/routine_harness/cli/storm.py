"""``routine-harness fires --storm``: what a burst of one event would start under each edition's limits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final

from routine_harness.cli.judged import Judged
from routine_harness.cli.lines import echo
from routine_harness.plain import Record
from routine_harness.routine.edition import EDITIONS, Edition, load_edition
from routine_harness.trigger.event import Event
from routine_harness.trigger.quota import QuotaTotals, total_quota
from routine_harness.trigger.storms import simulate_events, storm_of

SECONDS: Final = 600
_OUTCOMES: Final = ("ran", "waited", "failed", "dropped")
_ASKED: Final = ("limit_window", "redelivery")


def print_storm(
    judged: Sequence[Judged],
    event: Event,
    count: int,
    platform: str | None,
    any_repository: bool,
    as_json: bool,
) -> None:
    """Print what becomes of ``count`` arrivals like ``event`` within ten minutes, edition by edition."""
    storm = storm_of(event, count, SECONDS)
    rows = [
        (edition, name, totals, _depends_on(judged, storm, edition, name, totals))
        for edition in _editions(judged, platform, any_repository)
        for name, totals in _totals(judged, storm, edition).items()
    ]
    if as_json:
        for edition, name, totals, depends_on in rows:
            record = _record(storm, edition, judged[0].plan, name, totals)
            echo(json.dumps({**record, "depends_on": depends_on}))
        return
    echo(f"\nstorm: {count} × {storm[0].name} within {SECONDS // 60} minutes, plan {judged[0].plan}")
    for edition, name, totals, depends_on in rows:
        stopped = [_stopped(limit, edition, judged[0].plan) for limit in totals.limits]
        by = f" ({', '.join(stopped)})" if stopped else ""
        told = ", ".join(f"{n} {outcome}" for outcome in _OUTCOMES if (n := getattr(totals, outcome)))
        echo(f"  {edition.edition}  {name}: {told}{by}")
        if depends_on:
            echo(f"           depends on undocumented: {', '.join(depends_on)}")
    if not rows:
        echo("  starts nothing")


def _editions(judged: Sequence[Judged], platform: str | None, any_repository: bool) -> Iterator[Edition]:
    """The editions to try; a policy's overrides are of the edition that it names."""
    own = judged[0].edition
    for name in (platform,) if platform else EDITIONS:
        edition = own if own.edition == name else load_edition(name)
        yield edition.with_setting("repository_scope", "any") if any_repository else edition


def _totals(judged: Sequence[Judged], storm: Sequence[Event], edition: Edition) -> dict[str, QuotaTotals]:
    routines = [each.routine for each in judged]
    return total_quota(simulate_events(routines, storm, edition, judged[0].plan))


def _depends_on(
    judged: Sequence[Judged], storm: Sequence[Event], edition: Edition, routine: str, totals: QuotaTotals
) -> list[str]:
    """The undocumented points another answer to which would have given the routine other totals."""
    return [
        name
        for name in _ASKED
        if edition.settings[name].assumed
        and any(
            _totals(judged, storm, edition.with_setting(name, choice)).get(routine) != totals
            for choice in edition.settings[name].choices
            if choice != edition.setting(name)
        )
    ]


def _stopped(limit: str, edition: Edition, plan: str) -> str:
    assumed = any(each.name == limit and each.assumed(plan) for each in edition.limits)
    return f"{limit}, its figure is assumed" if assumed else limit


def _record(storm: Sequence[Event], edition: Edition, plan: str, routine: str, totals: QuotaTotals) -> Record:
    return {
        "storm": storm[0].name,
        "count": len(storm),
        "seconds": SECONDS,
        "edition": edition.edition,
        "plan": plan,
        "routine": routine,
        **{outcome: getattr(totals, outcome) for outcome in _OUTCOMES},
        "longest_wait": totals.longest_wait,
        "limits": totals.limits,
        "assumed": [
            each.name for each in edition.limits if each.name in totals.limits and each.assumed(plan)
        ],
    }
