"""``routine-harness check``: the verdicts of ``pytest routines/`` without pytest."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Final

import click
import msgspec

from routine_harness.agents.acted import ActedBy, count_by, words_of
from routine_harness.case.case import Case
from routine_harness.case.confirmation import UNCONFIRMED
from routine_harness.case.result import CaseResult
from routine_harness.cli.cases import Checking
from routine_harness.cli.lines import echo, echo_rendered
from routine_harness.cli.terminal import colour_option, ink, terminal_width
from routine_harness.harness import Options, allowances
from routine_harness.report.failure import (
    Told,
    alike_lines,
    fold_detail,
    render_failure,
    render_finding,
    told_in_full,
)
from routine_harness.report.findings_json import by_data
from routine_harness.report.renewal import Renewal, renewal_lines, renewal_of
from routine_harness.report.text import visible
from routine_harness.routine.spec import Routine
from routine_harness.store.files import shown
from routine_harness.store.redact import committed_files, scan_files
from routine_harness.verdict.trials import reason_of
from routine_harness.verdict.verdict import Check
from routine_harness.verdict.words import counted

Renewals = dict[Renewal, list[tuple[str, Check]]]
"""What is to be recorded anew, each with the cases and their checks."""

_STYLES: Final = {"failed": "error", "passed": "good", "skipped": "faint"}
EPILOG = """\b
Examples:
  routine-harness check routines/
  routine-harness check routines/security-triage-pr --case sql-injection
  routine-harness check routines/ --json | jq .passed
"""


@click.command(epilog=EPILOG)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--case", metavar="NAME", help="Only the case of this name.")
@click.option(
    "--agent",
    type=click.Choice(["scripted"]),
    help="Who plays: scripted runs the script that a case names, also where a recording lies beside it.",
)
@click.option("--require-sandbox", is_flag=True, help="A case that needs a sandbox is an error without one.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a case.")
@click.option("-q", "--quiet", is_flag=True, help="Failures and the closing line alone.")
@colour_option
def command(
    paths: tuple[Path, ...],
    case: str | None,
    agent: str | None,
    require_sandbox: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Run every case twice and judge it, without pytest.

    A case whose script works in a sandbox is skipped where there is none. Files that are committed
    beside the routines are searched for secrets, too.
    """
    options = Options(agent=agent or "", environment=dict(os.environ), require_sandbox=require_sandbox)
    checking = Checking(paths or (Path(),), case, options)
    outcomes: Counter[str] = Counter()
    by: list[ActedBy | None] = []
    broken = unconfirmed = 0
    renewals: Renewals = {}
    for routine, check in checking.routine_checks():
        broken += check.outcome == "failed"
        if not as_json:
            print_routine(routine, check, quiet)
    for result in checking.results(marked=True):
        state = state_of(result)
        outcomes[state] += 1
        by.append(result.by)
        unconfirmed += any(finding.code == UNCONFIRMED for finding in result.findings)
        if as_json:
            echo(json.dumps(record(result), ensure_ascii=False))
        elif not quiet or state == "failed":
            print_result(result, state, renewals)
    print_renewals(renewals)
    outcomes["skipped"] += len(checking.skipped)
    secrets = scan_files(file for routine in checking.routines for file in committed_files(routine))
    for finding in secrets:
        echo_rendered("\n".join(render_finding(finding, width=terminal_width(), ink=ink())), err=as_json)
    if not as_json and (outcomes.total() or not checking.problems):
        resting = [words_of(count_by(by)), f"{unconfirmed} unconfirmed" if unconfirmed else ""]
        print_total(outcomes, checking, ", ".join(filter(None, resting)))
    checking.raise_problems()
    return int(outcomes["failed"] + broken > 0 or bool(secrets))


def state_of(result: CaseResult) -> str:
    """``passed`` or ``failed``, or with an x before it where the case expects to fail; ``skipped`` where
    this machine cannot run it."""
    if result.skipped:
        return "skipped"
    return ("x" if result.case.xfail else "") + ("passed" if result.passed else "failed")


def case_name(case: Case) -> str:
    """``one``, or ``one[variant]`` where a file holds several."""
    return case.name + (f"[{case.id}]" if case.id else "")


