"""``forbid`` against runs: what was *attempted* counts, whatever became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec

from routine_harness.finding import Finding
from routine_harness.routine.spec import Routine
from routine_harness.session.faults import lookup_argument
from routine_harness.session.grants import GRANT_CODES, Grants
from routine_harness.session.run import CallRecord, Run
from routine_harness.verdict.canonical import canonical_tool
from routine_harness.verdict.context import field_of
from routine_harness.verdict.policy import Forbidden, Permitted, Policy
from routine_harness.verdict.topology import CallReader, stands_for
from routine_harness.verdict.where import Where, match_where, nothing_to_look_up
from routine_harness.verdict.words import counted
from routine_harness.world.effect import Effect
from routine_harness.world.kinds import is_of
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolCall

Rule = TypeVar("Rule", Forbidden, Permitted)
Forms = tuple[CallRecord, tuple[ToolCall, ...]]
"""A call with all that it stands for, itself first."""


def judge_forbidden(
    run: Run, policy: Policy, routine: Routine, read: CallReader, registry: Registry
) -> tuple[Finding, ...]:
    """A finding for every rule that a run breaks, with all the calls that break it."""
    effects = run.effects
    forms = [(record, _forms(record, read)) for record in run.calls]
    called = {call.connector for _, calls in forms for call in calls}
    found: list[Finding] = []
    for rule in policy.forbid:
        if rule.ungranted:
            permits = _own(policy.permits_for(rule, routine.name), registry, called)
            found += _judge_ungranted(run, Grants(routine, registry), routine, permits, read)
        elif rule.tool:
            own = _own((rule,), registry, called)[0]
            if any(call.name == own.tool for _, calls in forms for call in calls):
                permits = _own(policy.permits_for(rule, routine.name), registry, called)
                found += _judge_tool(run, own, permits, forms)
        elif effects:
            broken = [effect for effect in effects if breaks(effect, rule)]
            if broken:
                found += _judge_effects(run, rule, policy.permits_for(rule, routine.name), broken)
    return tuple(found)


def breaks(effect: Effect, rule: Forbidden) -> bool:
    """Whether ``effect`` is of a kind that ``rule`` forbids, where an absent field is a match."""
    if rule.tool or rule.ungranted:
        return False
    return _is_of(effect, rule.kinds) and _may_hold(rule.where, effect, rule.kinds)


def _own(rules: tuple[Rule, ...], registry: Registry, called: Collection[str]) -> tuple[Rule, ...]:
    """The rules with their tools under their own names."""
    return tuple(_under_own_name(rule, registry, called) if "." in rule.tool else rule for rule in rules)


def _under_own_name(rule: Rule, registry: Registry, called: Collection[str]) -> Rule:
    tool, where = canonical_tool(rule.tool, rule.where, registry, called)
    return rule if tool == rule.tool else msgspec.structs.replace(rule, tool=tool, where=where)


def _judge_effects(
    run: Run, rule: Forbidden, permits: tuple[Permitted, ...], broken: list[Effect]
) -> Iterator[Finding]:
    left = [effect for effect in broken if not any(_permits_effect(permit, effect) for permit in permits)]
    if left:
        shown = [f"call {effect.call}: {effect.kind} {effect.target} ({effect.outcome})" for effect in left]
        yield _finding(run, rule, shown, [effect.call for effect in left])


def _judge_tool(
    run: Run, rule: Forbidden, permits: tuple[Permitted, ...], forms: Sequence[Forms]
) -> Iterator[Finding]:
    broken = [
        record
        for record, calls in forms
        if any(_breaks_tool(call, rule) for call in calls)
        and not any(_permits_call(permit, calls) for permit in permits)
    ]
    if broken:
        shown = [f"call {record.number}: {record.call.name}" for record in broken]
        yield _finding(run, rule, shown, [record.number for record in broken])


def _judge_ungranted(
    run: Run, grants: Grants, routine: Routine, permits: tuple[Permitted, ...], read: CallReader
) -> Iterator[Finding]:
    """What the session refused as not granted, and what commands and effects reach beyond it."""
    refused = {
        finding.calls[0]: finding for finding in run.findings if finding.code in GRANT_CODES and finding.calls
    }
    for record in run.calls:
        if permits and any(_permits_call(permit, _forms(record, read)) for permit in permits):
            continue
        found = refused.get(record.number) or _beyond(record, grants, run.number, read)
        if found is None and record.effects:
            found = _elsewhere(record, routine, run.number, permits)
        if found is not None:
            yield msgspec.structs.replace(found, run=run.number)


def _beyond(record: CallRecord, grants: Grants, run: int, read: CallReader) -> Finding | None:
    """A command that calls what is not granted, as if it were a tool."""
    refusals = (grants.refusal(call, record.number, run) for call in stands_for(record, read))
    return next((refusal for refusal in refusals if refusal is not None), None)


def _elsewhere(
    record: CallRecord, routine: Routine, run: int, permits: tuple[Permitted, ...]
) -> Finding | None:
    """An effect on a repository that is not one of the routine's."""
    granted = {repository.full_name.lower() for repository in routine.repositories}
    for effect in record.effects:
        repository = effect.fields.get("repository")
        if not granted or not isinstance(repository, str) or repository.lower() in granted:
            continue
        if not any(_permits_effect(permit, effect) for permit in permits):
            return Finding(
                code="repository.not-granted",
                message=f"{effect.kind} on {repository}, which is not a repository of the routine",
                hint=f"add github:{repository} to repositories, or keep the prompt to those that are there",
                run=run,
                calls=(effect.call,),
            )
    return None


