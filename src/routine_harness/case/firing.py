"""Did the event of a case fire its routine, as the case says it should?"""

from __future__ import annotations

from collections.abc import Iterator

from routine_harness.case.case import Case
from routine_harness.case.event import Matches
from routine_harness.finding import Finding, Location, Severity
from routine_harness.trigger.event import Firing
from routine_harness.trigger.match import Fired, Skipped, Undecided
from routine_harness.verdict.verdict import Check


def judge_fires(case: Case, matches: Matches, firing: Firing | None, again: Matches = ()) -> Check:
    """The check ``fires``: what every trigger made of the event, clause by clause, where that is
    not what the case expects. ``again`` is what they made of the event of ``rerun``."""
    found = [*_findings(case, matches, firing)]
    if again and not any(isinstance(match, Fired) for match in again):
        found.append(_never_again(case, again))
    return Check("fires", tuple(found))


def _never_again(case: Case, again: Matches) -> Finding:
    trigger = case.rerun.trigger or case.trigger
    return Finding(
        code="fires.rerun-skipped",
        message=f"the second run is for {trigger.event or trigger.kind}, which does not fire the routine",
        location=Location(case.source.file, case.source.line("rerun", "trigger")),
        detail=tuple(line for match in again for line in explain_match(match)),
        hint="name an event of one of the routine's triggers, or leave rerun's trigger out",
    )


def _findings(case: Case, matches: Matches, firing: Firing | None) -> Iterator[Finding]:
    place = Location(case.source.file, case.expect.lines.get("fires", 0) or case.source.line("trigger"))
    name = case.trigger.event or case.trigger.kind
    detail = tuple(line for match in matches for line in explain_match(match))
    if case.expect.fires and firing is None:
        undecided = any(isinstance(match, Undecided) for match in matches)
        words = "cannot be decided: the event lacks a field" if undecided else "does not fire the routine"
        yield Finding(
            code="fires.undecided" if undecided else "fires.skipped",
            message=f"expected {name} to fire the routine; it {words}",
            location=place,
            detail=detail or ("the routine has no trigger",),
            hint="correct the payload or the filters; a case that must not fire says fires: false",
        )
    if not case.expect.fires and any(not isinstance(match, Skipped) for match in matches):
        undecided = not any(isinstance(match, Fired) for match in matches)
        yield Finding(
            code="fires.undecided" if undecided else "fires.unexpected",
            message=f"expected {name} not to fire the routine; "
            + ("that cannot be decided: the event lacks a field" if undecided else "it does"),
            location=place,
            detail=detail,
            hint="tighten the filters of the trigger that is named here",
        )
    for setting in dict.fromkeys(name for match in matches for name in match.depends_on):
        yield Finding(
            code="fires.depends-on-setting",
            severity=Severity.WARNING,
            message=f"whether {name} fires depends on {setting}, which the platform does not document",
            location=place,
            hint=f"say how it is in policy.yaml: platform: {{settings: {{{setting}: …}}}}",
        )


def explain_match(match: Fired | Skipped | Undecided) -> Iterator[str]:
    """A line for the trigger, and one for each clause that did not match."""
    yield f"trigger {match.trigger + 1 if match.trigger is not None else '(manual)'}: {match.outcome}"
    for clause in match.clauses:
        if clause.matches is not True or isinstance(match, Fired):
            yield f"  {clause}"
