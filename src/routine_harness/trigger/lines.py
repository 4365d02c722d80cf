"""One line of an archive in any form, decoded narrowly, → arrival.

The same forms as ``arrivals``, without their bulk: GH Archive in both schemas, deliveries, raw
webhook bodies, and flat records with one key for each filter field.
"""

from __future__ import annotations

import functools

import msgspec
from msgspec import UNSET, UnsetType

from routine_harness.plain import Json, Record
from routine_harness.trigger.arrivals import id_text, lowered, parse_instant, subject_times, unformed
from routine_harness.trigger.payload import (
    Account,
    Arrival,
    BranchRef,
    Issue,
    Label,
    Payload,
    PullRequest,
    Release,
    RepositoryRef,
)
from routine_harness.trigger.webhooks import ARCHIVE_TYPES, UNTOLD, body_kind


class ArchiveRepo(msgspec.Struct, gc=False):
    id: int | UnsetType = UNSET
    name: str | UnsetType = UNSET


class Line(msgspec.Struct, gc=False):
    """The keys of every form side by side; a line has those of one."""

    id: str | int | None = None
    type: str | None = None
    payload: Payload | str | UnsetType | None = UNSET
    repo: ArchiveRepo | UnsetType | None = UNSET
    actor: Account | str | UnsetType | None = UNSET
    created_at: str | float | UnsetType | None = UNSET
    # a delivery
    event: str | None = None
    headers: Record | None = None
    body: Payload | str | UnsetType | None = UNSET
    request: Record | None = None
    guid: str | None = None
    delivered_at: str | float | UnsetType | None = UNSET
    name: Json = None
    timestamp: Json = None
    at: Json = None
    # a raw webhook body
    action: str | UnsetType | None = UNSET
    pull_request: PullRequest | UnsetType | None = UNSET
    issue: Issue | UnsetType | None = UNSET
    release: Release | UnsetType | None = UNSET
    repository: RepositoryRef | str | UnsetType | None = UNSET
    sender: Account | UnsetType | None = UNSET
    # a flat record
    author: str | UnsetType | None = UNSET
    title: str | UnsetType | None = UNSET
    base_branch: str | UnsetType = UNSET
    head_branch: str | UnsetType = UNSET
    labels: tuple[str, ...] | UnsetType = UNSET
    is_draft: bool | UnsetType = UNSET
    is_merged: bool | UnsetType = UNSET
    from_fork: bool | UnsetType = UNSET


class ArchiveLine(msgspec.Struct, gc=False):
    """A line of GH Archive as it is meant to be; any other form fails to decode."""

    id: str
    type: str
    actor: Account
    repo: ArchiveRepo
    payload: Payload
    created_at: str


class FlatLine(msgspec.Struct, gc=False):
    """A flat record as it is meant to be; any other form fails to decode."""

    id: str
    event: str
    created_at: str
    repository: str
    type: None = None
    actor: str | UnsetType | None = UNSET
    author: str | UnsetType | None = UNSET
    title: str | UnsetType | None = UNSET
    body: str | UnsetType | None = UNSET
    base_branch: str | UnsetType = UNSET
    head_branch: str | UnsetType = UNSET
    labels: tuple[str, ...] | UnsetType = UNSET
    is_draft: bool | UnsetType = UNSET
    is_merged: bool | UnsetType = UNSET
    from_fork: bool | UnsetType = UNSET


@functools.lru_cache(maxsize=4096)
def archive_name(kind: str, action: Json) -> str:
    """The qualified name of a GH Archive event; one whose type nobody knows keeps the type as name."""
    category = ARCHIVE_TYPES.get(kind, kind)
    if category == "pull_request" and action == "merged":
        action = "closed"
    return f"{category}.{action}" if isinstance(action, str) and action else category


def archived_payload(line: Line | ArchiveLine) -> Payload:
    """The webhook's view of a GH Archive line: repository and sender put in, ``merged`` told."""
    payload = line.payload
    if not payload or isinstance(payload, str):
        return Payload()
    if line.repo:
        payload.repository = RepositoryRef(id=line.repo.id, full_name=line.repo.name)
    if isinstance(line.actor, Account):
        payload.sender = line.actor
    pull = payload.pull_request
    if pull:
        if payload.action == "merged":
            payload.action, pull.merged = "closed", True
        elif payload.action == "closed" and pull.merged is UNSET and pull.title is UNSET:
            pull.merged = False if pull.merged_at is UNSET else pull.merged
    return payload


