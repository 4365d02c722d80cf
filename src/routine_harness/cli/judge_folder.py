"""Routines to a gate's decision: lint, trigger properties, every case. Shared by gate and report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from routine_harness.case.case import Case
from routine_harness.case.result import CaseResult
from routine_harness.errors import HarnessError, Problem
from routine_harness.finding import Finding, Location
from routine_harness.gate.decide import Evidence, decide_routine
from routine_harness.gate.decision import GateDecision
from routine_harness.gate.outcome import CaseOutcome, outcome_of, skipped_case
from routine_harness.harness import Harness
from routine_harness.lint.registry import collect_rules
from routine_harness.lint.run import Alarm, check_routines
from routine_harness.lint.subject import Subject
from routine_harness.routine.spec import Routine
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.plugins import load_plugins
from routine_harness.store.survey import Survey, survey_folder
from routine_harness.trigger.properties import check_trigger_properties

Watch = Callable[[CaseResult], None]
"""Is shown every result as it comes, for those who want more than the outcome."""


class Judgement(msgspec.Struct, frozen=True):
    """The decision, what it was made from, and what could not be read."""

    decision: GateDecision
    survey: Survey
    alarms: tuple[Alarm, ...]
    problems: tuple[Problem, ...]


def survey_with_digests(paths: tuple[Path, ...]) -> Survey:
    """The survey in which recordings are compared with the files of today."""
    return survey_folder(paths, today=int(time.time()), digests=_digests)


def judge_folder(
    survey: Survey, *, watch: Watch | None = None, progress: Callable[[], None] | None = None
) -> Judgement:
    """Lint, check the triggers and run every case of ``survey``, and decide."""
    alarms = check_routines(survey.subjects, collect_rules(load_plugins()))
    harness = Harness()
    problems = list(survey.problems)
    decided = []
    for subject, policy in zip(survey.subjects, survey.policies, strict=True):
        routine = subject.routine
        lint = [
            a.finding for a in alarms if a.finding.location and a.finding.location.file == routine.source.file
        ]
        outcomes, broken = _run_cases(subject, harness, watch, progress)
        problems += broken
        decided.append(
            decide_routine(
                Evidence(
                    routine=routine,
                    rules=policy.gate,
                    today=subject.today,
                    cases=tuple(outcomes),
                    lint=tuple(lint),
                    properties=check_trigger_properties(routine, subject.edition),
                    spec=tuple(_spec_findings(_problems_of(survey, routine))),
                    recordings=subject.recordings,
                    allow=policy.allow,
                )
            )
        )
    return Judgement(GateDecision(tuple(decided)), survey, alarms, tuple(dict.fromkeys(problems)))


def _run_cases(
    subject: Subject, harness: Harness, watch: Watch | None, progress: Callable[[], None] | None
) -> tuple[list[CaseOutcome], list[Problem]]:
    outcomes: list[CaseOutcome] = []
    problems: list[Problem] = []
    for case in subject.cases:
        if case.skip:
            outcomes.append(skipped_case(case))
        else:
            try:
                result = harness.check_case(case, subject.routine)
            except HarnessError as error:
                problems += error.problems
                outcomes.append(_broken_case(case, error.problems))
            else:
                outcomes.append(outcome_of(result))
                if watch:
                    watch(result)
        if progress:
            progress()
    return outcomes, problems


def _broken_case(case: Case, problems: Iterable[Problem]) -> CaseOutcome:
    findings = tuple(_spec_findings(problems))
    reason = "; ".join(finding.message for finding in findings)
    return msgspec.structs.replace(
        skipped_case(case), state="failed", reason=f"cannot be run: {reason}", findings=findings
    )


def _spec_findings(problems: Iterable[Problem]) -> list[Finding]:
    return [
        Finding(
            code="spec.bad-input", message=p.message, location=Location(p.file, p.line, p.column), hint=p.hint
        )
        for p in problems
    ]


def _problems_of(survey: Survey, routine: Routine) -> list[Problem]:
    """The problems in files of the routine's own folder."""
    folder = Path(routine.source.file).parent
    return [problem for problem in survey.problems if folder in Path(problem.file).parents]


def _digests(routine: Routine, case: Case) -> dict[str, str]:
    return CaseFiles(case, routine).digests
