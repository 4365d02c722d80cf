"""Further runs of a case when things go wrong: each plan of ``adversity`` carried out and judged.

Only a script acts anew from another start. What the real agent would have done after an answer that it
never got is not on its recording: there the check stays open until somebody records it.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from routine_harness.adversity.crash import check_crash, crash_points
from routine_harness.case.case import Rerun
from routine_harness.case.plan import Setting, plan_pair
from routine_harness.finding import Location
from routine_harness.session.pair import Execute, run_pair
from routine_harness.session.run import RunPair
from routine_harness.verdict.duplicates import Terms
from routine_harness.verdict.further import CRASH
from routine_harness.verdict.policy import Policy
from routine_harness.verdict.verdict import Check


class Swept(msgspec.Struct, frozen=True, eq=False):
    """The checks of further runs, and the pair that the findings of each are about, by its name."""

    checks: tuple[Check, ...] = ()
    pairs: dict[str, RunPair] = {}


class Sweep:
    """The further runs of one case: ``pair`` is its own; ``execute`` carries out a run, None where only a
    recording could."""

    def __init__(self, setting: Setting, pair: RunPair, policy: Policy, execute: Execute | None) -> None:
        self._setting = setting
        self._pair = pair
        self._policy = policy
        self._execute = execute
        self._pairs: dict[str, RunPair] = {}

    def check(self, wanted: Collection[str] | None = None) -> Swept:
        """Carry out the checks that are ``wanted``, by default all that the case asks for."""
        names = [name for name in self._setting.case.sweeps if wanted is None or name in wanted]
        checks = tuple(self._check(name) for name in names)
        return Swept(checks, self._pairs)

    def _check(self, name: str) -> Check:
        if self._execute is None:
            return Check(name, skipped=f"the recording has no further runs: record --{name} makes them")
        return {CRASH: self._crash}[name](self._execute)

    def _crash(self, execute: Execute) -> Check:
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
                self._pairs[CRASH] = pair
                return Check(CRASH, found)
        return Check(CRASH)

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
