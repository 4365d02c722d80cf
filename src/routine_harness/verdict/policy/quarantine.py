"""Checks that are known to pass and fail by turns: carried out and shown, neither red nor green.

A quarantine has an owner, a reason and an end. After its last day the check counts again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from routine_harness.finding import Finding, Severity
from routine_harness.verdict.policy.rules import Quarantine
from routine_harness.verdict.verdict import Check, Verdict


def quarantine_checks(
    verdict: Verdict, entries: Iterable[Quarantine], routine: str, case: str, today: str
) -> Verdict:
    """``verdict`` with the checks of ``case`` (its key, without a placement) that are in quarantine on
    ``today`` (ISO 8601) left undecided; one whose quarantine has ended says so."""
    mine = [entry for entry in entries if entry.routine in ("", routine) and entry.case in ("", case)]
    if not mine:
        return verdict
    return Verdict(tuple(_held(check, mine, today) for check in verdict.checks), verdict.depends_on)


def _held(check: Check, entries: Iterable[Quarantine], today: str) -> Check:
    for entry in entries:
        if (
            entry.checks
            and check.name not in entry.checks
            and check.name.partition("[")[0] not in entry.checks
        ):
            continue
        if check.skipped:
            return check
        if today > entry.expires:
            return msgspec.structs.replace(check, findings=(*check.findings, *_ended(check, entry)))
        found = next((f"{each.code}: {each.message}" for each in check.findings if each.fails), "")
        told = f"it failed now: {found}" if found else "it passed now"
        reason = f"in quarantine until {entry.expires} ({entry.owner}): {entry.reason}; {told}"
        return msgspec.structs.replace(check, skipped=reason)
    return check


def _ended(check: Check, entry: Quarantine) -> Iterator[Finding]:
    yield Finding(
        code="quarantine.ended",
        message=f"the quarantine of ::{check.name} ended on {entry.expires} ({entry.owner}): {entry.reason}",
        severity=Severity.WARNING,
        location=entry.location,
        hint="mend it, or take the entry out",
    )


def proposal(routine: str, case: str, checks: Iterable[str], passed: int, of: int) -> str:
    """The entry for checks that passed and failed under the same files, as one line of YAML."""
    listed = ", ".join(sorted(checks))
    reason = f"passed {passed} of {of} attempts"
    return (
        f"- {{routine: {routine}, case: {case}, checks: [{listed}], reason: {reason}, "
        "owner: YOU, expires: YYYY-MM-DD}"
    )
