"""What ``routine-harness record`` says before it starts: which cases, by whom, and what that will cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from routine_harness.case.case import REAL, Case
from routine_harness.live.record.recording_plan import Estimate, Known, estimate_cost
from routine_harness.routine.spec import Routine
from routine_harness.store.casefiles import CaseFiles
from routine_harness.verdict.words import counted


class Due(msgspec.Struct, frozen=True, eq=False):
    """A case that is to be recorded: why, and by which agent (``by``)."""

    case: Case
    routine: Routine
    why: str
    by: str


def estimate_lines(
    due: Sequence[Due],
    found: Sequence[tuple[Case, Routine]],
    *,
    repeat: int,
    limit_usd: float,
    played: str,
    billed: bool,
    each: bool,
) -> Iterator[str]:
    """What is to be recorded and what it will cost: one figure, and with ``each`` a line a case. ``found``
    are all cases, those included that stay as they are: their recordings say what a case costs. ``played``
    stands in for the model, which then costs nothing; not ``billed`` is a subscription's token."""
    live = [one for one in due if one.by == REAL]
    scripted = len(due) - len(live)
    if scripted:
        yield f"to record by their scripts: {counted(scripted, 'case')}, at no cost"
    if live and played:
        yield f"to record by {REAL}: {counted(len(live), 'case')}, at no cost: a {played} is its model"
    elif live:
        known = [known_of(case, routine) for case, routine in found]
        costs = {_key(one): estimate_cost(known_of(one.case, one.routine), known) for one in live}
        yield from _costed(live, costs, repeat, limit_usd, billed=billed, each=each)


def _costed(
    live: Sequence[Due],
    costs: dict[str, Estimate],
    repeat: int,
    limit_usd: float,
    *,
    billed: bool,
    each: bool,
) -> Iterator[str]:
    """The figure for what the real agent records, how it came about, and how it stands to the limit."""
    total = repeat * sum(cost.usd for cost in costs.values())
    times = f", {repeat} times each" if repeat > 1 else ""
    verb = "about" if billed else "tokens that would cost about"
    guessed = sum(not cost.recorded for cost in costs.values())
    how = (
        "as their recordings cost" if not guessed
        else f"{guessed} of them estimated" if guessed < len(live) else "estimated"
    )  # fmt: skip
    yield f"to record by {REAL}: {counted(len(live), 'case')}{times}: {verb} ${total:.2f}, {how}"
    for one in live if each else ():
        cost = costs[_key(one)]
        ground = "as its recording cost" if cost.recorded else "estimated"
        yield f"  {one.case.heading}: ${cost.usd:.2f}, {ground}"
    if limit_usd and total > limit_usd:
        yield f"--limit-usd stops at ${limit_usd:.2f}: what is left then is not started"
    elif limit_usd:
        yield f"--limit-usd stops at ${limit_usd:.2f}"


def known_of(case: Case, routine: Routine) -> Known:
    """What is known of the cost of a case."""
    stored = CaseFiles(case, routine).recording()
    cost = stored.usage.cost_usd if stored is not None and stored.header.made_by == "live" else 0.0
    return Known(routine.name, routine.model or "", cost)


def _key(one: Due) -> str:
    return str(CaseFiles(one.case, one.routine).recording_path)
