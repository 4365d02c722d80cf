"""``routine-harness record``: what the real agent does with a case, kept to be replayed."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click
import msgspec

from routine_harness.case.case import REAL, Case
from routine_harness.case.placement import own_of, under, variants_of
from routine_harness.cli.lines import echo, refuse_nothing
from routine_harness.cli.live_options import live_options, read_options
from routine_harness.cli.record_estimate import Due, estimate_lines
from routine_harness.cli.record_trials import due_trials, record_trials, trial_estimate_lines
from routine_harness.cli.recording import CaseRecorder, say, tell
from routine_harness.errors import AgentError, CredentialError, HarnessError, Problem, UsageError
from routine_harness.guard.live_guard import guard_for
from routine_harness.live.client.live_agent import LiveOptions
from routine_harness.live.outside.real_servers import RealServers, check_reads, real_servers
from routine_harness.live.outside.server_entries import fill_in_all, load_servers
from routine_harness.live.record.recorder import review_lines, unreviewed
from routine_harness.live.record.recording_plan import Choice, Wanted, check_ready, choose
from routine_harness.live.sandbox.scratch import ended_by_signal
from routine_harness.plain import Json
from routine_harness.routine.edition_rules import PLACEMENTS, Placement
from routine_harness.routine.spec import Routine
from routine_harness.store.cases import load_case_file
from routine_harness.store.connectors import connectors_above
from routine_harness.store.files import shown
from routine_harness.store.policies import load_policy
from routine_harness.store.routines import discover
from routine_harness.verdict.further import ADVERSARY, CRASH, FAULTS

EPILOG = """\b
Examples:
  routine-harness record routines/security-triage-pr --case sql-injection
  routine-harness record routines/ --stale
  routine-harness record routines/triage --all --repeat 5 --limit-usd 2
  routine-harness record routines/triage --script ../models/triage.py::turns
  routine-harness record routines/security-triage-pr --case sql-injection --context later

