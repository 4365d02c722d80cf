"""What the acts of one routine would fire, in others or in itself; loops are named."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

import msgspec

from routine_harness.finding import Finding, Location, Severity
from routine_harness.routine.edition import Edition
from routine_harness.routine.spec import Routine
from routine_harness.trigger.acts import Act, Sent, sent_by
from routine_harness.trigger.match import Match, MatchOutcome, match_routine

_ASSUMED: Final = "depends on undocumented: chained_fires"
Rules = Edition | Mapping[str, Edition]
"""The edition that holds for all routines, or that of each by its name."""


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


def find_chains(routines: Sequence[Routine], acts: Iterable[Act], rules: Rules, me: str) -> tuple[Link, ...]:
    """Every trigger that an act of a routine would fire; ``me`` is the account all of them act as."""
    links = {
        Link(act.routine, act.kind, sent.event.name, routine.name, match.trigger, _outcome(match, sent)): None
        for act in acts
        for sent in sent_by(act, _edition(rules, act.routine), me)
        for routine in routines
        if _edition(rules, routine.name).setting("chained_fires")
        for match in match_routine(routine, sent.event, _edition(rules, routine.name))
        if match.outcome != "skipped"
    }
    return tuple(links)


def find_loops(links: Iterable[Link]) -> tuple[tuple[str, ...], ...]:
    """The loops among routines, each from its first name in order of the alphabet, the shortest first.

    Of the loops that a link is part of the shortest is told: many routines that all fire each other
    make more loops than anyone could read.
    """
    following: dict[str, set[str]] = {}
    for link in links:
        following.setdefault(link.source, set()).add(link.target)
    found = {
        _turned(path)
        for source, targets in following.items()
        for target in targets
        if (path := _shortest(target, source, following))
    }
    return tuple(sorted(found, key=lambda loop: (len(loop), loop)))


def check_chains(
    routines: Sequence[Routine], acts: Iterable[Act], rules: Rules, me: str
) -> tuple[Finding, ...]:
    """A warning for each chain, an error for each loop."""
    links = find_chains(routines, acts, rules, me)
    known = {routine.name: routine for routine in routines}
    loops = find_loops(links)
    found = [_loop(loop, links, known) for loop in loops]
    looping = {pair for loop in loops for pair in pairwise((*loop, loop[0]))}
    found += [_chain(link, known) for link in links if (link.source, link.target) not in looping]
    if any(_edition(rules, routine.name).settings["chained_fires"].assumed for routine in routines):
        found = [msgspec.structs.replace(each, detail=(*each.detail, _ASSUMED)) for each in found]
    return tuple(found)


def _edition(rules: Rules, routine: str) -> Edition:
    return rules if isinstance(rules, Edition) else rules[routine]


def _outcome(match: Match, sent: Sent) -> MatchOutcome:
    return "undecided" if match.outcome == "fired" and not sent.certain else match.outcome


def _shortest(start: str, end: str, following: Mapping[str, set[str]]) -> tuple[str, ...]:
    """The names on a shortest way from ``start`` to ``end``, both included; none if there is no way."""
    ways: deque[tuple[str, ...]] = deque([(start,)])
    seen = {start}
    while ways:
        way = ways.popleft()
        if way[-1] == end:
            return way
        for target in sorted(following.get(way[-1], set()) - seen):
            seen.add(target)
            ways.append((*way, target))
    return ()


def _turned(loop: tuple[str, ...]) -> tuple[str, ...]:
    first = loop.index(min(loop))
    return (*loop[first:], *loop[:first])


def _loop(loop: tuple[str, ...], links: Sequence[Link], known: Mapping[str, Routine]) -> Finding:
    around = (*loop, loop[0])
    steps = [
        f"{link.source}: {link.act} sends {link.event}, which {_may(link)} {_named(link)}"
        for pair in pairwise(around)
        for link in links
        if (link.source, link.target) == pair
    ]
    fired = {(link.source, link.target) for link in links if link.outcome == "fired"}
    certain = fired.issuperset(pairwise(around))
    fires = ((k.target, k.trigger) for k in links if (k.source, k.target) in set(pairwise(around)))
    return Finding(
        code="trigger.loop",
        message=f"{' → '.join(around)} is a loop: what it does fires it again",
        severity=Severity.ERROR if certain else Severity.WARNING,
        location=_place(known[loop[0]]),
        hint="filter on the author, on a label or on the head branch (claude/)",
        detail=tuple(steps),
        data={"fires": list(dict.fromkeys(fires))},
    )


def _chain(link: Link, known: Mapping[str, Routine]) -> Finding:
    return Finding(
        code="trigger.chain",
        message=f"{link.act} by {link.source} {_may(link)} {_named(link)} ({link.event})",
        severity=Severity.WARNING,
        location=_place(known[link.target]),
        hint="filter on the author or the head branch if this is not meant",
    )


def _may(link: Link) -> str:
    return "fires" if link.outcome == "fired" else "may fire"


def _named(link: Link) -> str:
    return f"{link.target} trigger {(link.trigger or 0) + 1}"


def _place(routine: Routine) -> Location | None:
    source = routine.source
    return Location(source.file, source.line("triggers")) if source.file else None
