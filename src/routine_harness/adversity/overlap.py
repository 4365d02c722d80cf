"""Two sessions at once on one world: in which order their calls interleave, and what they end in."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import Final

import msgspec

from routine_harness.adversity.together import allowance, left_undone, made_twice
from routine_harness.finding import Finding
from routine_harness.session.run import Run, RunPair
from routine_harness.verdict.expectations.expect import Expectations
from routine_harness.verdict.idempotency.duplicates import Terms
from routine_harness.verdict.looking import outward_effects

MOST: Final = 1_000
"""How many interleavings are tried; of more, so many are drawn."""
Order = tuple[int, ...]
"""Which of two sessions takes each next step: 0 or 1."""


def steps_of(run: Run) -> frozenset[int]:
    """The calls of a run that another session can come between: its outward ones, and the reads just before
    each of them."""
    outward = {effect.call for effect in outward_effects(run)}
    steps = set(outward)
    for number in outward:
        before = number - 1
        while before > 0 and before not in outward and run.calls[before - 1].reads:
            steps.add(before)
            before -= 1
    return frozenset(steps)


def interleavings(first: int, second: int, most: int = MOST, seed: int = 1) -> Iterator[Order]:
    """The orders in which ``first`` and ``second`` steps can interleave, those with the fewest changes first;
    of more than ``most`` orders so many that ``seed`` draws."""
    every = math.comb(first + second, first)
    length = first + second
    chosen: Iterator[tuple[int, ...]] | list[tuple[int, ...]]
    if every <= most:
        chosen = combinations(range(length), second)
    else:
        draw = random.Random(seed)  # noqa: S311 - which orders are tried, the same at every run
        chosen = sorted({tuple(sorted(draw.sample(range(length), second))) for _ in range(most)})
    orders = (tuple(int(place in taken) for place in range(length)) for taken in map(frozenset, chosen))
    yield from sorted(orders, key=_changes)


def _changes(order: Order) -> int:
    return sum(one != other for one, other in pairwise(order))


def check_overlap(
    whole: Run, pair: RunPair, order: Sequence[int], terms: Terms, expect: Expectations
) -> Iterator[Finding]:
    """What is wrong after two sessions at once: ``pair`` are both, ``whole`` is the run of one alone;
    ``order`` says which of them made each call."""
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
    for finding in made_twice(pair.first, pair.second, terms, allows):
        yield msgspec.structs.replace(
            finding,
            code="overlap.duplicate",
            message=finding.message.replace("run 2 made it again", "two sessions at once both made it"),
            hint="let one of them win: by a name that only one record can have, or by a queue",
            detail=columns,
            data={"first_call": finding.data["first_call"], "same_as": finding.data["same_as"]},
        )
    for missing in left_undone(whole, pair.runs):
        yield Finding(
            code="overlap.undone",
            message=f"two sessions at once left {missing}: each took the other's step for the whole work",
            location=terms.location,
            hint="look for each step by itself",
            detail=columns,
        )


def two_columns(pair: RunPair, order: Sequence[int]) -> tuple[str, ...]:
    """The calls of both sessions in their order, a column each."""
    left = [iter(run.calls) for run in pair.runs]
    rows = [f"{'session 1':<38}  session 2"]
    for side in order:
        record = next(left[side], None)
        if record is not None:
            did = ", ".join(f"+ {effect.noun} {effect.target}".rstrip() for effect in record.effects)
            text = f"{record.number} {record.call.name.rpartition('.')[2]} {did}".rstrip()[:38]
            rows.append(f"{text:<38}" if side == 0 else f"{'':<38}  {text}")
    return tuple(row.rstrip() for row in rows)
