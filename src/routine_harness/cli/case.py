"""``routine-harness case``: a new case from an event, a recording or a real pull request."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from routine_harness.cli.lines import echo, say
from routine_harness.errors import Problem, RecordingError, UsageError

if TYPE_CHECKING:
    from routine_harness.interop.case_drafts import CaseDraft
    from routine_harness.interop.case_files import CasePlace
    from routine_harness.trigger.event import Event
    from routine_harness.world.registry import Registry

_MOST = 5
"""Problems of one file that are worth reading: a file of something else has one a line."""
EPILOG = """\b
Examples:
  routine-harness case routines/triage/cases/sql.yaml --event delivery.json
  gh api repos/acme/core/hooks/1/deliveries/2 | routine-harness case routines/triage/cases/sql.yaml --event -
  routine-harness case routines/triage/cases/again.yaml --recording routines/triage/recordings/sql.jsonl
  GITHUB_TOKEN=$(gh auth token) routine-harness case routines/triage/cases/pr-42.yaml --from-pr acme/core#42

A pull request is read over GitHub's REST API with the token in GH_TOKEN or GITHUB_TOKEN: by GET requests to
GITHUB_API_URL (https://api.github.com) and nothing else, and only in the routine's own repositories.
"""


@click.command(epilog=EPILOG)
@click.argument("case", type=click.Path(path_type=Path))
@click.option(
    "--event", "event", type=click.Path(path_type=Path, allow_dash=True), metavar="PATH",
    help="A webhook body, delivery, event of Actions or fire request; - is standard input.",
)  # fmt: skip
@click.option(
    "--recording", "recording", type=click.Path(path_type=Path), metavar="FILE",
    help="A recorded run: its world and its firing.",
)  # fmt: skip
@click.option("--from-pr", "pull", metavar="OWNER/REPO#N", help="A real pull request, read with a token.")
@click.option("--on", "on", default="", metavar="EVENT",
              help="With --from-pr: what the case is about, such as pull_request.labeled.")  # fmt: skip
@click.option("--routine", "routine", default="", help="Which routine, where several lie beside the case.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option("--json", "as_json", is_flag=True, help="Say what was done as JSON.")
def command(
    case: Path,
    event: Path | None,
    recording: Path | None,
    pull: str | None,
    on: str,
    routine: str,
    force: bool,
    as_json: bool,
) -> None:
    """Write a new case with its firing and its world; what the run has to do is yours to fill in.

    Secrets are redacted on the way. Until a run is recorded the case is red.
    """
    # Imported here: --help needs nothing of this.
    import msgspec

    from routine_harness.harness import check_case
    from routine_harness.interop.case_files import CasePlace, write_case
    from routine_harness.store.connectors import connectors_above
    from routine_harness.store.files import shown

    _refuse_contradictions(event, recording, pull, on)
    place = CasePlace.of(case, routine)
    registry = connectors_above(case)
    if event is not None:
        draft = _from_event(event, place, registry)
    elif recording is not None:
        draft = _from_recording(recording, place, registry)
    else:
        draft = _from_pull(str(pull), on, place, registry)
    files = [shown(path) for path in write_case(draft, place, os.environ, force=force)]
    fires = check_case(case).verdict.check("fires")
    if as_json:
        said = {"files": files, "gaps": draft.gaps, "fires": fires.outcome == "passed"}
        echo(msgspec.json.encode(said).decode())
        return
    for file in files:
        echo(f"wrote {file}")
    for gap in draft.gaps:
        say(f"  note: {gap}")
    for finding in fires.findings:
        say(f"  note: {finding.message}")
        for line in finding.detail:
            say(f"    {line}")
    say("fill in expect: what the run has to do; the case is red until a run is recorded")


def _refuse_contradictions(event: Path | None, recording: Path | None, pull: str | None, on: str) -> None:
    options = (("--event", event), ("--recording", recording), ("--from-pr", pull))
    given = [name for name, value in options if value is not None]
    if len(given) != 1:
        names = ", ".join(name for name, _ in options)
        found = " and ".join(given) or "none"
        raise UsageError(Problem("", 0, f"expected one of {names}, found {found}", "a case has one origin"))
    if on and pull is None:
        raise UsageError(Problem("", 0, "--on goes with --from-pr", "an event says itself what it is"))


def _from_event(path: Path, place: CasePlace, registry: Registry) -> CaseDraft:
    from routine_harness.interop.case_drafts import draft_of_event

    event, source = _only_event(path)
    return draft_of_event(event, source, place.routine, registry)


def _only_event(path: Path) -> tuple[Event, str]:
    """The one event that the file holds, and what to call it."""
    from routine_harness.backtest.events import parse_events
    from routine_harness.backtest.source import ArchiveProblem
    from routine_harness.store.files import read_bytes, shown

    if str(path) == "-":
        data, name = sys.stdin.buffer.read(), "the standard input"
    else:
        data, name = read_bytes(path), shown(path)
    found = list(parse_events(data, name))
    problems = [each for each in found if isinstance(each, ArchiveProblem)]
    events = [each for each in found if not isinstance(each, ArchiveProblem)]
    if problems:
        raise RecordingError(*(Problem(each.file, 0, each.message) for each in problems[:_MOST]))
    if len(events) != 1:
        hint = "keep the one that the case is about in a file of its own"
        raise RecordingError(Problem(name, 0, f"expected one event, found {len(events)}", hint))
    return events[0], path.name if str(path) != "-" else name


def _from_recording(path: Path, place: CasePlace, registry: Registry) -> CaseDraft:
    from routine_harness.interop.case_drafts import draft_of_recording
    from routine_harness.store.files import shown
    from routine_harness.store.recordings import load_recording

    held = load_recording(path, shown(path))
    if held is None:
        raise RecordingError(Problem(shown(path), 0, "there is no such file"))
    if not held.runs.get(1):
        raise RecordingError(Problem(shown(path), 0, "the recording holds no run"))
    return draft_of_recording(held, path.name, place.recorded_trigger(path), registry)


def _from_pull(written: str, on: str, place: CasePlace, registry: Registry) -> CaseDraft:
    from routine_harness.interop.case_drafts import draft_of_pull
    from routine_harness.interop.github_reads import GithubReads
    from routine_harness.interop.pull_request_reads import (
        event_for,
        parse_reference,
        read_pull,
        refuse_ungranted,
    )

    reference = parse_reference(written)
    event = event_for(place.routine, on)
    refuse_ungranted(reference, place.routine)
    with GithubReads(os.environ) as reads:
        read = read_pull(reads, reference, event, registry)
    return draft_of_pull(read, reference, event, registry)
