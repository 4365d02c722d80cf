"""``routine-harness fires``: whether events fire routines, with the reason for each clause."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from textwrap import fill
from typing import Final

import click

from routine_harness.backtest.events import parse_events, read_events
from routine_harness.backtest.forecast import acting_as, recorded_acts
from routine_harness.backtest.source import ArchiveProblem
from routine_harness.cli.judged import Judged, load_judged, recordings_of
from routine_harness.cli.lines import echo, echo_rendered, say_errors
from routine_harness.cli.storm import print_storm
from routine_harness.cli.terminal import colour_option, ink, terminal_width
from routine_harness.errors import BAD_INPUT, Problem, RecordingError, SpecError
from routine_harness.plain import Record
from routine_harness.routine.edition import EDITIONS, Edition
from routine_harness.store.connectors import connectors_above
from routine_harness.trigger.acts import Act
from routine_harness.trigger.chains import check_chains
from routine_harness.trigger.clause_words import shown
from routine_harness.trigger.event import Event
from routine_harness.trigger.match import Clause, Match, match_record, match_routine

EPILOG = """\b
Examples:
  routine-harness fires routines/triage --event delivery.json
  routine-harness fires routines/ --event deliveries/ --json | jq 'select(.outcome == "fired")'
  routine-harness fires routines/ --event push.json --storm 300 --chains
  gh api repos/acme/core/hooks/1/deliveries/2 | routine-harness fires routines/triage --event -
"""

_MARKS: Final = {True: "✓", False: "✗", None: "?"}
_WHOLE: Final[Record] = {"break_long_words": False, "break_on_hyphens": False}


@click.command(epilog=EPILOG)
@click.argument("routines", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="ROUTINE...")
@click.option(
    "--event",
    "events",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="PATH",
    help="A webhook body, delivery, GH Archive file or folder of them; - is standard input. Repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--platform", type=click.Choice(EDITIONS), help="The edition of the platform's rules.")
@click.option("--any-repository", is_flag=True, help="Let events of other repositories count too.")
@click.option("--chains", is_flag=True, help="Also show what the routines' recorded acts would fire.")
@click.option(
    "--storm",
    type=click.IntRange(1, 100_000),
    metavar="N",
    help="Also show N like the first, in ten minutes.",
)
@colour_option
def command(
    routines: tuple[Path, ...],
    events: tuple[Path, ...],
    as_json: bool,
    platform: str | None,
    any_repository: bool,
    chains: bool,
    storm: int | None,
) -> int:
    """Say whether an event fires a routine, and why not."""
    judged = load_judged(routines, platform, events_by="--event")
    problems: list[ArchiveProblem] = []
    counts: dict[str, int] = {}
    first: Event | None = None
    for event in _events(events, problems):
        first = first or event
        found = [
            (each, _matches(each, event, _widened(each.edition, any_repository), problems)) for each in judged
        ]
        for match in (match for _, matches in found for match in matches):
            counts[match.outcome] = counts.get(match.outcome, 0) + 1
        _print(found, as_json)
    if counts and not as_json:
        echo(_summary(counts))
    if storm and first is not None:
        print_storm(judged, first, storm, platform, any_repository, as_json)
    looping = _print_chains(judged, as_json) if chains else False
    say_errors(problems)
    if problems and not counts:
        raise RecordingError(Problem("", 0, "no event could be read"))
    return BAD_INPUT if any(problem.lost for problem in problems) else int(looping)


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


def _print(found: list[tuple[Judged, tuple[Match, ...]]], as_json: bool) -> None:
    """What became of one event: each routine that it could start, and one line of the others."""
    if as_json:
        for each, matches in found:
            for match in matches:
                echo(json.dumps(match_record(match, each.routine.name), ensure_ascii=False))
        return
    others = [each.routine.name for each, matches in found if matches and not any(map(_of_kind, matches))]
    named = False
    for each, matches in found:
        able = [match for match in matches if _of_kind(match)]
        if able and not named:
            echo_rendered(ink()(f"{able[0].event.name}  {able[0].event.source}", "file"))
            named = True
        # Triggers side by side of which the same is to be said are told together.
        for _, group in groupby(able, lambda match: (match.outcome, match.clauses, match.depends_on)):
            _print_alike(list(group), each.routine.name)
    if others:
        name = next(match.event.name for _, matches in found for match in matches)
        line = f"{'skipped':9} {name} starts none of: {', '.join(others)}"
        echo_rendered(ink()(fill(line, terminal_width(), subsequent_indent=" " * 10, **_WHOLE), "faint"))


def _of_kind(match: Match) -> bool:
    """Whether the trigger starts on events of this kind at all."""
    return not any(clause.field == "kind" and clause.matches is False for clause in match.clauses)


def _print_alike(matches: list[Match], routine: str) -> None:
    match, paint = matches[0], ink()
    skipped = match.outcome == "skipped"
    style = {"fired": "good", "undecided": "warning"}.get(match.outcome, "faint")
    echo_rendered(f"{paint(f'{match.outcome:9}', style)} {paint(routine, '')}{_triggers(matches)}")
    for clause in match.clauses:
        mark = _MARKS[clause.matches]
        decided = f"{clause.found} {mark}" + (f" wanted {clause.wanted}" if not clause.matches else "")
        told = decided if type(clause) is Clause else f"{clause} {mark}"
        if type(clause) is Clause and clause.matches and clause.wanted != shown(clause.actual):
            told += f" {clause.wanted}"
        _clause_line(told, "faint" if skipped and clause.matches else "")
    if match.depends_on:
        _clause_line(f"depends on undocumented: {', '.join(match.depends_on)}", "warning")


def _clause_line(text: str, style: str) -> None:
    echo_rendered(
        ink()(
            fill(text, terminal_width(), initial_indent=" " * 4, subsequent_indent=" " * 6, **_WHOLE), style
        )
    )


def _triggers(matches: list[Match]) -> str:
    first, last = matches[0].trigger, matches[-1].trigger
    if first is None or last is None:
        return ""
    return f" trigger {first + 1}" if first == last else f" triggers {first + 1}-{last + 1}"


def _print_chains(judged: tuple[Judged, ...], as_json: bool) -> bool:
    """Print what the recorded acts would fire, beside JSON lines as an error; whether there is a loop."""
    from routine_harness.cli.findings import print_plain

    acts, me = list[Act](), ""
    unrecorded = []
    for each in judged:
        recordings = list(recordings_of(each.path))
        if not recordings:
            unrecorded.append(each.routine.name)
        acts += recorded_acts(each.routine.name, recordings, connectors_above(each.path))
        me = me or next((login for recording in recordings if (login := acting_as(recording))), "")
    rules = {each.routine.name: each.edition for each in judged}
    findings = check_chains([each.routine for each in judged], acts, rules, me or "me")
    echo(err=as_json)
    print_plain(findings, count=len(judged), as_json=False, err=as_json)
    if unrecorded:
        names = ", ".join(unrecorded)
        echo(f"no recordings of {names}: what it would fire is not known", err=as_json)
    if not findings and len(unrecorded) < len(judged):
        echo("nothing that the recorded runs did fires a routine", err=as_json)
    return any(finding.fails for finding in findings)


def _summary(counts: dict[str, int]) -> str:
    return ", ".join(f"{counts.get(name, 0)} {name}" for name in ("fired", "skipped", "undecided"))
