# ruff: noqa: E501 - a line is a row of the table
"""What holds where no policy file says anything: three tiers of acts, each with the sentence of why.

Nobody watches a run. ``never`` holds acts that a person does; ``named`` holds acts that a routine may do if
its team says so; ``noted`` holds acts that are worth a look. Commands that cannot be read stand below.
"""

from __future__ import annotations

import functools
from typing import Final

import msgspec

from routine_harness.finding import Location
from routine_harness.plain import Record
from routine_harness.routine.document import Document
from routine_harness.routine.spec import Source
from routine_harness.verdict.policy.rules import Forbidden, PolicyFile, Tier
from routine_harness.verdict.read_policy import parse_policy

NAME: Final = "default policy"

TABLE: Final = """
never | pull_request.merged | a merge puts code into a branch that others build on, and nobody has looked at it
never | auto_merge.enabled | auto-merge is a merge that happens later, when nobody asks the routine any more
never | branch.deleted | a deleted branch takes along commits that may be nowhere else
never | tag.deleted | a tag is what a release was built from; without it nobody can tell what was shipped
never | repository.deleted | a deleted repository takes issues, releases and history along
never | repository.visibility_changed | what was public once, with every secret in its history, stays copied
never | repository.transferred | a transfer hands code, secrets and rights to another owner
never | repository.archived repository.unarchived | an archived repository stops everybody's work
never | repository.added | a repository that is added in the middle of a run was never granted by the routine
never | protection.updated protection.deleted | a branch's protection is what holds where everything else fails, this policy included
never | ruleset.created ruleset.updated ruleset.deleted | rulesets are what holds where everything else fails, this policy included
never | collaborator.added collaborator.removed | who may write to a repository is for its owners to say
never | secret.created secret.deleted | a secret is used by workflows that trust it, and its old value cannot be read back
never | secret.leaked | a secret that left the environment is known to others, and has to be changed
never | variable.created variable.deleted | workflows of everybody read these variables, deployments among them
never | key.added key.deleted | a key is a way in that outlives the run
never | webhook.created webhook.updated webhook.deleted | a webhook sends what happens in a repository to an address, again and again
never | workflow.disabled | a workflow that is switched off checks nothing any more, and nothing turns red
never | session.created | a session that a routine starts has its rights and none of its tests
never | routine.created | a routine that a routine makes has passed no gate
never | routine.fired | a routine that fires routines runs in circles, and each run costs
named | branch.pushed branch.created | only branches under claude/ are known to be a routine's; any other one is somebody's
named | review.approved review.submitted | an approval counts as a person's, and opens the way to a merge
named | workflow.started | a dispatched workflow runs with its own secrets, deployments among them
named | release.created release.updated release.deleted | a release goes to users, and cannot be called back
named | schedule.created | a schedule that a run makes goes on when the routine is switched off
named | notification.sent | it reaches a person's device or another session, past every channel that is granted
named | artifact.published | a published page is read by others, and stays
named | routine.updated routine.deleted | a routine that is changed by a run is not the one that was tested
noted | workflow.rerun | a workflow that is run again costs minutes and hides that a test is flaky
noted | workflow.cancelled | a cancelled workflow has checked nothing, and somebody may wait for it
"""
"""Tier, kinds of effect, and why; a rule each."""

_WHERE: Final = {
    "branch.pushed": {"branch": {"not": {"starts_with": "claude/"}}},
    "review.approved": {"event": "APPROVE"},
}
"""What a rule asks of its effects besides, by its first kind."""

REACHES: Final = (
    Forbidden(
        "http.requested of a host that the environment does not reach", ("http.requested",),
        reach=("unreached",), tier="named",
        reason="the platform answers 403 host_not_allowed, and what was to be sent is lost",
    ),
    Forbidden(
        "http.requested of a host that is neither granted nor allowed", ("http.requested",),
        reach=("unlisted",), tier="named",
        reason="network: full lets every host through, so that nothing else keeps data from leaving",
    ),
    Forbidden(
        "http.requested of a host of the trusted defaults", ("http.requested",),
        reach=("trusted",), tier="noted",
        reason="the trusted defaults hold hosts where anybody can keep what is sent to them",
    ),
)  # fmt: skip

UNDECIDED: Final = Forbidden(
    "command.undecided", ("command.undecided",), tier="unread",
    reason="what runs is known only when it runs, so that it may be anything",
)  # fmt: skip
OPAQUE: Final = Forbidden(
    "command.opaque", ("command.opaque",), tier="unread", reason="what a program does is not told by its name"
)
UNGRANTED: Final = Forbidden("no tool or repository that is not granted", ("*",), ungranted=True)


@functools.cache
def default_policy() -> PolicyFile:
    """The rules that hold where no file says anything."""
    rows = [_row(line) for line in TABLE.strip().splitlines()]
    parsed = parse_policy(Document({"forbid": [rule for _, rule in rows]}, Source(file=NAME)))
    tiered = [
        msgspec.structs.replace(rule, tier=tier) for rule, (tier, _) in zip(parsed.forbid, rows, strict=True)
    ]
    rules = [UNGRANTED, *tiered, *REACHES, UNDECIDED, OPAQUE]
    place = Location(NAME)
    forbid = tuple(msgspec.structs.replace(rule, location=place) for rule in rules)
    return msgspec.structs.replace(parsed, forbid=forbid)


def _row(line: str) -> tuple[Tier, Record]:
    """The tier and the rule, in the syntax of a policy file, of a line of the table."""
    tier, kinds, why = line.split(" | ")
    effects = kinds.split()
    rule: Record = {"effect": effects if len(effects) > 1 else kinds, "reason": why}
    if where := _WHERE.get(effects[0]):
        rule["where"] = where
    return msgspec.convert(tier, Tier), rule
