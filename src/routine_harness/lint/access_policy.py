"""Rules about prompt and policy together: what one says and the other does not hold, or denies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from routine_harness.lint.mandates import mandates_of
from routine_harness.lint.prohibitions import Prohibition, prohibitions_of, promise_to_read
from routine_harness.lint.prose import Sentence
from routine_harness.lint.rule import Mark, rule
from routine_harness.lint.subject import Subject
from routine_harness.verdict.policy.rules import Forbidden, Permitted, Policy
from routine_harness.verdict.where import match_where, nothing_to_look_up
from routine_harness.world.kinds import ANY_EFFECT, is_of
from routine_harness.world.naming import EVERY_TOOL, covers_tool

_PROMPT: Final = ("prompt",)


@rule("access.read-only-unproved", english=True)
def read_only_unproved(subject: Subject) -> Iterator[Mark]:
    """The prompt says that the run only reads, and nothing holds it to that.

    Every tool of a granted connector and every push can be used without asking: the sentence is all that
    stands between a stranger's text and a write. It is held where the grants leave reads alone, where a
    policy forbids every effect (or, for a repository, every push), or where each case expects `nothing`.

    Bad:
        repositories: [github:acme/core]
        prompt: |
          This run is read-only. List secrets in the code. You are done when each file
          was read.

    Good:
        repositories: [github:acme/core]
        policy: {forbid: [{effect: "*"}]}
        prompt: |
          This run is read-only. List secrets in the code. You are done when each file
          was read.
    """
    if subject.policy is None or not subject.writes_to or _is_held(subject, subject.policy):
        return
    for sentence in subject.sentences:
        match = promise_to_read(sentence.text)
        if match:
            yield Mark(
                message=f"“{match[0].strip('*_ ')}”, and the run may write through "
                f"{', '.join(subject.writes_to)}",
                path=_PROMPT,
                words=match[0],
                offset=sentence.start + match.start(),
                hint="let tools.allow leave reads alone, or write forbid: [{effect: '*'}] into the policy",
            )
            return


def _is_held(subject: Subject, policy: Policy) -> bool:
    """Whether policy or cases hold to reading each connector of which the prompt promises it."""
    firing = [case for case in subject.cases if case.expect.fires]
    if firing and all(case.expect.nothing for case in firing):
        return True
    rules = [each for each in policy.forbid if not (each.tier or each.ungranted)]
    promised = [each for each in prohibitions_of(subject.routine.prompt) if each.kinds == (ANY_EFFECT,)]
    meant = [name for name in subject.writes_to if any(each.is_about(name) for each in promised)]
    return all(any(_stops(each, name) for each in rules) for name in meant or subject.writes_to)


def _stops(rule: Forbidden, connector: str) -> bool:
    if any(each.field != "connector" for each in rule.where):
        return False
    if rule.where and match_where(rule.where, lambda _: connector, nothing_to_look_up) is not True:
        return False
    if ANY_EFFECT in rule.kinds or covers_tool(rule.tool, f"{connector}.{EVERY_TOOL}"):
        return True
    return connector == "github" and "branch.pushed" in rule.kinds


@rule("policy.contradicts-prompt", english=True)
def contradicts_prompt(subject: Subject) -> Iterator[Mark]:
    """The policy forbids what the prompt asks for, or allows what the prompt forbids.

    Where the policy forbids what the prompt asks for, each run that does its work is red, and one that is
    green did not do it. Where it allows what the prompt forbids, the very mistake that the prompt warns of
    passes every check.

    Bad:
        policy:
          allow: [{effect: release.created, reason: the team asked for it}]
        prompt: |
          List what is ready for a release. Never create a release. You are done when
          the list stands.

    Good:
        prompt: |
          List what is ready for a release. Never create a release. You are done when
          the list stands.
    """
    policy, name = subject.policy, subject.routine.name
    if policy is None:
        return
    for mandate in mandates_of(subject.routine.prompt):
        found = None if mandate.where else _forbidding(policy, mandate.kind, name)
        if found:
            yield _contradiction(
                mandate.asked,
                f"the prompt asks for {mandate.kind}, which the policy forbids ({found.text})",
                "allow it in the policy with a reason, or take it out of the prompt",
            )
    for told in prohibitions_of(subject.routine.prompt):
        kind, allowing = _allowing(policy, told, name)
        if allowing is not None:
            yield _contradiction(
                told.sentence,
                f"the prompt forbids {kind}, which the policy allows ({allowing.reason})",
                "take it out of allow, or say in the prompt when it is meant",
            )


def _allowing(policy: Policy, told: Prohibition, routine: str) -> tuple[str, Permitted | None]:
    """The first kind that the prompt forbids whatever its target, with the entry that allows it."""
    for kind in () if told.where else told.kinds:
        for permit in policy.allow:
            if kind in permit.kinds and (not permit.routines or routine in permit.routines):
                return kind, permit
    return "", None


def _forbidding(policy: Policy, kind: str, routine: str) -> Forbidden | None:
    """The rule that forbids every effect of ``kind`` and is not taken back for ``routine``."""
    for each in policy.forbid:
        hits = is_of(kind, each.kinds) and not each.ungranted and not each.reach
        whole = not each.where or each.tier == "named"  # an approval is what that tier's condition asks for
        taken_back = any(is_of(kind, permit.kinds) for permit in policy.permits_for(each, routine))
        if hits and whole and not taken_back and each.tier != "noted":
            return each
    return None


def _contradiction(sentence: Sentence, message: str, hint: str) -> Mark:
    return Mark(message=message, path=_PROMPT, words=sentence.text, offset=sentence.start, hint=hint)


RULES: Final = (read_only_unproved, contradicts_prompt)
