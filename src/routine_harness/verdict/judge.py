"""The verdict over a run pair: one check per item, each with its findings.

``fires`` is judged outside, where the trigger was matched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, Protocol

import msgspec

from routine_harness.finding import Finding, Location
from routine_harness.routine.spec import Routine, Source
from routine_harness.session.gaps import IDLE_COMMAND, IDLE_FAULT
from routine_harness.session.grants import Grants
from routine_harness.session.run import Run, RunPair
from routine_harness.session.wakes import IDLE_WAKE
from routine_harness.verdict.call_forms import CallReader, forms_of
from routine_harness.verdict.claims.judge_claims import judge_claims
from routine_harness.verdict.claims.unreported import check_retries, check_told
from routine_harness.verdict.ending import (
    check_action,
    check_expected_status,
    check_nothing,
    check_status,
    why_undecided,
)
from routine_harness.verdict.expectations.condensed import as_far_as_shown
from routine_harness.verdict.expectations.context import RunContext
from routine_harness.verdict.expectations.expect import Expectations
from routine_harness.verdict.expectations.judge_blocks import judge_block
from routine_harness.verdict.expectations.spending import judge_budget
from routine_harness.verdict.expectations.unmentioned import judge_unmentioned
from routine_harness.verdict.further import CONTEXT
from routine_harness.verdict.idempotency.duplicates import Terms, duplicates_within
from routine_harness.verdict.idempotency.second_run import ONE_RUN, judge_idempotency
from routine_harness.verdict.policy.forbid import rule_on_run, unread_findings, without_grants
from routine_harness.verdict.policy.leaks import Secrets, judge_leaks
from routine_harness.verdict.policy.noise import judge_noise
from routine_harness.verdict.policy.personal import judge_personal
from routine_harness.verdict.policy.rules import Policy
from routine_harness.verdict.repeated import gather_alike, join_repeated
from routine_harness.verdict.rerun import Allowed
from routine_harness.verdict.snapshot import judge_snapshot
from routine_harness.verdict.turns import check_quiet, missing_turn, turns_of
from routine_harness.verdict.verdict import NOT_MET, Check, Verdict
from routine_harness.world.registry import Registry

NEVER_STRUCK: Final = "the fault struck no call"


class JudgedRerun(Protocol):
    """What ``rerun:`` says to a judge."""

    @property
    def allow(self) -> tuple[Allowed, ...] | None: ...
    @property
    def strict(self) -> bool | None: ...


class JudgedCase(Protocol):
    """What a judge needs of a case; ``case.Case`` is one."""

    @property
    def key(self) -> str: ...
    @property
    def expect(self) -> Expectations: ...
    @property
    def second(self) -> Expectations | None: ...
    @property
    def rerun(self) -> JudgedRerun: ...
    @property
    def strict(self) -> bool: ...
    @property
    def budget(self) -> dict[str, float]: ...
    @property
    def source(self) -> Source: ...
    @property
    def thens(self) -> tuple[tuple[int, Expectations], ...]: ...
    @property
    def checks_context(self) -> bool: ...


def check_names(case: JudgedCase) -> tuple[str, ...]:
    """The items of a case, ``fires`` first, without running it."""
    if not case.expect.fires:
        return case.expect.checks
    second = case.second.own_checks if case.second else ()
    thens = [name for _, then in case.thens for name in then.own_checks]
    context = (CONTEXT,) if case.checks_context else ()
    return (*case.expect.checks, *second, *thens, *context)


def judge_pair(
    case: JudgedCase,
    routine: Routine,
    pair: RunPair,
    policy: Policy,
    *,
    snapshot: str | None = None,
    snapshot_file: str = "",
    read: CallReader | None = None,
    redact: Callable[[str], str] = str,
    registry: Registry | None = None,
    secrets: Secrets | None = None,
) -> Verdict:
    """The verdict over a pair: a check for every item of the case but ``fires``.

    ``snapshot`` is the stored text (None: there is none); ``read`` tells the calls that a command
    stands for, by default what ``verdict.call_forms`` knows; ``redact`` is what a snapshot went through
    when it was written; ``registry`` knows tools by their aliases, ``secrets``
    the values that must not leave.
    """
    known = registry or Registry()
    read = read or forms_of(routine, known)
    judge = _Judge(case, routine, pair, policy, read, known, secrets or Secrets())
    checks = {"run": judge.run(), "idempotent": judge.idempotent(), "policy": judge.policy()}
    if not case.expect.idempotent:
        del checks["idempotent"]
    found = [*checks.values(), *judge.blocks()]
    if case.expect.snapshot:
        place = Location(snapshot_file)
        any_order = case.expect.any_order
        found.append(Check("snapshot", judge_snapshot(pair, snapshot, place, case.key, redact, any_order)))
    if pair.first.condensed:
        found = [as_far_as_shown(check, case.expect) for check in found]
    return Verdict((*found, *judge.second_blocks(), *judge.then_blocks()))


def judge_missing(case: JudgedCase, findings: tuple[Finding, ...], *, skipped: str = "") -> Verdict:
    """The verdict where no pair came about: ``run`` fails, or is ``skipped`` for what this machine lacks;
    its siblings are skipped."""
    names = [name for name in check_names(case) if name != "fires"]
    reason = "no run came about; see ::run"
    run = Check("run", findings, skipped=skipped)
    return Verdict(tuple(run if name == "run" else Check(name, skipped=reason) for name in names))


class _Judge:
    def __init__(
        self,
        case: JudgedCase,
        routine: Routine,
        pair: RunPair,
        policy: Policy,
        read: CallReader,
        registry: Registry,
        secrets: Secrets,
    ) -> None:
        self._secrets = secrets
        self._case = case
        self._routine = routine
        self._pair = pair
        self._policy = policy
        self._read = read
        self._registry = registry
        self._file = case.source.file
        self._first = RunContext(pair.first, case.expect)
        self._runs = pair.runs

    def run(self) -> Check:
        """Did the sessions end well, do something, and say what is true?"""
        expected = self._case.expect.status
        found = self._of_both(
            lambda run: (
                *check_status(run, expected if run is self._pair.first else ""),
                *gather_alike(without_grants(self._said(run), run.number)),
                *self._of_one(run),
                *check_told(run),
                *check_retries(run),
            )
        )
        if not self._case.expect.nothing:
            found += check_action(self._pair.first, self._read)
        found += judge_unmentioned(self._first, self._case.expect)
        if not self._case.expect.idempotent:
            found += duplicates_within(self._pair.first, self._terms())
        place = Location(self._file, self._case.expect.lines.get("", 0))
        undecided = "" if any(one.fails for one in found) else why_undecided(self._pair.first, expected)
        return Check("run", tuple(self._placed(finding, place) for finding in found), skipped=undecided)

    def _of_one(self, run: Run) -> tuple[Finding, ...]:
        """What is wrong with what a run used and said: at the end, and outside."""
        return (
            *judge_budget(run, {**self._policy.budget, **self._case.budget}),
            *judge_claims(run, self._policy.claims_ignored, self._routine),
            *judge_leaks(run, self._secrets, self._policy.allow, self._routine.name),
            *judge_personal(run, self._policy.leaks),
        )

    def _said(self, run: Run) -> tuple[Finding, ...]:
        """The findings of a session, without what the other run met or played."""
        left = [{f.message for f in each.findings if _is_left(f)} for each in self._runs]
        everywhere = set.intersection(*left)
        return tuple(f for f in run.findings if not _is_left(f) or f.message in everywhere)

    def _placed(self, finding: Finding, place: Location) -> Finding:
        """Findings of a run without a place of their own point at the case, or at the fault in it."""
        if finding.location is not None:
            return finding
        if finding.code == IDLE_FAULT:
            place = Location(self._file, self._case.source.line("faults", finding.data["fault"]))
        if finding.code == IDLE_WAKE:
            place = Location(self._file, self._case.source.line("wakes", finding.data["wake"]))
        return msgspec.structs.replace(finding, location=place)

    def idempotent(self) -> Check:
        """Does the second run do it all again?"""
        second = self._pair.second
        context = self._first if second is None else self._second(second)
        found = judge_idempotency(self._pair, self._terms(), context, self._read)
        undecided = second is None and not any(finding.fails for finding in found)
        return Check("idempotent", found, skipped=ONE_RUN if undecided else "")

    def policy(self) -> Check:
        """Is anything forbidden, or too loud?"""
        grants = Grants(self._routine, self._registry)
        strict = self._case.strict
        ruled = {
            run.number: rule_on_run(run, self._policy, grants, self._read, strict=strict)
            for run in self._runs
        }
        found = self._of_both(lambda run: (*ruled[run.number].findings, *judge_noise(run, self._policy)))
        return Check("policy", (*found, *unread_findings(list(ruled.values()))))

    def blocks(self) -> Iterable[Check]:
        """A check for every block of ``expect:``, and for ``nothing``; then those of its turns."""
        yield from self._blocks(self._case.expect, self._first)
        turns = turns_of(self._pair.first) if self._case.expect.turns else ()
        for number, expect in enumerate(self._case.expect.turns):
            if number < len(turns):
                yield from self._blocks(expect, RunContext(turns[number], expect, prefix=expect.prefix))
            else:
                place = Location(self._file, expect.lines.get("", 0))
                found = (missing_turn(number, len(turns), place),)
                yield from (Check(name, found) for name in expect.own_checks)

    def second_blocks(self) -> Iterable[Check]:
        """The same for ``second:``, skipped where there is no second run."""
        second, run = self._case.second, self._pair.second
        if second is None:
            return ()
        if run is None:
            return [Check(name, skipped=ONE_RUN) for name in second.own_checks]
        return self._blocks(second, self._second(run))

    def then_blocks(self) -> Iterable[Check]:
        """The same for each fault's ``then:``, of the runs that it struck; skipped where it struck none."""
        for index, then in self._case.thens:
            struck = [run for run in self._runs if not _is_idle(index, run)]
            found: dict[str, list[Finding]] = {name: [] for name in then.own_checks}
            skipped: dict[str, str] = {}
            for run in struck:
                first = None if run is self._pair.first else self._first
                for check in self._blocks(then, RunContext(run, then, first, then.prefix)):
                    found[check.name] += check.findings
                    skipped[check.name] = check.skipped
            for name, findings in found.items():
                yield Check(name, tuple(findings), "" if findings else skipped.get(name, NEVER_STRUCK))

    def _blocks(self, expect: Expectations, context: RunContext) -> Iterable[Check]:
        for block in expect.blocks:
            if not context.holds(block.when):
                yield Check(block.check, skipped=NOT_MET)
                continue
            yield Check(block.check, judge_block(block, context, self._file, self._read, self._registry))
        if expect.status:
            place = Location(self._file, expect.lines.get("status", 0))
            yield Check("status", tuple(check_expected_status(context.run, expect.status, place)))
        if expect.nothing:
            place = Location(self._file, expect.lines.get("nothing", 0))
            quiet = check_quiet if expect.prefix.startswith("turns[") else check_nothing
            yield Check(f"{expect.prefix}nothing", tuple(quiet(context.run, self._read, place)))

    def _of_both(self, judge: Callable[[Run], tuple[Finding, ...]]) -> list[Finding]:
        """What is found in either run; what is found several times alike is said once."""
        return join_repeated(finding for run in self._runs for finding in judge(run))

    def _second(self, run: Run) -> RunContext:
        expect = self._case.second or Expectations()
        return RunContext(run, expect, self._first, "second.")

    def _terms(self) -> Terms:
        line = self._case.expect.lines.get("idempotent") or self._case.expect.lines.get("", 0)
        return terms_of(self._case, self._policy, Location(self._file, line))


def terms_of(case: JudgedCase, policy: Policy, place: Location) -> Terms:
    """On what terms a second run of ``case`` is judged; its findings point to ``place``."""
    rerun, defaults = case.rerun, policy.rerun
    allow = defaults.get("allow", ()) if rerun.allow is None else rerun.allow
    strict = bool(defaults.get("strict") if rerun.strict is None else rerun.strict)
    return Terms(allow, case.strict or strict, policy.identity, place)


def _is_idle(index: int, run: Run) -> bool:
    """Whether the fault with that ``index`` struck no call of ``run``."""
    return any(each.code == IDLE_FAULT and each.data.get("fault") == index for each in run.findings)


def _is_left(finding: Finding) -> bool:
    """Whether a finding holds only where no run of the pair came to what it names."""
    return finding.code in (IDLE_FAULT, IDLE_COMMAND, IDLE_WAKE) or bool(finding.data.get("write"))
