"""A case's result as plain values for a report: small, so that thousands fit into one file."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from routine_harness.case.result import CaseResult
from routine_harness.finding import Finding
from routine_harness.gate.outcome import CaseOutcome, outcome_of
from routine_harness.report.by_whom import by_data
from routine_harness.report.findings_json import finding_data
from routine_harness.report.plan import render_effect, render_plan, sign
from routine_harness.report.text import clip, one_line
from routine_harness.session.run import CallRecord, Run
from routine_harness.verdict.world_changes import world_changes

ARGUMENTS: Final = 600
ANSWER: Final = 400
CHANGES: Final = 40
_LINE: Final = 160


def case_data(result: CaseResult) -> dict[str, Any]:
    """All that a report shows of one case that was run."""
    data = outcome_data(outcome_of(result))
    case, pair = result.case, result.pair
    data |= {
        "routine": result.routine.name,
        "description": case.description,
        "event": case.trigger.event or case.trigger.kind,
        "agent": case.agent.name,
    }
    if pair is None:
        return data
    runs = [run for run in (pair.first, pair.second) if run is not None]
    forbidden = {
        number
        for finding in result.findings
        if finding.code.startswith("policy.")
        for number in finding.calls
    }
    data["runs"] = [_run(run) for run in runs]
    data["plan"] = list(render_plan(pair.first.effects, width=_LINE, forbidden=forbidden))
    return data


def outcome_data(outcome: CaseOutcome) -> dict[str, Any]:
    """What a report shows of any case, run or not."""
    return {
        "id": outcome.id,
        "file": outcome.file,
        "line": outcome.line,
        "trigger": outcome.kind,
        "state": outcome.state,
        "reason": outcome.reason,
        "checks": [check.said for check in outcome.checks],
        "findings": [_finding(finding) for finding in outcome.findings],
        "by": by_data(outcome.by),
        "effects": outcome.effects,
        **({"contexts": outcome.contexts} if outcome.contexts else {}),
        **({"depends_on": list(outcome.depends_on)} if outcome.depends_on else {}),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    data = finding_data(finding)
    data.pop("data", None)
    return data


def _run(run: Run) -> dict[str, Any]:
    changes = [str(change) for change in world_changes(run.world_before, run.world)]
    left_out = len(changes) - CHANGES
    return {
        "number": run.number,
        "status": run.status,
        "reason": run.reason,
        "closing": clip(run.closing, 2000),
        "calls": [_call(record) for record in run.calls],
        "changes": changes[:CHANGES] + ([f"… {left_out} more"] if left_out > 0 else []),
        "messages": len(run.messages),
        "tokens": run.usage.input_tokens + run.usage.output_tokens,
    }


def _call(record: CallRecord) -> dict[str, Any]:
    arguments = msgspec.json.encode(record.call.arguments).decode()
    data: dict[str, Any] = {
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
        data["effects"] = [[sign(effect), render_effect(effect, width=_LINE)] for effect in record.effects]
    return data
