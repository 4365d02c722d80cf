"""The few fields of a webhook body that triggers look at, as narrow structs.

``fires`` converts a parsed body into them, ``backtest`` decodes a line straight into them and skips
the other ten kilobytes; the filters read these structs and nothing else. ``UNSET`` is a field that
the event does not carry, which is not the same as null.
"""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from routine_harness.plain import Record


class Account(msgspec.Struct, gc=False):
    login: str | None = None


class Label(msgspec.Struct, gc=False):
    name: str | None = None


class RepositoryRef(msgspec.Struct, gc=False):
    """A repository inside a payload; archives of the slim schema give ``id`` and ``name`` only."""

    id: int | UnsetType = UNSET
    full_name: str | UnsetType = UNSET
    name: str | UnsetType = UNSET


class BranchRef(msgspec.Struct, gc=False):
    """The head or the base of a pull request; ``repo`` is null where the fork is gone."""

    ref: str | UnsetType = UNSET
    sha: str | UnsetType = UNSET
    repo: RepositoryRef | UnsetType | None = UNSET


class PullRequest(msgspec.Struct, gc=False):
    number: int | UnsetType = UNSET
    title: str | UnsetType | None = UNSET
    body: str | UnsetType | None = UNSET
    user: Account | UnsetType | None = UNSET
    base: BranchRef | UnsetType = UNSET
    head: BranchRef | UnsetType = UNSET
    labels: list[Label] | UnsetType | None = UNSET
    draft: bool | UnsetType = UNSET
    merged: bool | UnsetType | None = UNSET
    merged_at: str | UnsetType | None = UNSET
    created_at: str | UnsetType | None = UNSET
    updated_at: str | UnsetType | None = UNSET
    closed_at: str | UnsetType | None = UNSET


class Issue(msgspec.Struct, gc=False):
    number: int | UnsetType = UNSET
    title: str | UnsetType | None = UNSET
    body: str | UnsetType | None = UNSET
    user: Account | UnsetType | None = UNSET
    labels: list[Label] | UnsetType | None = UNSET
    created_at: str | UnsetType | None = UNSET
    updated_at: str | UnsetType | None = UNSET
    closed_at: str | UnsetType | None = UNSET


class Release(msgspec.Struct, gc=False):
    name: str | UnsetType | None = UNSET
    tag_name: str | UnsetType = UNSET
    body: str | UnsetType | None = UNSET
    author: Account | UnsetType | None = UNSET
    created_at: str | UnsetType | None = UNSET
    published_at: str | UnsetType | None = UNSET


class Payload(msgspec.Struct, gc=False):
    """A webhook body, as far as triggers and statistics read it."""

    action: str | UnsetType | None = UNSET
    pull_request: PullRequest | UnsetType | None = UNSET
    issue: Issue | UnsetType | None = UNSET
    release: Release | UnsetType | None = UNSET
    repository: RepositoryRef | UnsetType | None = UNSET
    sender: Account | UnsetType | None = UNSET


class Arrival(msgspec.Struct, gc=False):
    """One event in the narrow form: ``name`` is qualified, ``at`` in seconds since the epoch or 0."""

    name: str
    payload: Payload
    at: int = 0
    id: str = ""


def narrow(payload: Record) -> Payload:
    """The narrow form of a parsed webhook body.

    Raises:
        ValueError: a field that triggers read has a type that no webhook gives it.
    """
    try:
        return msgspec.convert(payload, Payload)
    except msgspec.ValidationError as error:
        raise ValueError(f"no webhook looks like this: {error}") from error
