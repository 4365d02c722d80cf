"""What the cases of a routine have exercised of what is said about it: rules, limits, clauses, tools.

A rule that nothing ever touches is a rule that nobody knows to hold. What is exercised is put together
from single cases, so that several processes can gather it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final, Literal

import msgspec

from routine_harness.case.event import case_event, fire
from routine_harness.case.result import CaseResult
from routine_harness.lint.prohibitions import prohibitions_of
from routine_harness.routine.edition import load_edition
from routine_harness.routine.spec import GithubTrigger, Grant, Routine
from routine_harness.session.run import Run
from routine_harness.verdict.expectations.blocks import EffectBlock
from routine_harness.verdict.looking import outward_effects
from routine_harness.verdict.policy.rules import Forbidden, Policy
from routine_harness.verdict.verdict import NOT_MET
from routine_harness.world.github.tools.toolsets import TOOLSETS
from routine_harness.world.kinds import is_of
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolCall

Aspect = Literal["prohibition", "noise limit", "prompt", "trigger", "tool", "when"]
_COUNTED: Final = {
    "messages_per_run": "message.posted",
    "messages_per_channel_per_day": "message.posted",
    "characters_per_message": "message.posted",
    "mentions_of_everyone": "message.posted",
    "tickets_per_run": "ticket.created",
    "comments_per_run": "comment.created",
    "pull_requests_per_run": "pull_request.created",
}
"""What each noise limit counts."""


class Said(msgspec.Struct, frozen=True, order=True):
    """One thing that is said of a routine: ``prohibition: pull_request.merged``."""

    aspect: Aspect
    name: str

    def __str__(self) -> str:
        return f"{self.aspect}: {self.name}"


class Coverage(msgspec.Struct, frozen=True):
    """All that is said of one routine, and what of it some case has exercised.

    ``writes`` are the write tools that the routine grants, ``written`` those that some run has called.
    """

    routine: str
    said: tuple[Said, ...]
    exercised: frozenset[Said] = frozenset()
    writes: tuple[str, ...] = ()
    written: frozenset[str] = frozenset()

    @property
    def untried(self) -> tuple[str, ...]:
        """The write tools that are granted and that no case has called."""
        return tuple(tool for tool in self.writes if tool not in self.written)

    @property
    def left(self) -> tuple[Said, ...]:
        return tuple(each for each in self.said if each not in self.exercised)

    @property
    def percent(self) -> int:
        """Whole percent, rounded down; 100 where nothing is said."""
        return 100 if not self.said else 100 * (len(self.said) - len(self.left)) // len(self.said)


def merge_coverage(one: Coverage, other: Coverage) -> Coverage:
    """What two cases, or two processes, have exercised together."""
    said = tuple(dict.fromkeys((*one.said, *other.said)))
    writes = tuple(dict.fromkeys((*one.writes, *other.writes)))
    return Coverage(one.routine, said, one.exercised | other.exercised, writes, one.written | other.written)


def case_coverage(result: CaseResult, policy: Policy) -> Coverage:
    """What one case has exercised of what is said of its routine and of itself."""
    routine = result.routine
    runs = result.pair.runs if result.pair is not None else ()
    tried = _tried(result, runs)
    exercised = {
        *_rules(policy, tried, runs),
        *_limits(policy, runs),
        *_prompt(routine, tried),
        *_clauses(result, policy),
        *_tools(routine, runs),
        *_conditions(result, met=True),
    }
    said = (*_said_of(routine, policy), *_conditions(result))
    written = frozenset(record.call.name for run in runs for record in run.calls)
    return Coverage(
        routine.name,
        tuple(dict.fromkeys(said)),
        frozenset(exercised),
        tuple(_writes(routine, policy)),
        written,
    )


def _writes(routine: Routine, policy: Policy) -> Iterator[str]:
    """The write tools that the routine's connectors give a run, its organisation's among them; of a server
    that offers a part by default, such as GitHub's, that part."""
    registry = Registry().of_platform(load_edition(policy.platform, policy.platform_overrides))
    grants = [*routine.connectors, *map(Grant, routine.organisation)]
    if routine.repositories and all(grant.connector != "github" for grant in grants):
        grants.append(Grant("github"))
    for grant in grants:
        connector = registry.get(grant.connector)
        offered = registry.offered(grant.connector)
        allowed = registry.tools_of(grant.connector, grant.allow) if grant.allow else offered
        denied = registry.tools_of(grant.connector, grant.deny)
        for name, tool in connector.tools.items() if connector is not None else ():
            given = name in allowed if allowed is not None else tool.offered
            if (
                given
                and name not in denied
                and registry.access(ToolCall(grant.connector, name)).kind != "read"
            ):
                yield f"{grant.connector}.{name}"


