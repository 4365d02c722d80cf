"""The whole report as plain values: what the page shows and what the JSON report holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from routine_harness.finding import Finding
from routine_harness.gate.decision import GateDecision, RoutineDecision
from routine_harness.lint.subject import Subject
from routine_harness.plain import Json, Record
from routine_harness.report.findings_json import finding_data
from routine_harness.report.gate_json import gate_data
from routine_harness.routine.spec import Routine
from routine_harness.verdict.policy.rules import Policy

CaseData = Record


def report_data(
    decision: GateDecision,
    subjects: Sequence[Subject],
    policies: Sequence[Policy],
    lint: Sequence[Finding],
    cases: Mapping[tuple[str, str], CaseData],
    *,
    backtest: Mapping[str, Json] | None = None,
    made: str = "",
    version: str = "",
) -> Record:
    """``cases`` maps (routine, case) to what ``case_data`` says of those that were run."""
    by_file = {
        subject.routine.source.file: (subject, policy)
        for subject, policy in zip(subjects, policies, strict=True)
    }
    data = gate_data(decision)
    data.pop("findings")
    data |= {"kind": "report", "made": made, "harness": version}
    for entry, routine in zip(data["routines"], decision.routines, strict=True):
        entry["cases"] = [{**case, **cases.get((routine.name, case["id"]), {})} for case in entry["cases"]]
        if routine.file in by_file:
            subject, policy = by_file[routine.file]
            entry |= _routine(subject, policy, routine, lint, entry["cases"])
    if backtest is not None:
        data["backtest"] = dict(backtest)
    return data


def _routine(
    subject: Subject,
    policy: Policy,
    decision: RoutineDecision,
    lint: Sequence[Finding],
    cases: Sequence[CaseData],
) -> Record:
    routine = subject.routine
    apart = routine.prompt_source
    return {
        "title": routine.title,
        "description": routine.description,
        "repositories": [repository.full_name for repository in routine.repositories],
        "source": routine.source.text,
        **({"prompt_file": {"file": apart.file, "source": apart.text}} if apart is not None else {}),
        "lint": [_mark(finding) for finding in lint if _is_about(finding, routine)],
        "properties": [
            finding_data(f) for f in decision.findings if f.code.startswith(("trigger.", "schedule."))
        ],
        "grants": _grants(subject, cases),
        "week": _week(subject),
        "noise": _noise(policy, cases),
        "recordings": [
            {
                "case": note.case,
                "origin": note.origin,
                "isolation": note.isolation,
                "stale": list(note.stale),
                "recorded": _day(note.recorded),
            }
            for note in subject.recordings
        ],
    }


def _is_about(finding: Finding, routine: Routine) -> bool:
    """Whether a finding of lint stands in a file of ``routine``, not of one that shares its prompt."""
    files = [source.file for source in routine.sources]
    place = finding.location
    return place is not None and place.file in files and finding.data.get("routine") == routine.name


def _mark(finding: Finding) -> Record:
    data = finding_data(finding)
    data["length"] = int(finding.data.get("length", 0))
    data.pop("data", None)
    return data


def _grants(subject: Subject, cases: Sequence[CaseData]) -> list[Record]:
    """Each connector that is granted or called, with how often each of its tools was called by cases."""
    calls: Counter[str] = Counter()
    for case in cases:
        calls.update(call["tool"] for run in case.get("runs", ())[:1] for call in run["calls"])
    granted = dict.fromkeys(subject.writes_to, "")
    granted |= {
        g.connector: ", ".join(binding.name for binding in g.bindings) for g in subject.routine.connectors
    }
    used: dict[str, dict[str, int]] = {}
    for tool, count in sorted(calls.items()):
        connector, dot, bare = tool.rpartition(".")
        used.setdefault(connector if dot else "", {})[bare] = count
    names = [*granted, *(name for name in used if name and name not in granted), ""]
    return [
        {
            "connector": name or "the agent's own tools",
            "bindings": granted.get(name, ""),
            "granted": name in granted or not name,
            "tools": used.get(name, {}),
        }
        for name in dict.fromkeys(names)
    ]


def _week(subject: Subject) -> list[int]:
    """How often the schedules fire in each hour of a week, from Monday 0:00 UTC."""
    hours = [0] * 168
    if subject.routine.enabled:
        for at, _ in subject.scheduled_week:
            moment = datetime.fromtimestamp(at, UTC)
            hours[moment.weekday() * 24 + moment.hour] += 1
    return hours if any(hours) else []


def _noise(policy: Policy, cases: Sequence[CaseData]) -> Record:
    """The most messages of any run, beside the policy's limit."""
    counts = [run["messages"] for case in cases for run in case.get("runs", ())]
    limit = policy.noise.get("messages_per_run")
    return {"most": max(counts, default=0), "runs": len(counts), "limit": limit.most if limit else None}


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds else ""
