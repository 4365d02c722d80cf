"""A case under the other placements of its context: the pairs, and the check ``context`` over them.

Scripted cases are run anew; of a recorded one those placements are judged that somebody has recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from routine_harness.agents.recording import ABSENT
from routine_harness.case.case import REAL, AgentSpec, Case
from routine_harness.case.placement import TOGETHER, own_of, under
from routine_harness.case.plan import Setting, plan_pair
from routine_harness.execution.pairing import Executed, Pairing
from routine_harness.finding import Finding, Location, Severity
from routine_harness.routine.edition import load_captures
from routine_harness.routine.edition_rules import Placement
from routine_harness.session.pair import Execute, run_pair
from routine_harness.session.run import RunPair
from routine_harness.store.casefiles import CaseFiles
from routine_harness.verdict.further import CONTEXT
from routine_harness.verdict.placements import Placed, judge_placed
from routine_harness.verdict.verdict import Check, Verdict

_REPEATED: Final = ("idempotency.duplicate", "idempotency.repeated-effect", "idempotency.reworked")
"""What the judge of pairs says of an act that was done twice."""
_JUDGED: Final = ("policy.", "noise.", "recording.")
"""What is wrong under every placement: acts that are forbidden or too loud, and a recording that misses."""
_UNKNOWN: Final = ("world.", "call.", "command.", "github.")
"""What nobody could answer: the run went on without it, so that it shows less. A warning."""

Judge = Callable[[Setting, RunPair], Verdict]
"""Judges a pair as the pair of its case, snapshots left out."""


class PlacedCheck(msgspec.Struct, frozen=True, eq=False):
    """The check ``context``, and the pairs that it is about, by placement."""

    check: Check
    pairs: dict[Placement, RunPair]


class Placing:
    """Runs a case with its context elsewhere."""

    def __init__(self, pairing: Pairing, judge: Judge) -> None:
        self._pairing = pairing
        self._judge = judge

    def check(self, setting: Setting, pair: RunPair, own: Verdict, execute: Execute | None) -> PlacedCheck:
        """Run ``setting`` under the placements that its case asks for, beside its own ``pair`` and verdict,
        and judge all of them."""
        case, files = setting.case, CaseFiles
        pairs: dict[Placement, RunPair] = {case.placement: pair}
        findings: list[Finding] = []
        absent: list[str] = []
        made: list[tuple[Setting, Executed]] = []
        for placement in case.contexts:
            variant = placed(setting, placement)
            executed = self._execute(variant, execute)
            if executed.pair is not None:
                pairs[placement] = executed.pair
                made.append((variant, executed))
            elif any(finding.code == ABSENT for finding in executed.findings):
                absent += [f"context {placement}: {each.message}; {each.hint}" for each in executed.findings]
            else:
                findings += [_of(placement, finding) for finding in executed.findings]
        for placement, each in pairs.items():
            findings += self._judged(setting, placement, each, pairs.get(TOGETHER), own)
        for variant, executed in made:
            passed = not any(f.fails for f in findings if f.data.get(CONTEXT) == variant.case.placement)
            self._pairing.keep(executed, variant, files(variant.case, variant.routine), passed=passed)
        failed = any(finding.fails for finding in findings)
        return PlacedCheck(
            Check(CONTEXT, tuple(findings), "" if failed else "; ".join(absent)),
            {name: each for name, each in pairs.items() if name != case.placement},
        )

    def check_placed(self, setting: Setting, executed: Executed) -> PlacedCheck:
        """Judge the pair of a case that was executed under another placement than its own; the case's own
        pair, where it can be had without the real agent, is what it is held against."""
        case = setting.case
        assert executed.pair is not None  # noqa: S101 - whoever asks has executed it
        home = msgspec.structs.replace(setting, case=own_of(case))
        beside = self._pairing.replay(home, CaseFiles(home.case, home.routine)).pair
        reference = beside if home.case.placement == TOGETHER else None
        own = self._judge(home, beside) if beside is not None else Verdict(())
        findings = self._judged(setting, case.placement, executed.pair, reference, own)
        return PlacedCheck(Check(CONTEXT, tuple(findings)), {case.placement: executed.pair})

    def _execute(self, variant: Setting, execute: Execute | None) -> Executed:
        if execute is not None:
            return Executed(run_pair(plan_pair(variant), execute))
        return self._pairing.execute(variant, CaseFiles(variant.case, variant.routine), live=False)

    def _judged(
        self,
        setting: Setting,
        placement: Placement,
        pair: RunPair,
        reference: RunPair | None,
        own: Verdict,
    ) -> Iterator[Finding]:
        """What is wrong with a pair under ``placement``: what it did early, and what it does not do wrong
        where the case has its own placement."""
        case = setting.case
        place = Location(case.source.file, _line(case))
        base = None if placement == TOGETHER else reference
        found = judge_placed(
            case, Placed(placement, pair, base), setting.policy.identity, load_captures(), place
        )
        yield from found
        if placement == own_of(case).placement:
            return
        told = {(f.code, f.message) for f in own.findings}
        twice = {(f.run, call) for f in found for call in f.calls if f.code == "context.acted-twice"}
        for finding in self._judge(placed(setting, placement), pair).findings:
            if not finding.fails or (finding.code, finding.message) in told:
                continue
            again = finding.code in _REPEATED and not {(finding.run, call) for call in finding.calls} <= twice
            if again or finding.code.startswith(_JUDGED):
                yield _of(placement, finding)
            elif finding.code.startswith(_UNKNOWN):
                yield msgspec.structs.replace(_of(placement, finding), severity=Severity.WARNING)


def placed(setting: Setting, placement: Placement) -> Setting:
    """``setting`` for the variant of its case; what only the real agent executes is played instead."""
    variant = under(own_of(setting.case), placement)
    if variant.agent.name == REAL:
        variant = msgspec.structs.replace(variant, agent=AgentSpec())
    return msgspec.structs.replace(setting, case=variant)


def _of(placement: Placement, finding: Finding) -> Finding:
    """A finding of another judge, with the placement under which it was found."""
    message = f"context {placement}: {finding.message}"
    return msgspec.structs.replace(finding, message=message, data={**finding.data, CONTEXT: placement})


def _line(case: Case) -> int:
    """The line that asks for the check, where the case does; else that of its trigger."""
    lines = (case.source.line(key) for key in ("checks", "context", "trigger"))
    return next((line for line in lines if line), 0)
