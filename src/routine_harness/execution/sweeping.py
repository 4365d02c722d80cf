"""Further runs of a case in which something goes wrong: the plans of ``adversity`` carried out and judged.

Only a script acts anew from another start. What the real agent would have done after an answer that it
never got is not on its recording: there a check stays open until somebody records it.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from routine_harness.adversity.attacks import (
    ACTS,
    PROBE,
    Act,
    Attack,
    by_turns,
    judge_attack,
    load_pack,
    obeyed,
)
from routine_harness.adversity.crash import check_crash, crash_points
from routine_harness.adversity.deliveries import Before, Delivery, later_deliveries
from routine_harness.adversity.faults import FaultTrial, check_told_of, fault_trials
from routine_harness.adversity.overlap import Alone, check_overlap
from routine_harness.adversity.places import PLACES, lay_in_firing, lay_in_world, places_of
from routine_harness.adversity.together import finishing
from routine_harness.agents.scripted import Script
from routine_harness.case.case import Case, CaseTrial, Rerun
from routine_harness.case.event import fire
from routine_harness.case.plan import Setting, plan_firing, plan_first, plan_late, plan_pair
from routine_harness.execution.companions import Companion, companion_of
from routine_harness.execution.interleaving import Interleaving, openings_of
from routine_harness.execution.swept import Recorded, Staged, Swept
from routine_harness.finding import Finding, Location
from routine_harness.session.faults import Fault
from routine_harness.session.gaps import IDLE_FAULT
from routine_harness.session.pair import Execute, PairPlan, open_session, run_pair
from routine_harness.session.run import Run, RunPair
from routine_harness.session.session import Session
from routine_harness.store.attack_packs import load_own_pack
from routine_harness.trigger.event import Firing
from routine_harness.trigger.match import Undecided
from routine_harness.verdict.call_forms import forms_of
from routine_harness.verdict.further import ADVERSARY, CRASH, FAULTS, OVERLAP, SAME, Beside
from routine_harness.verdict.idempotency.duplicates import Terms
from routine_harness.verdict.judge import terms_of
from routine_harness.verdict.verdict import Check, Verdict
from routine_harness.world.state import World

_ALWAYS: Final = ("idempotency.duplicate", "policy.", "run.failure-untold", "agent.", "leak.")
"""What holds whatever goes wrong: nothing twice, nothing forbidden, and a failure is told."""
_UNDECIDED: Final = "the event leaves open whether it fires"
_OPEN: Final = "nobody knows what the recorded agent would have done: record --{} asks it"
_NEVER: Final = "the run takes another way where it is tried once more: record it anew, or leave the pack out"
_OVERLAP_OPEN: Final = "only a script can be let go on call by call: a recorded agent cannot"

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
    call by call. ``execute`` is None where only a recording could: ``recorded`` gives that of a trial."""

    execute: Execute | None
    script: Script | None = None
    recorded: Callable[[Setting], Recorded] | None = None


def attacks_of(case: Case) -> tuple[Attack, ...]:
    """The attacks of the packs that a case asks for.

    Raises:
        SpecError: a pack of the user's own cannot be read.
    """
    wanted = case.checks[ADVERSARY]
    shipped = (each for pack in wanted.packs for each in load_pack(pack))
    return (*shipped, *(each for own in wanted.own for each in load_own_pack(own)))


def attack_trials(
    setting: Setting, pair: RunPair, world: World, attacks: Sequence[Attack]
) -> Iterator[tuple[str, Act]]:
    """Each place where strangers write, with each act that an attack can ask for. What the routine does by
    itself is no act of theirs: nothing would tell them apart."""
    asked = {act for attack in attacks for act in attack.texts}
    acts = [act for act in ACTS if act in asked and not any(obeyed(act, pair.first))]
    return ((place, act) for place in places_of(setting.firing, world) for act in acts)


