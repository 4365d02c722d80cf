"""``routine-harness fires``: whether events fire routines, with the reason for each clause."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from routine_harness.backtest.events import parse_events, read_events
from routine_harness.backtest.forecast import recorded_acts
from routine_harness.backtest.source import ArchiveProblem
from routine_harness.cli.greedy import GreedyCommand
from routine_harness.cli.judged import Judged, load_judged, recordings_of
from routine_harness.errors import Problem, RecordingError, SpecError
from routine_harness.routine.edition import EDITIONS, Edition
from routine_harness.trigger.chains import check_chains
from routine_harness.trigger.event import Event
from routine_harness.trigger.match import Match, match_record, match_routine
from routine_harness.world.registry import Registry

EPILOG = """\b
Examples:
  routine-harness fires routines/triage --event delivery.json
  routine-harness fires routines/ --event deliveries/ --json | jq 'select(.outcome == "fired")'
  gh api repos/acme/core/hooks/1/deliveries/2 | routine-harness fires routines/triage --event -
"""


@click.command(cls=GreedyCommand, epilog=EPILOG)
@click.argument("routines", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="ROUTINE...")
@click.option(
    "--event",
    "events",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="PATH",
    help="A webhook body, delivery, GH Archive file or folder of them; - is standard input.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--platform", type=click.Choice(EDITIONS), help="The edition of the platform's rules.")
@click.option("--any-repository", is_flag=True, help="Let events of other repositories count too.")
@click.option("--chains", is_flag=True, help="Also show what the routines' recorded acts would fire.")
def command(
    routines: tuple[Path, ...],
    events: tuple[Path, ...],
    as_json: bool,
    platform: str | None,
    any_repository: bool,
    chains: bool,
) -> int:
    """Say whether an event fires a routine, and why not."""
    judged = load_judged(routines, platform)
    problems: list[ArchiveProblem] = []
    counts: dict[str, int] = {}
    for event in _events(events, problems):
        for each in judged:
            edition = _widened(each.edition, any_repository)
            for match in _matches(each, event, edition, problems):
                counts[match.outcome] = counts.get(match.outcome, 0) + 1
                _print(match, each.routine.name, as_json)
    if counts and not as_json:
        click.echo(_summary(counts))
    if chains:
        _print_chains(judged, as_json)
    for problem in problems:
        click.echo(f"error: {problem}", err=True)
    if problems and not counts:
        raise RecordingError(Problem("", 0, "no event could be read"))
    return 0


def _events(paths: Iterable[Path], problems: list[ArchiveProblem]) -> Iterator[Event]:
    for path in paths:
        found = parse_events(_stdin(), "-") if str(path) == "-" else read_events([path])
        for each in found:
            if isinstance(each, ArchiveProblem):
                problems.append(each)
            else:
                yield each


def _stdin() -> bytes:
    return sys.stdin.buffer.read()


def _widened(edition: Edition, any_repository: bool) -> Edition:
    return edition.with_setting("repository_scope", "any") if any_repository else edition


def _matches(
    judged: Judged, event: Event, edition: Edition, problems: list[ArchiveProblem]
) -> tuple[Match, ...]:
    try:
        return match_routine(judged.routine, event, edition)
    except SpecError as error:
        problems.append(ArchiveProblem(event.source, 0, error.problems[0].message))
        return ()


def _print(match: Match, routine: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(match_record(match, routine), ensure_ascii=False))
        return
    place = "" if match.trigger is None else f" trigger {match.trigger + 1}"
    click.echo(f"{match.outcome:9} {routine}{place}  {match.event.name}  {match.event.source}")
    for clause in match.clauses:
        mark = {True: "✓", False: "✗", None: "?"}[clause.matches]
        click.echo(f"    {mark} {clause}")
    if match.depends_on:
        click.echo(f"    depends on undocumented: {', '.join(match.depends_on)}")


def _print_chains(judged: tuple[Judged, ...], as_json: bool) -> None:
    """What the recorded acts would fire, as findings; on standard error beside JSON lines."""
    registry = Registry()
    acts = [
        act for each in judged for act in recorded_acts(each.routine.name, recordings_of(each.path), registry)
    ]
    for finding in check_chains([each.routine for each in judged], acts, judged[0].edition, "me"):
        click.echo(f"{finding.severity.value}: {finding.message} [{finding.code}]", err=as_json)
        for line in finding.detail:
            click.echo(f"    {line}", err=as_json)


def _summary(counts: dict[str, int]) -> str:
    return ", ".join(f"{counts.get(name, 0)} {name}" for name in ("fired", "skipped", "undecided"))
