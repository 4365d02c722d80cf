"""``routine-harness show``: the transcript of a case, the second run beside the first."""

from __future__ import annotations

import json
from pathlib import Path

import click
import msgspec

from routine_harness.cli.cases import Checking
from routine_harness.cli.dry_run import runs_of
from routine_harness.cli.lines import echo
from routine_harness.cli.terminal import terminal_width
from routine_harness.report.failure import render_finding
from routine_harness.report.side_by_side import render_beside, render_transcript

EPILOG = """\b
Examples:
  routine-harness show routines/security-triage-pr/cases/sql-injection.yaml
  routine-harness show routines/security-triage-pr --case sql-injection --full
"""


@click.command(epilog=EPILOG)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--case", metavar="NAME", help="Only the case of this name.")
@click.option("--full", is_flag=True, help="Whole arguments and answers, one run after the other.")
@click.option("--json", "as_json", is_flag=True, help="The entries of the transcripts, one a line.")
def command(path: Path, case: str | None, full: bool, as_json: bool) -> int:
    """Print the transcript of a case beside that of its second run."""
    checking = Checking((path,), case)
    for result in checking.results():
        runs = runs_of(result)
        if as_json:
            for run in runs:
                for entry in run.transcript:
                    echo(json.dumps(msgspec.to_builtins(entry), ensure_ascii=False))
            continue
        echo(result.case.heading)
        if not runs:
            for finding in result.findings:
                echo("\n".join(render_finding(finding, width=terminal_width())))
        elif full or len(runs) == 1:
            for run in runs:
                echo("\n".join(render_transcript(run, width=terminal_width())))
        else:
            echo("\n".join(render_beside(runs[0], runs[1], width=terminal_width())))
        echo()
    checking.raise_problems()
    return 0
