"""The closed list of effect kinds and the fields that each may carry.

Expectations, policies and the guard are checked against it, so that a misspelt kind or field
is an error that names the nearest known one.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

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


def _kinds(noun: str, verbs: str, fields: str) -> dict[str, tuple[str, ...]]:
    return {f"{noun}.{verb}": (*COMMON_FIELDS, *fields.split()) for verb in verbs.split()}


KINDS: Final[dict[str, tuple[str, ...]]] = {
    **_kinds("ticket", "created updated deleted", _TICKET),
    **_kinds("message", "posted updated deleted scheduled", _MESSAGE),
    **_kinds("draft", "created updated deleted", _MESSAGE),
    **_kinds("comment", "created updated deleted", _COMMENT),
    **_kinds("reaction", "added removed", _REACTION),
    **_kinds("pull_request", "created updated merged closed reopened", _PULL),
    **_kinds("auto_merge", "enabled disabled", _PULL),
    **_kinds("review", "created submitted approved deleted dismissed requested", _REVIEW),
    **_kinds("thread", "resolved unresolved", _COMMENT),
    **_kinds("branch", "created pushed deleted", _BRANCH),
    **_kinds("commit", "created", _BRANCH),
    **_kinds("tag", "created pushed deleted", _TAG),
    **_kinds("release", "created updated deleted", _RELEASE),
    **_kinds("label", "created updated deleted", _LABEL),
    **_kinds("document", "created updated deleted moved shared", _DOCUMENT),
    **_kinds("project", "created updated deleted", _PLAN),
    **_kinds("milestone", "created updated deleted", _PLAN),
    **_kinds("status_update", "created updated deleted", _PLAN),
    **_kinds("attachment", "created deleted", _DOCUMENT),
    **_kinds("file", "uploaded deleted changed", _DOCUMENT),
    **_kinds("channel", "created updated", _MESSAGE),
    **_kinds("list", "created updated", _RESOURCE),
    **_kinds("workflow", "started rerun cancelled deleted enabled disabled", _RUN),
    **_kinds("repository", "created updated deleted forked starred unstarred", _REPOSITORY),
    **_kinds("repository", "visibility_changed transferred archived unarchived added", _REPOSITORY),
    **_kinds("protection", "updated deleted", _RIGHT),
    **_kinds("ruleset", "created updated deleted", _RIGHT),
    **_kinds("collaborator", "added removed", _RIGHT),
    **_kinds("key", "added deleted", _RIGHT),
    **_kinds("webhook", "created updated deleted", _RIGHT),
    **_kinds("secret", "created deleted leaked", _SETTING),
    **_kinds("variable", "created deleted", _SETTING),
    **_kinds("gist", "created updated deleted", _DOCUMENT),
    **_kinds("notification", "updated sent", _RESOURCE),
    **_kinds("event", "created updated deleted", f"{_EVENT} {_RESOURCE}"),
    **_kinds("monitor", "created updated deleted", _RESOURCE),
    **_kinds("package", "published deleted", _RESOURCE),
    **_kinds("infrastructure", "changed deleted", _RESOURCE),
    **_kinds("access", "granted revoked", _RESOURCE),
    **_kinds("analysis", "started", _RESOURCE),
    **_kinds("session", "created", _RESOURCE),
    **_kinds("routine", "created updated deleted fired", _RESOURCE),
    **_kinds("schedule", "created deleted", _RESOURCE),
    **_kinds("wakeup", "created", _RESOURCE),
    **_kinds("artifact", "published shared", _RESOURCE),
    **_kinds("check", "created", _CHECK),
    **_kinds("customer", "created updated", _RESOURCE),
    **_kinds("http", "requested", _HTTP),
    **_kinds("graphql", "mutated", _GRAPHQL),
    **_kinds("command", "undecided opaque", _COMMAND),
    **_kinds("tool", "called", "arguments"),
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

TEXT_FIELDS: Final = ("title", "body", "text", "description", "commits", "commit_title", "commit_message",
                      "message", "diff", "command")  # fmt: skip
"""The fields that hold words for people; ``text`` under ``effect: '*'`` means any of these."""

PLURALS: Final = {
    "tickets": ("ticket.created",),
    "messages": ("message.posted",),
    "comments": ("comment.created",),
    "pull_requests": ("pull_request.created",),
    "branches": ("branch.created", "branch.pushed"),
    "documents": ("document.created", "document.updated"),
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
