"""What an event says in the words of the filter fields, and the webhook body that says it.

The small vocabulary in which properties and strategies think; a witness stays readable in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.trigger.event import Event

_NEVER_MERGED: Final = frozenset(
    "opened synchronize reopened converted_to_draft ready_for_review enqueued auto_merge_enabled".split()  # noqa: SIM905
)
_PLACES: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "repository": (("repository",),),
    "author": (("pull_request", "user"), ("issue", "user"), ("release", "author")),
    "title": (("pull_request", "title"), ("issue", "title"), ("release", "name")),
    "body": (("pull_request", "body"), ("issue", "body"), ("release", "body")),
    "base_branch": (("pull_request", "base", "ref"),),
    "head_branch": (("pull_request", "head", "ref"),),
    "labels": (("pull_request", "labels"), ("issue", "labels")),
    "is_draft": (("pull_request", "draft"),),
    "is_merged": (("pull_request", "merged"), ("pull_request", "merged_at")),
    "from_fork": (("pull_request", "head", "repo"),),
}
_STAMP: Final = "2026-05-04T09:00:00Z"
_INSTANT: Final = 1_777_885_200


class Facts(msgspec.Struct, frozen=True, omit_defaults=True):
    """One event, field by field; fields that its kind does not have are ignored."""

    event: str
    repository: str = "acme/core"
    author: str = "alice"
    title: str = "Add a button"
    body: str | None = "It was asked for."
    base_branch: str = "main"
    head_branch: str = "feature/button"
    labels: tuple[str, ...] = ()
    is_draft: bool = False
    is_merged: bool = False
    from_fork: bool = False

    def __repr__(self) -> str:
        """What differs from an ordinary event, so that a failing example reads at a glance."""
        told = msgspec.to_builtins(self)
        told.pop("event")
        return f"Facts({', '.join([repr(self.event), *(f'{key}={value!r}' for key, value in told.items())])})"


def possible(facts: Facts) -> bool:
    """Whether GitHub could send this: what was just opened is not merged, nothing merged is a draft."""
    category, _, action = facts.event.partition(".")
    if category != "pull_request":
        return not facts.is_merged and not facts.is_draft
    if facts.is_merged and (facts.is_draft or action in _NEVER_MERGED):
        return False
    return not (action == "ready_for_review" and facts.is_draft) and not (
        action == "converted_to_draft" and not facts.is_draft
    )


def flag_choices(event: str) -> Iterator[tuple[bool, bool]]:
    """The pairs (draft, merged) that an event of that name can have."""
    for draft in (False, True):
        for merged in (False, True):
            if possible(Facts(event, is_draft=draft, is_merged=merged)):
                yield draft, merged


def event_of(facts: Facts, source: str = "witness", told: Collection[str] | None = None) -> Event:
    """The webhook delivery that says ``facts``, in the shape that GitHub documents.

    With ``told`` it carries these fields alone, so that a filter on any other is undecided.
    """
    category, _, action = facts.event.partition(".")
    owner, _, name = facts.repository.partition("/")
    repository = {
        "id": 1,
        "name": name,
        "full_name": facts.repository,
        "private": False,
        "owner": _account(owner),
        "default_branch": "main",
        "html_url": f"https://github.com/{facts.repository}",
    }
    payload: Record = {"action": action} if action else {}
    payload |= _subject(facts, category, action, repository)
    payload |= {"repository": repository, "sender": _account(facts.author)}
    if told is not None:
        _forget(payload, told)
    return Event("github", facts.event, payload, _INSTANT, "", source)


def _subject(facts: Facts, category: str, action: str, repository: Record) -> Record:
    labels = [{"id": number, "name": name, "color": "ededed"} for number, name in enumerate(facts.labels, 1)]
    closed = _STAMP if action == "closed" or facts.is_merged else None
    subject: Record = {
        "id": 1,
        "number": 1,
        "state": "closed" if closed else "open",
        "title": facts.title,
        "body": facts.body,
        "user": _account(facts.author),
        "labels": labels,
        "created_at": _STAMP,
        "updated_at": _STAMP,
        "closed_at": closed,
    }
    if category == "issues":
        return {"issue": {**subject, "html_url": f"https://github.com/{facts.repository}/issues/1"}}
    if category == "release":
        release = {"id": 1, "tag_name": "v1", "name": facts.title, "body": facts.body, "draft": False}
        return {"release": {**release, "author": _account(facts.author), "published_at": _STAMP}}
    if category != "pull_request":
        return {}
    fork = {**repository, "id": 2, "full_name": f"{facts.author}/{repository['name']}", "fork": True}
    pull = {
        **subject,
        "html_url": f"https://github.com/{facts.repository}/pull/1",
        "draft": facts.is_draft,
        "merged": facts.is_merged,
        "merged_at": _STAMP if facts.is_merged else None,
        "base": {"ref": facts.base_branch, "sha": "b" * 40, "repo": repository},
        "head": {"ref": facts.head_branch, "sha": "a" * 40, "repo": fork if facts.from_fork else repository},
    }
    return {"number": 1, "pull_request": pull}


def _forget(payload: Record, told: Collection[str]) -> None:
    """Take out of a body that was just built what is not told."""
    for field, paths in _PLACES.items():
        for path in paths if field not in told else ():
            inner: Json = payload
            for key in path[:-1]:
                inner = inner.get(key, {})
            inner.pop(path[-1], None)


def _account(login: str) -> Record:
    return {"login": login, "id": 1, "type": "Bot" if login.endswith("[bot]") else "User"}
