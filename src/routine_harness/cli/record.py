"""``routine-harness record``: what the real agent does with a case, kept to be replayed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from routine_harness.agents.recording import Recorder
from routine_harness.case.case import Case
from routine_harness.case.plan import Setting
from routine_harness.case.result import CaseResult
from routine_harness.cli.dry_run import print_plan
from routine_harness.cli.live_options import live_options, read_options
from routine_harness.errors import Problem, UsageError
from routine_harness.guard.live import guard_for
from routine_harness.harness import Harness, Options
from routine_harness.live.agent import LiveOptions, execute_live
from routine_harness.live.mcp_client import fill_in_all, load_servers
from routine_harness.live.recorder import (
    Attempted,
    Wanted,
    attempts,
    keep_untracked,
    review_lines,
    unreviewed,
    why_recorded,
)
from routine_harness.live.through import RealServers, Through, real_servers
from routine_harness.routine.spec import Routine
from routine_harness.session.run import RunPair
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.cases import load_case_file
from routine_harness.store.files import shown
from routine_harness.store.plugins import known_connectors
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
@click.option(
    "--connectors",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Let reads through to the MCP servers of this .mcp.json; writes stay here.",
)
@click.option("--read", "reads", multiple=True, metavar="SERVER.TOOL", help="A tool that only reads.")
@click.option("--guard", is_flag=True, help="Let the policy deny calls, as the guard would in production.")
@click.option("--review", is_flag=True, help="Show what unreviewed recordings of live text would commit.")
@live_options
def command(
    paths: tuple[Path, ...],
    case: str | None,
    everything: bool,
    stale: bool,
    repeat: int,
    overwrite: bool,
    connectors: Path | None,
    reads: tuple[str, ...],
    guard: bool,
    review: bool,
    **live: Any,
) -> int:
    """Run cases with the real agent, twice each, and keep what it did.

    Exits with 1 if no attempt at a case passed.
    """
    if everything and stale:
        raise UsageError(Problem("", 0, "--all and --stale exclude each other"))
    if review:
        return _review(paths)
    wanted: Wanted = "all" if everything or case else "stale" if stale else "missing"
    options = read_options(live, progress=_say)
    if guard:
        options = msgspec.structs.replace(options, guard=guard_for)
    found = _cases(paths, case)
    if case and not found:
        raise UsageError(Problem("", 0, f"there is no case {case}", "cases are named by their files"))
    with _real(connectors) as servers:
        recording = Recording(options, repeat, overwrite, servers, reads)
        passed = [
            _record(loaded, routine, recording, why)
            for loaded, routine in found
            if (why := why_recorded(loaded, routine, wanted))
        ]
    return int(not all(passed))


class Recording(msgspec.Struct, frozen=True, eq=False):
    """How cases are recorded in one call of the command."""

    options: LiveOptions
    repeat: int
    overwrite: bool
    servers: RealServers | None
    reads: tuple[str, ...]

    def harness(self, case: Case) -> Harness:
        """A harness that records ``case``; between the agent and real servers, where there are any."""
        own = case.record_with
        name = own.name if own is not None and self.options.model is None else "claude-code"
        settings = Options(record="all", agent=name, overwrite=self.overwrite, environment=dict(os.environ))
        registry = known_connectors()
        listed = self.servers.connectors(registry, self.reads) if self.servers is not None else ()
        return Harness(settings, self._execute, listed)

    def _execute(self, setting: Setting) -> tuple[RunPair | None, Recorder]:
        servers = self.servers
        if servers is None:
            return execute_live(setting, self.options)
        registry = setting.registry
        between = msgspec.structs.replace(setting, rewind=lambda: Through(servers, registry))
        return execute_live(between, msgspec.structs.replace(self.options, servers=servers))


@contextlib.contextmanager
def _real(connectors: Path | None) -> Iterator[RealServers | None]:
    if connectors is None:
        yield None
        return
    registry = known_connectors()
    servers = fill_in_all(load_servers(connectors), os.environ)
    with real_servers(servers, registry) as started:
        yield started


def _review(paths: tuple[Path, ...]) -> int:
    """Show what would be committed; 1 where something is left to be reviewed."""
    found = [path for given in paths for path in unreviewed(given if given.is_dir() else given.parent)]
    for path in found:
        click.echo(f"{shown(path)}:")
        for line in review_lines(path):
            click.echo(f"  {line}")
        click.echo(f"to commit it: git add --force {shown(path)}\n")
    if not found:
        click.echo("nothing to review")
    return int(bool(found))


def _cases(paths: tuple[Path, ...], name: str | None) -> list[tuple[Case, Routine]]:
    found = []
    for file in dict.fromkeys(file for path in paths for file in discover(path).cases):
        loaded = load_case_file(file)
        found += [
            (case, loaded.routine)
            for case in loaded.cases
            if name in (None, case.name, case.key) and case.expect.fires
        ]
    return found


def _record(case: Case, routine: Routine, recording: Recording, why: str) -> bool:
    """Record one case; whether an attempt passed."""
    click.echo(f"recording {case.heading}: {why}", err=True)
    harness = recording.harness(case)
    passed = 0
    for attempt in attempts(case, routine, harness.check_case, recording.repeat):
        passed += attempt.result.passed
        _show(attempt)
    if recording.servers is not None:
        keep_untracked(CaseFiles(case, routine).recording_path)
    if recording.repeat > 1:
        click.echo(f"{case.heading}: passed {passed} of {recording.repeat}")
    return passed > 0


def _show(attempt: Attempted) -> None:
    result = attempt.result
    print_plan(result)
    told = CaseFiles(result.case, result.routine).recording()
    recorder = told.header.agent if told is not None else None
    if recorder is not None and recorder.isolation:
        click.echo(f"isolation: {recorder.isolation}; clock: {recorder.clock}; CLI {recorder.version}")
    click.echo(f"{'passed' if result.passed else 'FAILED'}  {attempt.recording}{_cost(result)}")
    if told is not None and told.header.passed and not result.passed:
        click.echo(f"  kept the pair that passed ({told.header.attempts}); --overwrite replaces it")
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


def _say(text: str) -> None:
    line = text.strip().splitlines()[0] if text.strip() else ""
    click.echo(f"  {line[:100]}", err=True)
