"""Whether an act was right that came before the context of its run, and whether it was done again later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from routine_harness.verdict.aim import Subject, is_aimed, mark_of, place_of
from routine_harness.verdict.expectations.blocks import EffectBlock
from routine_harness.verdict.expectations.context import RunContext
from routine_harness.verdict.expectations.expect import Expectations
from routine_harness.verdict.idempotency.duplicates import COUNTED_ONCE
from routine_harness.verdict.idempotency.identity import CREATING, Record, alike
from routine_harness.world.effect import Effect
from routine_harness.world.kinds import is_of


class EarlyActs:
    """Judges acts of one run by what its case expects, by what its firing is about, and by what the same
    run does with its context in the first turn."""

    def __init__(
        self,
        context: RunContext,
        expect: Expectations,
        subject: Subject,
        known: Sequence[Effect] | None,
        identity: Mapping[str, tuple[str, ...]],
    ) -> None:
        """``known`` are the acts of that other run, None where there is none."""
        self._context = context
        self._blocks = [block for block in expect.blocks if isinstance(block, EffectBlock)]
        self._subject = subject
        self._known = known
        self._identity = identity

    def is_right(self, effect: Effect, acts: Sequence[Effect]) -> tuple[bool | None, str]:
        """Whether an early act, one of all ``acts`` of its run, is right for the context that came after it,
        and why not; None where nothing shows it."""
        speaking = [block for block in self._blocks if is_of(effect.kind, block.kinds)]
        met = [block for block in speaking if self._meets(effect, block)]
        for block in met:
            most = block.count.at_most
            if most is not None and sum(self._meets(act, block) for act in acts) > most:
                return False, f"::{block.check} expects {block.count.of('such act')}"
        if any(self.is_alike(effect, known) for known in self._known or ()):
            return True, ""
        aimed, wanted = is_aimed(effect, self._subject), any(block.where for block in met)
        if aimed is False and not wanted:
            return False, f"its context is about {self._subject}"
        if aimed or wanted:
            return True, ""
        return self._by_kind(effect, speaking, met=bool(met))

    def _by_kind(
        self, effect: Effect, speaking: Sequence[EffectBlock], *, met: bool
    ) -> tuple[bool | None, str]:
        """The same of an act that neither its target nor its words tell."""
        other = next((block for block in speaking if block.where and block.count.at_most != 0), None)
        if other is not None and not met:
            return False, f"with its context ::{other.check} expects another one"
        if self._known is None:
            return (True if met else None), ""
        if not any(
            known.kind == effect.kind and place_of(known) == place_of(effect) for known in self._known
        ):
            return False, "with its context in the first turn it does no such thing"
        return None, ""

    def done_again(self, effect: Effect, acts: Sequence[Effect], late: Sequence[Effect]) -> Effect | None:
        """The first of the ``late`` acts, those from after the context, that did the same once more than the
        run with its context does; ``acts`` are all of the run."""
        if effect.noun not in COUNTED_ONCE:
            return None
        sure = self._known is None
        again = [act for act in late if self.is_alike(effect, act, sure=sure)]
        done = sum(self.is_alike(effect, act, sure=sure) for act in acts)
        known = sum(self.is_alike(effect, act, sure=sure) for act in self._known or ())
        return again[0] if again and done > max(known, 1) else None

    def is_alike(self, one: Effect, other: Effect, *, sure: bool = False) -> bool:
        """Whether two acts are the same matter: records as the judge of pairs tells, changes by their
        target; ``sure`` leaves out what is only likely."""
        if one.kind.rpartition(".")[2] not in CREATING:
            return mark_of(one) == mark_of(other)
        return one is other or alike(Record(one), Record(other), self._identity, sure=sure) is not None

    def _meets(self, effect: Effect, block: EffectBlock) -> bool:
        return is_of(effect.kind, block.kinds) and self._context.matches(effect, block.kinds, block.where)
