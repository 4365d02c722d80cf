"""``routine-harness show``: the transcript of a case, the second run beside the first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from routine_harness.cli.cases import Checking
from routine_harness.cli.lines import echo, echo_rendered
from routine_harness.cli.terminal import colour_option, ink, terminal_width
from routine_harness.errors import Problem, UsageError
from routine_harness.finding import Finding
from routine_harness.report.case_plan import runs_of
from routine_harness.report.failure import render_finding
from routine_harness.report.side_by_side import render_beside, render_transcript
from routine_harness.session.run import Run
from routine_harness.store.worlds import dump_world, world_text

EPILOG = """\b
Examples:
  routine-harness show routines/security-triage-pr/cases/sql-injection.yaml
  routine-harness show routines/security-triage-pr --case sql-injection --full
  routine-harness show routines/security-triage-pr --case sql-injection --world 1 > worlds/after.yaml
"""


@click.command(epilog=EPILOG)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--case", metavar="NAME", help="Only the case of this name.")
@click.option("--full", is_flag=True, help="Whole arguments and answers, one run after the other.")
@click.option("--json", "as_json", is_flag=True, help="The entries of the transcripts, one a line.")
@click.option(
    "--world",
    type=click.IntRange(0, 2),
    help="A world instead, as a world file: 0 before the first run, 1 after it, 2 after the second.",
)
@colour_option
def command(path: Path, case: str | None, full: bool, as_json: bool, world: int | None) -> int:
    """Print the transcript of a case beside that of its second run."""
    checking = Checking((path,), case)
    for number, result in enumerate(checking.results()):
        runs = runs_of(result)
        if world is not None and runs:
            _show_world(result.case.heading, runs, world, number, as_json=as_json)
            continue
        if as_json:
            for run in runs:
                for entry in run.transcript:
                    echo(json.dumps(msgspec.to_builtins(entry), ensure_ascii=False))
            continue
        paint = ink()
        echo_rendered(paint(result.case.heading, "code"))
        if not runs:
            echo(f"No runs: the case {result.skipped}." if result.skipped else "", nl=bool(result.skipped))
            for finding in result.findings:
                echo_rendered("\n".join(render_finding(finding, width=terminal_width(), ink=paint)))
        elif full or len(runs) == 1:
            for run in runs:
                echo_rendered("\n".join(render_transcript(run, width=terminal_width(), ink=paint)))
        else:
            beside = render_beside(
                runs[0], runs[1], width=terminal_width(), ink=paint, marked=_marked(result.findings)
            )
            echo_rendered("\n".join(beside))
            echo_rendered(paint("in full: the same command with --full", "faint"))
        echo()
    checking.raise_problems()
    return 0


def _marked(findings: Sequence[Finding]) -> dict[int, set[int]]:
    """The calls of each run that fail a check."""
    failing = [finding for finding in findings if finding.fails]
    return {run: {call for finding in failing for call in finding.calls_in(run)} for run in (1, 2)}


def _show_world(heading: str, runs: Sequence[Run], number: int, place: int, *, as_json: bool) -> None:
    """Print one world of a case; as JSON on a line of its own, else under a comment that names the case."""
    if number > len(runs):
        message = f"{heading}: there is no World {number}: there was no run {number}"
        raise UsageError(Problem("", 0, message, "an imported recording has one run"))
    found = runs[0].world_before if number == 0 else runs[number - 1].world
    data = dump_world(found)
    if as_json:
        echo(json.dumps(data, ensure_ascii=False))
        return
    echo(("---\n" if place else "") + f"# {heading}: World {number}\n{world_text(data)}", nl=False)
