"""What two runs have done together: twice, again, or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from routine_harness.finding import Finding
from routine_harness.session.run import Run
from routine_harness.verdict.claims.unreported import tells_of_failure
from routine_harness.verdict.expectations.context import RunContext
from routine_harness.verdict.expectations.expect import Expectations
from routine_harness.verdict.idempotency.duplicates import COUNTED_ONCE, Terms, duplicate_finding, first_looks
from routine_harness.verdict.idempotency.identity import records_of, written
from routine_harness.verdict.idempotency.matters import Matters
from routine_harness.verdict.looking import outward_effects
from routine_harness.verdict.where import texts_of
from routine_harness.world.effect import Effect
from routine_harness.world.kinds import is_of, makes_record

Allows = Callable[[Effect], bool]
"""Whether a second run may do that anyway."""
Finishes = Callable[[Effect, Effect], bool]
"""Whether a record of a second run, alike one of the first, is work that was left."""


def applied_outside(run: Run) -> list[Effect]:
    """What a run brought about where others see it."""
    done = (effect for effect in outward_effects(run) if effect.outcome == "applied")
    return [effect for effect in done if effect.kind != "commit.created"]


def allowance(run: Run, terms: Terms, expect: Expectations) -> Allows:
    """What ``rerun: {allow: …}`` lets a second run do."""
    context = RunContext(run, expect)
    return lambda effect: any(
        is_of(effect.kind, rule.kinds) and context.matches(effect, rule.kinds, rule.where)
        for rule in terms.allow
    )


def finishing(whole: Run, first: Run, second: Run) -> Finishes:
    """What of the second run is the rest of the work of ``whole``, that the first left: it is alike a record
    of the first, and none too many.

    That is a record which ``whole`` makes and the first run did not, where the first made another one of
    those of ``whole``, or only told that it could not; and what belongs to a review that the second run
    has deleted before.
    """
    wanted = {written(effect) for effect in applied_outside(whole)}
    done = {written(effect) for effect in applied_outside(first)}
    begun_anew = {e.target: e.call for e in applied_outside(second) if e.kind == "review.deleted"}

    def finishes(earlier: Effect, later: Effect) -> bool:
        if later.noun in ("review", "comment") and begun_anew.get(later.target, later.call) < later.call:
            return True
        if written(later) not in wanted or written(later) in done:
            return False
        return written(earlier) in wanted or any(map(tells_of_failure, texts_of(earlier)))

    return finishes


def side_by_side(alone: Iterable[Run]) -> Finishes:
    """What two sessions at once share out: two records in different words that one run of ``alone`` makes are
    two, however alike."""
    apart = [{written(effect) for effect in applied_outside(run)} for run in alone]

    def finishes(earlier: Effect, later: Effect) -> bool:
        words, others = written(earlier), written(later)
        return words != others and any(words in made and others in made for made in apart)

    return finishes


def made_twice(
    first: Run, second: Run, terms: Terms, allows: Allows, finishes: Finishes = lambda earlier, later: False
) -> Iterator[Finding]:
    """Records that the first run made and the second made again."""
    made = records_of(applied_outside(first))
    known = [Matters(terms.identity, sure=sure, records=made) for sure in (True, False)]
    looks = first_looks(second)
    for record in records_of(applied_outside(second)):
        if record.effect.noun not in COUNTED_ONCE or allows(record.effect):
            continue
        twin = next((found for matters in known if (found := matters.twin(record))), None)
        if twin is not None and not finishes(twin[0].effect, record.effect):
            yield duplicate_finding(*twin, record, terms, (first, second), looks)


def changed_twice(whole: Run, first: Run, second: Run) -> Iterator[Effect]:
    """Changes of the second run that the first has made in the same words, oftener than ``whole`` does."""
    wanted = Counter(written(effect) for effect in applied_outside(whole))
    done = Counter(written(effect) for effect in applied_outside(first) if not makes_record(effect.kind))
    for effect in applied_outside(second):
        words = written(effect)
        if not makes_record(effect.kind) and done[words] and done[words] + 1 > wanted[words]:
            yield effect


def left_undone(whole: Run, runs: Sequence[Run]) -> Iterator[str]:
    """What ``whole`` brings about and the runs together do not, in words: ``1 of 2 ticket.created``."""
    yield from kinds_undone(applied_kinds((whole,)), runs)


def applied_kinds(runs: Iterable[Run]) -> Counter[str]:
    """How often runs brought about each kind of effect."""
    return Counter(effect.kind for run in runs for effect in applied_outside(run))


def kinds_undone(wanted: Mapping[str, int], runs: Sequence[Run]) -> Iterator[str]:
    """What of the ``wanted`` kinds the runs together have not brought about, in words."""
    found = applied_kinds(runs)
    for kind, count in wanted.items():
        if found[kind] < count:
            yield f"{found[kind]} of {count} {kind}" if count > 1 else f"no {kind}"
