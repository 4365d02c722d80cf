"""Further runs of a case in which something goes wrong: the plans of ``adversity`` carried out and judged.

Only a script acts anew from another start. What the real agent would have done after an answer that it
never got is not on its recording: there a check stays open until somebody records it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from routine_harness.adversity.attacks import Act, Attack, load_pack, obeyed, obeyed_finding
from routine_harness.adversity.crash import check_crash, crash_points
from routine_harness.adversity.deliveries import Before, Delivery, later_deliveries
from routine_harness.adversity.faults import FaultTrial, check_told_of, fault_trials
from routine_harness.adversity.overlap import Alone, check_overlap
from routine_harness.adversity.places import lay_in_firing, lay_in_world, places_of
from routine_harness.adversity.together import finishing
from routine_harness.agents.scripted import Script
from routine_harness.case.case import Rerun
from routine_harness.case.event import fire
from routine_harness.case.plan import Setting, plan_firing, plan_late, plan_pair
from routine_harness.execution.companions import Companion, companion_of
from routine_harness.execution.interleaving import Interleaving, openings_of
from routine_harness.execution.swept import Swept
from routine_harness.finding import Finding, Location
from routine_harness.session.pair import Execute, open_session, run_pair
from routine_harness.session.run import Run, RunPair
from routine_harness.store.attack_packs import load_own_pack
from routine_harness.trigger.event import Firing
from routine_harness.trigger.match import Undecided
from routine_harness.verdict.call_forms import forms_of
from routine_harness.verdict.further import ADVERSARY, CRASH, FAULTS, OVERLAP, SAME, Beside
from routine_harness.verdict.idempotency.duplicates import Terms
from routine_harness.verdict.policy.rules import Policy
from routine_harness.verdict.verdict import Check, Verdict

_ALWAYS: Final = ("idempotency.duplicate", "policy.", "run.failure-untold", "agent.", "leak.")
"""What holds whatever goes wrong: nothing twice, nothing forbidden, and a failure is told."""
_UNDECIDED: Final = "the event leaves open whether it fires"
_OPEN: Final = "nobody knows what the recorded agent would have done: record --{} asks it"

Judge = Callable[[Setting, RunPair], Verdict]
"""Judges a pair as the pair of its case, snapshots left out."""


class Outcome(NamedTuple):
    """What one trial has shown, and the pair that it is about; None where nothing is to be seen."""

    findings: tuple[Finding, ...] = ()
    pair: RunPair | None = None
    skipped: str = ""


class Trial(NamedTuple):
    """One item of a further check: ``crash``, ``faults[linear.save_issue#1:timeout]``."""

    name: str
    carry_out: Callable[[], Outcome]


class Anew(NamedTuple):
    """Who carries the case out from another start: ``execute`` one session; ``script`` alone can be let go on
    call by call. None where only a recording could."""

    execute: Execute | None
    script: Script | None = None


class Sweep:
    """The further runs of one case: ``pair`` is its own."""

    def __init__(self, setting: Setting, pair: RunPair, policy: Policy, judge: Judge, anew: Anew) -> None:
        self._setting = setting
        self._pair = pair
        self._policy = policy
        self._judge = judge
        self._anew = anew

    def check(self, wanted: Collection[str] | None = None) -> Swept:
        """Carry out the items that are ``wanted``, by default all. The name of a check stands for all of its
        items in one: where nobody knew beforehand which there are."""
        names: list[str] = []
        checks: list[Check] = []
        pairs: dict[str, RunPair] = {}
        for kind in self._setting.case.sweeps:
            trials = tuple(self._trials(kind))
            names += [trial.name for trial in trials]
            if wanted is not None and kind in wanted and kind not in (trial.name for trial in trials):
                trials = (Trial(kind, lambda trials=trials: _joined(trials)),)  # type: ignore[misc]
            for trial in trials:
                if wanted is None or trial.name in wanted:
                    done = trial.carry_out()
                    checks.append(Check(trial.name, done.findings, done.skipped))
                    if done.pair is not None:
                        pairs[trial.name] = done.pair
        return Swept(tuple(names), tuple(checks), pairs)

    def _trials(self, kind: str) -> Iterator[Trial]:
        """The items of one further check."""
        execute, script = self._anew
        if execute is None or (kind == OVERLAP and script is None):
            yield Trial(kind, lambda: Outcome(skipped=_OPEN.format(kind)))
        elif kind == CRASH:
            yield Trial(CRASH, lambda: self._crash(execute))
        elif kind == OVERLAP and script is not None:
            check = self._setting.case.checks[OVERLAP]
            companion = None
            if check.beside != SAME:
                companion = companion_of(self._setting, script, check.beside)
            if companion is not None or check.beside == SAME:
                yield Trial(OVERLAP, lambda: self._overlap(script, check.beside, companion))
            yield from self._deliveries(execute, check.deliveries)
        elif kind == ADVERSARY:
            yield from self._adversary(execute)
        elif kind == FAULTS:
            for trial in self._fault_trials():
                yield Trial(f"{FAULTS}[{trial.name}]", lambda trial=trial: self._fault(trial, execute))  # type: ignore[misc]

    def _crash(self, execute: Execute) -> Outcome:
        """Cut the first run after each of its outward calls, from the first on, until a rerun goes wrong."""
        whole, expect = self._pair.first, self._setting.case.expect
        plan = plan_pair(self._again())
        for point in crash_points(whole):
            pair = run_pair(msgspec.structs.replace(plan, cut=point.number), execute)
            assert pair is not None  # noqa: S101 - a script gives a run for every session
            found = tuple(check_crash(whole, pair, self._terms(CRASH), expect))
            if any(finding.fails for finding in found):
                return Outcome(found, pair)
        return Outcome()

    def _overlap(self, script: Script, beside: str | Beside, companion: Companion | None) -> Outcome:
        """Let two sessions go on at once, in one order after the other, until one ends badly: the first to do
        so has the fewest changes between them."""
        if companion is not None and companion.skipped:
            return Outcome(skipped=companion.skipped)
        terms, expect = self._terms(OVERLAP), self._setting.case.expect

        def check(alone: Alone, pair: RunPair, made: Sequence[int]) -> tuple[Finding, ...]:
            return tuple(check_overlap(alone, pair, made, terms, expect))

        overlap = Interleaving(openings_of(self._again(), script, companion), check)
        ended = overlap.beside_itself(self._pair.first) if beside == SAME else overlap.beside_another()
        return Outcome(*ended)

    def _deliveries(self, execute: Execute, names: Sequence[str]) -> Iterator[Trial]:
        """An item for each delivery that can follow the first run."""
        first, setting = self._pair.first, self._setting
        me = first.world.get("github.me", ()) or {}
        for delivery in later_deliveries(Before(first, str(me.get("login", "me")), setting.edition), names):
            yield Trial(
                f"{OVERLAP}[{delivery.name}]",
                lambda delivery=delivery: self._deliver(delivery, execute),  # type: ignore[misc]
            )

    def _deliver(self, delivery: Delivery, execute: Execute) -> Outcome:
        """Run the case once more for a later delivery, if it fires, and judge that as its second run."""
        again, first = self._again(), self._pair.first
        firing: Firing | None = Firing(delivery.event, first.firing.trigger)
        if not delivery.same:
            firing, matches = fire(again.case, again.routine, delivery.event, again.edition)
            if firing is None:
                undecided = any(isinstance(match, Undecided) for match in matches)
                return Outcome(skipped=_UNDECIDED if undecided else "")
        assert firing is not None  # noqa: S101 - told apart above
        plan = plan_pair(again)
        following = plan_firing(again, firing, first.firing) if delivery.news else plan_late(again, firing)
        world = first.world.at(max(first.world.clock, firing.at))
        pair = RunPair(first, execute(open_session(plan, following, world, 2)))
        expect = msgspec.structs.replace(again.case.expect, idempotent=True)
        case = msgspec.structs.replace(again.case, expect=expect)
        verdict = self._judge(msgspec.structs.replace(again, case=case), pair)
        found = next(check for check in verdict.checks if check.name == "idempotent")
        return Outcome(found.findings, pair, found.skipped)

    def _adversary(self, execute: Execute) -> Iterator[Trial]:
        """An item for each place where strangers write and each act that an attack can ask for."""
        setting = self._setting
        places = places_of(setting.firing, plan_pair(setting).world)
        wanted = setting.case.checks[ADVERSARY]
        attacks = [each for pack in wanted.packs for each in load_pack(pack)]
        attacks += [each for own in wanted.own for each in load_own_pack(own)]
        acts = dict.fromkeys(act for attack in attacks for act in attack.texts)
        for place, act in ((place, act) for place in places for act in acts):
            if any(obeyed(act, self._pair.first)):  # the routine does that by itself: nothing to tell apart
                continue
            yield Trial(
                f"{ADVERSARY}[{place}:{act}]",
                lambda place=place, act=act: self._attack(place, act, attacks, execute),  # type: ignore[misc]
            )

    def _attack(self, place: str, act: Act, attacks: Sequence[Attack], execute: Execute) -> Outcome:
        """Lay one attack after the other at ``place``, until one is obeyed."""
        for attack in attacks:
            text = attack.texts[act]
            firing = lay_in_firing(place, text, self._setting.firing)
            plan = plan_pair(msgspec.structs.replace(self._setting, firing=firing))
            world = lay_in_world(place, text, plan.world)
            run = execute(open_session(plan, plan.first, world, 1))
            assert run is not None  # noqa: S101 - a script gives a run for every session
            tried = tuple(record.number for record in obeyed(act, run))
            if tried:
                finding = obeyed_finding(attack, place, act, text, tried, self._place(ADVERSARY))
                return Outcome((finding,), RunPair(run))
        return Outcome()

    def _fault_trials(self) -> Iterator[FaultTrial]:
        """Each fault of the packs over each call of the first run that reaches the outside."""
        setting = self._setting
        read = forms_of(setting.routine, setting.registry)
        calls = [
            record
            for record in self._pair.first.calls
            if record.call.connector or record.effects or any(read(record.call))
        ]
        return fault_trials(calls, setting.case.checks[FAULTS].packs)

    def _fault(self, trial: FaultTrial, execute: Execute) -> Outcome:
        """Run the case with one fault in its first run, and judge what must hold all the same."""
        again = self._again()
        pair = run_pair(msgspec.structs.replace(plan_pair(again), striking=(trial.fault,)), execute)
        assert pair is not None  # noqa: S101 - a script gives a run for every session
        told = {(finding.code, finding.message) for finding in self._judge(again, self._pair).findings}
        found = [
            finding
            for finding in self._judge(again, pair).findings
            if finding.code.startswith(_ALWAYS)
            and (finding.code, finding.message) not in told
            and not _is_rest(finding, self._pair.first, pair)
        ]
        found += check_told_of(self._pair.first, pair.first, self._place(FAULTS))
        return Outcome(tuple(found), pair)

    def _again(self) -> Setting:
        """The case with the same firing once more as its second run, at once."""
        case = self._setting.case
        again = msgspec.structs.replace(case, rerun=Rerun(allow=case.rerun.allow, strict=case.rerun.strict))
        return msgspec.structs.replace(self._setting, case=again)

    def _terms(self, kind: str) -> Terms:
        case, defaults = self._setting.case, self._policy.rerun
        allow = defaults.get("allow", ()) if case.rerun.allow is None else case.rerun.allow
        return Terms(allow, case.strict, self._policy.identity, self._place(kind))

    def _place(self, kind: str) -> Location:
        """The line of the case that asks for the check; that of its expectations where the policy asks."""
        source = self._setting.case.source
        return Location(source.file, source.line("checks", kind) or source.line("expect"))


def _is_rest(finding: Finding, whole: Run, pair: RunPair) -> bool:
    """Whether the second run made what the first, which a fault struck, had left of the work of ``whole``."""
    first_call = finding.data.get("first_call")
    if pair.second is None or finding.run != 2 or not isinstance(first_call, int):
        return False
    finishes = finishing(whole, pair.first, pair.second)
    earlier = [effect for effect in pair.first.effects if effect.call == first_call]
    later = [effect for effect in pair.second.effects if effect.call == finding.calls[-1]]
    return bool(later) and all(any(finishes(each, again) for each in earlier) for again in later)


def _joined(trials: tuple[Trial, ...]) -> Outcome:
    """Every trial in one item; the pair is that of the first that shows something."""
    done = [trial.carry_out() for trial in trials]
    shown = next((each for each in done if any(finding.fails for finding in each.findings)), Outcome())
    findings = tuple(finding for each in done for finding in each.findings)
    return Outcome(findings, shown.pair, next((each.skipped for each in done if each.skipped), ""))
