"""The one judge of the policy: a single call against the rules that hold for a routine.

``judge_call`` is pure and needs no run: a finished run is judged call by call (``forbid``), and the
guard asks it before a call is made, with a policy and grants that were frozen earlier.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TypeVar

import msgspec

from routine_harness.finding import Finding
from routine_harness.session.grants import Grants
from routine_harness.verdict.call_forms import canonical_tool
from routine_harness.verdict.policy.breach import (
    Breach,
    Terms,
    breach_findings,
    opaque_programs,
    undecided_commands,
)
from routine_harness.verdict.policy.default_policy import OPAQUE, UNDECIDED
from routine_harness.verdict.policy.rules import Forbidden, Permitted, Policy
from routine_harness.verdict.policy.rulings import permits_call, permits_effect, rule_on_call, rule_on_effect
from routine_harness.world.effect import Effect
from routine_harness.world.tool import ToolCall

Rule = TypeVar("Rule", Forbidden, Permitted)
Spent = dict[int, int]
"""How often each entry of ``allow`` with ``at_most`` was used in a run, by its index in the policy."""


Permits = list[tuple[int, Permitted]]
"""Entries of ``allow`` with their index in the policy."""


class Attempt(msgspec.Struct, frozen=True):
    """One call to be judged: what it is, the calls that it stands for, and what it attempts.

    ``refusal`` is why the call itself is not granted, where that is known already.
    """

    call: ToolCall
    forms: tuple[ToolCall, ...] = ()
    effects: tuple[Effect, ...] = ()
    number: int = 1
    run: int = 1
    refusal: Finding | None = None

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The call under all of its names."""
        return (self.call, *self.forms)


def judge_call(
    effects: Sequence[Effect],
    call: ToolCall,
    grants: Grants,
    policy: Policy,
    *,
    forms: tuple[ToolCall, ...] = (),
    terms: Terms | None = None,
    earlier: Sequence[Effect] = (),
) -> tuple[Finding, ...]:
    """Every finding of the policy about one call: an error means that it must not be made.

    ``effects`` are what it attempts (``world.effect_table``), ``forms`` the calls of connectors that a
    command stands for (``verdict.call_forms``). ``earlier`` are the effects of the run so far, which
    use up what ``allow`` lets through ``at_most`` so often.
    """
    refusal = grants.refusal(call, 1, 1)
    attempt = Attempt(call, forms, tuple(effects), refusal=refusal)
    judge = PolicyJudge(policy, grants, {each.connector for each in attempt.calls})
    rulings = judge.rule(attempt, judge.spent_by(earlier))
    terms = terms or Terms(grants.routine.name)
    return (
        *rulings.ungranted,
        *breach_findings(rulings.breaches, terms),
        *undecided_commands(rulings.undecided, terms),
        *opaque_programs(rulings.opaque, terms),
    )


class Rulings(msgspec.Struct, frozen=True):
    """What was found about a call: what is not granted, rules broken, and what reading cannot tell."""

    ungranted: tuple[Finding, ...] = ()
    breaches: tuple[Breach, ...] = ()
    undecided: tuple[Breach, ...] = ()
    opaque: tuple[Breach, ...] = ()


