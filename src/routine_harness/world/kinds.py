"""The closed list of effect kinds and the fields that each may carry.

Expectations, policies and the guard are checked against it, so that a misspelt kind or field
is an error that names the nearest known one.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import msgspec

ANY_EFFECT: Final = "*"
COMMON_FIELDS: Final = ("connector", "tool", "target", "id", "url", "author")

_TICKET = (
    "title body project team priority state state_reason labels assignee assignees milestone "
    "removed_labels removed_assignees "
    "cycle parent due_date estimate type repository number links relations reason"
)
_MESSAGE = "channel channel_id text thread at user broadcast title to cc bcc reply_to labels removed_labels"
_COMMENT = "on on_kind body reply_to repository number path line start_line side suggestion"
_PULL = (
    "repository number title body head base draft state labels assignees reviewers "
    "removed_labels removed_assignees "
    "maintainer_can_modify method commit_title commit_message milestone"
)
_REVIEW = "repository number event body commit comments reviewers"
_BRANCH = "repository branch base sha commits files force diff"
_TAG = "repository tag sha message force"
_RELEASE = "repository tag title body draft prerelease files"
_LABEL = "name color description repository team new_name"
_DOCUMENT = "title body parent project kind path properties user role"
_PLAN = "repository name title description body project team state health due_date lead"
_REACTION = "on on_kind emoji channel"
_RUN = "repository workflow run ref inputs"
_CHECK = "repository name sha state description"
_REPOSITORY = "repository name description private visibility organization"
_SETTING = "repository name environment value organization"
_RIGHT = "repository name title organization team role permission branch enforcement"
_COMMAND = "command program reason path arguments"
_HTTP = "method host path body headers"
_GRAPHQL = "name host body arguments repository number"
_EVENT = "title description calendar start end attendees location state recurrence"
_RESOURCE = "name title text body state arguments project description command program"


class Noun(msgspec.Struct, frozen=True):
    """A thing that effects are about: what can be done to it, and the fields that its effects may carry.

    ``plural`` is the expectation that counts it, ``counted`` are the verbs that count there unless an
    expectation names an ``effect``. Words are separated by spaces.
    """

    name: str
    verbs: str
    fields: str
    plural: str = ""
    counted: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Its kinds of effect, ``noun.verb``."""
        return tuple(f"{self.name}.{verb}" for verb in self.verbs.split())


NOUNS: Final = (
    Noun("ticket", "created updated deleted", _TICKET, "tickets", "created"),
    Noun("message", "posted updated deleted scheduled", _MESSAGE, "messages", "posted"),
    Noun("draft", "created updated deleted", _MESSAGE),
    Noun("comment", "created updated deleted", _COMMENT, "comments", "created"),
    Noun("reaction", "added removed", _REACTION),
    Noun("pull_request", "created updated merged closed reopened", _PULL, "pull_requests", "created"),
    Noun("auto_merge", "enabled disabled", _PULL),
    Noun(
        "review",
        "created submitted approved deleted dismissed requested",
        _REVIEW,
        "reviews",
        "submitted approved",
    ),
    Noun("thread", "resolved unresolved", _COMMENT),
    Noun("branch", "created pushed deleted", _BRANCH, "branches", "created pushed"),
    Noun("commit", "created", _BRANCH),
    Noun("tag", "created pushed deleted", _TAG),
    Noun("release", "created updated deleted", _RELEASE),
    Noun("label", "created updated deleted", _LABEL),
    Noun("document", "created updated deleted moved shared", _DOCUMENT, "documents", "created updated"),
    Noun("project", "created updated deleted", _PLAN),
    Noun("milestone", "created updated deleted", _PLAN),
    Noun("status_update", "created updated deleted", _PLAN),
    Noun("attachment", "created deleted", _DOCUMENT),
    Noun("file", "uploaded deleted changed", _DOCUMENT),
    Noun("channel", "created updated", _MESSAGE),
    Noun("list", "created updated", _RESOURCE),
    Noun("workflow", "started rerun cancelled deleted enabled disabled", _RUN),
    Noun(
        "repository",
        "created updated deleted forked starred unstarred "
        "visibility_changed transferred archived unarchived added",
        _REPOSITORY,
    ),
    Noun("protection", "updated deleted", _RIGHT),
    Noun("ruleset", "created updated deleted", _RIGHT),
    Noun("collaborator", "added removed", _RIGHT),
    Noun("key", "added deleted", _RIGHT),
    Noun("webhook", "created updated deleted", _RIGHT),
    Noun("secret", "created deleted leaked", _SETTING),
    Noun("variable", "created deleted", _SETTING),
    Noun("gist", "created updated deleted", _DOCUMENT),
    Noun("notification", "updated sent", _RESOURCE),
    Noun("event", "created updated deleted", f"{_EVENT} {_RESOURCE}"),
    Noun("monitor", "created updated deleted", _RESOURCE),
    Noun("package", "published deleted", _RESOURCE),
    Noun("infrastructure", "changed deleted", _RESOURCE),
    Noun("access", "granted revoked", _RESOURCE),
    Noun("analysis", "started", _RESOURCE),
    Noun("session", "created", _RESOURCE),
    Noun("routine", "created updated deleted fired", _RESOURCE),
    Noun("schedule", "created deleted", _RESOURCE),
    Noun("wakeup", "created", _RESOURCE),
    Noun("artifact", "published shared", _RESOURCE),
    Noun("check", "created", _CHECK),
    Noun("customer", "created updated", _RESOURCE),
    Noun("http", "requested", _HTTP),
    Noun("graphql", "mutated", _GRAPHQL),
    Noun("command", "undecided opaque", _COMMAND),
    Noun("tool", "called", "arguments"),
)
"""The closed list: a new noun, verb or field is a word here. Effects keep their fields as a mapping, because
an attempt that was refused holds what the agent passed, of any type."""

