"""The shape of a run: which tools were called, in which order, how often.

A call counts under each of its names (``call_forms``).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from routine_harness.finding import Finding, Location
from routine_harness.plain import Json
from routine_harness.session.faults import lookup_argument
from routine_harness.verdict.call_forms import CallReader, Step, canonical_tool, steps_of
from routine_harness.verdict.expectations.blocks import CallPattern, CallsBlock
from routine_harness.verdict.expectations.context import RunContext
from routine_harness.verdict.where import match_where
from routine_harness.world.naming import covers_tool
from routine_harness.world.registry import Registry


def judge_calls(
    block: CallsBlock, context: RunContext, place: Location, read: CallReader, registry: Registry
) -> tuple[Finding, ...]:
    """What the block finds in the calls of the run."""
    run = context.run
    judge = _Judge(steps_of(run.calls, read), context, place)
    found = [
        *judge.in_order(_own(block.in_order, registry)),
        *judge.any_order(_own(block.any_order, registry)),
        *judge.never(_own(block.never, registry)),
        *judge.counts(_own(block.counts, registry)),
    ]
    if not block.count.holds(len(run.calls)):
        found.append(
            judge.finding(f"found {len(run.calls)}, expected {block.count.of('call')} in all", place.line)
        )
    return tuple(found)


def _own(patterns: Sequence[CallPattern], registry: Registry) -> list[CallPattern]:
    """The patterns under the tools' own names."""
    found = []
    for pattern in patterns:
        tool, where = canonical_tool(pattern.tool, pattern.where, registry)
        found.append(
            pattern if tool == pattern.tool else msgspec.structs.replace(pattern, tool=tool, where=where)
        )
    return found


class _Judge:
    def __init__(self, steps: Sequence[Step], context: RunContext, place: Location) -> None:
        self._steps = steps
        self._context = context
        self._place = place

    def in_order(self, patterns: Sequence[CallPattern]) -> list[Finding]:
        """Each pattern after the one before; other calls may stand between."""
        at = 0
        for index, pattern in enumerate(patterns):
            following = next(
                (i for i in range(at, len(self._steps)) if self._is(self._steps[i], pattern)), None
            )
            if following is None:
                return [self._out_of_order(patterns, index, at)]
            at = following + 1
        return []

    def _out_of_order(self, patterns: Sequence[CallPattern], index: int, at: int) -> Finding:
        pattern = patterns[index]
        earlier = [step.number for step in self._steps[:at] if self._is(step, pattern)]
        after = f" after {patterns[index - 1]}" if index else ""
        if earlier:
            message = f"expected {pattern}{after}, found it only before, at call {earlier[-1]}"
        else:
            message = f"expected {pattern}{after}, found no such call"
        return self.finding(message, pattern.line, tuple(dict.fromkeys(earlier)), self._near(pattern))

    def any_order(self, patterns: Sequence[CallPattern]) -> list[Finding]:
        """Each pattern has a call of its own, wherever it stands."""
        taken: set[int] = set()
        found = []
        for pattern in patterns:
            free = (i for i, step in enumerate(self._steps) if i not in taken and self._is(step, pattern))
            position = next(free, None)
            if position is None:
                found.append(
                    self.finding(
                        f"expected {pattern}, found no such call", pattern.line, (), self._near(pattern)
                    )
                )
            else:
                taken.add(position)
        return found

    def never(self, patterns: Sequence[CallPattern]) -> list[Finding]:
        found = []
        for pattern in patterns:
            numbers = self._numbers(pattern)
            if numbers:
                message = f"found {len(numbers)}, expected no call of {pattern}"
                found.append(self.finding(message, pattern.line, numbers))
        return found

    def counts(self, patterns: Sequence[CallPattern]) -> list[Finding]:
        found = []
        for pattern in patterns:
            numbers = self._numbers(pattern)
            if not pattern.count.holds(len(numbers)):
                message = f"found {len(numbers)}, expected {pattern.count.of('call')} of {pattern}"
                found.append(
                    self.finding(message, pattern.line, numbers, () if numbers else self._near(pattern))
                )
        return found

    def finding(
        self, message: str, line: int, calls: tuple[int, ...] = (), detail: tuple[str, ...] = ()
    ) -> Finding:
        place = Location(self._place.file, line or self._place.line)
        run = self._context.run.number
        return Finding(
            code="expect.calls", message=message, location=place, run=run, calls=calls, detail=detail
        )

    def _numbers(self, pattern: CallPattern) -> tuple[int, ...]:
        return tuple(dict.fromkeys(step.number for step in self._steps if self._is(step, pattern)))

    def _is(self, step: Step, pattern: CallPattern) -> bool:
        if not covers_tool(pattern.tool, step.call.name):
            return False
        return not pattern.where or self._where(step, pattern)

    def _where(self, step: Step, pattern: CallPattern) -> bool:
        def value_of(field: str) -> Json:
            return lookup_argument(step.call.arguments, field)

        return match_where(pattern.where, value_of, self._context.lookup) is True

    def _near(self, pattern: CallPattern) -> tuple[str, ...]:
        """Calls of the same tool with the argument that is not as wanted."""
        lines = []
        for step in self._steps:
            if covers_tool(pattern.tool, step.call.name) and pattern.where:
                for condition in pattern.where:
                    value = lookup_argument(step.call.arguments, condition.field)
                    if condition.resolved(self._context.lookup).match(value) is not True:
                        lines.append(f"call {step.number}: {condition.field} is {value!r}")
                        break
        return tuple(lines[:3])