class PolicyJudge:
    """The rules that hold for one routine, their tools under the names of the connectors ``called``."""

    def __init__(self, policy: Policy, grants: Grants, called: Collection[str] = ()) -> None:
        self._grants = grants
        self._routine = grants.routine
        own = {id(permit): self._own(permit, called) for permit in policy.allow}
        index = {id(permit): number for number, permit in enumerate(policy.allow)}
        self._rules = [
            (
                self._own(rule, called),
                [(index[id(each)], own[id(each)]) for each in policy.permits_for(rule, self._routine.name)],
            )
            for rule in policy.forbid
        ]

    def _own(self, rule: Rule, called: Collection[str]) -> Rule:
        """The rule with its tool under that tool's own name."""
        if "." not in rule.tool:
            return rule
        tool, where = canonical_tool(rule.tool, rule.where, self._grants.registry, called)
        return rule if tool == rule.tool else msgspec.structs.replace(rule, tool=tool, where=where)

    def spent_by(self, effects: Sequence[Effect]) -> Spent:
        """What the effects of a run so far have used up."""
        spent: Spent = {}
        if any(permit.at_most for _, permits in self._rules for _, permit in permits):
            for effect in effects:
                self.rule(Attempt(ToolCall("", ""), effects=(effect,)), spent)
        return spent

    def rule(self, attempt: Attempt, spent: Spent) -> Rulings:
        """What every rule says of ``attempt``; ``spent`` is brought up to date."""
        ledger = _Ledger(attempt, spent)
        ungranted: list[Finding] = []
        breaches: list[Breach] = []
        for rule, permits in self._rules:
            if rule.ungranted:
                ungranted += self._ungranted(attempt, permits, ledger)
            elif rule.tool:
                breaches += _rule_on_tool(rule, attempt, permits, ledger)
            elif attempt.effects:
                breaches += self._rule_on_effects(rule, attempt, permits, ledger)
        return _sorted(ungranted, breaches)

    def _rule_on_effects(
        self, rule: Forbidden, attempt: Attempt, permits: Permits, ledger: _Ledger
    ) -> Iterator[Breach]:
        for position, effect in enumerate(attempt.effects):
            ruling = rule_on_effect(rule, effect, self._routine)
            if ruling is not None and not ledger.permits(position, effect, permits):
                yield Breach(rule, attempt.call, attempt.number, attempt.run, effect, ruling.open)

    def _ungranted(self, attempt: Attempt, permits: Permits, ledger: _Ledger) -> Iterator[Finding]:
        """What the call itself, the calls that it stands for and its effects reach beyond the grants."""
        if ledger.permits_call(permits):
            return
        found = attempt.refusal or self._beyond(attempt) or self._elsewhere(attempt, permits, ledger)
        if found is not None:
            yield msgspec.structs.replace(found, run=attempt.run)

    def _beyond(self, attempt: Attempt) -> Finding | None:
        """A command that calls what is not granted, as if it were a tool."""
        refusals = (self._grants.refusal(call, attempt.number, attempt.run) for call in attempt.forms)
        return next((refusal for refusal in refusals if refusal is not None), None)

    def _elsewhere(self, attempt: Attempt, permits: Permits, ledger: _Ledger) -> Finding | None:
        """An effect on a repository that is not one of the routine's, or may be another one."""
        for position, effect in enumerate(attempt.effects):
            repository = effect.fields.get("repository")
            if not isinstance(repository, str) or self._grants.covers(repository) is True:
                continue
            if not ledger.permits(position, effect, permits):
                return _other_repository(effect, repository, attempt, self._grants.covers(repository))
        return None


class _Ledger:
    """Which exceptions a call has used, so that none is used up twice by one effect."""

    def __init__(self, attempt: Attempt, spent: Spent) -> None:
        self._attempt = attempt
        self._spent = spent
        self._used: dict[tuple[int, int], bool] = {}

    def permits(self, position: int, effect: Effect, permits: Permits) -> bool:
        return any(
            permits_effect(permit, effect) and self._left(index, position, permit)
            for index, permit in permits
        )

    def permits_call(self, permits: Permits) -> bool:
        calls = self._attempt.calls
        return any(permits_call(permit, calls) and self._left(index, -1, permit) for index, permit in permits)

    def _left(self, index: int, position: int, permit: Permitted) -> bool:
        """Whether the exception still holds; asked of the same effect again, it answers the same."""
        if permit.at_most is None:
            return True
        key = (index, position)
        if key not in self._used:
            self._used[key] = self._spent.get(index, 0) < permit.at_most
            self._spent[index] = self._spent.get(index, 0) + 1
        return self._used[key]


def _rule_on_tool(rule: Forbidden, attempt: Attempt, permits: Permits, ledger: _Ledger) -> Iterator[Breach]:
    rulings = [found for call in attempt.calls if (found := rule_on_call(rule, call)) is not None]
    if rulings and not ledger.permits_call(permits):
        surest = min(rulings, key=lambda ruling: len(ruling.open))
        yield Breach(rule, attempt.call, attempt.number, attempt.run, None, surest.open)


def _sorted(ungranted: list[Finding], breaches: list[Breach]) -> Rulings:
    """Breaches apart from what reading cannot tell; what a file forbids by name is no mere warning."""
    named = {id(b.effect) for b in breaches if b.rule.tier != "unread"}
    unread = [b for b in breaches if b.rule.tier == "unread" and id(b.effect) not in named]
    return Rulings(
        tuple(ungranted),
        tuple(b for b in breaches if b.rule.tier != "unread"),
        tuple(b for b in unread if b.rule.kinds == UNDECIDED.kinds),
        tuple(b for b in unread if b.rule.kinds == OPAQUE.kinds),
    )


def _other_repository(effect: Effect, repository: str, attempt: Attempt, covered: bool | None) -> Finding:
    if covered is None:
        return Finding(
            code="policy.undecided",
            message=f"whether {effect.kind} is on a repository of the routine depends on {repository}, "
            "known only when it runs",
            hint="write the repository out",
            calls=(attempt.number,),
            data={"rule": "no tool or repository that is not granted"},
        )
    return Finding(
        code="repository.not-granted",
        message=f"{effect.kind} on {repository}, which is not a repository of the routine",
        hint=f"add github:{repository} to repositories, or keep the prompt to those that are there",
        calls=(attempt.number,),
    )
