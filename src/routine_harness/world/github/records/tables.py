"""The tables of a GitHub world: what keys their records, and what they answer by look-up."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from routine_harness.plain import Json, Record
from routine_harness.world.state import Key, Table, World
from routine_harness.world.times import iso_seconds
from routine_harness.world.worldfile import record_key

TABLES: Final[dict[str, tuple[str, ...]]] = {
    "me": (),
    "settings": (),
    "users": ("login",),
    "teams": ("organization", "slug"),
    "installations": ("id",),
    "repositories": ("full_name",),
    "collaborators": ("repository", "login"),
    "labels": ("repository", "name"),
    "milestones": ("repository", "number"),
    "issue_types": ("owner", "name"),
    "pull_files": ("repository", "number", "filename"),
    "pull_commits": ("repository", "number", "sha"),
    "comments": ("repository", "id"),
    "reviews": ("repository", "id"),
    "threads": ("repository", "id"),
    "review_comments": ("repository", "id"),
    "reactions": ("repository", "id"),
    "branches": ("repository", "name"),
    "tags": ("repository", "name"),
    "commits": ("repository", "sha"),
    "files": ("repository", "ref", "path"),
    "statuses": ("repository", "id"),
    "checks": ("repository", "id"),
    "workflows": ("repository", "id"),
    "workflow_runs": ("repository", "id"),
    "jobs": ("repository", "id"),
    "artifacts": ("repository", "id"),
    "releases": ("repository", "id"),
    "rulesets": ("repository", "id"),
    "issues": ("repository", "number"),
    "pulls": ("repository", "number"),
}
"""Table → the fields that key a record; one without key fields holds a single record. Seeded in
this order: what says how many comments it has comes after the comments."""

_INDEXED: Final[dict[str, tuple[str, ...]]] = {
    "issues": ("id",),
    "comments": ("number", "id"),
    "reviews": ("number",),
    "threads": ("number", "id"),
    "review_comments": ("number", "thread", "id"),
    "reactions": ("on",),
    "pull_files": ("number",),
    "pull_commits": ("number",),
    "pulls": ("head",),
    "statuses": ("sha",),
    "checks": ("head_sha",),
    "jobs": ("run_id",),
    "releases": ("tag_name",),
}

FIRST_ID: Final = 4_000_000_001
"""Where the numeric ids of what the agent creates begin; GitHub's own are of this size."""


def rows(world: World, table: str, field: str, value: Json, repository: str | None = None) -> list[Record]:
    """The records of ``table`` whose ``field`` is ``value``, in order; of one repository if given."""
    found = world.table(f"github.{table}").find(field, value)
    return found if repository is None else [row for row in found if row["repository"] == repository]


def of_repository(world: World, table: str, repository: str) -> list[Record]:
    """The records of ``table`` that belong to ``repository``, in order."""
    return world.table(f"github.{table}").find("repository", repository)


def get(world: World, table: str, *key: Any) -> Record | None:
    return world.get(f"github.{table}", key)


def put(world: World, table: str, record: Record) -> World:
    """``world`` with ``record`` under its natural key, as it stands."""
    name = f"github.{table}"
    known = world.tables.get(name)
    if known is None:
        known = Table.empty(_INDEXED.get(table, ()))
    return world.with_table(name, known.put(_key(table, record), record))


def merge(world: World, table: str, record: Record) -> World:
    """``world`` with the fields of ``record`` laid over those of the record with its key."""
    before = world.get(f"github.{table}", _key(table, record))
    if before is not None:
        record = {**before, **record}
    return world if record == before else put(world, table, record)


def default(world: World, table: str, record: Record) -> World:
    """``world`` with the fields of ``record`` where the record with its key lacks them."""
    before = world.get(f"github.{table}", _key(table, record))
    return put(world, table, record) if before is None else put(world, table, {**record, **before})


def change(world: World, table: str, record: Record, **fields: Json) -> World:
    """``world`` in which ``record`` has other ``fields``; the same world if none differs."""
    changed = {**record, **fields}
    return world if changed == record else put(world, table, changed)


def remove(world: World, table: str, record: Record) -> World:
    return world.remove(f"github.{table}", _key(table, record))


def next_id(world: World) -> tuple[World, int]:
    return world.next_id("github.id", FIRST_ID)


def now(world: World) -> str:
    return iso_seconds(world.clock)


def me(world: World) -> str:
    """The login that the agent writes as."""
    record = get(world, "me")
    return str(record["login"]) if record else DEFAULT_ME


def with_appended(world: World, text: str, name: str) -> str:
    """``text`` with what the platform's tooling appends by itself, unless it ends in that already.

    ``name`` is ``commit_trailer``, ``pull_request_footer`` or ``comment_suffix``; nothing is
    appended where the world's ``settings`` do not say so.
    """
    appended = str((get(world, "settings") or {}).get(name) or "")
    if not appended or text.endswith(appended.strip()):
        return text
    return text + appended if text else appended.strip()


DEFAULT_ME: Final = "routine-owner"


def digest(*parts: Any) -> str:
    """A commit's id: forty hexadecimal digits that depend on ``parts`` alone."""
    return hashlib.sha1(repr(parts).encode(), usedforsecurity=False).hexdigest()


def blob_sha(content: bytes) -> str:
    """The id that git gives to a file with ``content``."""
    header = b"blob %d\0" % len(content)
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()


def as_number(text: str) -> int | None:
    """The number that ``text`` spells, or None; no service has one of more than 18 digits."""
    digits = text.strip().removeprefix("-")
    return int(text) if digits.isdecimal() and len(digits) <= 18 else None


def user_id(login: str) -> int:
    """A numeric id for a user of whom only the login is known."""
    return int(hashlib.sha1(login.encode(), usedforsecurity=False).hexdigest()[:7], 16)


def _key(table: str, record: Record) -> Key:
    return record_key(TABLES[table], record)
