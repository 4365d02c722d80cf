"""What a backtest took for granted: figures that nobody has published, and undocumented points."""

from __future__ import annotations

import msgspec

from routine_harness.backtest.result import LimitFigure, RoutineStatistic
from routine_harness.routine.edition import Edition


def limit_figures(edition: Edition, account_plan: str) -> tuple[LimitFigure, ...]:
    """The limits that starts by events count against under ``account_plan``."""
    return tuple(
        LimitFigure(
            name=limit.name,
            amount=amount,
            per=limit.per,
            scope=limit.scope,
            beyond=limit.beyond,
            assumed=limit.assumed(account_plan),
        )
        for limit in edition.limits
        if "github" in limit.kinds and (amount := limit.amount_for(account_plan)) is not None
    )


def with_assumptions(routine: RoutineStatistic, edition: Edition, account_plan: str) -> RoutineStatistic:
    """The statistic with the names of the assumed limits that stopped some of its firings."""
    assumed = {limit.name for limit in edition.limits if limit.assumed(account_plan)}
    used = tuple(name for name in routine.limits if name in assumed)
    return msgspec.structs.replace(routine, depends_on=used)
