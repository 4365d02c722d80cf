"""What one case contributes to the gate: a small value, so that the run pairs can be let go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal

import msgspec

from routine_harness.agents.acted import ActedBy
from routine_harness.case.case import Case
from routine_harness.case.confirmation import Binding
from routine_harness.case.result import CaseResult
from routine_harness.finding import Finding, Location
from routine_harness.session.grants import OTHER_REPOSITORY
from routine_harness.trigger.acts import Act
from routine_harness.trigger.event import EventKind
from routine_harness.verdict.further import CONTEXT, Further
from routine_harness.verdict.trials import count_failures

State = Literal["passed", "failed", "skipped", "expected to fail", "undecided", "stale", "not recorded"]
"""Only ``passed`` is open; the rest each have a reason of their own."""

STALE: tuple[str, ...] = ("recording.stale",)
ABSENT: tuple[str, ...] = ("recording.absent",)
_GRANTED_BY: Final = {
    OTHER_REPOSITORY: "repositories",
    "connector.not-granted": "connectors",
    "tool.not-granted": "connectors",
}
"""What a call was refused for → the key of the routine that would grant it."""


class CheckOutcome(msgspec.Struct, frozen=True):
    """One check by name with its outcome, where it was skipped the reason, and what was found."""

    name: str
    outcome: str
    reason: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def said(self) -> dict[str, str]:
        """What reports say of it beside the findings of its case."""
        return {"name": self.name, "outcome": self.outcome, "reason": self.reason}


class CaseOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """One case judged. ``trigger`` is the index of the trigger that fired, None where none did;
    ``renew`` is the command that records it anew, where its recording is what misses; ``acts`` is what
    its first run did on GitHub, as the account ``me``; ``depends_on`` are the undocumented points that
    decided something. ``contexts`` maps each placement of its context under which it was to be run to why
    it does not stand there, empty where it does; None where nothing brings a context, or nothing ran.
    ``context_off`` is the reason why it is run under none but its own. ``by`` says who carried out its runs;
    None where there are none. ``script`` says how the script on which it rests stands to the prompt."""

    id: str
    file: str
    kind: EventKind
    state: State
    line: int = 0
    trigger: int | None = None
    reason: str = ""
    checks: tuple[CheckOutcome, ...] = ()
    findings: tuple[Finding, ...] = ()
    effects: dict[str, int] = {}
    renew: str = ""
    unrun: bool = False
    acts: tuple[Act, ...] = ()
    me: str = ""
    depends_on: tuple[str, ...] = ()
    contexts: dict[str, str] | None = None
    context_off: str = ""
    by: ActedBy | None = None
    script: Binding | None = None


def outcome_of(result: CaseResult) -> CaseOutcome:
    """The outcome of a case that was run."""
    case, verdict = result.case, result.verdict
    codes = {finding.code for finding in verdict.findings}
    undecided = next(
        (f"::{check.name} is undecided: {check.skipped}" for check in verdict.checks if check.undecided), ""
    )
    state: State = "passed"
    reason = ""
    if case.xfail:
        state, reason = "expected to fail", case.xfail
    elif codes & set(STALE):
        state, reason = "stale", _message(verdict.findings, STALE)
    elif codes & set(ABSENT):
        state, reason = "not recorded", _message(verdict.findings, ABSENT)
    elif not verdict.passed:
        state, reason = "failed", _failures(result)
    elif undecided:
        state, reason = "undecided", undecided
    return CaseOutcome(
        id=case.key,
        file=case.source.file,
        line=case.source.line("expect"),
        kind=case.trigger.kind,
        trigger=result.firing.trigger if result.firing else None,
        state=state,
        reason=reason,
        checks=tuple(
            CheckOutcome(check.name, check.outcome, check.skipped, tuple(_placed(check.findings, result)))
            for check in verdict.checks
        ),
        findings=tuple(_placed(verdict.findings, result)),
        effects=_effects(result),
        renew=_renewal(verdict.findings),
        unrun=bool(result.skipped),
        acts=tuple(_acts(result)),
        me=_me(result),
        depends_on=verdict.depends_on,
        contexts=_contexts(result),
        context_off=case.checks.get(CONTEXT, Further()).off,
        by=result.by,
        script=result.script,
    )


def _placed(findings: Iterable[Finding], result: CaseResult) -> Iterator[Finding]:
    """``findings``, each with a place: its own, else the grants that it misses, else its case."""
    source, case = result.routine.source, result.case
    for finding in findings:
        if finding.location is not None and finding.location.file:
            yield finding
            continue
        granted = _GRANTED_BY.get(finding.code, "")
        line = source.line(granted) if granted else 0
        place = (
            Location(source.file, line) if line else Location(case.source.file, case.source.line("expect"))
        )
        yield msgspec.structs.replace(finding, location=place)


def skipped_case(case: Case) -> CaseOutcome:
    """The outcome of a case that says ``skip:``; it was not run."""
    return CaseOutcome(
        id=case.key,
        file=case.source.file,
        line=case.source.line("skip"),
        kind=case.trigger.kind,
        state="skipped",
        reason=case.skip,
    )


def _contexts(result: CaseResult) -> dict[str, str] | None:
    case = result.case
    if result.pair is None or not case.places_context:
        return None
    found: dict[str, str] = {case.placement: "", **dict.fromkeys(case.contexts, "")}
    for check in result.verdict.checks:
        if check.name != CONTEXT:
            continue
        absent = [name for name in case.contexts if name not in result.placed]
        found |= dict.fromkeys(map(str, absent), check.skipped or "it was not run")
        for finding in check.findings:
            name = str(finding.data.get(CONTEXT, case.placement))
            found[name] = found.get(name) or f"{finding.code}: {finding.message}"
    return found


def _message(findings: tuple[Finding, ...], codes: tuple[str, ...]) -> str:
    return next(finding.message for finding in findings if finding.code in codes)


def _renewal(findings: tuple[Finding, ...]) -> str:
    """The command in the hint of a recording that misses."""
    hints = (finding.hint for finding in findings if finding.code in (*STALE, *ABSENT))
    return next(hints, "").removeprefix("record it anew: ")


def _failures(result: CaseResult) -> str:
    failed = count_failures((check.name, check.outcome) for check in result.verdict.checks)
    return f"failed: {', '.join(failed)}"


def _acts(result: CaseResult) -> Iterator[Act]:
    for effect in result.pair.first.applied if result.pair else ():
        if effect.connector in ("github", ""):
            yield Act(result.routine.name, effect.kind, effect.fields)


def _me(result: CaseResult) -> str:
    record = result.pair.first.world.get("github.me", ()) if result.pair else None
    return str((record or {}).get("login") or "")


def _effects(result: CaseResult) -> dict[str, int]:
    counts: dict[str, int] = {}
    for effect in result.pair.first.applied if result.pair else ():
        counts[effect.kind] = counts.get(effect.kind, 0) + 1
    return dict(sorted(counts.items()))
