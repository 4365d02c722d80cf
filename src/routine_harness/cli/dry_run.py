"""``routine-harness dry-run``: the plan of effects of a routine's cases."""

from __future__ import annotations

import json
from pathlib import Path

import click
import msgspec

from routine_harness.case.result import CaseResult
from routine_harness.cli.cases import Checking
from routine_harness.cli.lines import echo
from routine_harness.cli.terminal import terminal_width
from routine_harness.predicate import as_spelt
from routine_harness.report.failure import render_finding
from routine_harness.report.plan import render_plan
from routine_harness.session.run import Run
from routine_harness.verdict.further import CONTEXT

EPILOG = """\b
Examples:
  routine-harness dry-run routines/security-triage-pr
  routine-harness dry-run routines/security-triage-pr --case sql-injection --json
"""


@click.command("dry-run", epilog=EPILOG)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--case", metavar="NAME", help="Only the case of this name.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a run.")
def command(paths: tuple[Path, ...], case: str | None, as_json: bool) -> int:
    """Print the plan of effects of both runs of every case; nothing leaves the machine.

    Exits with 1 if an effect is forbidden or a run did not come about.
    """
    checking = Checking(paths, case)
    bad = False
    for result in checking.results():
        bad |= not (print_json(result) if as_json else print_plan(result))
    checking.raise_problems()
    return int(bad)


def print_plan(result: CaseResult) -> bool:
    """The plan of one case; false if something in it is forbidden."""
    case = result.case
    echo(case.heading)
    if result.pair is None:
        for check in result.verdict.checks:
            for finding in check.findings:
                echo("\n".join(render_finding(finding, width=terminal_width())))
        why = f": the case {result.skipped}" if result.skipped else ""
        echo(f"No runs{why}.\n" if result.passed else "")
        return result.passed
    fine = True
    for run in runs_of(result):
        marked = forbidden_calls(result, run.number)
        fine &= not marked
        echo("first run" if run.number == 1 else "second run")
        echo("\n".join(render_plan(run.effects, width=terminal_width(), forbidden=marked)))
    echo()
    return fine


def print_json(result: CaseResult) -> bool:
    """A line of JSON for each run of one case; false if something in it is forbidden."""
    for run in runs_of(result):
        line = {
            "routine": result.case.routine,
            "case": result.case.name,
            "id": result.case.id,
            "run": run.number,
            "status": run.status,
            "effects": [msgspec.to_builtins(effect, enc_hook=as_spelt) for effect in run.effects],
            "forbidden": sorted(forbidden_calls(result, run.number)),
        }
        echo(json.dumps(line, ensure_ascii=False))
    return not any(forbidden_calls(result, run.number) for run in runs_of(result))


def runs_of(result: CaseResult) -> list[Run]:
    pair = result.pair
    return [run for run in (pair.first, pair.second) if run is not None] if pair is not None else []


def forbidden_calls(result: CaseResult, run: int) -> set[int]:
    """The numbers of the calls of ``run`` that the policy forbids."""
    placed = (None, result.case.placed)
    return {
        number
        for finding in result.findings
        if finding.fails and finding.run == run and finding.code.startswith("policy.")
        if finding.data.get(CONTEXT) in placed
        for number in finding.calls
    }
