"""One run for its expectations: the effects that a block counts, and the values of references."""

from __future__ import annotations

from routine_harness.plain import Json, Record
from routine_harness.predicate import ABSENT
from routine_harness.session.run import Run
from routine_harness.verdict.expectations.blocks import EffectBlock, When
from routine_harness.verdict.expectations.expect import Expectations
from routine_harness.verdict.reference import descend
from routine_harness.verdict.where import Where, effect_value, field_of, match_where
from routine_harness.world.effect import Effect
from routine_harness.world.kinds import ANY_EFFECT, PLURALS, is_of


class RunContext:
    """Answers what blocks and references of one run's expectations ask."""

    def __init__(
        self, run: Run, expect: Expectations, first: RunContext | None = None, prefix: str = ""
    ) -> None:
        self.run = run
        self._first = first
        self._blocks = {
            block.check.removeprefix(prefix): block
            for block in expect.blocks
            if isinstance(block, EffectBlock)
        }
        self._asking: list[str] = []

    def candidates(self, block: EffectBlock) -> list[Effect]:
        """The effects of the block's kinds and outcome, before its ``where`` is asked."""
        return [
            effect
            for effect in self.run.effects
            if is_of(effect.kind, block.kinds) and block.outcome in ("attempted", effect.outcome)
        ]

    def matching(self, block: EffectBlock) -> list[Effect]:
        """The effects that the block counts."""
        return [effect for effect in self.candidates(block) if self.matches(effect, block.kinds, block.where)]

    def matches(self, effect: Effect, kinds: tuple[str, ...], where: Where) -> bool:
        """Whether ``where`` holds; a field that is absent is no match."""
        return match_where(where, lambda field: field_of(effect, kinds, field), self.lookup) is True

    def holds(self, when: When | None) -> bool:
        """Whether the condition for judging a block is met."""
        if when is None:
            return True
        payload = self.run.firing.event.payload
        return all(block.count.holds(len(self.matching(block))) for block in when.blocks) and (
            match_where(when.event, lambda path: _at(payload, path), self.lookup) is True
        )

    def lookup(self, reference: str) -> list[Json]:
        """What ``${reference}`` stands for; nothing where blocks refer to each other in a circle."""
        if reference in self._asking:
            return []
        self._asking.append(reference)
        try:
            return self._find(reference)
        finally:
            self._asking.pop()

    def _find(self, reference: str) -> list[Json]:
        root, _, rest = reference.partition(".")
        path = [part for part in rest.split(".") if part and part != "*"]
        if root == "event":
            found = descend(self.run.firing.event.payload, path)
            return found if isinstance(found, list) else [] if found is None else [found]
        if root == "first":
            return self._first.lookup(rest) if self._first is not None else []
        values = (effect_value(effect, ".".join(path)) for effect in self._records(root))
        return [value for value in values if value is not ABSENT]

    def _records(self, root: str) -> list[Effect]:
        """``tickets``: all of the kinds that the block counts; ``tickets[high]``: those that it counts."""
        noun, bracket, _ = root.partition("[")
        block = self._blocks.get(root)
        if block is not None and (bracket or noun == "effects"):
            return self.matching(block)
        kinds = block.kinds if block is not None else PLURALS.get(noun, (ANY_EFFECT,))
        return [effect for effect in self.run.applied if not bracket and is_of(effect.kind, kinds)]


def _at(payload: Record, path: str) -> Json:
    found = descend(payload, path.split("."))
    return ABSENT if found is None else found
