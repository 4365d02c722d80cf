"""What a run used, and whether that is more than its budget or its case allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from routine_harness.finding import Finding, Location
from routine_harness.session.run import Run
from routine_harness.session.transcript import Call, Message
from routine_harness.verdict.expectations.blocks import BudgetBlock
from routine_harness.verdict.expectations.context import RunContext


def used(run: Run) -> dict[str, float]:
    """What the run used, by ``BUDGET_KEYS``.

    ``turns`` counts the model's turns, also those without a call. ``seconds`` is the longest of three: the
    recorded clock, the world's clock and the agent's report.
    """
    spoken = {entry.turn for entry in run.transcript if isinstance(entry, Call | Message)}
    return {
        "turns": len(spoken),
        "calls": len(run.calls),
        "tokens": run.usage.tokens,
        "seconds": max(run.usage.seconds, run.elapsed, run.world.clock - run.world_before.clock),
        "cost_usd": run.usage.cost_usd,
    }


def overspent(run: Run, most: Mapping[str, float]) -> list[tuple[str, float, float]]:
    """Name, limit and use for every limit that the run exceeds."""
    spent = used(run)
    return [(name, limit, spent[name]) for name, limit in most.items() if spent[name] > limit]


def judge_budget(run: Run, budget: Mapping[str, float]) -> Iterator[Finding]:
    """``run.over-budget`` for each limit that a replay exceeds; 0 is no limit here.

    A session that was ended for its budget has its finding already.
    """
    if run.status == "over_budget":
        return
    limits = {name: limit for name, limit in budget.items() if limit}
    for name, limit, spent in overspent(run, limits):
        yield Finding(
            code="run.over-budget",
            message=f"run {run.number} took {spent:g} {name}, at most {limit:g} by its budget",
            hint="budget: in the case or in the policy sets turns, calls, tokens and seconds",
            run=run.number,
        )


def judge_spending(block: BudgetBlock, context: RunContext, place: Location) -> tuple[Finding, ...]:
    """``expect.budget`` for each number that is above what the block allows."""
    return tuple(
        Finding(
            code="expect.budget",
            message=f"found {spent:g} {name}, expected at most {most:g}",
            location=place,
            run=context.run.number,
        )
        for name, most, spent in overspent(context.run, block.most)
    )
