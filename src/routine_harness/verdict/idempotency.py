"""Run twice: does the second run do it all again?

What run 2 brings about is compared with what run 1 left: created again, updated in place,
untouched. And silence counts only for one that looked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from routine_harness.finding import Finding, Severity
from routine_harness.session.run import CallRecord, Run, RunPair
from routine_harness.verdict.context import RunContext
from routine_harness.verdict.duplicates import Terms, duplicate_finding, duplicates_within, first_looks
from routine_harness.verdict.identity import CREATING, Likeness, Record, records_of, value_for
from routine_harness.verdict.looking import failed_reads, outward_effects, why_not_looked
from routine_harness.verdict.matters import Matters
from routine_harness.verdict.vocabulary import ANY_EFFECT
from routine_harness.verdict.words import clip
from routine_harness.world.effect import Effect

ONE_RUN: Final = "the recording holds one run only"


def judge_idempotency(pair: RunPair, terms: Terms, context: RunContext) -> tuple[Finding, ...]:
    """What speaks against a second run; ``context`` is that run's, or the first's if it has none."""
    found = list(duplicates_within(pair.first, terms))
    if pair.second is None:
        return tuple(found)
    judge = _Judge(pair.first, pair.second, terms, context)
    return (*found, *duplicates_within(pair.second, terms), *judge.findings())


class _Judge:
    """Judges one second run against the first."""

    def __init__(self, first: Run, second: Run, terms: Terms, context: RunContext) -> None:
        self._first = first
        self._second = second
        self._terms = terms
        self._context = context
        self._made = records_of([effect for effect in outward_effects(first) if effect.outcome == "applied"])
        self._matters = [Matters(terms.identity, sure=sure, records=self._made) for sure in (True, False)]
        self._names = {name for made in self._made for name in _names(made.effect)}
        self._pushed = {_branch(made.effect) for made in self._made if made.effect.noun == "branch"}
        self._looks = first_looks(second)
        self._left = [rule.at_most for rule in terms.allow]
        self._updated_own = False
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
            if effect.outcome == "unchanged" or self._allowed(effect):
                continue
            yield from self._judge(effect, again.get(id(effect)))
        yield from self._silence()

    def _judge(self, effect: Effect, record: Record | None) -> Iterator[Finding]:
        if self._is_own(effect):
            if effect.outcome == "applied":
                self._updated_own = True
                yield self._in_place(effect)
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

    def _allowed(self, effect: Effect) -> bool:
        for index, rule in enumerate(self._terms.allow):
            of_kind = effect.kind in rule.kinds or ANY_EFFECT in rule.kinds
            if (
                not of_kind
                or self._left[index] == 0
                or not self._context.matches(effect, rule.kinds, rule.where)
            ):
                continue
            left = self._left[index]
            self._left[index] = None if left is None else left - 1
            self._spoke = self._spoke or effect.outcome == "applied"
            return True
        return False

    def _is_own(self, effect: Effect) -> bool:
        """Whether run 2 changes, in place, a record that run 1 has made."""
        verb = effect.kind.rpartition(".")[2]
        if effect.noun in ("branch", "commit"):
            return verb in ("pushed", "created") and _branch(effect) in self._pushed
        if verb in CREATING or verb in ("deleted", "merged"):
            return False
        return not self._names.isdisjoint(_names(effect))

    def _twin(self, record: Record) -> tuple[Record | None, Likeness | None]:
        """The record of run 1 that this one is most surely the same matter as."""
        return next((twin for matters in self._matters if (twin := matters.twin(record))), (None, None))

    def _in_place(self, effect: Effect) -> Finding:
        severity = Severity.ERROR if self._terms.strict else Severity.WARNING
        message = f"run 2 brought {_name(effect)} of run 1 up to date in place"
        return self._finding(
            "updated-in-place", message, effect, severity, "write only what differs from what is there"
        )

    def _refused(self, effect: Effect, twin: Record | None) -> Finding:
        record = self._second.calls[effect.call - 1]
        own = record.answered_by == "world"
        again = f", as run 1 did (call {twin.effect.call})" if twin is not None else ""
        message = f"run 2 attempted {effect.kind}{again}, and was refused: {clip(record.result.text, 60)}"
        hint = "look before writing, instead of relying on the refusal"
        return self._finding("refused", message, effect, Severity.WARNING if own else Severity.ERROR, hint)

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
        reason = why_not_looked(self._second)
        if not reason:
            return
        failed = failed_reads(self._second)
        if self._spoke and failed and all(record.answered_by == "fault" for record in failed):
            return
        looked = any(record.reads and record not in failed for record in self._second.calls)
        if (
            looked
            and outward_effects(self._first)
            and {_asked(r) for r in failed} <= {_asked(record) for record in failed_reads(self._first)}
        ):
            return
        numbers = tuple(record.number for record in failed)
        message = f"run 2 wrote nothing new, but did not look: {reason}"
        hint = "read what is there before deciding that nothing is to be done; say so when it cannot be read"
        yield self._finding("did-not-look", message, hint=hint, calls=numbers)

    def _was_allowed(self, effect: Effect) -> bool:
        return any(
            (effect.kind in rule.kinds or ANY_EFFECT in rule.kinds)
            and self._context.matches(effect, rule.kinds, rule.where)
            for rule in self._terms.allow
        )

    def _finding(
        self,
        code: str,
        message: str,
        effect: Effect | None = None,
        severity: Severity = Severity.ERROR,
        hint: str = "",
        calls: tuple[int, ...] = (),
    ) -> Finding:
        return Finding(
            code=f"idempotency.{code}",
            message=message,
            severity=severity,
            location=self._terms.location,
            hint=hint,
            run=2,
            calls=calls or ((effect.call,) if effect is not None else ()),
        )


def _name(effect: Effect) -> str:
    return effect.target or str(effect.fields.get("title") or effect.fields.get("channel") or "")


def _branch(effect: Effect) -> tuple[str, str]:
    return (str(value_for(effect, "repository")), str(value_for(effect, "branch")))


def _names(effect: Effect) -> list[tuple[str, str, str, str]]:
    """By what a record is known: two effects with one of these in common are on the same record."""
    fields = effect.fields
    known = {"target": effect.target or None, "id": fields.get("id"), "url": fields.get("url")}
    told = ((name, str(value)) for name, value in known.items() if value is not None)
    return [(effect.noun, effect.connector, *each) for each in told]


def _asked(record: CallRecord) -> bytes:
    """What a call asks, as one value that can be compared."""
    return msgspec.json.encode((record.call.name, record.call.arguments), order="deterministic")
