"""The outcome of one case: what fired, the two runs, and what is thought of them."""

from __future__ import annotations

import msgspec

from routine_harness.case.case import Case
from routine_harness.finding import Finding
from routine_harness.routine.spec import Routine
from routine_harness.session.run import RunPair
from routine_harness.trigger.event import Firing
from routine_harness.verdict.verdict import Check, Verdict


class CaseResult(msgspec.Struct, frozen=True, eq=False):
    """One case judged. ``pair`` is None where no run came about: nothing fired, as expected, or
    what it takes to run is missing (then ``run`` fails and says so). ``firing`` is None where
    nothing fired."""

    case: Case
    routine: Routine
    verdict: Verdict
    pair: RunPair | None = None
    firing: Firing | None = None

    @property
    def passed(self) -> bool:
        return self.verdict.passed

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.verdict.findings

    def check(self, name: str) -> Check:
        """The check called ``name``; see ``Verdict.check``."""
        return self.verdict.check(name)
