"""Further runs of a case when things go wrong: each plan of ``adversity`` carried out and judged.

Only a script acts anew from another start. What the real agent would have done after an answer that it
never got is not on its recording: there the check stays open until somebody records it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Final

import msgspec

from routine_harness.adversity.crash import check_crash, crash_points
from routine_harness.adversity.faults import FaultTrial, check_told_of, fault_trials
from routine_harness.case.case import Rerun
from routine_harness.case.plan import Setting, plan_pair
from routine_harness.finding import Location
from routine_harness.session.pair import Execute, run_pair
from routine_harness.session.run import RunPair
from routine_harness.verdict.duplicates import Terms
from routine_harness.verdict.forms import forms_of
from routine_harness.verdict.further import CRASH, FAULTS
from routine_harness.verdict.policy import Policy
from routine_harness.verdict.verdict import Check, Verdict

_ALWAYS: Final = ("idempotency.duplicate", "policy.", "run.failure-untold", "agent.", "leak.")
"""What holds whatever goes wrong: nothing twice, nothing forbidden, and a failure is told."""
_OPEN: Final = "nobody knows what the recorded agent would have done: record --{} asks it"
Done = tuple[Check, RunPair | None]
"""A check, and the pair that its findings are about."""


class Swept(msgspec.Struct, frozen=True, eq=False):
    """The ``names`` of all items of further runs, the checks that were carried out, and the pair that the
    findings of each are about, by its name."""

    names: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    pairs: dict[str, RunPair] = {}


Judge = Callable[[Setting, RunPair], Verdict]
"""Judges a pair as the pair of its case, snapshots left out."""


class Sweep:
    """The further runs of one case: ``pair`` is its own; ``execute`` carries out a run, None where only a
    recording could."""

    def __init__(
        self, setting: Setting, pair: RunPair, policy: Policy, judge: Judge, execute: Execute | None
    ) -> None:
        self._setting = setting
        self._pair = pair
        self._policy = policy
        self._judge = judge
        self._execute = execute

    def check(self, wanted: Collection[str] | None = None) -> Swept:
        """Carry out the checks that are ``wanted`` by name, by default all that the case asks for."""
        found = [
            done
            for kind in self._setting.case.sweeps
            for done in self._checks(
                kind, lambda name: wanted is None or name in wanted, kind in (wanted or ())
            )
        ]
        pairs = {check.name: pair for check, pair in found if pair is not None}
        return Swept(self._names(), tuple(check for check, _ in found), pairs)

    def _names(self) -> tuple[str, ...]:
        """The items of the case's further runs, as its own first run gives rise to them."""
        return tuple(
            name
            for kind in self._setting.case.sweeps
            for name in (map(_item, self._trials()) if kind == FAULTS and self._execute else (kind,))
        )

    def _checks(self, kind: str, wanted: Callable[[str], bool], together: bool) -> Iterator[Done]:
        """The checks of one kind; ``together``: in one item, where nobody knew before which there are."""
        if self._execute is None:
            if wanted(kind):
                yield (
                    Check(kind, skipped=f"the recording has no further runs: record --{kind} makes them"),
                    None,
                )
        elif kind == FAULTS and together:
            done = [self._fault(each, self._execute) for each in self._trials()]
            yield Check(FAULTS, tuple(finding for check, _ in done for finding in check.findings)), None
        elif kind == FAULTS:
            yield from (self._fault(each, self._execute) for each in self._trials() if wanted(_item(each)))
        elif wanted(kind):
            yield self._crash(self._execute)

    def _crash(self, execute: Execute) -> Done:
        """Cut the first run after each of its outward calls, from the first on, until a rerun goes wrong."""
        whole = self._pair.first
        case = self._setting.case
        plan = plan_pair(self._again())
        for point in crash_points(whole):
            pair = run_pair(msgspec.structs.replace(plan, cut=point.number), execute)
            if pair is None:
                continue
            found = tuple(check_crash(whole, pair, self._terms(CRASH), case.expect))
            if any(finding.fails for finding in found):
                return Check(CRASH, found), pair
        return Check(CRASH), None

    def _trials(self) -> tuple[FaultTrial, ...]:
        """Each fault of the packs over each call of the first run that reaches the outside."""
        setting = self._setting
        read = forms_of(setting.routine, setting.registry)
        calls = [
            record
            for record in self._pair.first.calls
            if record.call.connector or record.effects or any(read(record.call))
        ]
        return tuple(fault_trials(calls, setting.case.checks[FAULTS].packs))

    def _fault(self, trial: FaultTrial, execute: Execute) -> Done:
        """Run the case with one fault in its first run, and judge what must hold all the same."""
        again = self._again()
        pair = run_pair(msgspec.structs.replace(plan_pair(again), striking=(trial.fault,)), execute)
        assert pair is not None  # noqa: S101 - a script gives a run for every session
        verdict = self._judge(again, pair)
        told = {(finding.code, finding.message) for finding in self._judge(again, self._pair).findings}
        place = self._terms(FAULTS).location or Location("")
        found = [
            finding
            for finding in verdict.findings
            if finding.code.startswith(_ALWAYS) and (finding.code, finding.message) not in told
        ]
        found += check_told_of(self._pair.first, pair.first, place)
        return Check(_item(trial), tuple(found)), pair

    def _again(self) -> Setting:
        """The case with the same firing once more as its second run, at once."""
        case = self._setting.case
        again = msgspec.structs.replace(case, rerun=Rerun(allow=case.rerun.allow, strict=case.rerun.strict))
        return msgspec.structs.replace(self._setting, case=again)

    def _terms(self, name: str) -> Terms:
        case, defaults = self._setting.case, self._policy.rerun
        allow = defaults.get("allow", ()) if case.rerun.allow is None else case.rerun.allow
        line = case.source.line("checks", name) or case.source.line("expect")
        place = Location(case.source.file, line)
        return Terms(allow, case.strict, self._policy.identity, place)


def _item(trial: FaultTrial) -> str:
    return f"{FAULTS}[{trial.name}]"