Without a flag, cases whose recording is absent or stale are recorded. A pair that failed never takes
the place of one that passed under the same digests, unless --overwrite is given. A case is recorded by
the script that it names in record_with; without one, and with --live, --script, --play, --connectors or
--guard, by the real agent, unless --script or --play stands in. It wants a subscription's token in
CLAUDE_CODE_OAUTH_TOKEN (`claude setup-token` prints one) or a key in ANTHROPIC_API_KEY, which is billed.
"""


@click.command(epilog=EPILOG)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--live", is_flag=True, help="Record the real agent, even if a case names a script.")
@click.option("--case", metavar="NAME", help="Only the case of this name, even if its recording is fresh.")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Every case, fresh recordings too; with --stale, every stale one.",
)
@click.option("--stale", is_flag=True, help="Only stale recordings, not absent ones.")
@click.option(
    "--repeat", metavar="K", type=click.IntRange(1, 100), default=1, help="Record K pairs, and count."
)
@click.option(
    "--until-settled",
    is_flag=True,
    help="Stop --repeat once the attempts prove the policy's pass_rate, or that it is not reached.",
)
@click.option("--overwrite", is_flag=True, help="Let a pair that failed replace one that passed.")
@click.option(
    "--context",
    type=click.Choice(PLACEMENTS),
    help="When the context of the trigger comes; another than the case's own gets a recording beside it.",
)
@click.option(
    "--connectors",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Let reads through to the MCP servers of this .mcp.json; writes stay here.",
)
@click.option("--read", "reads", multiple=True, metavar="SERVER.TOOL", help="A tool that only reads.")
@click.option("--guard", is_flag=True, help="Let the policy deny calls, as an installed guard would.")
@click.option("--crash", is_flag=True, help="Record a run after each point at which a case's run may die.")
@click.option("--faults", is_flag=True, help="Record a pair under each fault of a case's packs.")
@click.option("--adversary", is_flag=True, help="Record a run for each place and act of a case's attacks.")
@click.option("--review", is_flag=True, help="Show what unreviewed recordings of live text would commit.")
@live_options
def command(
    paths: tuple[Path, ...],
    live: bool,
    case: str | None,
    everything: bool,
    stale: bool,
    repeat: int,
    until_settled: bool,
    overwrite: bool,
    context: Placement | None,
    connectors: Path | None,
    reads: tuple[str, ...],
    guard: bool,
    crash: bool,
    faults: bool,
    adversary: bool,
    review: bool,
    **given: Json,
) -> int:
    """Run cases with the real agent, twice each, and keep what it did.

    Exits with 1 if no attempt at a case passed, with 2 if one cannot be recorded, as its input is bad.
    """
    if review:
        return _review(paths)
    wanted: Wanted = "stale" if stale else "all" if everything or case else "missing"
    options = read_options(given, progress=say)
    if guard:
        options = msgspec.structs.replace(options, guard=guard_for)
    found = _placed(_cases(paths, case), context)
    if case and not found:
        raise UsageError(Problem("", 0, f"there is no case {case}", "cases are named by their files"))
    refuse_nothing(found, "case")
    if until_settled:
        _check_rates(case for case, _ in found)
    _check_sources(options.sources, [routine for _, routine in found])
    played = _played(given)
    checks = [name for name, asked in ((CRASH, crash), (FAULTS, faults), (ADVERSARY, adversary)) if asked]
    if checks:
        _refuse_beside_trials(
            repeat=repeat > 1,
            overwrite=overwrite,
            connectors=bool(connectors),
            read=bool(reads),
            context=bool(context),
        )
        return _record_trials(found, checks, options, given, everything=everything)
    real = live or guard or bool(connectors) or bool(played)
    choices = [choose(case, routine, wanted, real=real, played=bool(played)) for case, routine in found]
    due = [
        Due(case, routine, choice.why, _by(case, real=real))
        for (case, routine), choice in zip(found, choices, strict=True)
        if choice.due
    ]
    if not due:
        return _nothing(found, choices, nightly=stale)
    scripted = [one.case for one in due if one.by != REAL]
    credential = check_ready(options, os.environ, live=len(scripted) < len(due), scripted=scripted)
    billed = credential is None or credential.billed
    if credential is not None:
        tell(credential.told)
    for line in estimate_lines(
        due, found, repeat=repeat, limit_usd=given["limit_usd"], played=played, billed=billed,
        each=not everything,
    ):  # fmt: skip
        tell(line)
    options = msgspec.structs.replace(options, progress=functools.partial(say, billed=billed))
    with _real(connectors, reads, Path(due[0].routine.source.path)) as servers:
        recorder = CaseRecorder(
            options, repeat=repeat, until_settled=until_settled, overwrite=overwrite, servers=servers,
            reads=reads, played=played, billed=billed, script=given["script"] or "",
        )  # fmt: skip
        return int(not _record_all(recorder, due))


def _refuse_beside_trials(**given: bool) -> None:
    """A trial is one run under one thing that goes wrong: what shapes the recording of a case says nothing
    there.

    Raises:
        UsageError: with the options that were given all the same.
    """
    named = [f"--{name}" for name, value in given.items() if value]
    if named:
        message = f"{', '.join(named)} cannot stand beside --crash, --faults and --adversary"
        raise UsageError(Problem("", 0, message, "record the case first, then its trials"))


def _record_trials(
    found: Sequence[tuple[Case, Routine]],
    checks: Sequence[str],
    options: LiveOptions,
    given: dict[str, Json],
    *,
    everything: bool,
) -> int:
    """Record the trials of ``checks``, told how many runs they are and what they cost before."""
    due, played = due_trials(found, checks, everything=everything), _played(given)
    if not due:
        raise UsageError(Problem("", 0, "nothing to record: every trial is fresh", "--all records them anew"))
    credential = check_ready(options, os.environ, live=True, scripted=())
    billed = credential is None or credential.billed
    if credential is not None:
        tell(credential.told)
    for line in trial_estimate_lines(
        due, found, limit_usd=given["limit_usd"], played=played, billed=billed
    ):  # fmt: skip
        tell(line)
    options = msgspec.structs.replace(options, progress=functools.partial(say, billed=billed))
    recorder = CaseRecorder(
        options, repeat=1, overwrite=True, servers=None, reads=(), played=played, billed=billed,
        script=given["script"] or "",
    )  # fmt: skip
    return int(not record_trials(recorder, due))


def _check_rates(cases: Iterable[Case]) -> None:
    """Every case has a policy that says which pass rate is to be proved."""
    for case in cases:
        if not load_policy(case.source.path).gate.pass_rate:
            hint = "write gate: {require: {pass_rate: 0.9, confidence: 0.9}} into policy.yaml"
            message = "--until-settled: no policy above this case says which pass rate is to be proved"
            raise UsageError(Problem(case.source.file, 0, message, hint))


def _by(case: Case, *, real: bool) -> str:
    """The agent that records ``case``: the one that it names, unless the ``real`` one is asked for."""
    own = case.record_with
    return REAL if own is None or real else own.name


def _nothing(found: Sequence[tuple[Case, Routine]], choices: Sequence[Choice], *, nightly: bool) -> int:
    """Say of each case why it is not recorded. That is an error, as nothing came of what was asked for;
    only ``--stale`` asks whether there is anything to do, every night, and is not red where there is not.

    Raises:
        UsageError: with a problem a case.
    """
    if not nightly:
        raise UsageError(
            *(
                Problem(case.source.file, 0, f"nothing to record of {case.key}: {choice.why}", choice.hint)
                for (case, _), choice in zip(found, choices, strict=True)
            )
        )
    echo("nothing to record", err=True)
    for (case, _), choice in zip(found, choices, strict=True):
        echo(f"  {case.heading}: {choice.why}", err=True)
    return 0


def _placed(found: list[tuple[Case, Routine]], context: Placement | None) -> list[tuple[Case, Routine]]:
    """The cases as they are run with their ``context`` there; without one they are left as they are.

    Raises:
        UsageError: no event of theirs brings a context.
    """
    if context is None:
        return found
    placed = [(under(own_of(case), context), routine) for case, routine in found if case.places_context]
    if found and not placed:
        hint = "a schedule, and a fire request without a text, bring none"
        raise UsageError(Problem("", 0, f"--context {context}: no event here brings a context", hint))
    return placed


def _record_all(recorder: CaseRecorder, due: Sequence[Due]) -> bool:
    """Record each case, by the real agent until the spending limit is reached; whether all have passed.

    Raises:
        CredentialError: nothing opens the model; the cases so far were recorded.
        AgentError: the inputs of some are bad; the others were recorded.
    """
    passed, left, problems = True, list[Due](), list[Problem]()
    for one in due:
        if one.by == REAL and recorder.spent_all:
            left.append(one)
            continue
        try:
            passed = recorder.record(one) and passed
        except CredentialError as error:
            raise CredentialError(*problems, *error.problems) from error  # no other case fares better
        except HarnessError as error:
            problems += error.problems
    recorder.tell_left([one.case for one in left])
    if problems:
        raise AgentError(*problems)
    return passed and not left


def _played(given: dict[str, Json]) -> str:
    return "script" if given["script"] else "recording" if given["play"] else ""


def _check_sources(sources: Iterable[str], routines: Iterable[Routine]) -> None:
    """Every source is one of a repository that a routine has."""
    known = sorted({each.full_name for routine in routines for each in routine.repositories})
    lowered = {name.lower() for name in known}
    strange = [name for name in sources if name.lower() not in lowered]
    if strange:
        hint = f"their repositories are {', '.join(known)}" if known else "they have no repository"
        raise UsageError(
            *(
                Problem("", 0, f"--source {name}: no routine here has that repository", hint)
                for name in strange
            )
        )


@contextlib.contextmanager
def _real(connectors: Path | None, reads: tuple[str, ...], near: Path) -> Iterator[RealServers | None]:
    if connectors is None:
        if reads:
            hint = "name the servers' configuration: --connectors .mcp.json"
            raise UsageError(Problem("", 0, "--read is about the servers of --connectors", hint))
        yield None
        return
    registry = connectors_above(near)
    servers = fill_in_all(load_servers(connectors), os.environ)
    with ended_by_signal(), real_servers(servers, registry) as started:
        check_reads(reads, started, registry)
        yield started


def _review(paths: tuple[Path, ...]) -> int:
    """Show what would be committed; 1 where something is left to be reviewed."""
    found = [path for given in paths for path in unreviewed(given if given.is_dir() else given.parent)]
    for path in found:
        echo(f"{shown(path)}:")
        for line in review_lines(path):
            echo(f"  {line}")
        echo(f"to commit it: git add --force {shown(path)}\n")
    if not found:
        echo("nothing to review")
    return int(bool(found))


def _cases(paths: tuple[Path, ...], name: str | None) -> list[tuple[Case, Routine]]:
    found = []
    for file in dict.fromkeys(file for path in paths for file in discover(path).cases):
        loaded = load_case_file(file)
        found += [
            (case, loaded.routine)
            for own in loaded.cases
            for case in (variants_of(own) if name is not None else (own,))
            if name in (None, case.key, *(() if case.placed else (case.name,)))
        ]
    return found
