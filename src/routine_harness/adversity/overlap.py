"""Two sessions at once on one world: what each can come between, and what their calls end in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from routine_harness.adversity.columns import two_columns
from routine_harness.adversity.orders import Footprint, Meets, footprint, meet
from routine_harness.adversity.together import (
    allowance,
    applied_kinds,
    kinds_undone,
    made_twice,
    side_by_side,
)
from routine_harness.finding import Finding
from routine_harness.session.run import CallRecord, Run, RunPair
from routine_harness.verdict.expectations.expect import Expectations
from routine_harness.verdict.idempotency.duplicates import Terms
from routine_harness.verdict.looking import outward_effects


class Steps(msgspec.Struct, frozen=True):
    """The calls of a session that another one can come between, by their ``numbers``, and what each reaches,
    with the calls after it up to the next one."""

    numbers: tuple[int, ...]
    reach: tuple[Footprint, ...]

    def of(self, number: int) -> int:
        """The step that a call belongs to; -1 for those before the first."""
        return sum(step <= number for step in self.numbers) - 1

    def covers(self, record: CallRecord) -> bool:
        """Whether a call reaches nothing that its step does not reach in the session alone."""
        at = self.of(record.number)
        return at < 0 or all(
            (name, True) in self.reach[at] or (not writes and (name, False) in self.reach[at])
            for name, writes in footprint([record])
        )


def steps_of(run: Run) -> Steps:
    """Its outward calls, and the reads just before each of them."""
    outward = {effect.call for effect in outward_effects(run)}
    steps = set(outward)
    for number in outward:
        before = number - 1
        while before > 0 and before not in outward and run.calls[before - 1].reads:
            steps.add(before)
            before -= 1
    numbers = tuple(sorted(steps))
    ends = (*numbers, len(run.calls) + 1)[1:]
    reach = (footprint(run.calls[at - 1 : end - 1]) for at, end in zip(numbers, ends, strict=True))
    return Steps(numbers, tuple(reach))


def meeting(one: Steps, other: Steps) -> Meets:
    """Which steps of two sessions do not commute."""
    met = [[meet(reached, others) for others in other.reach] for reached in one.reach]
    return lambda first, second: met[first][second]


def as_alone(pair: RunPair, steps: Sequence[Steps]) -> bool:
    """Whether both sessions reached nothing but what they reach alone, so that their steps commute as
    ``meeting`` says."""
    return all(own.covers(record) for run, own in zip(pair.runs, steps, strict=True) for record in run.calls)


def sure_of(serial: Sequence[RunPair]) -> Counter[str]:
    """The kinds of effects that two sessions bring about whichever of them is first, with their least
    number."""
    first, *others = (applied_kinds(pair.runs) for pair in serial)
    for other in others:
        first &= other
    return first


class Alone(msgspec.Struct, frozen=True, eq=False):
    """What is known of the sessions before they overlap: their ``runs`` alone, and the kinds of effects that
    have to come about."""

    runs: tuple[Run, ...]
    wanted: Mapping[str, int]


def check_overlap(
    alone: Alone, pair: RunPair, order: Sequence[int], terms: Terms, expect: Expectations
) -> Iterator[Finding]:
    """What is wrong after two sessions at once: ``pair`` are both, ``order`` says which of them made each
    call."""
    assert pair.second is not None  # noqa: S101 - both were carried out
    columns = two_columns(pair, order)
    for run in pair.runs:
        if run.status != "finished":
            yield Finding(
                code="overlap.failed",
                message=f"session {run.number} ended {run.status.replace('_', ' ')} beside the other",
                location=terms.location,
                detail=columns,
                run=run.number,
            )
    allows = allowance(pair.second, terms, expect)
    for finding in made_twice(pair.first, pair.second, terms, allows, side_by_side(alone.runs)):
        yield msgspec.structs.replace(
            finding,
            code="overlap.duplicate",
            message=finding.message.replace("run 2 made it again", "two sessions at once both made it"),
            hint="let one of them win: by a name that only one record can have, or by a queue",
            detail=columns,
            data={"first_call": finding.data["first_call"], "same_as": finding.data["same_as"]},
        )
    for missing in kinds_undone(alone.wanted, pair.runs):
        yield Finding(
            code="overlap.undone",
            message=f"two sessions at once left {missing}: each took the other's step for the whole work",
            location=terms.location,
            hint="look for each step by itself",
            detail=columns,
        )