KINDS: Final[dict[str, tuple[str, ...]]] = {
    kind: (*COMMON_FIELDS, *noun.fields.split()) for noun in NOUNS for kind in noun.kinds
}
"""Kind → the fields it may carry."""

WIDER: Final = {
    "auto_merge.enabled": "pull_request.merged",
    "review.approved": "review.submitted",
    "repository.visibility_changed": "repository.updated",
    "repository.transferred": "repository.updated",
    "repository.archived": "repository.updated",
    "repository.unarchived": "repository.updated",
}
"""A kind → the wider one that it is as well: who forbids or counts that one means this one, too."""

UNREAD: Final = ("command.undecided", "command.opaque")
"""Kinds that say what reading could not tell; no act of their own, so that ``*`` leaves them out."""

_CREATING: Final = frozenset({
    "created", "posted", "scheduled", "pushed", "added", "submitted", "published", "uploaded", "sent",
    "started", "forked", "fired", "granted", "requested",
})  # fmt: skip
"""Verbs that bring something about anew."""

TEXT_FIELDS: Final = ("title", "body", "text", "description", "commits", "commit_title", "commit_message",
                      "message", "diff", "command")  # fmt: skip
"""The fields that hold words for people; ``text`` under ``effect: '*'`` means any of these."""

PLURALS: Final = {
    noun.plural: tuple(f"{noun.name}.{verb}" for verb in noun.counted.split())
    for noun in NOUNS
    if noun.plural
}
"""The expectation that counts a noun → the kinds it counts unless it names an ``effect``."""


def kinds_of_noun(plural: str) -> tuple[str, ...]:
    """All that can be done to what ``plural`` names: ``tickets`` are created, updated and deleted."""
    nouns = {kind.partition(".")[0] for kind in PLURALS[plural]}
    return tuple(
        kind for kind in KINDS if nouns & {name.partition(".")[0] for name in (kind, WIDER.get(kind, kind))}
    )


def is_of(kind: str, kinds: Collection[str]) -> bool:
    """Whether an effect of ``kind`` is one of ``kinds``: by name, as a narrower form of it, or by ``*``."""
    return kind in kinds or WIDER.get(kind) in kinds or (ANY_EFFECT in kinds and kind not in UNREAD)


def makes_record(kind: str) -> bool:
    """Whether an effect of ``kind`` brings a record about that was not there before."""
    return kind.rpartition(".")[2] in _CREATING
