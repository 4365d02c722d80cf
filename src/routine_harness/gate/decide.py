"""The decision over lint findings, trigger properties, verdicts and recordings. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from routine_harness.agents.acted import count_by, record_command
from routine_harness.finding import Finding, Location, Severity
from routine_harness.gate.decision import Excused, Reason, RoutineDecision, Standing, TriggerDecision
from routine_harness.gate.outcome import CaseOutcome, CheckOutcome
from routine_harness.gate.recorded import recording_reasons, renewal_of
from routine_harness.gate.scripts import unconfirmed_reasons
from routine_harness.lint.subject import RecordingNote
from routine_harness.routine.spec import ApiTrigger, GithubTrigger, Routine, ScheduleTrigger, Trigger
from routine_harness.verdict.policy.rules import GateException, GateRules, Permitted
from routine_harness.verdict.trials import check_of


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one routine.

    ``properties`` are findings about triggers, ``data["trigger"]`` naming the index; ``today`` is in
    seconds since the epoch; ``forecast`` says what a backtest found too loud;
    ``command`` is how the user names the routine on a command line.
    """

    routine: Routine
    rules: GateRules
    today: int
    cases: tuple[CaseOutcome, ...] = ()
    lint: tuple[Finding, ...] = ()
    properties: tuple[Finding, ...] = ()
    spec: tuple[Finding, ...] = ()
    forecast: tuple[Finding, ...] = ()
    recordings: tuple[RecordingNote, ...] = ()
    allow: tuple[Permitted, ...] = ()


def decide_routine(evidence: Evidence) -> RoutineDecision:
    """Open or closed, for each trigger, with every reason."""
    routine = evidence.routine
    common = [
        *_general(evidence),
        *recording_reasons(evidence.recordings, evidence.rules, routine, evidence.today),
    ]
    used: list[Excused] = []
    triggers = tuple(_decide_trigger(index, evidence, common, used) for index in range(len(routine.triggers)))
    findings = (*evidence.spec, *evidence.lint, *evidence.properties, *evidence.forecast)
    findings += tuple(finding for case in evidence.cases for finding in case.findings)
    findings = tuple(_somewhere(finding, routine) for finding in findings)
    renew, cost = renewal_of(evidence.recordings, evidence.cases, routine)
    return RoutineDecision(
        name=routine.name,
        file=routine.source.file,
        enabled=routine.enabled,
        triggers=triggers,
        cases=evidence.cases,
        findings=findings,
        excused=_distinct(used),
        renewal=cost,
        renew=renew,
    )


def _somewhere(finding: Finding, routine: Routine) -> Finding:
    """``finding`` with a place: what names no file is about the routine."""
    if finding.location is not None and finding.location.file:
        return finding
    return msgspec.structs.replace(
        finding, location=Location(routine.source.file, routine.source.line("name"))
    )


def label_of(trigger: Trigger) -> str:
    """A trigger in a few words: ``github pull_request.opened``, ``schedule 7 9 * * 1``, ``api``."""
    if isinstance(trigger, GithubTrigger):
        more = f" +{len(trigger.events) - 1}" if len(trigger.events) > 1 else ""
        return f"github {trigger.events[0]}{more}"
    if isinstance(trigger, ScheduleTrigger):
        return f"schedule {trigger.cron or trigger.once or f'{trigger.preset} {trigger.at or str()}'.strip()}"
    return "api"


def kind_of(trigger: Trigger) -> str:
    """The kind of case that speaks for the trigger."""
    kinds = {GithubTrigger: "github", ScheduleTrigger: "schedule", ApiTrigger: "api"}
    return kinds[type(trigger)]


def _decide_trigger(
    index: int, evidence: Evidence, common: list[Reason], used: list[Excused]
) -> TriggerDecision:
    trigger = evidence.routine.triggers[index]
    cases = [case for case in evidence.cases if _speaks_for(case, index, trigger)]
    standing: Standing = "off"
    reasons: list[Reason] = []
    if trigger.enabled and evidence.routine.enabled:
        found = [*common, *_properties(index, evidence), *_cases(index, trigger, cases, evidence)]
        reasons, excused = _excuse(found, evidence)
        used += excused
        standing = "closed" if reasons else "open"
    return TriggerDecision(
        index=index,
        kind=kind_of(trigger),
        label=label_of(trigger),
        standing=standing,
        line=evidence.routine.source.line("triggers", index),
        reasons=tuple(reasons),
        cases=tuple(case.id for case in cases),
        by=count_by(case.by for case in cases),
    )


def _speaks_for(case: CaseOutcome, index: int, trigger: Trigger) -> bool:
    """A case speaks for the trigger that it fired; one that fired none, for those of its kind."""
    if case.kind == "manual":
        return True
    return case.kind == kind_of(trigger) if case.trigger is None else case.trigger == index


def _general(evidence: Evidence) -> Iterator[Reason]:
    """What closes every trigger of the routine."""
    levels, file = evidence.rules.levels, evidence.routine.source.file
    if "spec" in levels:
        yield from (Reason(finding=finding, next=f"mend {finding.location}") for finding in evidence.spec)
    if "lint" in levels:
        for finding in evidence.lint:
            if finding.fails:
                yield Reason(finding=finding, next=f"routine-harness lint {file}")
    for finding in evidence.forecast:
        yield Reason(finding=finding, next=finding.hint)
    now = _day(evidence.today)
    for permit in evidence.allow:
        if permit.expires and permit.expires < now:
            yield _expired(
                f"what policy takes back ({permit.text})", permit.expires, permit.owner, permit.location
            )


