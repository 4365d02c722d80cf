"""A session that dies after one of its outward calls, and the full run that finds what it left.

A new session remembers nothing. So it does not matter whether the dead one still got the answer: the
world is the same, and one run stands for both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from routine_harness.adversity.together import (
    allowance,
    applied_outside,
    changed_twice,
    finishing,
    left_undone,
    made_twice,
)
from routine_harness.finding import Finding
from routine_harness.session.run import CallRecord, Run, RunPair
from routine_harness.verdict.expectations.expect import Expectations
from routine_harness.verdict.idempotency.duplicates import Terms


def crash_points(run: Run) -> tuple[CallRecord, ...]:
    """The calls of ``run`` after which its session may die with something done outside."""
    calls = {effect.call for effect in applied_outside(run)}
    return tuple(record for record in run.calls if record.number in calls)


def check_crash(whole: Run, pair: RunPair, terms: Terms, expect: Expectations) -> Iterator[Finding]:
    """What is wrong after a crash: ``pair`` is the run that was cut and the full run on its world,
    ``whole`` the run that nobody cut; ``expect`` is the case's."""
    cut, rerun = pair.first, pair.second
    point = cut.calls[-1]
    if rerun is None or rerun.status != "finished":
        ended = "did not come about" if rerun is None else f"ended {rerun.status.replace('_', ' ')}"
        yield _finding("crash.rerun-failed", point, f"the run after it {ended}", terms)
        return
    allows, finishes = allowance(rerun, terms, expect), finishing(whole, cut, rerun)
    for finding in made_twice(cut, rerun, terms, allows, finishes):
        message = f"{_after(point)}: {finding.message}"
        yield msgspec.structs.replace(finding, code="crash.duplicate", message=message)
    for effect in changed_twice(whole, cut, rerun):
        message = f"{effect.kind} {effect.target} is done again, in the same words"
        yield _finding("crash.repeated", point, message, terms, (effect.call,))
    for missing in left_undone(whole, (cut, rerun)):
        message = f"both runs together left {missing}: the run after it did not finish the work"
        yield _finding("crash.undone", point, message, terms)


def _finding(
    code: str, point: CallRecord, message: str, terms: Terms, calls: tuple[int, ...] = ()
) -> Finding:
    return Finding(
        code=code,
        message=f"{_after(point)}: {message}",
        location=terms.location,
        hint=_HINTS[code],
        run=2 if calls else 1,
        calls=calls or (point.number,),
        data={"cut": point.number},
    )


def _after(point: CallRecord) -> str:
    did = ", ".join(f"{effect.kind} {effect.target}".strip() for effect in point.effects)
    return f"died after call {point.number} ({did})"


_HINTS: Final[Mapping[str, str]] = {
    "crash.rerun-failed": "routine-harness show CASE has both runs; the second has to work on what is there",
    "crash.repeated": "look whether it is already as wanted before changing it",
    "crash.undone": "look for each step by itself: that the first is done does not say that the rest is",
}
