"""``routine-harness dry-run``: the plan of effects of a routine's cases."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import msgspec

from routine_harness.case.result import CaseResult
from routine_harness.cli.cases import Checking
from routine_harness.cli.lines import echo, echo_rendered
from routine_harness.cli.terminal import colour_option, ink, terminal_width
from routine_harness.errors import HarnessError, Problem
from routine_harness.predicate import as_spelt
from routine_harness.report.case_plan import marks_in, render_case_plan, runs_of
from routine_harness.report.failure import render_finding
from routine_harness.report.text import fold
from routine_harness.store.routines import load_routine

EPILOG = """\b
Examples:
  routine-harness dry-run routines/security-triage-pr
  routine-harness dry-run routines/security-triage-pr --case sql-injection --json
"""


@click.command("dry-run", epilog=EPILOG)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--case", metavar="NAME", help="Only the case of this name.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a run.")
@colour_option
def command(paths: tuple[Path, ...], case: str | None, as_json: bool) -> int:
    """Print the plan of effects of both runs of every case; nothing leaves the machine.

    The triggers of a routine without cases are tried on an example each, by the script in its agents/.

    Exits with 1 where `check` would: an effect is forbidden, a record is made twice, an expectation is not
    met, a run did not come about.
    """
    checking = Checking(paths, case)
    bad, seen = False, set[Path]()
    for result in checking.results():
        seen.add(Path(result.routine.source.path).absolute())
        print_json(result) if as_json else print_plan(result)
        bad |= not (result.passed or result.case.xfail)
    without = [path for path in checking.without if path.absolute() not in seen] if case is None else []
    unplayed: list[Problem] = []
    for name, result in _examples(without, unplayed):
        seen.add(Path(result.routine.source.path).absolute())
        print_json(result) if as_json else print_plan(result, name)
        bad |= not result.passed
    if not seen:
        checking.problems += unplayed
    else:
        for problem in unplayed:
            for line in fold(f"not run: {problem.file}: {problem.message}", terminal_width()):
                echo(line, err=True)
            echo(f"  hint: {problem.hint}", err=True)
    checking.raise_problems(played=bool(seen))
    return int(bad)


def _examples(routines: Sequence[Path], unplayed: list[Problem]) -> Iterator[tuple[str, CaseResult]]:
    """The triggers of routines without cases, each on an example; why one cannot be tried is ``unplayed``."""
    if not routines:
        return
    # Imported here: what makes up an event is needed only where there is no case.
    from routine_harness.cli.examples import run_examples

    for path in routines:
        try:
            yield from run_examples(load_routine(path))
        except HarnessError as error:
            unplayed += error.problems


def print_plan(result: CaseResult, heading: str = "") -> None:
    """The plan of one case, or why there is none."""
    paint = ink()
    echo_rendered(paint(heading or result.case.heading, "code"))
    if result.pair is not None:
        echo_rendered("\n".join(render_case_plan(result, width=terminal_width(), ink=paint)) + "\n")
        return
    for finding in result.findings:
        echo_rendered("\n".join(render_finding(finding, width=terminal_width(), ink=paint)))
    why = f": the case {result.skipped}" if result.skipped else ""
    echo(f"No runs{why}.\n" if result.passed else "")


def print_json(result: CaseResult) -> None:
    """A line of JSON for each run of one case."""
    for run in runs_of(result):
        marks = marks_in(result, run)
        line = {
            "routine": result.case.routine,
            "case": result.case.name,
            "id": result.case.id,
            "run": run.number,
            "status": run.status,
            "effects": [msgspec.to_builtins(effect, enc_hook=as_spelt) for effect in run.effects],
            "forbidden": sorted(marks.forbidden),
            "duplicates": {str(call): known for call, known in sorted(marks.again.items())},
        }
        echo(json.dumps(line, ensure_ascii=False))
