"""The plan of a case: what both of its runs do to the outside, and one total over the two."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from routine_harness.case.result import CaseResult
from routine_harness.report.failure import render_finding
from routine_harness.report.ink import PLAIN, Ink
from routine_harness.report.plan import DUPLICATE, Marks, marks_of, plan_lines, total_line
from routine_harness.session.run import Run

_RUNS = {1: "first run", 2: "second run"}


def runs_of(result: CaseResult) -> tuple[Run, ...]:
    """The runs of a case's own pair, none where none came about."""
    return result.pair.runs if result.pair is not None else ()


def marks_in(result: CaseResult, run: Run) -> Marks:
    """What the case's verdict says about the effects of one of its runs."""
    return marks_of(run, result.findings_of_pair, result.case.placed or "")


def render_case_plan(result: CaseResult, *, width: int = 80, ink: Ink = PLAIN) -> Iterator[str]:
    """The effects of each run, what the verdict has against them, and the total.

    A record that is made again stands with the one that it repeats; what the plan does not show by a
    sign is told below it in one line a finding.
    """
    marked = [(run, marks_in(result, run)) for run in runs_of(result)]
    for run, marks in marked:
        yield ink(_RUNS[run.number], "code")
        lines = list(plan_lines(run.effects, marks, width=width, ink=ink))
        yield from lines or [ink("  no effects", "faint")]
    total = total_line((effect, marks) for run, marks in marked for effect in run.effects)
    yield ink(total, "code")
    for check in result.verdict.checks:
        for finding in check.findings:
            # By a sign the plan shows what happens in its own two runs alone.
            if finding.fails and (finding.code != DUPLICATE or check.name in result.swept):
                head = f"::{check.name} {finding.message}"
                named = msgspec.structs.replace(finding, message=head)
                yield from render_finding(named, width=width, ink=ink, brief=True)
