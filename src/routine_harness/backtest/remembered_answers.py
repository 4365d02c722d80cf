"""The triggers of a routine that are asked about events, remembering answers to values they have met.

Authors, branches and flags repeat: an event whose values were met before is looked up, not asked
again. What is remembered comes from the one implementation of the filters and from nowhere else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from operator import attrgetter
from typing import Final

import msgspec

from routine_harness.backtest.forms import Form, Get
from routine_harness.backtest.plan import Listeners
from routine_harness.plain import Json
from routine_harness.predicate import conjunction, disjunction

Answers = tuple[bool | None, ...]
"""What each clause of a trigger answered."""

_MOST: Final = 20_000


class Known(msgspec.Struct, frozen=True, eq=False):
    """What the triggers answered, by number, and what that makes of the event for the routine.

    One firing however many triggers fire; undecided if none fires and some might.
    """

    outcome: bool | None
    answers: tuple[tuple[int, Answers], ...]


OUTCOME: Final = attrgetter("outcome")


class Asked:
    """The triggers of the routine ``routine`` that listen to events of one ``category``."""

    __slots__ = ("_getters", "_known", "_listeners", "_memos", "category", "counts", "routine")

    def __init__(self, routine: int, category: str, listeners: Listeners) -> None:
        self.routine, self.category, self._listeners = routine, category, listeners
        self.counts: Counter[Known] = Counter()
        self._getters: dict[Form, Get | None] = {}
        self._memos: dict[Form, dict[Json, Known]] = {}
        self._known: dict[Json, Known] = {}

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._listeners)

    def ask(self, form: Form, lines: list[Json]) -> list[bool | None]:
        """What the routine makes of each of ``lines``; all of them are events it listens to."""
        found = self._recall(form, lines)
        self.counts.update(found)
        return list(map(OUTCOME, found))

    def add_patterns(self, patterns: list[dict[Answers, int]]) -> None:
        """Add, per trigger, how often its clauses answered so."""
        for known, count in self.counts.items():
            for number, answers in known.answers:
                patterns[number][answers] = patterns[number].get(answers, 0) + count

    def _recall(self, form: Form, lines: list[Json]) -> list[Known]:
        if form not in self._getters:
            self._getters[form] = form.getter(self.category, self._fields())
            self._memos[form] = {}
        get, memo = self._getters[form], self._memos[form]
        if get is None:
            return [self._ask(form, line) for line in lines]
        try:
            keys = list(map(get, lines))
        except AttributeError:  # something on the way is absent or null in one of them
            return [self._ask(form, line) for line in lines]
        found = list(map(memo.get, keys))
        if all(found):
            return found  # type: ignore[return-value]
        if len(memo) >= _MOST:
            memo.clear()
        return [
            known or memo.get(key) or memo.setdefault(key, self._ask(form, line))
            for known, key, line in zip(found, keys, lines, strict=True)
        ]

    def _ask(self, form: Form, line: Json) -> Known:
        payload = form.payload(line)
        answers = tuple(
            [
                (number, tuple([clause.test(clause.read(payload)) for clause in trigger.clauses]))
                for number, trigger in self._listeners[form.name(line)]
            ]
        )
        known = self._known.get(answers)
        if known is None:
            outcome = disjunction(conjunction(each) for _, each in answers)
            known = self._known[answers] = Known(outcome, answers)
        return known

    def _fields(self) -> Iterable[str]:
        """The fields that some trigger reads, each once."""
        return dict.fromkeys(
            clause.field
            for listening in self._listeners.values()
            for _, trigger in listening
            for clause in trigger.clauses
        )
