"""In which orders the steps of two sessions can interleave, each order once that can make a difference.

Two steps that commute (on different connectors, or both only read) end in the same world either way round,
save for the seconds at which they happened. So of orders that differ in nothing else one stands for all:
the lexicographically first one, in which no step of the second session stands just before one of the first
that commutes with it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from routine_harness.session.run import CallRecord

MOST: Final = 1_000
"""How many orders are tried; of more, so many are drawn."""
Order = tuple[int, ...]
"""Which of two sessions takes each next step: 0 or 1."""
Footprint = frozenset[tuple[str, bool]]
"""The connectors that some calls reach, each with whether it is written; an own tool of the agent may reach
any."""
Meets = Callable[[int, int], bool]
"""Whether it matters which of two steps comes first: one of the first session and one of the second."""
_ANY: Final = ""


def footprint(calls: Sequence[CallRecord]) -> Footprint:
    """What some calls reach."""
    return frozenset((record.call.connector or _ANY, not record.reads) for record in calls)


def meet(one: Footprint, other: Footprint) -> bool:
    """Whether it matters which comes first."""
    return any(
        (writes or written) and (_ANY in (name, named) or name == named)
        for name, writes in one
        for named, written in other
    )


def always(_first: int, _second: int) -> bool:
    """Every step can matter to every other."""
    return True


def interleavings(
    first: int, second: int, most: int = MOST, seed: int = 1, meets: Meets = always
) -> Iterator[Order]:
    """The orders of ``first`` and ``second`` steps that can make a difference, those with the fewest changes
    between the sessions first; of more than ``most`` so many that ``seed`` draws."""
    words = _Words(first, second, meets)
    if words.count <= most:
        chosen = set(words.every())
    else:
        draw = random.Random(seed)  # noqa: S311 - which orders are tried, the same at every run
        chosen = {words.drawn(draw) for _ in range(most)}
    if meets is not always:
        chosen = {shortest(order, meets) for order in chosen}
    yield from sorted(chosen, key=lambda order: (changes(order), order))


def number_of(first: int, second: int, meets: Meets = always) -> int:
    """How many orders can make a difference."""
    return _Words(first, second, meets).count


def changes(order: Order) -> int:
    """How often the other session goes on."""
    return sum(one != other for one, other in pairwise(order))


class _Words:
    """The lexicographically first orders. ``_ways[i][j][last]`` counts how one can go on after ``i`` and
    ``j`` steps, of which session ``last`` took the last one."""

    def __init__(self, first: int, second: int, meets: Meets) -> None:
        self._first, self._second, self._meets = first, second, meets
        self._ways = [[[0, 0] for _ in range(second + 1)] for _ in range(first + 1)]
        self._ways[first][second] = [1, 1]
        for i in range(first, -1, -1):
            for j in range(second, -1, -1):
                if (i, j) != (first, second):
                    self._ways[i][j] = [sum(ways for _, ways in self._next(i, j, last)) for last in (0, 1)]
        self.count = self._ways[0][0][0]

    def _next(self, i: int, j: int, last: int) -> Iterator[tuple[int, int]]:
        """Who may go on, and in how many ways after that."""
        if i < self._first and (last == 0 or j == 0 or self._meets(i, j - 1)):
            yield 0, self._ways[i + 1][j][0]
        if j < self._second:
            yield 1, self._ways[i][j + 1][1]

    def every(self) -> Iterator[Order]:
        """All of them."""
        waiting: list[Order] = [()]
        while waiting:
            order = waiting.pop()
            if len(order) == self._first + self._second:
                yield order
                continue
            j = sum(order)
            following = self._next(len(order) - j, j, order[-1] if order else 0)
            waiting += [(*order, side) for side, ways in following if ways]

    def drawn(self, draw: random.Random) -> Order:
        """One, each as likely as any other."""
        order: list[int] = []
        while len(order) < self._first + self._second:
            j = sum(order)
            following = list(self._next(len(order) - j, j, order[-1] if order else 0))
            order += draw.choices([side for side, _ in following], [ways for _, ways in following])
        return tuple(order)


def shortest(order: Order, meets: Meets) -> Order:
    """The order with the fewest changes among those that differ from ``order`` in steps that commute."""
    first, second = order.count(0), order.count(1)
    needs = _needs(order, meets)
    best: dict[tuple[int, int, int], Order] = {(0, 0, 0): (), (0, 0, 1): ()}
    for i in range(first + 1):
        for j in range(second + 1):
            for side in (0, 1):
                before = (i - 1, j) if side == 0 else (i, j - 1)
                if min(before) < 0 or before[1 - side] < needs[side][before[side]]:
                    continue
                ways = [(*best[(*before, last)], side) for last in (0, 1) if (*before, last) in best]
                if ways:
                    best[(i, j, side)] = min(ways, key=lambda way: (changes(way), way))
    ends = [best[(first, second, last)] for last in (0, 1) if (first, second, last) in best]
    return min(ends, key=lambda way: (changes(way), way))


def _needs(order: Order, meets: Meets) -> tuple[list[int], list[int]]:
    """For each step of either session, how many of the other's have to be done before it."""
    needs: tuple[list[int], list[int]] = ([], [])
    for side in order:
        own, others = len(needs[side]), len(needs[1 - side])
        met = (n for n in range(others - 1, -1, -1) if (meets(own, n) if side == 0 else meets(n, own)))
        needs[side].append(next(met, -1) + 1)
    return needs