def arrival_of(line: Line) -> Arrival | None:
    """The arrival that a line is, or None where it has no form that is known."""
    if line.type and isinstance(line.repo, ArchiveRepo) and line.payload is not UNSET:
        action = line.payload.action if isinstance(line.payload, Payload) else None
        name = archive_name(line.type, action)
        return Arrival(name, archived_payload(line), parse_instant(line.created_at or None), id_text(line.id))
    if isinstance(line.repository, str):
        return _flat(line)
    if line.payload is not UNSET or line.body is not UNSET or line.request is not None:
        return _delivery(line)
    return _raw(line)


def _flat(line: Line) -> Arrival | None:
    if not line.event:
        return None
    return Arrival(line.event, flat_payload(line), parse_instant(line.created_at or None), id_text(line.id))


def flat_payload(line: Line | FlatLine) -> Payload:
    """A flat record as a webhook body: one key for each filter field."""
    category, _, action = (line.event or "").partition(".")
    repository = RepositoryRef(full_name=line.repository) if isinstance(line.repository, str) else None
    author = Account(line.author) if line.author is not UNSET else UNSET
    labels = [Label(name) for name in line.labels] if line.labels is not UNSET else UNSET
    body = line.body if isinstance(line.body, str | None) else UNSET
    payload = Payload(action=action or UNSET, repository=repository)
    if isinstance(line.actor, str):
        payload.sender = Account(line.actor)
    if category == "pull_request":
        same = RepositoryRef(id=0)
        head_repo = UNSET if line.from_fork is UNSET else RepositoryRef(id=1) if line.from_fork else same
        payload.pull_request = PullRequest(
            title=line.title,
            body=body,
            user=author,
            base=BranchRef(ref=line.base_branch, repo=same),
            head=BranchRef(ref=line.head_branch, repo=head_repo),
            labels=labels,
            draft=line.is_draft,
            merged=line.is_merged,
        )
    elif category == "issues":
        payload.issue = Issue(title=line.title, body=body, user=author, labels=labels)
    elif category == "release":
        payload.release = Release(name=line.title, body=body, author=author)
    return payload


def _delivery(line: Line) -> Arrival | None:
    request = line.request or {}
    headers = lowered(line.headers or request.get("headers"))
    body: Json = line.payload if isinstance(line.payload, Payload | str) else line.body
    if line.payload is UNSET and line.body is UNSET:
        body = msgspec.convert(request.get("payload"), Payload)
    if isinstance(body, str):
        body = msgspec.json.decode(unformed(body), type=Payload)
    name = headers.get("x-github-event") or line.event or line.name
    if not isinstance(body, Payload):
        return None
    if not isinstance(name, str) or not name:
        inner = _raw_payload(body)
        name = inner and inner.partition(".")[0]
    if not name:
        return None
    if "." not in name and isinstance(body.action, str):
        name = f"{name}.{body.action}"
    at = parse_instant(
        line.delivered_at or line.created_at or headers.get("date") or line.timestamp or line.at
    )
    identity = headers.get("x-github-delivery") or line.guid or line.id
    return Arrival(name, body, at or body_instant(body), id_text(identity))


def _raw(line: Line) -> Arrival | None:
    repository = line.repository if isinstance(line.repository, RepositoryRef) else UNSET
    payload = Payload(line.action, line.pull_request, line.issue, line.release, repository, line.sender)
    name = _raw_payload(payload)
    return Arrival(name, payload, body_instant(payload)) if name else None


def _raw_payload(payload: Payload) -> str | None:
    present = {key: True for key in ("pull_request", "issue", "release") if getattr(payload, key)}
    name = body_kind(present) or (UNTOLD if payload.repository or payload.sender else None)
    return f"{name}.{payload.action}" if name and isinstance(payload.action, str) else name


def body_instant(payload: Payload) -> int:
    """When it happened, as far as a body without headers tells."""
    subject: Json = payload.pull_request or payload.issue or payload.release
    if not subject:
        return 0
    values = (getattr(subject, name, None) for name in subject_times(payload.action))
    return next((at for value in values if (at := parse_instant(value or None))), 0)
