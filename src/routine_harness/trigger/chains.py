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
from routine_harness.trigger.event import Event
from routine_harness.trigger.facts import Facts, event_of, possible
from routine_harness.trigger.match import Match, MatchOutcome, match_routine

SENT: Final[dict[str, tuple[str, ...]]] = {
    "pull_request.created": ("pull_request.opened",),
    "pull_request.merged": ("pull_request.closed",),
    "pull_request.closed": ("pull_request.closed",),
    "pull_request.reopened": ("pull_request.reopened",),
    "branch.pushed": ("pull_request.synchronize",),
    "ticket.created": ("issues.opened",),
    "release.created": ("release.created", "release.published", "release.released"),
    "release.updated": ("release.edited",),
    "release.deleted": ("release.deleted",),
    "review.requested": ("pull_request.review_requested",),
}
"""Kind of effect → the events that GitHub sends for it; of a push, if a pull request is open."""

_UPDATED: Final = {"ticket.updated": "issues", "pull_request.updated": "pull_request"}
_CHANGES: Final[tuple[tuple[str, Any, str], ...]] = (
    ("title", None, "edited"),
    ("body", None, "edited"),
    ("base", None, "edited"),
    ("labels", None, "labeled"),
    ("assignees", None, "assigned"),
    ("milestone", None, "milestoned"),
    ("state", "closed", "closed"),
    ("state", "open", "reopened"),
    ("draft", True, "converted_to_draft"),
    ("draft", False, "ready_for_review"),
)
"""What an update changes (of a field: to what) → the action that GitHub sends for it."""

_UNTOLD: Final = ("unlabeled", "unassigned", "locked", "unlocked")
"""What an update may have done that tells none of its changes."""

_ASSUMED: Final = "depends on undocumented: chained_fires"
_TOLD: Final = (("title", "title"), ("body", "body"), ("base_branch", "base"), ("repository", "repository"))
_FIELDS: Final = frozenset(Facts.__struct_fields__)


Rules = Edition | Mapping[str, Edition]
"""The edition that holds for all routines, or that of each by its name."""


class Act(msgspec.Struct, frozen=True):
    """What a routine does: an effect's kind and normalised fields, on GitHub."""

    routine: str
    kind: str
    fields: dict[str, Any] = {}


class Sent(msgspec.Struct, frozen=True):
    """An event that GitHub sends for an act; ``certain`` is false where the act leaves open whether."""

    event: Event
    certain: bool = True


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
    """The loops among routines, each from its first name in order of the alphabet, the shortest first."""
    following: dict[str, set[str]] = {}
    for link in links:
        following.setdefault(link.source, set()).add(link.target)
    loops = {loop for start in following for loop in _paths(start, (start,), following)}
    return tuple(sorted(loops, key=lambda loop: (len(loop), loop)))


def check_chains(
    routines: Sequence[Routine], acts: Iterable[Act], rules: Rules, me: str
) -> tuple[Finding, ...]:
    """A warning for each chain, an error for each loop."""
    links = find_chains(routines, acts, rules, me)
    known = {routine.name: routine for routine in routines}
    found = [_loop(loop, links, known) for loop in find_loops(links)]
    looping = {pair for loop in find_loops(links) for pair in zip(loop, (*loop[1:], loop[0]), strict=True)}
    found += [_chain(link, known) for link in links if (link.source, link.target) not in looping]
    if any(_edition(rules, routine.name).settings["chained_fires"].assumed for routine in routines):
        found = [msgspec.structs.replace(each, detail=(*each.detail, _ASSUMED)) for each in found]
    return tuple(found)


def sent_by(act: Act, edition: Edition, me: str) -> Iterator[Sent]:
    """The events that GitHub sends for an act; each carries what the act tells, and nothing more.

    A record that the act creates is known whole. Of one that was there, author and labels are not
    known, unless its branch says that a routine made it (``edition.push``).
    """
    told = _told(act, edition, me)
    for name, certain in _names(act):
        facts = Facts(name, **{field: value for field, value in told.items() if field in _FIELDS})
        known = {*told, "is_merged"} if name.startswith("pull_request.") and _settles(act, name) else told
        yield Sent(event_of(facts, f"{act.routine}: {act.kind}", tuple(known)), certain)


def _edition(rules: Rules, routine: str) -> Edition:
    return rules if isinstance(rules, Edition) else rules[routine]


def _names(act: Act) -> Iterator[tuple[str, bool]]:
    """The qualified names of what is sent, and whether it certainly is."""
    fields, category = act.fields, _UPDATED.get(act.kind)
    if category is not None:
        actions = dict.fromkeys(
            action
            for field, value, action in _CHANGES
            if fields.get(field) is not None and value in (None, fields[field])
        )
        for action in actions or _UNTOLD:
            yield f"{category}.{action}", bool(actions)
        if "labeled" in actions and category == "issues":
            yield "pull_request.labeled", False  # to GitHub's issue tools a pull request is an issue
    for name in SENT.get(act.kind, ()):
        # of a push it is not known whether its branch has an open pull request
        yield from ((each, act.kind != "branch.pushed") for each in _released(name, fields))
        if fields.get("labels") and name.endswith(".opened"):
            yield f"{name.partition('.')[0]}.labeled", True


def _released(name: str, fields: Mapping[str, Any]) -> tuple[str, ...]:
    """A draft of a release is only created, and one before it is ``prereleased``."""
    if name in ("release.published", "release.released") and fields.get("draft"):
        return ()
    return ("release.prereleased",) if name == "release.released" and fields.get("prerelease") else (name,)


def _told(act: Act, edition: Edition, me: str) -> dict[str, Any]:
    """The filter fields that an act tells, by name."""
    fields, told = act.fields, dict[str, Any]()
    if act.kind.endswith(".created"):
        told |= {"author": me, "body": None, "labels": (), "is_draft": False, "is_merged": False}
    for name, field in _TOLD:
        if isinstance(fields.get(field), str):
            told[name] = fields[field]
    head = fields.get("head") or fields.get("branch")
    if isinstance(head, str):
        told["head_branch"] = head
        if head.startswith(edition.push.prefix):
            told["author"] = me
    if isinstance(fields.get("labels"), list):
        told["labels"] = tuple(str(label) for label in fields["labels"])
    if isinstance(fields.get("draft"), bool):
        told["is_draft"] = fields["draft"]
    if act.kind == "pull_request.merged":
        told["is_merged"] = True
    return told


def _settles(act: Act, name: str) -> bool:
    """Whether act and event say together if the pull request is merged."""
    return act.kind in ("pull_request.merged", "pull_request.closed") or not possible(
        Facts(name, is_merged=True)
    )


def _outcome(match: Match, sent: Sent) -> MatchOutcome:
    return "undecided" if match.outcome == "fired" and not sent.certain else match.outcome


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
        f"{link.source}: {link.act} sends {link.event}, which {_may(link)} {_named(link)}"
        for pair in pairwise(around)
        for link in links
        if (link.source, link.target) == pair
    ]
    fired = {(link.source, link.target) for link in links if link.outcome == "fired"}
    certain = fired.issuperset(pairwise(around))
    return Finding(
        code="trigger.loop",
        message=f"{' → '.join(around)} is a loop: what it does fires it again",
        severity=Severity.ERROR if certain else Severity.WARNING,
        location=_place(known[loop[0]]),
        hint="filter on the author, on a label or on the head branch (claude/)",
        detail=tuple(steps),
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
