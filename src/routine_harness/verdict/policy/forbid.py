"""``forbid`` against runs: what was *attempted* counts, whatever became of it.

Every call is judged by ``judge_call``; here its findings are gathered over a run, and what reading
could not tell of commands over a case.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from routine_harness.finding import Finding
from routine_harness.session.grants import GRANT_CODES, Grants
from routine_harness.session.run import CallRecord, Run
from routine_harness.verdict.call_forms import CallReader, stands_for
from routine_harness.verdict.passage import appended_texts
from routine_harness.verdict.policy.breach import (
    Terms,
    breach_findings,
    opaque_programs,
    terms_of,
    undecided_commands,
)
from routine_harness.verdict.policy.judge_call import Attempt, PolicyJudge, Rulings, Spent
from routine_harness.verdict.policy.rules import Policy


class RunRulings(msgspec.Struct, frozen=True):
    """What the policy's judge said of every call of one run."""

    run: Run
    rulings: tuple[Rulings, ...]
    terms: Terms

    @property
    def findings(self) -> tuple[Finding, ...]:
        """A finding for every rule that the run breaks, with all the calls that break it."""
        ungranted = [finding for each in self.rulings for finding in each.ungranted]
        breaches = [breach for each in self.rulings for breach in each.breaches]
        return (*ungranted, *breach_findings(breaches, self.terms))


def rule_on_run(
    run: Run, policy: Policy, grants: Grants, read: CallReader, *, strict: bool = False
) -> RunRulings:
    """The rulings on every call of ``run``; ``strict`` makes an error of what is noted."""
    attempts = [_attempt(record, run, read) for record in run.calls]
    called = {call.connector for attempt in attempts for call in attempt.calls}
    judge = PolicyJudge(policy, grants, called)
    spent: Spent = {}
    before = run.world_before
    terms = terms_of(
        policy, grants.routine.name, clock=before.clock, strict=strict, appended=appended_texts(before)
    )
    return RunRulings(run, tuple(judge.rule(attempt, spent) for attempt in attempts), terms)


def unread_findings(runs: Sequence[RunRulings]) -> tuple[Finding, ...]:
    """What reading could not tell of the commands of a case: said once, over all of its runs."""
    rulings = [each for run in runs for each in run.rulings]
    terms = runs[0].terms
    return (
        *undecided_commands([breach for each in rulings for breach in each.undecided], terms),
        *opaque_programs([breach for each in rulings for breach in each.opaque], terms),
    )


def without_grants(findings: Iterable[Finding], run: int) -> tuple[Finding, ...]:
    """The findings of a session that belong to the item ``run``, stamped with the run's number."""
    return tuple(
        msgspec.structs.replace(finding, run=run) for finding in findings if finding.code not in GRANT_CODES
    )


def _attempt(record: CallRecord, run: Run, read: CallReader) -> Attempt:
    refused = (f for f in run.findings if f.code in GRANT_CODES and f.calls[:1] == (record.number,))
    return Attempt(
        record.call,
        stands_for(record, read),
        record.effects,
        record.number,
        run.number,
        next(refused, None),
    )