def print_total(outcomes: Counter[str], checking: Checking, by: str) -> None:
    """What was skipped and what policies take back, and the closing line, with who carried the cases out and
    how many of them rest on a script that nobody has confirmed for today's prompt."""
    for case in checking.skipped:
        echo(f"skipped {shown(case.source.path)}: {case.skip}")
    for line in dict.fromkeys(line for routine in checking.loaded for line in allowances(routine)):
        echo(f"allowed {line}")
    words = ("passed", "failed", "skipped", "xfailed", "xpassed")
    states = [f"{outcomes[word]} {word}" for word in words if outcomes[word] or word in words[:2]]
    style = "error" if outcomes["failed"] else "good" if outcomes["passed"] else ""
    whom = f" ({by})" if by else ""
    echo_rendered(ink()(f"{counted(sum(outcomes.values()), 'case')}: {', '.join(states)}{whom}", style))


def print_renewals(renewals: Renewals) -> None:
    """Each reason why recordings cannot be played, once: as it stands for one case, else with a count."""
    for renewal, held in renewals.items():
        (_, check), *others = held
        width, paint = terminal_width(), ink()
        lines = renewal_lines(renewal, [name for name, _ in held], width=width, ink=paint) if others else []
        # What else was found is the same for all of them.
        rest = [finding for finding in check.findings if not finding.fails]
        noted = msgspec.structs.replace(check, findings=tuple(rest)) if others else check
        failure = render_failure(noted, None, width=width, ink=paint)
        echo_rendered("\n" + "\n\n".join(filter(None, ("\n".join(lines), failure))))
    if renewals:
        echo("")


def print_routine(routine: Routine, check: Check, quiet: bool) -> None:
    """A check of a routine's files, where it says anything."""
    place = f"{shown(routine.source.path)}::{check.name}"
    if check.outcome == "failed":
        told = render_failure(check, None, width=terminal_width(), ink=ink())
        echo_rendered(f"{ink()('FAILED', 'error')}  {visible(place)}\n{told}\n")
    elif not quiet:
        print_warnings(check, place)


def print_warnings(check: Check, place: str) -> None:
    """What was found without failing the check, a line each."""
    for finding in check.findings:
        if not finding.fails:
            echo_rendered(
                f"{ink()('warning', 'warning')} {visible(f'{place}: {finding.code}: {finding.message}')}"
            )
            for line in told_in_full(finding):
                for part in fold_detail(line, terminal_width() - 6):
                    echo(f"      {part}")


def record(result: CaseResult) -> dict[str, object]:
    """A result as JSON values."""
    case = result.case
    return {
        "routine": case.routine,
        "case": case_name(case),
        "file": case.source.file,
        "passed": result.passed and not result.skipped,
        "skipped": result.skipped,
        "by": by_data(result.by),
        "depends_on": list(result.verdict.depends_on),
        "context": case.placement,
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


def print_result(result: CaseResult, state: str, renewals: Renewals) -> None:
    """The case's line, and below it every check that failed, in words, and every warning.

    A recording that cannot be played is put down in ``renewals``, to be told together with others.
    """
    case = result.case
    name = shown(case.source.path) + (f" [{case.id}]" if case.id else "")
    paint, told = ink(), Told()
    head = paint(f"{state.upper() if state == 'failed' else state:<7}", _STYLES.get(state, ""))
    more = f": {result.skipped}" if result.skipped else f"  {result.by}" if result.by is not None else ""
    echo_rendered(f"{head} {visible(name + more)}")
    alike: dict[tuple[str, ...], list[str]] = {}
    for check in result.verdict.checks:
        alike.setdefault(reason_of(check), []).append(check.name)
    for check in result.verdict.checks:
        first, *others = alike[reason_of(check)] if reason_of(check) else [check.name]
        if check.name != first:
            continue
        renewal = renewal_of(check, shown(result.routine.source.path))
        if renewal is not None and state == "failed":
            renewals.setdefault(renewal, []).append((case_name(case), check))
            echo_rendered(f"  {paint(f'::{check.name}', 'code')}  {renewal.code}: told below")
        elif check.outcome == "failed" and state == "failed":
            echo_rendered(f"\n{paint(f'::{check.name}', 'code')}")
            text = render_failure(
                check,
                result.pair_of(check),
                width=terminal_width(),
                ink=paint,
                told=told,
                # `show` has the case's own runs, not those of a trial.
                case="" if check.name in result.swept else shown(case.source.path),
            )
            echo_rendered("\n".join((text, *alike_lines(others, width=terminal_width()), "")))
        elif check.outcome == "passed":
            print_warnings(check, f"{name}::{check.name}")
    if result.verdict.depends_on:
        echo(f"        depends on undocumented: {', '.join(result.verdict.depends_on)}")
