"""What a platform's limits do to a stream of starts: which run, wait, fail or are dropped, and when.

Pure: a stream of starts in order of time and an edition's table give the outcome of each.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final, Literal

import msgspec

from routine_harness.routine.edition import Edition
from routine_harness.routine.edition_rules import Limit, Start

QuotaOutcome = Literal["ran", "waited", "failed", "dropped"]
_OUTCOMES: Final[dict[str, QuotaOutcome]] = {"waits": "waited", "fails": "failed", "dropped": "dropped"}


class StartRequest(msgspec.Struct, frozen=True):
    """Something that asks for a run: when (seconds since the epoch), of which routine, and how."""

    at: int
    routine: str
    kind: Start = "github"


class Settled(msgspec.Struct, frozen=True):
    """What became of a start: ``runs_at`` is when it runs, None if never; ``limit`` what stopped it."""

    request: StartRequest
    outcome: QuotaOutcome
    runs_at: int | None
    limit: str = ""


class QuotaTotals(msgspec.Struct, frozen=True):
    """How many starts of a routine ended how; ``longest_wait`` in seconds; ``limits`` by name."""

    ran: int = 0
    waited: int = 0
    failed: int = 0
    dropped: int = 0
    longest_wait: int = 0
    limits: dict[str, int] = {}


def simulate_quota(starts: Iterable[StartRequest], edition: Edition, plan: str = "team") -> Iterator[Settled]:
    """The outcome of each start, in the order given, which must be that of time."""
    quota = Quota(edition, plan)
    for start in starts:
        yield quota.settle(start)


def total_quota(settled: Iterable[Settled]) -> dict[str, QuotaTotals]:
    """The totals of each routine, by name."""
    totals: dict[str, QuotaTotals] = {}
    for each in settled:
        known = totals.get(each.request.routine, QuotaTotals())
        totals[each.request.routine] = add_settled(known, each)
    return dict(sorted(totals.items()))


def add_settled(totals: QuotaTotals, settled: Settled) -> QuotaTotals:
    limits = totals.limits
    if settled.limit:
        limits = {**limits, settled.limit: limits.get(settled.limit, 0) + 1}
    waited = settled.runs_at - settled.request.at if settled.runs_at is not None else 0
    return QuotaTotals(
        ran=totals.ran + (settled.outcome == "ran"),
        waited=totals.waited + (settled.outcome == "waited"),
        failed=totals.failed + (settled.outcome == "failed"),
        dropped=totals.dropped + (settled.outcome == "dropped"),
        longest_wait=max(totals.longest_wait, waited),
        limits=limits,
    )


class Quota:
    """The counters of one account as starts come in; a start that may not run uses nothing up."""

    def __init__(self, edition: Edition, plan: str = "team") -> None:
        rolling = edition.setting("limit_window") == "rolling"
        self._limits: dict[str, list[tuple[Limit, int]]] = {}
        for limit in edition.limits:
            amount = limit.amount_for(plan)
            for kind in limit.kinds if amount is not None else ():
                self._limits.setdefault(kind, []).append((limit, amount or 0))
        self._windows: dict[tuple[str, str], _Window] = {}
        self._applying: dict[tuple[str, str], list[tuple[Limit, _Window]]] = {}
        self._rolling = rolling

    def settle(self, start: StartRequest) -> Settled:
        """What becomes of ``start``; starts must come in order of time."""
        runs_at, limit = self.admit(start.at, start.routine, start.kind)
        outcome = "ran" if limit is None else _OUTCOMES[limit.beyond]
        return Settled(start, outcome, runs_at, limit.name if limit else "")

    def admit(self, at: int, routine: str, kind: Start) -> tuple[int | None, Limit | None]:
        """When a start at ``at`` runs (None: never), and the limit that kept it from running at once."""
        applying = self._applying.get((kind, routine))
        if applying is None:
            limits = self._limits.get(kind, ())
            applying = [(limit, self._window(limit, amount, routine)) for limit, amount in limits]
            self._applying[kind, routine] = applying
        runs_at, stopped_by = at, None
        for limit, window in applying:
            free = window.free_at(at)
            if free > at and limit.beyond != "waits":
                return None, limit
            if free > runs_at:
                runs_at, stopped_by = free, limit
        for _, window in applying:
            window.take(runs_at)
        return runs_at, stopped_by

    def refused_until(self, at: int, routine: str, kind: Start) -> int:
        """Until when starts like one that was refused at ``at`` are refused for the same reason.

        True as long as nothing else is admitted: a full window stays full, and no other one opens or
        closes before the next of them begins.
        """
        applying = self._applying[kind, routine]
        free = next(
            free
            for limit, window in applying
            if (free := window.free_at(at)) > at and limit.beyond != "waits"
        )
        return min(free, *((at // limit.seconds + 1) * limit.seconds for limit, _ in applying))

    def _window(self, limit: Limit, amount: int, routine: str) -> _Window:
        key = (limit.name, routine if limit.scope == "routine" else "")
        window = self._windows.get(key)
        if window is None:
            kind = _RollingWindow if self._rolling else _FixedWindow
            window = self._windows[key] = kind(limit.seconds, amount)
        return window


class _FixedWindow:
    """So many per clock hour or day; what waits takes a place in the first hour that has one."""

    def __init__(self, seconds: int, amount: int) -> None:
        self._seconds, self._amount = seconds, amount
        self._taken: dict[int, int] = {}
        self._current = 0

    def free_at(self, at: int) -> int:
        window = at // self._seconds
        if window != self._current:
            self._current = window
            self._taken = {key: count for key, count in self._taken.items() if key >= window}
        if self._taken.get(window, 0) < self._amount:
            return at
        if not self._amount:
            return at + self._seconds
        while self._taken.get(window, 0) >= self._amount:
            window += 1
        return window * self._seconds

    def take(self, at: int) -> None:
        window = at // self._seconds
        self._taken[window] = self._taken.get(window, 0) + 1


class _RollingWindow:
    """So many in any stretch of that length."""

    def __init__(self, seconds: int, amount: int) -> None:
        self._seconds, self._amount = seconds, amount
        self._runs: deque[int] = deque()

    def free_at(self, at: int) -> int:
        while self._runs and self._runs[0] <= at - self._seconds:
            self._runs.popleft()
        if len(self._runs) < self._amount:
            return at
        return (self._runs[-self._amount] if self._amount else at) + self._seconds

    def take(self, at: int) -> None:
        self._runs.append(at)


_Window = _FixedWindow | _RollingWindow
