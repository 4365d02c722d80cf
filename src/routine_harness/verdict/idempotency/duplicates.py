"""Records that were made twice: the finding that shows both, and the check that is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from routine_harness.finding import Finding, Location
from routine_harness.session.run import Run
from routine_harness.verdict.idempotency.identity import Likeness, Record, records_of
from routine_harness.verdict.idempotency.lost_markers import lost_marker
from routine_harness.verdict.idempotency.matters import Matters
from routine_harness.verdict.idempotency.side_by_side import lay_out, side_by_side
from routine_harness.verdict.rerun import Allowed
from routine_harness.verdict.words import clip
from routine_harness.world.effect import Effect

COUNTED_ONCE: Final = (
    "ticket",
    "message",
    "draft",
    "comment",
    "review",
    "pull_request",
    "document",
    "release",
)
"""Nouns of which two alike in one run are a mistake; a branch is pushed to as often as one likes."""


class Terms(msgspec.Struct, frozen=True, eq=False):
    """On what terms a pair is judged: what the case allows, how strictly, by which identity, and
    where findings point to."""

    allow: tuple[Allowed, ...] = ()
    strict: bool = False
    identity: Mapping[str, tuple[str, ...]] = {}
    location: Location | None = None


def duplicates_within(run: Run, terms: Terms) -> Iterator[Finding]:
    """Records that one run has made twice."""
    made = [effect for effect in run.applied if effect.noun in COUNTED_ONCE]
    earlier, looks = Matters(terms.identity, sure=True), first_looks(run)
    for record in records_of(made):
        twin = earlier.twin(record)
        if twin is not None:
            yield duplicate_finding(*twin, record, terms, (run, run), looks)
        earlier.add(record)


def duplicate_finding(
    earlier: Record,
    likeness: Likeness,
    later: Record,
    terms: Terms,
    runs: tuple[Run, Run],
    looks: Mapping[str, int],
) -> Finding:
    """``looks`` are those of the second of ``runs`` (``first_looks``)."""
    first, second = runs
    calls: tuple[int, ...] = (later.effect.call,)
    name = _own_name(earlier, later)
    known = name or f"that of call {earlier.effect.call}{'' if first is second else ' of run 1'}"
    if first is second:
        calls = (earlier.effect.call, *calls)
        when = f"run {first.number} made both"
    else:
        when = "run 2 made it again"
    message = f"{_named(later.effect)} duplicates {known}: {when}"
    rows = side_by_side(
        (f"run {first.number}, call {earlier.effect.call}", earlier.effect),
        (f"run {second.number}, call {later.effect.call}", later.effect),
        likeness.fields,
        likeness.shared,
    )
    lost = lost_marker(earlier.effect, first, later.effect, second)
    if lost is not None:
        marker = clip(lost.marker, _MARKER)
        likewise = (
            f"; its marker {marker} was stripped when call {lost.call} read it through GitHub's MCP server"
        )
        hint = _VISIBLE.format(marker=marker)
    else:
        likewise = ""
        hint = propose_check(later.effect, likeness) + _looked_before(second, later.effect, looks)
    return Finding(
        code="idempotency.duplicate",
        message=f"{message}; alike by {likeness}{likewise}",
        location=terms.location,
        hint=hint,
        detail=lay_out(rows),
        run=second.number,
        calls=calls,
        data={
            "fields": list(likeness.fields),
            "shared": list(likeness.shared),
            "first_call": earlier.effect.call,
            "same_as": name or f"call {earlier.effect.call}",
            "records": [list(row) for row in rows],
            **({"lost_marker": lost.marker, "read_by": lost.call} if lost is not None else {}),
        },
    )


_MARKER: Final = 40
_VISIBLE: Final = (
    'know it by a line that shows ("Routine: NAME"), a title, a label or its author, or read it by REST '
    "(gh api): {marker} is never given back"
)


_UNNAMED: Final = ("message", "comment", "review", "reaction")
"""What has no name of its own that a reader would know."""


def _named(effect: Effect) -> str:
    """``SEC-2``, ``the pull request acme/core#43``, ``the message to #dev``."""
    noun = effect.noun.replace("_", " ")
    if effect.noun == "message" and effect.target:
        return f"the message to {effect.target}"
    if effect.noun in _UNNAMED and effect.target:
        return f"the {noun} on {effect.target}"
    if effect.noun == "ticket" and effect.target:
        return effect.target
    return f"the {noun} {effect.target}".rstrip()


def _own_name(earlier: Record, later: Record) -> str:
    """The name of the earlier record; empty where it has none, or the later one bears it too."""
    effect = earlier.effect
    return "" if effect.noun in _UNNAMED or effect.target == later.effect.target else effect.target


def propose_check(effect: Effect, likeness: Likeness) -> str:
    """The missing check in words: what to look for before writing."""
    by = f"that names {likeness.shared[0]}" if likeness.shared else f"with this {_main_field(likeness)}"
    place = effect.fields.get("channel") or effect.fields.get("on") or ""
    return _CHECKS.get(effect.noun, "look for {a} {noun} {by} before making one").format(
        a="an" if effect.noun[0] in "aeiou" else "a",
        noun=effect.noun.replace("_", " "),
        by=by,
        place=place or "there",
    )


_CHECKS: Final = {
    "ticket": "look for an open ticket {by} before creating one",
    "message": "read {place} for a message {by} before posting one",
    "draft": "list the drafts and look for one {by} before making another",
    "comment": "read the comments on {place} for one of its own before writing another",
    "review": "read the reviews that are there before submitting another",
    "pull_request": "look for an open pull request {by} before opening one",
    "document": "search for a document {by} before creating one",
    "branch": "list the branches before creating one",
}


def first_looks(run: Run) -> dict[str, int]:
    """For each connector that the run has read, the number of the first call that did."""
    looks: dict[str, int] = {}
    for number, record in enumerate(run.calls, 1):
        if record.reads and not record.result.is_error:
            looks.setdefault(record.call.connector, number)
    return looks


def _looked_before(run: Run, effect: Effect, looks: Mapping[str, int]) -> str:
    """Says so where the run had read nothing of the connector before it wrote."""
    if looks.get(effect.connector, effect.call) < effect.call:
        return ""
    return f" (run {run.number} read nothing of {effect.connector or 'the outside'} before)"


def _main_field(likeness: Likeness) -> str:
    known = ("title", "text", "wording", "body", "head", "branch", "tag", "name")
    return next((field for field in known if field in likeness.fields), likeness.fields[-1])
