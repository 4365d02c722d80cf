"""One trigger that is asked about events, remembering its answers to values it has met.

Authors, branches and flags repeat; a trigger that reads nothing else is looked up, not asked again.
What is remembered comes from the one implementation of the filters and from nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

from routine_harness.trigger.clauses import CompiledTrigger, conjunction
from routine_harness.trigger.lines import Line, flat_payload
from routine_harness.trigger.payload import Payload

Answers = tuple[bool | None, ...]
"""What each clause of a trigger answered."""

Known = tuple[bool | None, list[Any]]
"""An answer, and what the clauses answered with how often that was asked since."""

_MOST: Final = 20_000
_DEEP: Final = {
    "repository": "repository.full_name",
    "author": "pull_request.user.login",
    "title": "pull_request.title",
    "base_branch": "pull_request.base.ref",
    "head_branch": "pull_request.head.ref",
    "is_draft": "pull_request.draft",
}
"""Where a field that is one plain value stands in the body of a pull request's event."""


class Asked:
    """A trigger of the routine ``routine``; ``patterns`` counts how its clauses answered."""

    __slots__ = ("_deep", "_flat", "_memo", "_trigger", "patterns", "routine")

    def __init__(self, routine: int, trigger: CompiledTrigger, patterns: dict[Answers, int]) -> None:
        self.routine, self._trigger, self.patterns = routine, trigger, patterns
        names = [clause.field for clause in trigger.clauses]
        self._flat = attrgetter(*names) if names and "labels" not in names else None
        plain = names and all(name in _DEEP for name in names)
        self._deep = attrgetter(*(_DEEP[name] for name in names)) if plain else None
        self._memo: dict[Any, Known] = {}

    def flat(self, line: Line) -> bool | None:
        """What the trigger makes of a flat record."""
        if self._flat is None:
            return self._ask(flat_payload(line))
        values = self._flat(line)
        known = self._memo.get(values) or self._remember(values, flat_payload, line)
        known[1][1] += 1
        return known[0]

    def full(self, payload: Payload) -> bool | None:
        """What the trigger makes of a webhook body."""
        if self._deep is None:
            return self._ask(payload)
        try:
            values = self._deep(payload)
        except AttributeError:  # something on the way is absent or null
            return self._ask(payload)
        known = self._memo.get(values) or self._remember(values, _same, payload)
        known[1][1] += 1
        return known[0]

    def settle(self) -> None:
        """Count what was remembered, and forget it."""
        for _, (answers, count) in self._memo.values():
            self.patterns[answers] = self.patterns.get(answers, 0) + count
        self._memo = {}

    def _ask(self, payload: Payload) -> bool | None:
        answers = self._answers(payload)
        self.patterns[answers] = self.patterns.get(answers, 0) + 1
        return conjunction(answers)

    def _remember(
        self, values: Any, build: Callable[[Any], Payload], source: Any
    ) -> tuple[bool | None, list[Any]]:
        if len(self._memo) >= _MOST:
            self.settle()
        answers = self._answers(build(source))
        known = self._memo[values] = conjunction(answers), [answers, 0]
        return known

    def _answers(self, payload: Payload) -> Answers:
        return tuple([clause.test(clause.read(payload)) for clause in self._trigger.clauses])


def _same(payload: Payload) -> Payload:
    return payload
