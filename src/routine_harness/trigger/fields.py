"""The filter fields: what each reads from an event.

A field that the event does not carry is ``ABSENT``, and a filter on it undecided; null is a value.
Readers go by what is there and not by its class: a backtest hands in payloads that were narrowed to
the ``PATHS`` of the fields that its triggers read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import UNSET, UnsetType

from routine_harness.plain import Json
from routine_harness.predicate import ABSENT
from routine_harness.trigger.payload import Issue, Label, Payload, PullRequest

Read = Callable[[Payload], Json]


def subject_of(payload: Payload) -> PullRequest | Issue | None:
    """What the event is about and has a title: its pull request, else its issue."""
    return payload.pull_request or payload.issue or None


def repository_of(payload: Payload) -> Json:
    """``owner/name`` of the repository the event belongs to."""
    repository = payload.repository
    return _given(repository.full_name) if repository else ABSENT


def author_of(payload: Payload) -> Json:
    """The login of who opened the subject: not always who acted."""
    subject, release = subject_of(payload), payload.release
    if not subject and not release:
        return ABSENT
    account = subject.user if subject else release.author  # type: ignore[union-attr]
    return account.login if account else _given(account)


def head_branch_of(payload: Payload) -> Json:
    return _branch(payload, "head")


def base_branch_of(payload: Payload) -> Json:
    return _branch(payload, "base")


def _title(payload: Payload) -> Json:
    if subject := subject_of(payload):
        return _given(subject.title)
    return _given(payload.release.name) if payload.release else ABSENT


def _body(payload: Payload) -> Json:
    subject = subject_of(payload) or payload.release
    return _given(subject.body) if subject else ABSENT


def _labels(payload: Payload) -> Json:
    subject = subject_of(payload)
    if not subject or subject.labels is UNSET:
        return ABSENT
    labels: list[Label] = subject.labels or []
    return [label.name for label in labels if label.name is not None]


def _is_draft(payload: Payload) -> Json:
    pull = payload.pull_request
    return _given(pull.draft) if pull else ABSENT


def _is_merged(payload: Payload) -> Json:
    """``merged`` where it is given, else whether there is a time of merging."""
    pull = payload.pull_request
    if not pull:
        return ABSENT
    if isinstance(pull.merged, bool):
        return pull.merged
    return ABSENT if pull.merged_at is UNSET else pull.merged_at is not None


def _from_fork(payload: Payload) -> Json:
    """Whether head and base lie in different repositories; a head whose fork is gone came from one."""
    pull = payload.pull_request
    if not pull or not pull.head or not pull.base:
        return ABSENT
    head, base = pull.head.repo, pull.base.repo
    if head is None:
        return True
    if not head or not base:
        return ABSENT
    if head.id is not UNSET and base.id is not UNSET:
        return head.id != base.id
    return ABSENT if UNSET in (head.full_name, base.full_name) else head.full_name != base.full_name


def _branch(payload: Payload, side: str) -> Json:
    pull = payload.pull_request
    if not pull:
        return ABSENT
    branch = pull.head if side == "head" else pull.base
    return _given(branch.ref) if branch else ABSENT


def _given(value: Json) -> Json:
    return ABSENT if isinstance(value, UnsetType) else value


FIELDS: Final[dict[str, Read]] = {
    "author": author_of,
    "title": _title,
    "body": _body,
    "base_branch": base_branch_of,
    "head_branch": head_branch_of,
    "labels": _labels,
    "is_draft": _is_draft,
    "is_merged": _is_merged,
    "from_fork": _from_fork,
}
"""Filter field → what it reads."""

PATHS: Final[dict[str, tuple[str, ...]]] = {
    "author": ("pull_request.user.login", "issue.user.login", "release.author.login"),
    "title": ("pull_request.title", "issue.title", "release.name"),
    "body": ("pull_request.body", "issue.body", "release.body"),
    "base_branch": ("pull_request.base.ref",),
    "head_branch": ("pull_request.head.ref",),
    "labels": ("pull_request.labels.name", "issue.labels.name"),
    "is_draft": ("pull_request.draft",),
    "is_merged": ("pull_request.merged", "pull_request.merged_at"),
    "from_fork": tuple(
        f"pull_request.{side}.repo.{key}" for side in ("head", "base") for key in ("id", "full_name")
    ),
}
"""Filter field → where in a webhook body it stands: all that its reader looks at.

In a pull request's event the first place has the value itself, if that is one plain value.
"""

TEXT_FIELDS: Final = ("author", "title", "body", "base_branch", "head_branch", "labels")
