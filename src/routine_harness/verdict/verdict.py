"""The verdict: all findings of a case by check, and pass or fail."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from routine_harness.finding import Finding

CheckOutcome = Literal["passed", "failed", "skipped"]


NOT_MET: Final = "its `when` did not hold"
"""Why a block was not judged that was not meant for this run."""


class Check(msgspec.Struct, frozen=True):
    """One item of a case (``fires``, ``run``, ``tickets[high]``) and what was found.

    ``skipped`` says why a check was not judged; for lack of evidence it is undecided, and never open
    for the gate.
    """

    name: str
    findings: tuple[Finding, ...] = ()
    skipped: str = ""

    @property
    def outcome(self) -> CheckOutcome:
        if self.skipped:
            return "skipped"
        return "failed" if any(finding.fails for finding in self.findings) else "passed"

    @property
    def undecided(self) -> bool:
        """Whether something is missing that would decide it."""
        return bool(self.skipped) and self.skipped != NOT_MET


class Verdict(msgspec.Struct, frozen=True):
    """All checks of a case, in the order of its items.

    ``depends_on`` names the points that rest on observations alone and that decided something in a run.
    """

    checks: tuple[Check, ...]
    depends_on: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """No check failed; a skipped one does not fail a verdict."""
        return all(check.outcome != "failed" for check in self.checks)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for check in self.checks for finding in check.findings)

    def check(self, name: str) -> Check:
        """The check called ``name``.

        Raises:
            KeyError: the case has no such check.
        """
        for check in self.checks:
            if check.name == name:
                return check
        raise KeyError(name)
