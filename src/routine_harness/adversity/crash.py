"""A session that dies after one of its outward calls, and the full run that finds what it left.

A new session remembers nothing. So it does not matter whether the dead one still got the answer: the
world is the same, and one run stands for both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

import msgspec

from routine_harness.finding import Finding
from routine_harness.session.run import CallRecord, Run, RunPair
from routine_harness.verdict.context import RunContext
from routine_harness.verdict.duplicates import COUNTED_ONCE, Terms, duplicate_finding, first_looks
from routine_harness.verdict.expect import Expectations
from routine_harness.verdict.identity import CREATING, records_of, written
from routine_harness.verdict.looking import outward_effects
from routine_harness.verdict.matters import Matters
from routine_harness.world.effect import Effect
from routine_harness.world.kinds import is_of


def crash_points(run: Run) -> tuple[CallRecord, ...]:
    """The calls of ``run`` after which its session may die with something done outside."""
    outward = {effect.call for effect in outward_effects(run) if effect.outcome == "applied"}
    return tuple(record for record in run.calls if record.number in outward)


def check_crash(whole: Run, pair: RunPair, terms: Terms, expect: Expectations) -> Iterator[Finding]:
    """What is wrong after a crash: ``pair`` is the run that was cut and the full run on its world,
    ``whole`` the run that nobody cut; ``expect`` is the case's."""
    rerun = pair.second
    point = pair.first.calls[-1]
    if rerun is None or rerun.status != "finished":
        ended = "did not come about" if rerun is None else f"ended {rerun.status.replace('_', ' ')}"
        yield _finding("crash.rerun-failed", point, f"the run after it {ended}", terms)
        return
    allows = _allowance(rerun, terms, expect)
    yield from _duplicates(pair.first, rerun, point, terms, allows)
    yield from _repeats(whole, pair.first, rerun, point, terms)
    yield from _undone(whole, pair.first, rerun, point, terms)


def _applied(run: Run) -> list[Effect]:
    return [
        effect
        for effect in outward_effects(run)
        if effect.outcome == "applied" and effect.kind != "commit.created"
    ]


def _allowance(rerun: Run, terms: Terms, expect: Expectations) -> Callable[[Effect], bool]:
    """Whether ``rerun: {allow: …}`` lets a second run do that anyway."""
    context = RunContext(rerun, expect)
    return lambda effect: any(
        is_of(effect.kind, rule.kinds) and context.matches(effect, rule.kinds, rule.where)
        for rule in terms.allow
    )


def _duplicates(
    cut: Run, rerun: Run, point: CallRecord, terms: Terms, allows: Callable[[Effect], bool]
) -> Iterator[Finding]:
    """Records that the cut run made and the full one made again."""
    made = records_of(_applied(cut))
    known = [Matters(terms.identity, sure=sure, records=made) for sure in (True, False)]
    looks = first_looks(rerun)
    for record in records_of(_applied(rerun)):
        if record.effect.noun not in COUNTED_ONCE or allows(record.effect):
            continue
        twin = next((found for matters in known if (found := matters.twin(record))), None)
        if twin is not None:
            finding = duplicate_finding(*twin, record, terms, (cut, rerun), looks)
            message = f"{_after(point)}: {finding.message}"
            yield msgspec.structs.replace(finding, code="crash.duplicate", message=message)


def _repeats(whole: Run, cut: Run, rerun: Run, point: CallRecord, terms: Terms) -> Iterator[Finding]:
    """Changes that were done before the crash and are done in the same words again."""
    allowed = Counter(written(effect) for effect in _applied(whole))
    done = Counter(written(effect) for effect in _applied(cut) if not _makes(effect))
    for effect in _applied(rerun):
        words = written(effect)
        if not _makes(effect) and done[words] and done[words] + 1 > allowed[words]:
            message = f"{effect.kind} {effect.target} is done again, in the same words"
            yield _finding("crash.repeated", point, message, terms, (effect.call,))


def _undone(whole: Run, cut: Run, rerun: Run, point: CallRecord, terms: Terms) -> Iterator[Finding]:
    """What the whole run brings about and both together do not."""
    wanted = Counter(effect.kind for effect in _applied(whole))
    found = Counter(effect.kind for run in (cut, rerun) for effect in _applied(run))
    for kind, count in wanted.items():
        if found[kind] < count:
            missing = f"{found[kind]} of {count} {kind}" if count > 1 else f"no {kind}"
            message = f"both runs together left {missing}: the run after it did not finish the work"
            yield _finding("crash.undone", point, message, terms)


def _makes(effect: Effect) -> bool:
    return effect.kind.rpartition(".")[2] in CREATING


def _finding(
    code: str, point: CallRecord, message: str, terms: Terms, calls: tuple[int, ...] = ()
) -> Finding:
    return Finding(
        code=code,
        message=f"{_after(point)}: {message}",
        location=terms.location,
        hint=_HINTS[code],
        run=2 if calls else 1,
        calls=calls or (point.number,),
        data={"cut": point.number},
    )


def _after(point: CallRecord) -> str:
    did = ", ".join(f"{effect.kind} {effect.target}".strip() for effect in point.effects)
    return f"died after call {point.number} ({did})"


_HINTS: Mapping[str, str] = {
    "crash.rerun-failed": "routine-harness show CASE has both runs; the second has to work on what is there",
    "crash.repeated": "look whether it is already as wanted before changing it",
    "crash.undone": "look for each step by itself: that the first is done does not say that the rest is",
}
