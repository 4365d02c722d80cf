"""The blocks of a case's expectations, as values; each is an item of its own."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from routine_harness.verdict.where import Where


class Count(msgspec.Struct, frozen=True):
    """Bounds on a number; ``at_most`` None means no upper bound."""

    at_least: int = 0
    at_most: int | None = None

    def holds(self, number: int) -> bool:
        return number >= self.at_least and (self.at_most is None or number <= self.at_most)

    def of(self, noun: str) -> str:
        """The bounds in words: ``exactly 1 ticket``, ``no message``, ``at least 2 tickets``."""
        if self.at_most is None:
            return f"at least {_plural(self.at_least, noun)}"
        if self.at_least == self.at_most:
            return f"exactly {_plural(self.at_least, noun)}" if self.at_least else f"no {noun}"
        if not self.at_least:
            return f"at most {_plural(self.at_most, noun)}"
        return f"{self.at_least} to {_plural(self.at_most, noun)}"


def _plural(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun}es" if noun.endswith("ch") else f"{number} {noun}s"


AT_LEAST_ONE: Final = Count(1)
ANY_NUMBER: Final = Count(0)


Outcome = Literal["applied", "refused", "unchanged", "attempted"]

BUDGET_KEYS: Final = ("turns", "calls", "tokens", "seconds", "cost_usd")


class When(msgspec.Struct, frozen=True):
    """A condition for a block to be judged: all of its blocks and event fields must hold."""

    blocks: tuple[EffectBlock, ...] = ()
    event: Where = ()


class EffectBlock(msgspec.Struct, frozen=True, tag=True):
    """How many effects of ``kinds`` (``*``: any) with ``outcome`` must match ``where``.

    ``check`` is the name of its item: ``tickets``, or ``tickets[high]`` where there are several.
    """

    check: str
    noun: str
    kinds: tuple[str, ...]
    count: Count = AT_LEAST_ONE
    where: Where = ()
    outcome: Outcome = "applied"
    when: When | None = None
    line: int = 0


class CallPattern(msgspec.Struct, frozen=True):
    """A tool call: ``tool`` is written ``connector.tool``; ``*`` stands for any tool."""

    tool: str
    where: Where = ()
    count: Count = AT_LEAST_ONE
    line: int = 0

    def __str__(self) -> str:
        said = ", ".join(map(str, self.where))
        return f"{self.tool} ({said})" if said else self.tool


class CallsBlock(msgspec.Struct, frozen=True, tag=True):
    """Which tools must be called: in this order (others may stand between), in any order, never,
    so many times; ``count`` bounds all calls together."""

    check: str
    in_order: tuple[CallPattern, ...] = ()
    any_order: tuple[CallPattern, ...] = ()
    never: tuple[CallPattern, ...] = ()
    counts: tuple[CallPattern, ...] = ()
    count: Count = ANY_NUMBER
    when: When | None = None
    line: int = 0


class SaysBlock(msgspec.Struct, frozen=True, tag=True):
    """What the closing message must satisfy."""

    check: str
    text: Where
    when: When | None = None
    line: int = 0


class RowPattern(msgspec.Struct, frozen=True):
    """Rows of a table: ``where`` looks at the row (of a changed one: after), ``before`` at what a
    changed one was."""

    change: Literal["added", "changed", "removed"]
    table: str
    where: Where = ()
    before: Where = ()
    count: Count = AT_LEAST_ONE
    line: int = 0


class WorldBlock(msgspec.Struct, frozen=True, tag=True):
    """How the tables must have changed. ``ignore`` names tables or ``table.field``; ``strict``
    fails on any change that no pattern lists; one of ``any_of``, if there are any, must hold."""

    check: str
    rows: tuple[RowPattern, ...] = ()
    any_of: tuple[tuple[RowPattern, ...], ...] = ()
    ignore: tuple[str, ...] = ()
    strict: bool = False
    when: When | None = None
    line: int = 0


class BudgetBlock(msgspec.Struct, frozen=True, tag=True):
    """The most that a run may use, by ``BUDGET_KEYS``."""

    check: str
    most: dict[str, float] = {}
    when: When | None = None
    line: int = 0


Block = EffectBlock | CallsBlock | SaysBlock | WorldBlock | BudgetBlock
