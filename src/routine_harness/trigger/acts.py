"""What a routine does on GitHub → the events that GitHub sends for it.

An act is a kind of effect with its fields, as the effect table words them; what it makes GitHub send
is told by a closed table here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.routine.edition import Edition
from routine_harness.trigger.event import Event
from routine_harness.trigger.facts import Facts, event_of, possible

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
_CHANGES: Final[tuple[tuple[str, Json, str], ...]] = (
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

_TOLD: Final = (("title", "title"), ("body", "body"), ("base_branch", "base"), ("repository", "repository"))
_FIELDS: Final = frozenset(Facts.__struct_fields__)


class Act(msgspec.Struct, frozen=True):
    """What a routine does: an effect's kind and normalised fields, on GitHub."""

    routine: str
    kind: str
    fields: Record = {}


class Sent(msgspec.Struct, frozen=True):
    """An event that GitHub sends for an act; ``certain`` is false where the act leaves open whether."""

    event: Event
    certain: bool = True


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


def _released(name: str, fields: Mapping[str, Json]) -> tuple[str, ...]:
    """A draft of a release is only created, and one before it is ``prereleased``."""
    if name in ("release.published", "release.released") and fields.get("draft"):
        return ()
    return ("release.prereleased",) if name == "release.released" and fields.get("prerelease") else (name,)


def _told(act: Act, edition: Edition, me: str) -> Record:
    """The filter fields that an act tells, by name."""
    fields, told = act.fields, Record()
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
