"""What differs between two recordings of a case: calls, effects, words, cost, and what the checks say."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from routine_harness.agents.difference import describe_difference
from routine_harness.agents.recording import Header
from routine_harness.case.result import CaseResult
from routine_harness.plain import Json, Record
from routine_harness.report.call_line import call_line
from routine_harness.report.text import one_line
from routine_harness.session.run import Run
from routine_harness.session.transcript import End, total_usage
from routine_harness.verdict.looking import outward_effects
from routine_harness.world.effect import Effect

Part = Literal["recording", "calls", "effects", "words", "cost", "checks"]


class Difference(msgspec.Struct, frozen=True):
    """One line: which part of which run (0: both together) it is about, and what it says. ``-`` stands before
    what the first recording has alone, ``+`` before what the second has."""

    part: Part
    run: int
    text: str


def header_differences(one: Header, other: Header) -> tuple[Difference, ...]:
    """By which model and which CLI the two were recorded, and which files are not those of the other."""
    said = [
        f"{word}: {before or 'unknown'} → {after or 'unknown'}"
        for word, before, after in (
            ("model", one.agent.model, other.agent.model),
            ("version", one.agent.version, other.agent.version),
        )
        if before != after
    ]
    names = sorted(one.digests.keys() | other.digests.keys())
    changed = [name for name in names if one.digests.get(name) != other.digests.get(name)]
    if changed:
        said.append(f"recorded under another {', '.join(changed)}")
    return tuple(Difference("recording", 0, line) for line in said)


def differences(one: CaseResult, other: CaseResult) -> tuple[Difference, ...]:
    """Everything that differs, in the order of runs and parts; cost last."""
    first, second = one.pair, other.pair
    assert first is not None  # noqa: S101 - both were played
    assert second is not None  # noqa: S101
    found: list[Difference] = []
    for before, after in zip(first.runs, second.runs, strict=False):
        number = before.number
        found += [Difference("calls", number, line) for line in _calls(before, after)]
        found += [Difference("effects", number, line) for line in _effects(before, after)]
        found += [Difference("words", number, line) for line in _words(before, after)]
    if len(first.runs) != len(second.runs):
        found.append(Difference("calls", 2, "+ run 2" if len(second.runs) == 2 else "- run 2"))
    found += [Difference("checks", 0, line) for line in _checks(one, other)]
    found += [Difference("cost", 0, line) for line in _cost(first.runs, second.runs)]
    return tuple(found)


def _calls(before: Run, after: Run) -> Iterator[str]:
    """Calls that one of them makes and the other does not, in their order."""
    left, right = (
        [call_line(one.call.name, one.call.arguments) for one in run.calls] for run in (before, after)
    )
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    for _, start, stop, other_start, other_stop in (
        code for code in matcher.get_opcodes() if code[0] != "equal"
    ):
        yield from (f"- {line}" for line in left[start:stop])
        yield from (f"+ {line}" for line in right[other_start:other_stop])


def _effects(before: Run, after: Run) -> Iterator[str]:
    """Effects by their kind, the nth with the nth: what differs in them, and those that have no fellow."""
    left, right = ([_plain(effect) for effect in outward_effects(run)] for run in (before, after))
    for kind in dict.fromkeys(each["kind"] for each in (*left, *right)):
        mine = [each for each in left if each["kind"] == kind]
        theirs = [each for each in right if each["kind"] == kind]
        for one, other in zip(mine, theirs, strict=False):
            yield from (f"{kind} {line}" for line in describe_difference(one, other))
        yield from (f"- {_named(each)}" for each in mine[len(theirs) :])
        yield from (f"+ {_named(each)}" for each in theirs[len(mine) :])


def _plain(effect: Effect) -> Record:
    return {"kind": effect.kind, "target": effect.target, "outcome": effect.outcome, **effect.fields}


def _named(effect: Record) -> str:
    outcome = "" if effect["outcome"] == "applied" else f" ({effect['outcome']})"
    said = next((effect[name] for name in ("title", "text", "body") if effect.get(name)), "")
    return one_line(f"{effect['kind']} {effect['target']}{outcome} {said}".rstrip())


def _words(before: Run, after: Run) -> Iterator[str]:
    if before.status != after.status:
        yield f"ended {before.status} → {after.status}"
    if before.closing != after.closing:
        yield f"- says {before.closing!r}"
        yield f"+ says {after.closing!r}"


def _checks(one: CaseResult, other: CaseResult) -> Iterator[str]:
    names = dict.fromkeys(check.name for result in (one, other) for check in result.verdict.checks)
    outcomes = [{check.name: check.outcome for check in result.verdict.checks} for result in (one, other)]
    for name in names:
        before, after = (known.get(name, "absent") for known in outcomes)
        if before != after:
            yield f"::{name} {before} → {after}"


def _cost(before: Sequence[Run], after: Sequence[Run]) -> Iterator[str]:
    one, other = (total_usage(_usages(runs)) for runs in (before, after))
    calls = [sum(len(run.calls) for run in runs) for runs in (before, after)]
    for words, left, right in (
        ("calls", calls[0], calls[1]),
        ("tokens", one.tokens, other.tokens),
        ("US dollars", round(one.cost_usd, 4), round(other.cost_usd, 4)),
    ):
        if left != right:
            yield f"{words}: {left:,} → {right:,}"


def _usages(runs: Sequence[Run]) -> Iterator[Json]:
    for run in runs:
        end = next((entry for entry in run.transcript if isinstance(entry, End)), None)
        yield end.usage if end is not None and end.usage != type(end.usage)() else run.usage