def _said_of(routine: Routine, policy: Policy) -> Iterator[Said]:
    yield from (Said("prohibition", rule.text) for rule in _own_rules(policy))
    able = _able(routine)
    yield from (Said("noise limit", name) for name in policy.noise if _COUNTED.get(name) in able)
    yield from (Said("prompt", rule.sentence.text) for rule in prohibitions_of(routine.prompt))
    for index, trigger in enumerate(routine.triggers):
        if trigger.enabled:
            yield Said("trigger", _trigger(index, "fires"))
            if isinstance(trigger, GithubTrigger):
                for clause in trigger.filters:
                    yield Said("trigger", _trigger(index, f"{clause.field} does not match"))
    yield from (
        Said("tool", f"{grant.connector}.{tool}") for grant in routine.connectors for tool in grant.allow
    )
    yield from (Said("tool", grant.connector) for grant in routine.connectors if not grant.allow)


def _able(routine: Routine) -> set[str]:
    """The kinds of effects that the routine's connectors have; GitHub is there with a repository."""
    names = [grant.connector for grant in routine.connectors]
    names += ["github"] if routine.repositories else []
    known = (Registry().get(name) for name in names)
    rules = (rule for one in known if one is not None for listed in one.rules.values() for rule in listed)
    return {str(rule["kind"]) for rule in rules}


def _own_rules(policy: Policy) -> Iterator[Forbidden]:
    """The prohibitions of the user's files; those of the default policy are ours to try."""
    return (rule for rule in policy.forbid if rule.location.file in policy.files)


def _rules(policy: Policy, tried: Collection[str], runs: Iterable[Run]) -> Iterator[Said]:
    """A prohibition is exercised by an act of its kind, or by a case that says that there is to be none."""
    called = {record.call.name for run in runs for record in run.calls}
    for rule in _own_rules(policy):
        if any(is_of(kind, rule.kinds) for kind in tried) or (rule.tool and rule.tool in called):
            yield Said("prohibition", rule.text)


def _tried(result: CaseResult, runs: Iterable[Run]) -> set[str]:
    """The kinds of all acts of the runs, and of those that were looked out for."""
    return {effect.kind for run in runs for effect in outward_effects(run)} | _asked(result)


def _asked(result: CaseResult) -> set[str]:
    """The kinds that the case's own blocks count, and the acts that a stranger ordered in vain."""
    blocks = (block for block in result.case.expect.all_blocks if isinstance(block, EffectBlock))
    kinds = {kind for block in blocks for kind in block.kinds}
    ordered = {"merge": "pull_request.merged", "push": "branch.pushed", "post": "message.posted"}
    tried = (check.name.rstrip("]").rpartition(":")[2] for check in result.verdict.checks)
    return kinds | {ordered[act] for act in tried if act in ordered}


def _limits(policy: Policy, runs: Iterable[Run]) -> Iterator[Said]:
    done = {effect.kind for run in runs for effect in run.applied}
    return (Said("noise limit", name) for name in policy.noise if _COUNTED.get(name) in done)


def _prompt(routine: Routine, tried: Collection[str]) -> Iterator[Said]:
    """A prohibition of the prompt, like one of a policy."""
    for rule in prohibitions_of(routine.prompt):
        if any(is_of(kind, rule.kinds) for kind in tried):
            yield Said("prompt", rule.sentence.text)


def _clauses(result: CaseResult, policy: Policy) -> Iterator[Said]:
    """A trigger that fired, and every filter that kept an event out."""
    routine = result.routine
    edition = load_edition(policy.platform, policy.platform_overrides)
    _, matches = fire(result.case, routine, case_event(result.case, routine, edition), edition)
    for match in matches:
        if match.trigger is None:
            continue
        if match.outcome == "fired":
            yield Said("trigger", _trigger(match.trigger, "fires"))
        for clause in match.clauses:
            if clause.matches is False:
                told = f"{clause.field} does not match"
                yield Said("trigger", _trigger(match.trigger, told))


def _trigger(index: int, told: str) -> str:
    return f"trigger {index + 1} {told}"


def _tools(routine: Routine, runs: Iterable[Run]) -> Iterator[Said]:
    calls = [record.call for run in runs for record in run.calls]
    for grant in routine.connectors:
        used = {call.tool for call in calls if call.connector == grant.connector}
        used |= {name for name, tools in TOOLSETS.items() if used.intersection(tools)}
        yield from (Said("tool", f"{grant.connector}.{tool}") for tool in grant.allow if tool in used)
        if used and not grant.allow:
            yield Said("tool", grant.connector)


def _conditions(result: CaseResult, *, met: bool = False) -> Iterator[Said]:
    """The blocks with a ``when``; those whose condition was ``met``."""
    unmet = {check.name for check in result.verdict.checks if check.skipped == NOT_MET}
    for side in (result.case.expect, result.case.second):
        for block in side.blocks if side is not None else ():
            if block.when is not None and not (met and (block.check in unmet or result.pair is None)):
                yield Said("when", f"{result.case.own_key}::{block.check}")
