"""What the acts of one routine would fire, in others or in itself; loops are named.

An act is a kind of effect with its fields, as the effect table words them; what it makes GitHub send
is told by a closed table here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import msgspec

from routine_harness.finding import Finding, Location, Severity
from routine_harness.routine.edition import Edition
from routine_harness.routine.spec import Routine
from routine_harness.trigger.facts import Facts, event_of
from routine_harness.trigger.match import MatchOutcome, match_routine

SENT: Final[dict[str, tuple[str, ...]]] = {
    "pull_request.created": ("pull_request.opened",),
    "pull_request.merged": ("pull_request.closed",),
    "pull_request.closed": ("pull_request.closed",),
    "pull_request.reopened": ("pull_request.reopened",),
    "pull_request.updated": ("pull_request.edited",),
    "branch.pushed": ("pull_request.synchronize",),
    "ticket.created": ("issues.opened",),
    "ticket.updated": ("issues.edited",),
    "release.created": ("release.created", "release.published", "release.released"),
    "release.updated": ("release.edited",),
    "release.deleted": ("release.deleted",),
    "review.requested": ("pull_request.review_requested",),
}
"""Kind of effect → the events that GitHub sends for it; of a push, if a pull request is open."""

_TOLD: Final = (("title", "title"), ("body", "body"), ("base_branch", "base"), ("repository", "repository"))


class Act(msgspec.Struct, frozen=True):
    """What a routine does: an effect's kind and normalised fields, on GitHub."""

    routine: str
    kind: str
    fields: dict[str, Any] = {}


class Link(msgspec.Struct, frozen=True):
    """An act of ``source`` sends ``event``, which fires trigger ``trigger`` of ``target``.

    ``outcome`` is ``undecided`` where the act does not tell a field that a filter needs.
    """

    source: str
    act: str
    event: str
    target: str
    trigger: int | None
    outcome: MatchOutcome


def find_chains(
    routines: Sequence[Routine], acts: Iterable[Act], edition: Edition, me: str
) -> tuple[Link, ...]:
    """Every trigger that an act of a routine would fire; ``me`` is the account all of them act as."""
    if not edition.setting("chained_fires"):
        return ()
    links = {
        Link(act.routine, act.kind, facts.event, routine.name, match.trigger, match.outcome): None
        for act in acts
        for facts in sent_by(act, me)
        for routine in routines
        for match in match_routine(routine, event_of(facts, f"{act.routine}: {act.kind}"), edition)
        if match.outcome != "skipped"
    }
    return tuple(links)


def find_loops(links: Iterable[Link]) -> tuple[tuple[str, ...], ...]:
    """The loops among routines, each from its first name in order of the alphabet, the shortest first."""
    following: dict[str, set[str]] = {}
    for link in links:
        following.setdefault(link.source, set()).add(link.target)
    loops = {loop for start in following for loop in _paths(start, (start,), following)}
    return tuple(sorted(loops, key=lambda loop: (len(loop), loop)))


def check_chains(
    routines: Sequence[Routine], acts: Iterable[Act], edition: Edition, me: str
) -> tuple[Finding, ...]:
    """A warning for each chain, an error for each loop."""
    links = find_chains(routines, acts, edition, me)
    known = {routine.name: routine for routine in routines}
    found = [_loop(loop, links, known) for loop in find_loops(links)]
    looping = {pair for loop in find_loops(links) for pair in zip(loop, (*loop[1:], loop[0]), strict=True)}
    found += [_chain(link, known) for link in links if (link.source, link.target) not in looping]
    return tuple(found)


def sent_by(act: Act, me: str) -> Iterator[Facts]:
    """The events that GitHub sends for an act, as far as the act tells them."""
    fields = act.fields
    told: dict[str, Any] = {"author": me}
    for name, field in _TOLD:
        if isinstance(fields.get(field), str):
            told[name] = fields[field]
    head = fields.get("head") or fields.get("branch")
    if isinstance(head, str):
        told["head_branch"] = head
    labels = fields.get("labels")
    if isinstance(labels, list):
        told["labels"] = tuple(str(label) for label in labels)
    told["is_draft"] = fields.get("draft") is True
    told["is_merged"] = act.kind == "pull_request.merged"
    for event in SENT.get(act.kind, ()):
        yield Facts(event, **told)
        if told.get("labels") and event.endswith((".opened", ".edited")):
            yield Facts(f"{event.partition('.')[0]}.labeled", **told)
    if act.kind == "ticket.updated" and fields.get("state") == "closed":
        yield Facts("issues.closed", **told)


def _paths(start: str, path: tuple[str, ...], following: Mapping[str, set[str]]) -> Iterator[tuple[str, ...]]:
    """The loops from ``start`` through names that do not come before it: each loop once."""
    for target in sorted(following.get(path[-1], ())):
        if target == start:
            yield path
        elif target > start and target not in path:
            yield from _paths(start, (*path, target), following)


def _loop(loop: tuple[str, ...], links: Sequence[Link], known: Mapping[str, Routine]) -> Finding:
    around = (*loop, loop[0])
    steps = [
        f"{link.source}: {link.act} sends {link.event}, which fires {_named(link)}"
        for pair in pairwise(around)
        for link in links
        if (link.source, link.target) == pair
    ]
    certain = all(link.outcome == "fired" for link in links if link.source in loop and link.target in loop)
    return Finding(
        code="trigger.loop",
        message=f"{' → '.join(around)} is a loop: what it does fires it again",
        severity=Severity.ERROR if certain else Severity.WARNING,
        location=_place(known[loop[0]]),
        hint="filter on the author, on a label or on the head branch (claude/)",
        detail=tuple(steps),
    )


def _chain(link: Link, known: Mapping[str, Routine]) -> Finding:
    may = "fires" if link.outcome == "fired" else "may fire"
    return Finding(
        code="trigger.chain",
        message=f"{link.act} by {link.source} {may} {_named(link)} ({link.event})",
        severity=Severity.WARNING,
        location=_place(known[link.target]),
        hint="filter on the author or the head branch if this is not meant",
    )


def _named(link: Link) -> str:
    return f"{link.target} trigger {(link.trigger or 0) + 1}"


def _place(routine: Routine) -> Location | None:
    source = routine.source
    return Location(source.file, source.line("triggers")) if source.file else None
