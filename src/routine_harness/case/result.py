"""The outcome of one case: what fired, the two runs, and what is thought of them."""

from __future__ import annotations

import msgspec

from routine_harness.agents.acted import ActedBy
from routine_harness.case.case import Case
from routine_harness.case.confirmation import Binding
from routine_harness.finding import Finding
from routine_harness.routine.edition_rules import Placement
from routine_harness.routine.spec import Routine
from routine_harness.session.run import RunPair
from routine_harness.trigger.event import Firing
from routine_harness.verdict.further import CONTEXT
from routine_harness.verdict.verdict import Check, Verdict


class CaseResult(msgspec.Struct, frozen=True, eq=False):
    """One case judged. ``pair`` is None where no run came about: nothing fired, as expected, or
    what it takes to run is missing (then ``run`` fails and says so). ``firing`` is None where
    nothing fired. ``placed`` are the pairs under other placements of the context, ``swept`` those that the
    findings of a further check are about, by its name; ``sweeps`` are the names of all that the case asks
    for, carried out or not. ``by`` says who carried
    out ``pair``; None where there is none. ``script`` says how the script on which the case rests stands to
    the prompt; None where none does."""

    case: Case
    routine: Routine
    verdict: Verdict
    pair: RunPair | None = None
    firing: Firing | None = None
    placed: dict[Placement, RunPair] = {}
    swept: dict[str, RunPair] = {}
    sweeps: tuple[str, ...] = ()
    by: ActedBy | None = None
    script: Binding | None = None

    @property
    def passed(self) -> bool:
        return self.verdict.passed

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.verdict.findings

    @property
    def findings_of_pair(self) -> tuple[Finding, ...]:
        """The findings about ``pair`` itself: those of a further run count calls of another pair."""
        return tuple(
            finding
            for check in self.verdict.checks
            if check.name not in self.swept
            for finding in check.findings
        )

    def pair_of(self, check: Check) -> RunPair | None:
        """The runs that the findings of ``check`` are about: those of one other placement, or the case's
        own, those of the check's further runs."""
        if check.name in self.swept:
            return self.swept[check.name]
        named = {finding.data.get(CONTEXT) for finding in check.findings if finding.fails}
        return next((self.placed[name] for name in self.placed if named == {name}), self.pair)

    @property
    def skipped(self) -> str:
        """What this machine lacks to run the case; empty where it ran, or failed for another reason."""
        if self.pair is not None:
            return ""
        return next((check.skipped for check in self.verdict.checks if check.name == "run"), "")

    def check(self, name: str) -> Check:
        """The check called ``name``; see ``Verdict.check``."""
        return self.verdict.check(name)