class Sweep:
    """The further runs of one case: ``pair`` is its own."""

    def __init__(self, setting: Setting, pair: RunPair, judge: Judge, anew: Anew) -> None:
        self._setting = setting
        self._pair = pair
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
                trials = (Trial(kind, functools.partial(_joined, trials)),)
            for trial in trials:
                if wanted is None or trial.name in wanted:
                    done = trial.carry_out()
                    checks.append(Check(trial.name, done.findings, done.skipped))
                    if done.pair is not None:
                        pairs[trial.name] = done.pair
        return Swept(tuple(names), tuple(checks), pairs)

    def _trials(self, kind: str) -> Iterator[Trial]:
        """The items of one further check."""
        execute, script, recorded = self._anew
        if kind == OVERLAP and script is None:
            yield Trial(kind, lambda: Outcome(skipped=_OVERLAP_OPEN))
        elif execute is None:
            yield from self._recorded(kind, recorded)
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
                yield Trial(f"{FAULTS}[{trial.name}]", functools.partial(self._fault, trial, execute))

    def _recorded(self, kind: str, recorded: Callable[[Setting], Recorded] | None) -> Iterator[Trial]:
        """The items of one further check as the real agent was recorded in them; one where it never was."""
        played: dict[str, list[tuple[Staged, Recorded]]] = {}
        for staged in self.staged(kind) if recorded is not None else ():
            played.setdefault(staged.item, []).append((staged, recorded(staged.setting)))  # type: ignore[misc]
        if all(each.absent for trials in played.values() for _, each in trials):
            yield Trial(kind, lambda: Outcome(skipped=_OPEN.format(kind)))
            return
        for item, trials in played.items():
            yield Trial(item, functools.partial(_as_recorded, kind, trials))

    def staged(self, kind: str, begun: Execute | None = None) -> Iterator[Staged]:
        """The trials of one further check for the real agent, each with a recording of its own. ``begun`` is
        who carries out a first run that is cut off."""
        if kind == CRASH:
            yield from self._staged_crashes(begun)
        elif kind == FAULTS:
            for trial in self._fault_trials():
                name = re.sub(r"[^\w.-]+", "-", trial.name)
                yield Staged(
                    f"{FAULTS}[{trial.name}]",
                    self._variant(FAULTS, name, (trial.name,), self._again(), striking=(trial.fault,)),
                    self._judge_fault,
                )
        elif kind == ADVERSARY:
            yield from self._staged_attacks()

    def _staged_crashes(self, begun: Execute | None) -> Iterator[Staged]:
        whole = self._pair.first
        for point in crash_points(whole):
            calls = [(each.call.name, each.call.arguments) for each in whole.calls[: point.number]]
            done = hashlib.sha256(msgspec.json.encode(calls, order="sorted")).hexdigest()
            number = str(point.number)
            variant = self._variant(CRASH, number, (number, done), self._again(), cut=point.number)
            yield Staged(CRASH, msgspec.structs.replace(variant, begun=begun), self._judge_crash)

    def _staged_attacks(self) -> Iterator[Staged]:
        """One attack for each place and act: those of every family in turn, so that all of them are tried."""
        setting = self._setting
        attacks = by_turns(attacks_of(setting.case))
        for place, act in attack_trials(setting, self._pair, plan_pair(setting).world, attacks):
            fit = [attack for attack in attacks if act in attack.texts]
            attack = fit[(PLACES.index(place) * len(ACTS) + ACTS.index(act)) % len(fit)]
            text = attack.texts[act]
            variant = self._variant(ADVERSARY, f"{place}-{act}", (place, text), setting)
            firing = lay_in_firing(place, text, setting.firing)
            lay = functools.partial(lay_in_world, place, text)
            variant = msgspec.structs.replace(variant, firing=firing, lay=lay, lone=True)
            judge = functools.partial(self._judge_attack, attack, place, act)
            yield Staged(f"{ADVERSARY}[{place}:{act}]", variant, judge)

    def _variant(
        self, check: str, name: str, what: tuple[str, ...], setting: Setting, *, cut: int = 0,
        striking: tuple[Fault, ...] = (),
    ) -> Setting:  # fmt: skip
        """``setting`` for a trial that is recorded by itself."""
        trial = CaseTrial(check, f"{check}-{name}", what)
        case = msgspec.structs.replace(setting.case, trial=trial)
        return msgspec.structs.replace(setting, case=case, cut=cut, striking=striking)

    def _crash(self, execute: Execute) -> Outcome:
        """Cut the first run after each of its outward calls, from the first on, until a rerun goes wrong."""
        plan = plan_pair(self._again())
        for point in crash_points(self._pair.first):
            pair = run_pair(msgspec.structs.replace(plan, cut=point.number), execute)
            assert pair is not None  # noqa: S101 - a script gives a run for every session
            found = self._judge_crash(pair)
            if any(finding.fails for finding in found):
                return Outcome(found, pair)
        return Outcome()

    def _judge_crash(self, pair: RunPair) -> tuple[Finding, ...]:
        return tuple(check_crash(self._pair.first, pair, self._terms(CRASH), self._setting.case.expect))

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
            yield Trial(f"{OVERLAP}[{delivery.name}]", functools.partial(self._deliver, delivery, execute))

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
        plan, attacks = plan_pair(setting), attacks_of(setting.case)
        unread = functools.cache(lambda place: self._is_unread(place, plan, execute))

        def lay(place: str, act: Act) -> Outcome:
            return Outcome() if unread(place) else self._attack(place, act, attacks, plan, execute)

        for place, act in attack_trials(setting, self._pair, plan.world, attacks):
            yield Trial(f"{ADVERSARY}[{place}:{act}]", functools.partial(lay, place, act))

    def _attack(
        self, place: str, act: Act, attacks: Sequence[Attack], plan: PairPlan, execute: Execute
    ) -> Outcome:
        """Lay one attack after the other at ``place``, until one is obeyed."""
        for attack in attacks:
            if act not in attack.texts:
                continue
            run = execute(self._attacked(place, attack.texts[act], plan))
            assert run is not None  # noqa: S101 - a script gives a run for every session
            if found := self._judge_attack(attack, place, act, RunPair(run)):
                return Outcome(found, RunPair(run))
        return Outcome()

    def _judge_attack(self, attack: Attack, place: str, act: Act, pair: RunPair) -> tuple[Finding, ...]:
        if not any(obeyed(act, pair.first)):
            return ()
        return (judge_attack(attack, place, act, pair.first, self._place(ADVERSARY)),)

    def _attacked(self, place: str, text: str, plan: PairPlan) -> Session:
        """The first session of the case with ``text`` at ``place``."""
        firing = lay_in_firing(place, text, self._setting.firing)
        setting = msgspec.structs.replace(self._setting, firing=firing)
        if place == "branch":  # the rows are called after it
            plan = plan_pair(setting)
        return open_session(plan, plan_first(setting), lay_in_world(place, text, plan.world), 1)

    def _is_unread(self, place: str, plan: PairPlan, execute: Execute) -> bool:
        """Whether the run never sees what stands at ``place`` of the world, so that no order there can reach
        it. What stands in the firing is read by scripts without a call."""
        firing = self._setting.firing
        if lay_in_firing(place, PROBE, firing) is not firing:
            return False
        run = execute(self._attacked(place, PROBE, plan))
        return run is not None and PROBE.encode() not in msgspec.json.encode(run.transcript)

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
        plan = msgspec.structs.replace(plan_pair(self._again()), striking=(trial.fault,))
        pair = run_pair(plan, execute)
        assert pair is not None  # noqa: S101 - a script gives a run for every session
        return Outcome(self._judge_fault(pair), pair)

    def _judge_fault(self, pair: RunPair) -> tuple[Finding, ...]:
        """What must hold whatever has struck, and holds without it; or what the check expects ``then``."""
        again, then = self._again(), self._setting.case.checks[FAULTS].then
        never = [
            f
            for f in pair.first.findings
            if f.code == IDLE_FAULT and f.data["fault"] >= len(again.case.faults)
        ]
        if never:
            return (msgspec.structs.replace(never[0], location=self._place(FAULTS), hint=_NEVER),)
        if then is not None:
            case = msgspec.structs.replace(again.case, expect=then, thens=())
            asked = set(then.own_checks)
            verdict = self._judge(msgspec.structs.replace(again, case=case), pair)
            return tuple(f for check in verdict.checks if check.name in asked for f in check.findings)
        found = [
            finding
            for finding in self._judge(again, pair).findings
            if finding.code.startswith(_ALWAYS)
            and (finding.code, finding.message) not in self._told
            and not _is_rest(finding, self._pair.first, pair)
        ]
        return (*found, *check_told_of(self._pair.first, pair.first, self._place(FAULTS)))

    @functools.cached_property
    def _told(self) -> frozenset[tuple[str, str]]:
        """What is found without any fault; it is judged once for all trials."""
        own = self._judge(self._again(), self._pair)
        return frozenset((finding.code, finding.message) for finding in own.findings)

    def _again(self) -> Setting:
        """The case with the same firing once more as its second run, at once."""
        case = self._setting.case
        again = msgspec.structs.replace(case, rerun=Rerun(allow=case.rerun.allow, strict=case.rerun.strict))
        return msgspec.structs.replace(self._setting, case=again)

    def _terms(self, kind: str) -> Terms:
        return terms_of(self._setting.case, self._setting.policy, self._place(kind))

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


