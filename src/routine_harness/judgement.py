"""A folder judged whole: lint, trigger properties and every case to the gate's decision, and to a report.

The commands ``gate`` and ``report`` and the plugin's ``--routine-report`` call it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.case.case import Case
from routine_harness.case.result import CaseResult
from routine_harness.errors import HarnessError, Problem, UsageError
from routine_harness.finding import Finding, Location
from routine_harness.gate.decide import Evidence, decide_routine
from routine_harness.gate.decision import GateDecision
from routine_harness.gate.outcome import CaseOutcome, outcome_of, skipped_case
from routine_harness.harness import Harness, Options
from routine_harness.lint.registry import collect_rules
from routine_harness.lint.run import Alarm, check_routines
from routine_harness.lint.subject import Subject
from routine_harness.plain import Json, Record
from routine_harness.redaction.redactor import Redactor
from routine_harness.report.findings_json import pretty
from routine_harness.report.html import render_html
from routine_harness.report.report_data import CaseData, report_data
from routine_harness.report.sarif import RuleText, render_sarif
from routine_harness.routine.spec import Routine
from routine_harness.store.backtests import SavedBacktest
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.plugins import load_plugins
from routine_harness.store.survey import Survey, survey_folder
from routine_harness.trigger.chains import check_chains
from routine_harness.trigger.properties import check_trigger_properties
from routine_harness.verdict.policy.rules import Policy

ENDINGS: Final = (".html", ".json", ".sarif")
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
    survey: Survey,
    options: Options | None = None,
    *,
    watch: Watch | None = None,
    progress: Callable[[], None] | None = None,
    backtest: SavedBacktest | None = None,
) -> Judgement:
    """Lint, check the triggers and run every case of ``survey``, and decide; ``backtest`` says how loud
    the routines would be."""
    harness = Harness(options or Options())
    problems: list[Problem] = []
    outcomes: list[list[CaseOutcome]] = []
    for subject in survey.subjects:
        judged, broken = _run_cases(subject, harness, watch, progress)
        outcomes.append(judged)
        problems += broken
    return decide_survey(survey, outcomes, problems, backtest)


def decide_survey(
    survey: Survey,
    outcomes: Sequence[Sequence[CaseOutcome]],
    problems: Sequence[Problem] = (),
    backtest: SavedBacktest | None = None,
) -> Judgement:
    """The decision where the cases have been run already: ``outcomes`` of each subject, in order."""
    alarms = check_routines(survey.subjects, collect_rules(load_plugins()))
    loops = _loops(survey, outcomes)
    decided = []
    for subject, policy, cases in zip(survey.subjects, survey.policies, outcomes, strict=True):
        routine = subject.routine
        file = routine.source.file
        evidence = Evidence(
            routine=routine,
            rules=policy.gate,
            today=subject.today,
            cases=tuple(cases),
            lint=tuple(a.finding for a in alarms if a.routine == file),
            properties=(*_properties(subject, policy), *loops.get(routine.name, ())),
            forecast=tuple(_too_loud(subject, survey, backtest)) if backtest else (),
            spec=tuple(_spec_findings(_problems_of(survey, routine))),
            recordings=subject.recordings,
            allow=policy.allow,
        )
        decided.append(decide_routine(evidence))
    every = tuple(dict.fromkeys((*survey.problems, *problems)))
    return Judgement(GateDecision(tuple(decided), len(every)), survey, alarms, every)


def _properties(subject: Subject, policy: Policy) -> tuple[Finding, ...]:
    """The findings about triggers, without those that lint reports as well."""
    told = ("schedule.too-often", "schedule.on-the-hour") if "lint" in policy.gate.levels else ()
    found = check_trigger_properties(subject.routine, subject.edition)
    return tuple(finding for finding in found if finding.code not in told)


def _loops(survey: Survey, outcomes: Sequence[Sequence[CaseOutcome]]) -> dict[str, list[Finding]]:
    """For each routine the proved loops that its triggers are part of: what its cases did fires it again."""
    cases = [case for own in outcomes for case in own]
    routines = [subject.routine for subject in survey.subjects]
    rules = {subject.routine.name: subject.edition for subject in survey.subjects}
    me = next((case.me for case in cases if case.me), "me")
    found: dict[str, list[Finding]] = {}
    for finding in check_chains(routines, [act for case in cases for act in case.acts], rules, me):
        for name, trigger in finding.data.get("fires", ()) if finding.fails else ():
            own = msgspec.structs.replace(finding, data={**finding.data, "trigger": trigger})
            found.setdefault(name, []).append(own)
    return found


def _too_loud(subject: Subject, survey: Survey, backtest: SavedBacktest) -> Iterator[Finding]:
    """The channels that the routine posts to with others, on whose worst day it is more than allowed."""
    limits = {
        other.routine.name: limit
        for other, policy in zip(survey.subjects, survey.policies, strict=True)
        if (limit := policy.noise.get("messages_per_channel_per_day"))
    }
    for channel in backtest.channels:
        known = [limits[name] for name in channel.routines if name in limits]
        strictest = min(known, key=lambda limit: limit.most, default=None)
        if subject.routine.name not in channel.routines or strictest is None:
            continue
        if channel.worst_day > strictest.most:
            yield Finding(
                code="noise.messages-per-channel-per-day",
                message=(
                    f"{channel.worst_day:,.0f} messages to {channel.channel} on the backtest's worst day, "
                    f"by {', '.join(channel.routines)}; at most {strictest.most} are allowed"
                ),
                location=strictest.location,
                hint="narrow the trigger, or let the routine post less often",
            )


def build_report(
    judgement: Judgement,
    cases: Mapping[tuple[str, str], CaseData],
    *,
    made: str,
    version: str,
    backtest: Mapping[str, Json] | None = None,
) -> Record:
    """The report's values, without secrets; ``cases`` maps (routine, case) to what ``case_data`` says."""
    survey = judgement.survey
    lint = [alarm.finding for alarm in judgement.alarms]
    data = report_data(
        judgement.decision,
        survey.subjects,
        survey.policies,
        lint,
        cases,
        backtest=backtest,
        made=made,
        version=version,
    )
    redacted: Record = Redactor().value(data)
    return redacted


def render_report(ending: str, data: Record, judgement: Judgement, version: str) -> str:
    """The report in the form that a file's ``ending`` asks for: ``.html``, ``.json`` or ``.sarif``."""
    if ending == ".html":
        return render_html(data)
    if ending == ".json":
        return pretty(data)
    rules = collect_rules(load_plugins())
    texts = {rule.code: RuleText(rule.summary, " ".join(rule.why.split()), rule.severity) for rule in rules}
    decision = judgement.decision
    return render_sarif(decision.findings, version=version, rules=texts, by=decision.by)


def refuse_report_file(file: Path) -> None:
    """Say before anything runs that the report cannot be written.

    Raises:
        UsageError: its ending says nothing, or it is a folder.
    """
    if file.suffix not in ENDINGS:
        message = f"expected a file that ends in {', '.join(ENDINGS)}, found {file.name}"
        raise UsageError(Problem(str(file), 0, message))
    if file.is_dir():
        raise UsageError(Problem(str(file), 0, "is a folder; the report needs a file"))


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