def _finding(run: Run, rule: Forbidden, shown: list[str], numbers: Iterable[int]) -> Finding:
    return Finding(
        code="policy.forbidden",
        message=f"forbidden by {rule.location}: {rule.text} ({counted(len(shown), 'attempt')})",
        location=rule.location if rule.location.line else None,
        hint="say in the prompt that it must not; an allow with a reason, in that file, takes the rule back",
        detail=(*([rule.reason] if rule.reason else []), *shown[:5]),
        run=run.number,
        calls=tuple(dict.fromkeys(numbers)),
        data={"rule": rule.text},
    )


def _is_of(effect: Effect, kinds: tuple[str, ...]) -> bool:
    return is_of(effect.kind, kinds)


def _may_hold(where: Where, effect: Effect, kinds: tuple[str, ...]) -> bool:
    answer = match_where(where, lambda field: field_of(effect, kinds, field), nothing_to_look_up)
    return answer is not False


def _permits_effect(permit: Permitted, effect: Effect) -> bool:
    if permit.tool or not _is_of(effect, permit.kinds):
        return False
    answer = match_where(
        permit.where, lambda field: field_of(effect, permit.kinds, field), nothing_to_look_up
    )
    return answer is True


def _forms(record: CallRecord, read: CallReader) -> tuple[ToolCall, ...]:
    return (record.call, *stands_for(record, read))


def _breaks_tool(call: ToolCall, rule: Forbidden) -> bool:
    return call.name == rule.tool and _where_call(rule.where, call) is not False


def _permits_call(permit: Permitted, calls: Iterable[ToolCall]) -> bool:
    return any(permit.tool == call.name and _where_call(permit.where, call) is True for call in calls)


def _where_call(where: Where, call: ToolCall) -> bool | None:
    return match_where(where, lambda field: lookup_argument(call.arguments, field), nothing_to_look_up)


def without_grants(findings: Iterable[Finding], run: int) -> tuple[Finding, ...]:
    """The findings of a session that belong to the item ``run``, stamped with the run's number."""
    return tuple(
        msgspec.structs.replace(finding, run=run) for finding in findings if finding.code not in GRANT_CODES
    )