def _as_recorded(kind: str, trials: Sequence[tuple[Staged, Recorded]]) -> Outcome:
    """The recorded trials of one item, judged; those that nobody recorded keep it open."""
    findings: list[Finding] = []
    shown: RunPair | None = None
    absent: list[str] = []
    for staged, recorded in trials:
        if recorded.pair is None:
            findings += () if recorded.absent else recorded.findings
            absent += [staged.setting.case.key] if recorded.absent else ()
            continue
        missed = (f for run in recorded.pair.runs for f in run.findings if f.code.startswith("recording."))
        found = (*missed, *staged.judge(recorded.pair))
        if shown is None and any(finding.fails for finding in found):
            shown = recorded.pair
        findings += found
    failed = any(finding.fails for finding in findings)
    open_ = f"{', '.join(absent)}: {_OPEN.format(kind)}" if absent and not failed else ""
    return Outcome(tuple(findings), shown, open_)


def _joined(trials: tuple[Trial, ...]) -> Outcome:
    """Every trial in one item; the pair is that of the first that shows something."""
    done = [trial.carry_out() for trial in trials]
    shown = next((each for each in done if any(finding.fails for finding in each.findings)), Outcome())
    findings = tuple(finding for each in done for finding in each.findings)
    return Outcome(findings, shown.pair, next((each.skipped for each in done if each.skipped), ""))
