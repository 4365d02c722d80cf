"""The gate's decision as JSON (schema ``report``) and as JUnit tests."""

from __future__ import annotations

import msgspec

from routine_harness.agents.acted import count_by, live_command, words_of
from routine_harness.gate.decision import GateDecision, Reason, RoutineDecision, TriggerDecision
from routine_harness.gate.outcome import CaseOutcome
from routine_harness.plain import Record
from routine_harness.report.findings_json import FORMAT, VERSION, by_data, finding_data, pretty
from routine_harness.report.junit import TestCase


def gate_data(decision: GateDecision) -> Record:
    """The decision as plain values."""
    triggers = [trigger for routine in decision.routines for trigger in routine.triggers]
    findings = decision.findings
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": "gate",
        "summary": {
            "open": decision.open,
            "routines": len(decision.routines),
            "triggers": len(triggers),
            "closed": sum(trigger.standing == "closed" for trigger in triggers),
            "cases": sum(len(routine.cases) for routine in decision.routines),
            "by": count_by(case.by for routine in decision.routines for case in routine.cases),
            "by_script_only": sum(len(routine.open_by_script) for routine in decision.routines),
            "errors": sum(finding.fails for finding in findings),
            "warnings": sum(not finding.fails for finding in findings),
        },
        "routines": [_routine(routine) for routine in decision.routines],
        "findings": [finding_data(finding) for finding in findings],
    }


def render_gate_json(decision: GateDecision) -> str:
    return pretty(gate_data(decision))


def gate_tests(decision: GateDecision) -> list[TestCase]:
    """One test a trigger and one a check of every case."""
    tests = []
    for routine in decision.routines:
        for trigger in routine.triggers:
            failures = tuple(reason.finding for reason in trigger.reasons)
            skipped = "not enabled" if trigger.standing == "off" else ""
            name = f"gate {trigger.label}"
            by = {"gate": trigger.answer, "by": words_of(trigger.by)}
            tests.append(TestCase(routine.name, name, routine.file, trigger.line, failures, skipped, "", by))
        for case in routine.cases:
            tests += _case_tests(routine.name, case)
    return tests


def _case_tests(suite: str, case: CaseOutcome) -> list[TestCase]:
    if not case.checks:
        return [TestCase(suite, case.id, case.file, case.line, skipped=case.reason or case.state)]
    tests = []
    for check in case.checks:
        failures = tuple(finding for finding in check.findings if finding.fails)
        name = f"{case.id}::{check.name}"
        shown = "\n".join(f"{found.code}: {found.message}" for found in check.findings if not found.fails)
        by = {"by": str(case.by or "")}
        tests.append(TestCase(suite, name, case.file, case.line, failures, check.reason, shown, by))
    return tests


def _routine(routine: RoutineDecision) -> Record:
    return {
        "name": routine.name,
        "file": routine.file,
        "enabled": routine.enabled,
        "gate": routine.standing,
        "triggers": [_trigger(trigger, routine) for trigger in routine.triggers],
        "cases": [_case(case) for case in routine.cases],
        "excused": [
            {"code": each.reason.code, "owner": each.owner, "expires": each.expires, "reason": each.why}
            for each in routine.excused
        ],
        "renew": {"cases": list(routine.renew), "cost": msgspec.to_builtins(routine.renewal)},
        "by": routine.by,
    }


def _trigger(trigger: TriggerDecision, routine: RoutineDecision) -> Record:
    return {
        "index": trigger.index,
        "kind": trigger.kind,
        "label": trigger.label,
        "gate": trigger.standing,
        "cases": list(trigger.cases),
        "by": trigger.by,
        "by_script_only": trigger.by_script_only,
        "next": live_command(routine.file) if trigger in routine.open_by_script else "",
        "reasons": [_reason(reason) for reason in trigger.reasons],
    }


def _reason(reason: Reason) -> Record:
    return {**finding_data(reason.finding), "next": reason.next}


def _case(case: CaseOutcome) -> Record:
    return {
        "id": case.id,
        "file": case.file,
        "trigger": case.kind,
        "state": case.state,
        "reason": case.reason,
        "checks": [check.said for check in case.checks],
        "by": by_data(case.by),
        "effects": case.effects,
        "depends_on": list(case.depends_on),
        "contexts": case.contexts or {},
        "findings": [finding_data(finding) for finding in case.findings],
    }
