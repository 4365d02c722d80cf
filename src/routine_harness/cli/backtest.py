"""``routine-harness backtest``: archives of events through the triggers of routines."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec

from routine_harness.backtest.forecast import NoiseForecast, forecast_noise, measure_noise
from routine_harness.backtest.page import render_page
from routine_harness.backtest.result import Backtest, backtest_record
from routine_harness.backtest.run import Progress, archive_size, nothing_read, run_backtest
from routine_harness.backtest.synthesize import synthesize
from routine_harness.backtest.terminal import render_backtest
from routine_harness.cli.judged import Judged, instant_of, load_judged, one_account, recordings_of
from routine_harness.cli.lines import echo
from routine_harness.cli.played import play_backtest
from routine_harness.cli.progress import drawn_bar
from routine_harness.cli.terminal import colour_option
from routine_harness.errors import BAD_INPUT, Problem, RecordingError, UsageError
from routine_harness.routine.edition import EDITIONS
from routine_harness.routine.spec import ScheduleTrigger
from routine_harness.store.connectors import connectors_above
from routine_harness.store.files import write_text
from routine_harness.store.policies import load_policy

EPILOG = """\b
Examples:
  routine-harness backtest routines/ --events deliveries/
  routine-harness backtest routines/ --events 2026-10-01-0.json.gz --events 2026-10-01-1.json.gz --json
  routine-harness backtest routines/ --events archive/ --html backtest.html
  routine-harness backtest routines/ --after 2026-05-04 --days 7
  routine-harness backtest routines/ --events deliveries/ --play
  routine-harness backtest routines/ --synthesize 100000 -o trial.json.gz
"""


@click.command(epilog=EPILOG)
@click.argument("routines", nargs=-1, type=click.Path(path_type=Path), metavar="[ROUTINE]...")
@click.option(
    "--events",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="An archive or a folder of them. Repeatable.",
)
@click.option("--after", metavar="TIME", help="Without --events: forecast the schedules from then on.")
@click.option("--days", type=click.IntRange(1, 3660), default=28, show_default=True, help="For so many days.")
@click.option(
    "--play",
    is_flag=True,
    help="Run the agent at every firing, on one world carried along, and count its messages.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write a page with charts.")
@click.option("--platform", type=click.Choice(EDITIONS), help="The edition of the platform's rules.")
@click.option("--plan", type=click.Choice(("pro", "max", "team", "enterprise")), help="The account's plan.")
@click.option("--any-repository", is_flag=True, help="Let events of other repositories count too.")
@click.option("-j", "--jobs", type=click.IntRange(1), help="Processes (default: one per processor).")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler, such as tcp://host:8786.")
@click.option(
    "--synthesize",
    "count",
    type=click.IntRange(1),
    metavar="N",
    help="Write N made events instead, of the routines' repositories.",
)
@click.option("--flat", is_flag=True, help="With --synthesize: flat records instead of full events.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Where to write them.")
@colour_option
def command(
    routines: tuple[Path, ...],
    events: tuple[Path, ...],
    after: str | None,
    days: int,
    play: bool,
    as_json: bool,
    html: Path | None,
    platform: str | None,
    plan: str | None,
    any_repository: bool,
    jobs: int | None,
    scheduler: str | None,
    count: int | None,
    flat: bool,
    output: Path | None,
) -> int:
    """Run archives of events through the triggers.

    Without --events the starts of the schedules alone are forecast. Exits with 1 if a channel would get
    more messages a day than a policy allows, with 2 if part of an archive could not be read.
    """
    if count is not None:
        _synthesize(count, output, flat, load_judged(routines, platform) if routines else ())
        return 0
    if not routines:
        raise UsageError(Problem("", 0, "a backtest needs routines", "name a routine or a folder of them"))
    judged = load_judged(routines, platform, events_by="--events" if events else "")
    span = None if events else _span(judged, after, days)
    if play:
        _check_played(html=html, jobs=jobs, scheduler=scheduler)
        return play_backtest(judged, events, span, any_repository=any_repository, as_json=as_json)
    rules, account_plan = one_account(judged, plan)
    overrides = load_policy(judged[0].path).platform_overrides
    with _progress(archive_size(events)) as on_progress:
        result = run_backtest(
            [each.routine for each in judged],
            events,
            edition=rules.edition,
            overrides=overrides,
            account_plan=account_plan,
            any_repository=any_repository or rules.setting("repository_scope") == "any",
            span=span,
            jobs=jobs,
            scheduler=scheduler,
            on_progress=on_progress,
        )
    problems = nothing_read(result)
    if problems:
        raise RecordingError(
            *(Problem(each.file, 0, f"at byte {each.offset}: {each.message}") for each in problems)
        )
    noise = _noise(judged, result)
    _report(result, noise, as_json, html)
    if any(problem.lost for problem in result.problems):
        return BAD_INPUT
    return int(any(channel.exceeded for channel in noise.channels))


def _check_played(**given: object) -> None:
    """``--play`` is one walk in the order of time: there is nothing to spread, and no page of it."""
    named = [f"--{name}" for name, value in given.items() if value is not None]
    if named:
        raise UsageError(Problem("", 0, f"--play takes no {', '.join(named)}", "leave it out"))


def _span(judged: Sequence[Judged], after: str | None, days: int) -> tuple[int, int]:
    """The days over which schedules are forecast where there are no events."""
    triggers = (trigger for each in judged for trigger in each.routine.triggers)
    if not any(isinstance(trigger, ScheduleTrigger) for trigger in triggers):
        raise UsageError(Problem("", 0, "a backtest of routines without a schedule needs --events"))
    first = instant_of(after, "UTC")
    return first, first + days * 86400 - 1


def _synthesize(count: int, output: Path | None, flat: bool, judged: Sequence[Judged]) -> None:
    """Write made events; where routines are named, of their repositories."""
    named = (repository.full_name for each in judged for repository in each.routine.repositories)
    if output is None:
        raise UsageError(Problem("", 0, "--synthesize needs -o FILE"))
    try:
        synthesize(count, output, flat, repositories=tuple(dict.fromkeys(named)))
    except OSError as error:
        raise UsageError(Problem(str(output), 0, f"cannot be written: {error.strerror}")) from error
    echo(f"wrote {count:,} events to {output}", err=True)


def _report(result: Backtest, noise: NoiseForecast, as_json: bool, html: Path | None) -> None:
    if html is not None:
        write_text(html, render_page(result, noise))
    if as_json:
        record = {
            **backtest_record(result),
            "forecast": msgspec.to_builtins(noise.routines),
            "channels": [{**msgspec.to_builtins(each), "exceeded": each.exceeded} for each in noise.channels],
        }
        echo(json.dumps(record, indent=2, ensure_ascii=False))
    else:
        echo(render_backtest(result, noise))


def _noise(judged: Sequence[Judged], result: Backtest) -> NoiseForecast:
    rates = {
        each.routine.name: measure_noise(recordings_of(each.path), connectors_above(each.path))
        for each in judged
    }
    policies = {each.routine.name: load_policy(each.path).noise for each in judged}
    limits = {
        name: limit.most
        for name, noise in policies.items()
        if (limit := noise.get("messages_per_channel_per_day"))
    }
    return forecast_noise(result, rates, limits)


@contextmanager
def _progress(total: int) -> Iterator[Progress | None]:
    """A bar with the rate of events, where somebody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    begun = time.monotonic()
    with drawn_bar("backtest", total) as bar:

        def advance(done: int, events: int) -> None:
            seconds = (time.monotonic() - begun) or 1e-9
            bar.reach(done, f"{events:,} events, {events / seconds:,.0f} a second")

        yield advance
