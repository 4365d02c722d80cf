"""``routine-harness check``: the verdicts of ``pytest routines/`` without pytest."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click
import msgspec

from routine_harness.case.result import CaseResult
from routine_harness.cli.cases import Checking
from routine_harness.report.failure import render_failure, render_finding
from routine_harness.report.terminal import plural
from routine_harness.store.files import shown
from routine_harness.store.redact import committed_files, scan_files

EPILOG = """\b
Examples:
  routine-harness check routines/
  routine-harness check routines/security-triage-pr --case sql-injection
  routine-harness check routines/ --json | jq .passed
"""


@click.command(epilog=EPILOG)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--case", metavar="NAME", help="Only the case of this name.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a case.")
@click.option("-q", "--quiet", is_flag=True, help="Failures and the closing line alone.")
def command(paths: tuple[Path, ...], case: str | None, as_json: bool, quiet: bool) -> int:
    """Run every case twice and judge it, without pytest.

    Files that are committed beside the routines are searched for secrets, too.
    """
    checking = Checking(paths or (Path(),), case)
    passed = failed = 0
    for result in checking.results():
        passed, failed = passed + result.passed, failed + (not result.passed)
        if as_json:
            click.echo(json.dumps(record(result), ensure_ascii=False))
        elif not quiet or not result.passed:
            print_result(result)
    secrets = scan_files(file for routine in checking.routines for file in committed_files(routine))
    for finding in secrets:
        click.echo("\n".join(render_finding(finding)), err=as_json)
    if not as_json:
        click.echo(f"{plural(passed + failed, 'case')}: {passed} passed, {failed} failed")
    checking.raise_problems()
    return int(failed > 0 or bool(secrets))


def record(result: CaseResult) -> dict[str, object]:
    """A result as JSON values."""
    case = result.case
    return {
        "routine": case.routine,
        "case": case.name + (f"[{case.id}]" if case.id else ""),
        "file": case.source.file,
        "passed": result.passed,
        "checks": [
            {
                "name": check.name,
                "outcome": check.outcome,
                "skipped": check.skipped,
                "findings": [msgspec.to_builtins(finding) for finding in check.findings],
            }
            for check in result.verdict.checks
        ],
    }


def print_result(result: CaseResult) -> None:
    """The case's line, and below it every check that failed, in words."""
    case = result.case
    name = shown(case.source.path) + (f" [{case.id}]" if case.id else "")
    click.echo(f"{'passed' if result.passed else 'FAILED'}  {name}")
    for check in result.verdict.checks:
        if check.outcome == "failed":
            click.echo(f"\n::{check.name}")
            click.echo(render_failure(check, result.pair, width=width()) + "\n")


def width() -> int:
    """The columns of the terminal; 80 where there is none."""
    return min(shutil.get_terminal_size().columns, 120)
