"""``routine-harness record``: what the real agent does with a case, kept to be replayed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from routine_harness.case.case import Case
from routine_harness.case.result import CaseResult
from routine_harness.cli.dry_run import print_plan
from routine_harness.cli.live_options import live_options, read_options
from routine_harness.errors import Problem, UsageError
from routine_harness.harness import Harness, Options
from routine_harness.live.agent import LiveOptions, execute_live
from routine_harness.live.recorder import Attempted, Wanted, attempts, why_recorded
from routine_harness.routine.spec import Routine
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.cases import load_case_file
from routine_harness.store.routines import discover

EPILOG = """\b
Examples:
  routine-harness record routines/security-triage-pr --case sql-injection
  routine-harness record routines/ --stale
  routine-harness record routines/triage --all --repeat 5 --limit-usd 2
  routine-harness record routines/triage --script ../models/triage.py::turns

Without a flag, cases whose recording is absent or stale are recorded. A pair that failed never takes
the place of one that passed under the same digests, unless --overwrite is given.
"""


@click.command(epilog=EPILOG)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--case", metavar="NAME", help="Only the case of this name, whatever its recording.")
@click.option("--all", "everything", is_flag=True, help="Every case, fresh recordings too.")
@click.option("--stale", is_flag=True, help="Stale recordings alone.")
@click.option(
    "--repeat", metavar="K", type=click.IntRange(1, 100), default=1, help="Record K pairs, and count."
)
@click.option("--overwrite", is_flag=True, help="Let a pair that failed replace one that passed.")
@live_options
def command(
    paths: tuple[Path, ...],
    case: str | None,
    everything: bool,
    stale: bool,
    repeat: int,
    overwrite: bool,
    **live: Any,
) -> int:
    """Run cases with the real agent, twice each, and keep what it did.

    Exits with 1 if no attempt at a case passed.
    """
    if everything and stale:
        raise UsageError(Problem("", 0, "--all and --stale exclude each other"))
    wanted: Wanted = "all" if everything or case else "stale" if stale else "missing"
    options = read_options(live, progress=_say)
    failed = seen = False
    for loaded, routine in _cases(paths, case):
        why = why_recorded(loaded, routine, wanted)
        seen = True
        if why:
            click.echo(f"recording {_name(loaded)}: {why}", err=True)
            failed |= not _record(loaded, routine, options, repeat, overwrite=overwrite)
    if case and not seen:
        raise UsageError(Problem("", 0, f"there is no case {case}", "cases are named by their files"))
    return int(failed)


def _cases(paths: tuple[Path, ...], name: str | None) -> list[tuple[Case, Routine]]:
    found = []
    for file in dict.fromkeys(file for path in paths for file in discover(path).cases):
        loaded = load_case_file(file)
        found += [
            (case, loaded.routine)
            for case in loaded.cases
            if name in (None, case.name, f"{case.name}.{case.id}") and case.expect.fires
        ]
    return found


def _record(case: Case, routine: Routine, options: LiveOptions, repeat: int, *, overwrite: bool) -> bool:
    """Record one case; whether an attempt passed."""
    own = case.record_with
    settings = Options(
        record="all", agent=own.name if own is not None and options.model is None else "claude-code",
        overwrite=overwrite, environment=dict(os.environ),
    )  # fmt: skip
    harness = Harness(settings, live=lambda setting: execute_live(setting, options))
    passed = 0
    for attempt in attempts(case, routine, harness.check_case, repeat):
        passed += attempt.result.passed
        _show(attempt)
    if repeat > 1:
        click.echo(f"{_name(case)}: passed {passed} of {repeat}")
    return passed > 0


def _show(attempt: Attempted) -> None:
    result = attempt.result
    print_plan(result)
    told = CaseFiles(result.case, result.routine).recording()
    recorder = told.header.agent if told is not None else None
    if recorder is not None and recorder.isolation:
        click.echo(f"isolation: {recorder.isolation}; clock: {recorder.clock}; CLI {recorder.version}")
    click.echo(f"{'passed' if result.passed else 'FAILED'}  {attempt.recording}{_cost(result)}")
    for finding in result.verdict.findings:
        if finding.fails:
            click.echo(f"  {finding.code}: {finding.message}")


def _cost(result: CaseResult) -> str:
    if result.pair is None:
        return ""
    runs = [run for run in (result.pair.first, result.pair.second) if run is not None]
    tokens = sum(run.usage.input_tokens + run.usage.output_tokens for run in runs)
    cost, seconds = sum(run.usage.cost_usd for run in runs), sum(run.usage.seconds for run in runs)
    return f"  ({tokens} tokens, ${cost:.2f}, {seconds:.0f} s)" if seconds else ""


def _name(case: Case) -> str:
    return f"{case.routine}: {case.name}" + (f" [{case.id}]" if case.id else "")


def _say(text: str) -> None:
    line = text.strip().splitlines()[0] if text.strip() else ""
    click.echo(f"  {line[:100]}", err=True)
