"""A case's result as plain values for a report: small, so that thousands fit into one file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from routine_harness.case.result import CaseResult
from routine_harness.finding import Finding
from routine_harness.gate.outcome import CaseOutcome, CheckOutcome, outcome_of
from routine_harness.plain import Record
from routine_harness.report.case_plan import marks_in, runs_of
from routine_harness.report.findings_json import by_data, finding_data
from routine_harness.report.plan import Marks, marks_of, plan_lines, render_effect, sign, total_line
from routine_harness.report.text import clip, one_line
from routine_harness.session.run import CallRecord, Run
from routine_harness.verdict.expectations.world_changes import world_changes
from routine_harness.verdict.trials import check_of

ARGUMENTS: Final = 600
ANSWER: Final = 400
CHANGES: Final = 40
_LINE: Final = 160


def case_data(result: CaseResult) -> Record:
    """All that a report shows of one case that was run."""
    data = outcome_data(outcome_of(result))
    case = result.case
    data |= {
        "routine": result.routine.name,
        "description": case.description,
        "event": case.trigger.event or case.trigger.kind,
        "agent": case.agent.name,
    }
    runs = runs_of(result)
    if runs:
        data["runs"] = [_run(run, marks_in(result, run)) for run in runs]
        data["plan"] = [total_line((e, marks_in(result, run)) for run in runs for e in run.effects)]
        data["repeats"] = list(_repeats(result))
    for trials in data.get("trials", ()):
        pair = next((result.swept[name] for name in trials["failed"] if name in result.swept), None)
        if pair is not None:
            trials["runs"] = [_run(run, marks_of(run, ())) for run in pair.runs]
    return data


def _repeats(result: CaseResult) -> Iterator[Record]:
    """Each act that was there before: the call that repeats it, and the call that came first."""
    for finding in result.findings_of_pair:
        first = finding.data.get("first_call")
        if finding.code.startswith("idempotency.") and first and finding.calls:
            own = len(finding.calls) > 1 and first in finding.calls
            yield {
                "code": finding.code,
                "run": finding.run,
                "call": finding.calls[-1],
                "first_run": finding.run if own else 1,
                "first_call": first,
            }


def outcome_data(outcome: CaseOutcome) -> Record:
    """What a report shows of any case, run or not."""
    return {
        "id": outcome.id,
        "file": outcome.file,
        "line": outcome.line,
        "trigger": outcome.kind,
        "state": outcome.state,
        "reason": outcome.reason,
        "checks": [check.said for check in outcome.checks if not check_of(check.name)],
        "findings": [_finding(finding) for finding in _findings_of_pair(outcome)],
        "by": by_data(outcome.by),
        "effects": outcome.effects,
        **({"trials": trials} if (trials := list(_trials(outcome))) else {}),
        **({"contexts": outcome.contexts} if outcome.contexts else {}),
        **({"depends_on": list(outcome.depends_on)} if outcome.depends_on else {}),
    }


def _findings_of_pair(outcome: CaseOutcome) -> Iterable[Finding]:
    """What was found in the case's own runs: a trial's calls are those of another pair."""
    if not outcome.checks:
        return outcome.findings
    return (finding for check in outcome.checks if not check_of(check.name) for finding in check.findings)


def _trials(outcome: CaseOutcome) -> Iterator[Record]:
    """Each further check: how many of its trials passed, which failed, and of those of one reason the first
    one's findings."""
    found: dict[str, list[CheckOutcome]] = {}
    for check in outcome.checks:
        if check_of(check.name):
            found.setdefault(check_of(check.name), []).append(check)
    for name, checks in found.items():
        failed = [check for check in checks if check.outcome == "failed"]
        reasons: dict[tuple[str, ...], CheckOutcome] = {}
        for check in failed:
            reasons.setdefault(tuple(sorted({each.code for each in check.findings if each.fails})), check)
        yield {
            "check": name,
            "passed": sum(check.outcome == "passed" for check in checks),
            "of": len(checks),
            "reason": next((check.reason for check in checks if check.reason), ""),
            "failed": [check.name for check in failed],
            "findings": [_finding(found) for check in reasons.values() for found in check.findings],
        }


def _finding(finding: Finding) -> Record:
    data = finding_data(finding)
    data.pop("data", None)
    return data


def _run(run: Run, marks: Marks) -> Record:
    changes = [str(change) for change in world_changes(run.world_before, run.world)]
    left_out = len(changes) - CHANGES
    return {
        "number": run.number,
        "status": run.status,
        "reason": run.reason,
        "closing": clip(run.closing, 2000),
        "calls": [_call(record, marks) for record in run.calls],
        "plan": [line.strip() for line in plan_lines(run.effects, marks, width=_LINE)],
        "changes": changes[:CHANGES] + ([f"… {left_out} more"] if left_out > 0 else []),
        "messages": len(run.messages),
        "tokens": run.usage.tokens,
    }


def _call(record: CallRecord, marks: Marks) -> Record:
    arguments = msgspec.json.encode(record.call.arguments).decode()
    data: Record = {
        "n": record.number,
        "tool": record.call.name,
        "arguments": clip(arguments, ARGUMENTS),
        "answer": clip(one_line(record.result.text), ANSWER),
    }
    if record.result.is_error:
        data["error"] = True
    if record.answered_by != "world":
        data["by"] = record.answered_by
    if record.effects:
        data["effects"] = [
            [sign(effect, marks), render_effect(effect, width=_LINE, marks=marks)]
            for effect in record.effects
        ]
    return data
