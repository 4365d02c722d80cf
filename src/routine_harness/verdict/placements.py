"""A run whose context came later, or never: did it act before it could know on what?

It is held against the expectations of the case, against what the firing is about, and against the same
run with its context in the first turn. Waiting, fetching what is needed, and saying that there is no
context yet are right. What nobody can tell is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

import msgspec

from routine_harness.finding import Finding, Location, Severity
from routine_harness.routine.edition_rules import Capture, Placement
from routine_harness.routine.render import brings_context, holds_context
from routine_harness.session.run import CallRecord, Run, RunPair
from routine_harness.session.transcript import Call, Turn
from routine_harness.verdict.early_acts import EarlyActs, name_of, place_of, topic_of_firing
from routine_harness.verdict.expectations.context import RunContext
from routine_harness.verdict.expectations.expect import Expectations
from routine_harness.verdict.further import CONTEXT
from routine_harness.verdict.looking import looks_of, outward_effects
from routine_harness.verdict.words import counted
from routine_harness.world.effect import Effect

_MOST_SHOWN: Final = 5
_BOTH: Final = "; in both runs"
_UNDONE: Final = ("context.not-awaited", "context.failed")


class PlacedCase(Protocol):
    """What the judge needs of a case; ``case.Case`` is one."""

    @property
    def expect(self) -> Expectations: ...
    @property
    def second(self) -> Expectations | None: ...


class Placed(msgspec.Struct, frozen=True, eq=False):
    """A pair of runs under one ``placement``; ``reference`` is the pair of the same case with its context
    in the first turn, where there is one."""

    placement: Placement
    pair: RunPair
    reference: RunPair | None = None


def judge_placed(
    case: PlacedCase,
    placed: Placed,
    identity: Mapping[str, tuple[str, ...]],
    captures: Sequence[Capture],
    place: Location,
) -> tuple[Finding, ...]:
    """What is wrong with runs under another placement than the first turn; ``captures`` are the
    observations that say when a context comes."""
    found: dict[tuple[str, str], Finding] = {}
    for run in placed.pair.runs:
        for finding in _Judge(case, placed, run, identity, captures).findings():
            # What a run leaves undone its second run leaves undone too: that is said once.
            key = (finding.code, "" if finding.code in _UNDONE else finding.message)
            if key in found and found[key].run != finding.run:
                found[key] = _in_both(found[key])
            else:
                data = {**finding.data, CONTEXT: placed.placement}
                found[key] = msgspec.structs.replace(finding, location=place, data=data)
    return tuple(found.values())


def _in_both(finding: Finding) -> Finding:
    return msgspec.structs.replace(finding, message=finding.message.removesuffix(_BOTH) + _BOTH)


class _Judge:
    """Judges one run."""

    def __init__(
        self,
        case: PlacedCase,
        placed: Placed,
        run: Run,
        identity: Mapping[str, tuple[str, ...]],
        captures: Sequence[Capture],
    ) -> None:
        reference = placed.reference
        self._placement = placed.placement
        self._run = run
        self._like = None if reference is None else (reference.first if run.number == 1 else reference.second)
        expect = case.expect if run.number == 1 else case.second or Expectations()
        first = RunContext(placed.pair.first, case.expect)
        context = first if run.number == 1 else RunContext(run, expect, first, "second.")
        self._captures = captures
        self._early = calls_before_context(run)
        self._acts = _applied(run)
        known = None if self._like is None else _applied(self._like)
        self._judge = EarlyActs(context, expect, topic_of_firing(run.firing), known, identity)

    def findings(self) -> Iterator[Finding]:
        event = self._run.firing.event
        if self._placement == "together" or not brings_context(event.kind, event.payload):
            return
        for effect in self._acts:
            if effect.call in self._early:
                yield from self._of_early(effect)
        if self._run.status != "finished" and (self._like is None or self._like.status == "finished"):
            yield self._failed()
        elif self._placement == "later":
            yield from self._not_awaited()

    def _of_early(self, effect: Effect) -> Iterator[Finding]:
        """What is wrong with an act from before the context came."""
        late = [act for act in self._acts if act.call not in self._early]
        again = self._judge.done_again(effect, self._acts, late)
        if again is not None:
            yield self._twice(effect, again)
            return
        right, why = self._judge.is_right(effect, self._acts)
        if right is False:
            yield self._finding(
                "acted-early",
                f"{self._before()} the run had {effect.kind} {name_of(effect)}: {why}",
                Severity.ERROR,
                "tell the prompt to do nothing outward before it knows what started it: wait for the context,"
                " or fetch what is needed",
                (effect.call,),
            )
        elif right is None:
            yield self._finding(
                "undecided",
                f"{self._before()} the run had {effect.kind} {name_of(effect)}; whether that is right for its"
                " context cannot be told",
                Severity.WARNING,
                "expect it in the case, with where:, or let the routine wait for its context",
                (effect.call,),
            )

    def _twice(self, effect: Effect, again: Effect) -> Finding:
        return self._finding(
            "acted-twice",
            f"{self._before()} the run had {effect.kind} {name_of(effect)}, and did the same again after it"
            f" (call {again.call})",
            Severity.ERROR,
            "look at what is there before writing, in every turn; or wait for the context",
            (effect.call, again.call),
        )

    def _failed(self) -> Finding:
        reason = f": {self._run.reason}" if self._run.reason else ""
        shown = [f"{f.code}: {f.message}" for f in self._run.findings if f.fails]
        return self._finding(
            "failed",
            f"with its context {self._placement} run {self._run.number} ended"
            f" {self._run.status.replace('_', ' ')}{reason}",
            Severity.WARNING,
            "a script takes the context from session.prompt and session.next_turn()",
            (),
            tuple(shown[:_MOST_SHOWN]),
        )

    def _not_awaited(self) -> Iterator[Finding]:
        """The first turn ended, and what the run is for did not follow."""
        followed = [record for record in self._run.calls if record.number not in self._early]
        missing = self._missing(followed)
        if missing is None:
            return
        if self._run.waiting:
            what = "the first turn ended, and the run did not take the one with its context"
        elif not followed:
            what = "the first turn ended, its context came, and nothing followed"
        else:
            what = "its context came after the first turn, and what the run does with it did not follow"
        yield self._finding(
            "not-awaited",
            what + (f": {missing}" if missing else ""),
            Severity.WARNING,
            "let the prompt say what to do without a context: wait for it, or fetch what is needed",
            (),
            tuple(str(capture) for capture in self._captures),
        )

    def _missing(self, followed: Sequence[CallRecord]) -> str | None:
        """What the run with its context does and this one does not, in words; None where nothing is
        missing."""
        if self._like is None:
            return None if followed or self._acts else ""
        absent = [
            known
            for known in outward_effects(self._like)
            if known.outcome != "refused" and not self._covers(known)
        ]
        if absent:
            named = [f"{each.kind} {name_of(each)}".strip() for each in absent]
            more = f" and {len(named) - 2} more" if len(named) > 2 else ""
            return ", ".join(named[:2]) + more
        if any(known.outcome == "applied" for known in outward_effects(self._like)) or followed:
            return None
        looked = {_asked(record) for record in looks_of(self._run)}
        unseen = [record for record in looks_of(self._like) if _asked(record) not in looked]
        return f"{counted(len(unseen), 'look')} less than with its context" if unseen else None

    def _covers(self, known: Effect) -> bool:
        return any(
            act.kind == known.kind and (place_of(act) == place_of(known) or self._judge.is_alike(act, known))
            for act in outward_effects(self._run)
            if act.outcome != "refused"
        )

    def _before(self) -> str:
        return "without its context" if self._placement == "never" else "before its context came"

    def _finding(
        self,
        code: str,
        message: str,
        severity: Severity,
        hint: str,
        calls: tuple[int, ...],
        detail: tuple[str, ...] = (),
    ) -> Finding:
        return Finding(
            code=f"context.{code}",
            message=message,
            severity=severity,
            hint=hint,
            detail=detail,
            run=self._run.number,
            calls=calls,
        )


def calls_before_context(run: Run) -> frozenset[int]:
    """The numbers of the calls that a run made before the turn came that tells of its firing; all where
    none did."""
    turns = [entry for entry in run.transcript if isinstance(entry, Turn)]
    telling = next((turn for turn in turns if holds_context(turn.text)), turns[0] if turns else None)
    made: set[str] = set()
    for entry in run.transcript:
        if entry is telling:
            break
        if isinstance(entry, Call):
            made.add(entry.id)
    return frozenset(record.number for record in run.calls if record.id in made)


def _applied(run: Run) -> list[Effect]:
    return [effect for effect in outward_effects(run) if effect.outcome == "applied"]


def _asked(record: CallRecord) -> bytes:
    return msgspec.json.encode((record.call.name, record.call.arguments), order="deterministic")