def _properties(index: int, evidence: Evidence) -> Iterator[Reason]:
    if "triggers" not in evidence.rules.levels:
        return
    for finding in evidence.properties:
        if finding.fails and finding.data.get("trigger", index) == index:
            yield Reason(finding=finding, next=finding.hint)


def _cases(index: int, trigger: Trigger, cases: list[CaseOutcome], evidence: Evidence) -> Iterator[Reason]:
    if "cases" not in evidence.rules.levels:
        return
    routine, least = evidence.routine, evidence.rules.cases_per_trigger
    # A case that passed because nothing fired says nothing about what the trigger starts.
    counted = [case for case in cases if case.trigger == index or case.state != "passed"]
    if len(counted) < least:
        place = Location(routine.source.file, routine.source.line("triggers", index))
        found = "none" if not counted else str(len(counted))
        message = f"expected at least {least} case for {label_of(trigger)}, found {found}"
        yield Reason(
            finding=_finding("gate.no-case", message, place),
            next=f"write a case with trigger: {{{kind_of(trigger)}: …}}",
        )
    for case in cases:
        if case.state != "passed":
            yield _case_reason(case, routine)
        yield from _context_reasons(case, evidence)
    yield from unconfirmed_reasons(cases)


def _context_reasons(case: CaseOutcome, evidence: Evidence) -> Iterator[Reason]:
    """The placements of its context that the policy demands and under which the case does not stand."""
    for placement in evidence.rules.contexts if case.contexts is not None else ():
        why = (case.contexts or {}).get(placement, _NOT_RUN)
        if not why:
            continue
        if why == _NOT_RUN and case.context_off:
            why = f"it is switched off: {case.context_off}"
        message = f"{case.id} does not stand with its context {placement}: {why}"
        step = f"pytest {case.file}"
        if why == _NOT_RUN:
            step = f"write checks: {{context: [{', '.join(evidence.rules.contexts)}]}} into policy.yaml"
        yield Reason(finding=_finding("gate.context", message, Location(case.file, case.line)), next=step)


_NOT_RUN = "it was not run so"


_CODES = {
    "failed": "gate.case-failed",
    "skipped": "gate.case-skipped",
    "expected to fail": "gate.case-expected-to-fail",
    "undecided": "gate.case-undecided",
    "stale": "gate.stale",
    "not recorded": "gate.not-recorded",
}


def _case_reason(case: CaseOutcome, routine: Routine) -> Reason:
    step = f"pytest {case.file}"
    if case.unrun:
        step = f"run it where a sandbox works: pytest {case.file} --routine-require-sandbox"
    elif case.state in ("stale", "not recorded", "undecided"):
        step = case.renew or record_command(routine.source.file, "--case", case.id)
    elif case.state == "skipped":
        step = f"take skip: out of {case.file}"
    message = (
        f"{case.id} is {case.state}: {case.reason}" if case.state != "failed" else f"{case.id} {case.reason}"
    )
    detail = () if case.state in ("stale", "not recorded") else tuple(_said_of(case))
    return Reason(
        finding=_finding(_CODES[case.state], message, Location(case.file, case.line), detail), next=step
    )


def _said_of(case: CaseOutcome) -> Iterator[str]:
    """What fails, by its code; of the trials of a further check the first of each code, with a count."""
    trials: dict[tuple[str, str], list[str]] = {}
    for check in case.checks or (CheckOutcome("", case.state, findings=case.findings),):
        for finding in filter(lambda finding: finding.fails, check.findings):
            line, of = f"{finding.code}: {finding.message}", check_of(check.name)
            if of:
                trials.setdefault((of, finding.code), []).append(line)
            else:
                yield line
    for (of, _), (first, *others) in trials.items():
        yield f"{first} (and {len(others)} more of ::{of})" if others else first


def _excuse(reasons: list[Reason], evidence: Evidence) -> tuple[list[Reason], list[Excused]]:
    """The reasons that no exception takes away, and those that one does; an expired one is a reason."""
    kept: list[Reason] = []
    excused: list[Excused] = []
    now = _day(evidence.today)
    for reason in reasons:
        exception = _exception_for(reason, evidence)
        if exception is None:
            kept.append(reason)
        elif exception.expires < now:
            kept += [
                reason,
                _expired(
                    f"the exception for {exception.finding}",
                    exception.expires,
                    exception.owner,
                    exception.location,
                ),
            ]
        else:
            excused.append(Excused(reason, exception.owner, exception.expires, exception.reason))
    return kept, excused


def _distinct(excused: list[Excused]) -> tuple[Excused, ...]:
    """Each once, although every trigger meets what is common to all."""
    found: dict[tuple[str, str, str], Excused] = {}
    for each in excused:
        finding = each.reason.finding
        found.setdefault((finding.code, finding.message, str(finding.location)), each)
    return tuple(found.values())


def _exception_for(reason: Reason, evidence: Evidence) -> GateException | None:
    codes = {reason.code, *(line.partition(":")[0] for line in reason.finding.detail)}
    name = evidence.routine.name
    for exception in evidence.rules.exceptions:
        if exception.finding in codes and (not exception.routines or name in exception.routines):
            return exception
    return None


def _expired(what: str, expires: str, owner: str, location: Location) -> Reason:
    message = f"{what} expired on {expires}"
    step = f"{owner or 'its owner'} renews it in {location}, or what it excuses is mended"
    return Reason(finding=_finding("gate.exception-expired", message, location), next=step)


def _finding(code: str, message: str, location: Location, detail: tuple[str, ...] = ()) -> Finding:
    return Finding(code=code, message=message, severity=Severity.ERROR, location=location, detail=detail)


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
