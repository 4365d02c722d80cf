"""Run twice: does the second run do it all again?

What run 2 brings about is compared with what run 1 left: created again, updated in place,
untouched. And silence counts only for one that looked.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from routine_harness.finding import Finding, Severity
from routine_harness.session.run import CallRecord, Run, RunPair
from routine_harness.verdict.call_forms import CallReader
from routine_harness.verdict.claims.unreported import tells_of_failure
from routine_harness.verdict.expectations.context import RunContext
from routine_harness.verdict.idempotency.duplicates import (
    COUNTED_ONCE,
    Terms,
    duplicate_finding,
    duplicates_within,
    first_looks,
)
from routine_harness.verdict.idempotency.identity import Likeness, Record, records_of, written
from routine_harness.verdict.idempotency.matters import Matters
from routine_harness.verdict.idempotency.upkeep import Upkeep, narrowest_allow
from routine_harness.verdict.looking import failed_reads, outward_effects, why_not_looked
from routine_harness.verdict.rerun import Allowed
from routine_harness.verdict.where import texts_of
from routine_harness.verdict.words import clip
from routine_harness.world.effect import Effect
from routine_harness.world.kinds import is_of

_INSIDE: Final = ("commit.created",)
"""What stays in the clone: the push that carries it out is judged."""

ONE_RUN: Final = "the recording holds one run only"


def judge_idempotency(
    pair: RunPair, terms: Terms, context: RunContext, read: CallReader
) -> tuple[Finding, ...]:
    """What speaks against a second run; ``context`` is that run's, or the first's if it has none;
    ``read`` tells the calls that a command stands for."""
    found = list(duplicates_within(pair.first, terms))
    if pair.second is None:
        return tuple(found)
    judge = _Judge(pair.first, pair.second, terms, context, read)
    return (*found, *duplicates_within(pair.second, terms), *judge.findings())


class _Judge:
    """Judges one second run against the first."""

    def __init__(self, first: Run, second: Run, terms: Terms, context: RunContext, read: CallReader) -> None:
        self._read = read
        self._first = first
        self._second = second
        self._terms = terms
        self._context = context
        self._made = records_of([effect for effect in outward_effects(first) if effect.outcome == "applied"])
        self._matters = [Matters(terms.identity, sure=sure, records=self._made) for sure in (True, False)]
        self._upkeep = Upkeep(first, second, [record.effect for record in self._made])
        self._same_firing = is_same_firing(first, second)
        self._looks = first_looks(second)
        self._left = [rule.at_most for rule in terms.allow]
        self._spoke = False

    def findings(self) -> Iterator[Finding]:
        second = self._second
        if second.status != "finished":
            message = f"run 2 did not end well ({second.status.replace('_', ' ')}), so nothing is proved"
            yield self._finding("second-run-failed", message)
            return
        effects = outward_effects(second)
        again = {id(record.effect): record for record in records_of(effects)}
        for effect in effects:
            record = again.get(id(effect))
            if effect.outcome == "unchanged" or effect.kind in _INSIDE or self._allowed(effect, record):
                continue
            yield from self._judge(effect, record)
        yield from self._silence()

    def _judge(self, effect: Effect, record: Record | None) -> Iterator[Finding]:
        if self._upkeep.owns(effect):
            if effect.outcome == "applied":
                yield from self._on_own(effect)
            return
        twin, likeness = self._twin(record) if record is not None else (None, None)
        if effect.outcome == "refused":
            if self._second.calls[effect.call - 1].answered_by != "refused":  # else policy and run say it
                yield self._refused(effect, twin)
        elif twin is not None and likeness is not None and record is not None:
            runs = (self._first, self._second)
            yield duplicate_finding(twin, likeness, record, self._terms, runs, self._looks)
        else:
            yield self._new(effect, created=record is not None)

    def _allowed(self, effect: Effect, record: Record | None) -> bool:
        for index, rule in enumerate(self._terms.allow):
            if self._left[index] == 0 or not self._is_meant(rule, effect):
                continue
            if rule.is_bare and self._is_made_again(record):
                continue
            left = self._left[index]
            self._left[index] = None if left is None else left - 1
            self._spoke = self._spoke or effect.outcome == "applied"
            return True
        return False

    def _is_meant(self, rule: Allowed, effect: Effect) -> bool:
        return is_of(effect.kind, rule.kinds) and self._context.matches(effect, rule.kinds, rule.where)

    def _is_made_again(self, record: Record | None) -> bool:
        """Whether the same firing has made a record that run 1 made in these very words: no bare kind
        of ``allow`` means that."""
        if record is None or not self._same_firing or record.effect.noun not in COUNTED_ONCE:
            return False
        return record.effect.outcome == "applied" and written(record.effect) in self._written

    @functools.cached_property
    def _written(self) -> frozenset[bytes]:
        return frozenset(written(made.effect) for made in self._made)

    def _twin(self, record: Record) -> tuple[Record | None, Likeness | None]:
        """The record of run 1 that this one is most surely the same matter as."""
        return next((twin for matters in self._matters if (twin := matters.twin(record))), (None, None))

    def _on_own(self, effect: Effect) -> Iterator[Finding]:
        """Run 2 changes a record of run 1: an update, or more than that."""
        step = self._upkeep.judge(effect)
        first = self._upkeep.made_by(effect)
        changes = f": {'; '.join(step.changes)}" if step.changes else ""
        if step.overdone:
            why = "" if self._upkeep.news else ", with nothing new in the world"
            message = f"run 2 {step.overdone} {_name(effect)} of run 1{why}{changes}"
            hint = f"leave it as it is; if that is right: {narrowest_allow(effect, step)}"
            yield self._finding("reworked", message, effect, hint=hint, first=first)
            return
        severity = Severity.ERROR if self._terms.strict else Severity.WARNING
        message = f"run 2 brought {_name(effect)} of run 1 up to date in place{changes}"
        hint = f"write only what differs; to accept it: {narrowest_allow(effect, step)}"
        yield self._finding("updated-in-place", message, effect, severity, hint, first=first)

    def _refused(self, effect: Effect, twin: Record | None) -> Finding:
        record = self._second.calls[effect.call - 1]
        own = record.answered_by == "world"
        again = f", as run 1 did (call {twin.effect.call})" if twin is not None else ""
        message = f"run 2 attempted {effect.kind}{again}, and was refused: {clip(record.result.text, 60)}"
        hint = "look before writing, instead of relying on the refusal"
        severity = Severity.WARNING if own else Severity.ERROR
        first = twin.effect.call if twin is not None else 0
        return self._finding("refused", message, effect, severity, hint, first=first)

    def _new(self, effect: Effect, *, created: bool) -> Finding:
        what = f"{effect.kind} {_name(effect)}".strip()
        if created:
            hint = "if that is right, allow it: rerun: {allow: [" + effect.kind + "]}"
            return self._finding("new-effect", f"run 2 did what run 1 did not: {what}", effect, hint=hint)
        hint = f"look whether {_name(effect) or 'it'} is already as wanted before changing it"
        return self._finding("repeated-effect", f"run 2 changed the outside again: {what}", effect, hint=hint)

    def _silence(self) -> Iterator[Finding]:
        """Run 2 made nothing new: that proves something only if it looked.

        A read that failed in run 1 just so did not keep that one from acting, and so does not
        explain the silence of run 2, which looked otherwise.
        """
        if any(
            effect.outcome == "applied" and not self._was_allowed(effect)
            for effect in outward_effects(self._second)
        ):
            return
        reason = why_not_looked(self._second, self._read)
        if not reason:
            return
        failed = failed_reads(self._second, self._read)
        if self._spoke and failed and self._said_so(failed):
            return
        before = {_asked(record) for record in failed_reads(self._first, self._read)}
        looked = any(record.reads and record not in failed for record in self._second.calls)
        if looked and outward_effects(self._first) and {_asked(record) for record in failed} <= before:
            return
        numbers = tuple(record.number for record in failed)
        message = f"run 2 wrote nothing new, but did not look: {reason}"
        hint = "read what is there before deciding that nothing is to be done; say so when it cannot be read"
        yield self._finding("did-not-look", message, hint=hint, calls=numbers)

    def _said_so(self, failed: Sequence[CallRecord]) -> bool:
        """Whether it posted, as it may, that it could not look."""
        texts = (text for effect in self._second.applied for text in texts_of(effect))
        return all(record.answered_by == "fault" for record in failed) or any(map(tells_of_failure, texts))

    def _was_allowed(self, effect: Effect) -> bool:
        return any(self._is_meant(rule, effect) for rule in self._terms.allow)

    def _finding(
        self,
        code: str,
        message: str,
        effect: Effect | None = None,
        severity: Severity = Severity.ERROR,
        hint: str = "",
        calls: tuple[int, ...] = (),
        first: int = 0,
    ) -> Finding:
        """``first`` is the call of run 1 that did it before, where one is known."""
        return Finding(
            code=f"idempotency.{code}",
            message=message,
            severity=severity,
            location=self._terms.location,
            hint=hint,
            run=2,
            calls=calls or ((effect.call,) if effect is not None else ()),
            data={"first_call": first} if first else {},
        )


def _name(effect: Effect) -> str:
    return effect.target or str(effect.fields.get("title") or effect.fields.get("channel") or "")


def is_same_firing(first: Run, second: Run) -> bool:
    """Whether the second run answers the very firing that started the first; the next instant of a
    schedule is another one."""
    one, other = first.firing.event, second.firing.event
    if (one.kind, one.name, one.payload) != (other.kind, other.name, other.payload):
        return False
    return one.kind != "schedule" or other.at <= first.world.clock


def _asked(record: CallRecord) -> bytes:
    """What a call asks, as one value that can be compared."""
    return msgspec.json.encode((record.call.name, record.call.arguments), order="deterministic")
