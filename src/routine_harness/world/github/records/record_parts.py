"""What records of several tables have in common, records without nested ones, and a webhook's records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.fields import names_of_kind, rows_of
from routine_harness.world.github.records.patches import count_lines
from routine_harness.world.state import World
from routine_harness.world.times import instant, iso_seconds

PEOPLE: Final = (*names_of_kind("person"), "assignee", "resolved_by")
"""Fields that hold a person; of those beside the table one is the first of a list, one a thread's."""
PEOPLE_LISTS: Final = (*names_of_kind("people"), "members")
NUMBERED: Final = ("pull", "pull_request", "issue", "pull_number", "issue_number")
TIMES: Final = names_of_kind("time")
COUNTED: Final = {
    "pull_files": "changed_files",
    "pull_commits": "commits",
    "comments": "comments",
    "review_comments": "review_comments",
}
"""Table of what hangs on a pull request or issue → the field that says how many there are."""


def seed_person(world: World, person: Json) -> tuple[World, str]:
    if isinstance(person, str):
        return world, person
    if not isinstance(person, dict) or not isinstance(person.get("login"), str):
        raise ValueError(f"expected a login, found {person!r}")
    known = user_fields(person)
    return (tables.merge(world, "users", known) if len(known) > 1 else world), person["login"]


def user_fields(person: Mapping[str, Json]) -> Record:
    return _known("user", person)


def _known(record: str, given: Mapping[str, Json]) -> Record:
    """What is known of a record's own fields."""
    return {name: given[name] for name in rows_of(record) if given.get(name) is not None}


def utc_time(field: str, text: str) -> str:
    try:
        return iso_seconds(instant(text))
    except ValueError:
        raise ValueError(f"expected a time such as 2026-05-04T09:00:00Z in {field}, found {text!r}") from None


def label_fields(label: Record) -> Record:
    return _known("label", label)


def file_row(record: Record) -> Record:
    if not isinstance(record.get("filename"), str):
        raise ValueError(f"expected a filename, found {', '.join(map(str, record))}")
    patch = record.get("patch")
    added, deleted = count_lines(patch) if isinstance(patch, str) else (0, 0)
    kept = {k: v for k, v in record.items() if not k.endswith("_url")}
    counted = {"status": "modified", "additions": added, "deletions": deleted}
    row = {**(counted if isinstance(patch, str) else {}), **kept}
    if isinstance(row.get("additions"), int) and isinstance(row.get("deletions"), int):
        row.setdefault("changes", row["additions"] + row["deletions"])
    return row


def put_commit(world: World, record: Record) -> tuple[World, str]:
    kept = {k: v for k, v in record.items() if k not in ("commit", "url", "comments_url", "stats")}
    inner = record.get("commit")
    if isinstance(inner, dict):
        author = inner.get("author") or {}
        kept["message"] = inner.get("message", "")
        kept |= {"author_name": author.get("name"), "author_email": author.get("email")}
        if author.get("date"):
            kept["date"] = utc_time("date", author["date"])
        if isinstance(inner.get("tree"), dict):
            kept["tree_sha"] = inner["tree"].get("sha")
    if isinstance(kept.get("author"), dict):  # an author without an account
        kept |= {"author_name": kept["author"].get("name"), "author_email": kept["author"].get("email")}
        kept["author"] = None
    if isinstance(kept.get("parents"), list):
        kept["parents"] = [p["sha"] if isinstance(p, dict) else p for p in kept["parents"]]
    if not kept.get("sha"):
        kept["sha"] = tables.digest("commit", kept.get("repository"), kept.get("message"), kept.get("date"))
    return tables.merge(world, "commits", kept), kept["sha"]


def comment_fields(comment: Record) -> Record:
    """A review comment with the thread it belongs to: that of what it answers, else its own."""
    kept = {k: v for k, v in comment.items() if not k.endswith("_url") or k == "html_url"}
    kept.pop("_links", None)
    if "pull_request_review_id" in kept:
        kept["review"] = kept.pop("pull_request_review_id")
    return kept


def seed_row(world: World, table: str, record: Record) -> World:
    if "id" in tables.TABLES[table] and record.get("id") is None:
        world, number = tables.next_id(world)
        record = {**record, "id": number}
    return tables.merge(world, table, record)


def seed_commit(world: World, _: str, record: Record) -> World:
    return put_commit(world, record)[0]


def seed_branch(world: World, table: str, record: Record) -> World:
    known = ("repository", "base", "files", *rows_of("branch"))
    kept = {name: value for name, value in record.items() if name in known}
    commit = record.get("commit")
    if isinstance(commit, dict):
        kept["sha"] = commit.get("sha")
        if "commit" in commit:
            world, _ = put_commit(world, {"repository": record.get("repository"), **commit})
    return tables.merge(world, table, kept)


def seed_tag(world: World, table: str, record: Record) -> World:
    kept = {k: v for k, v in record.items() if not k.endswith("_url") and k != "commit"}
    if isinstance(record.get("commit"), dict):
        kept["sha"] = record["commit"].get("sha")
    return tables.merge(world, table, kept)


def seed_job(world: World, table: str, record: Record) -> World:
    kept = {k: v for k, v in record.items() if not k.endswith("_url") or k == "html_url"}
    if "log" in kept:
        kept["logs"] = kept.pop("log")
    return seed_row(world, table, kept)


def seed_me(world: World, table: str, record: Record) -> World:
    world, login = seed_person(world, record)
    return tables.put(world, table, {"login": login})


def seed_settings(world: World, table: str, record: Record) -> World:
    return tables.merge(world, table, record)


_PEOPLE = ("sender", "assignee", "requested_reviewer")


def payload_data(payload: Mapping[str, Json]) -> Record:
    """The records of a webhook's body: repository, pull request, issue, release, label, people.

    Empty for a body that names no repository (a fire request, a manual start).
    """
    repository = payload.get("repository")
    if not isinstance(repository, Mapping) or not isinstance(repository.get("full_name"), str):
        return {}
    full_name = repository["full_name"]
    tables: dict[str, list[Json]] = {"repositories": [dict(repository)]}
    for field in _PEOPLE:
        person = payload.get(field)
        if isinstance(person, Mapping) and isinstance(person.get("login"), str):
            tables.setdefault("users", []).append(user_fields(person))
    for field, table in (("label", "labels"), ("milestone", "milestones")):
        if isinstance(payload.get(field), Mapping):
            tables.setdefault(table, []).append({**payload[field], "repository": full_name})
    for field, table in (("pull_request", "pulls"), ("issue", "issues"), ("release", "releases")):
        record = payload.get(field)
        if isinstance(record, Mapping):
            tables.setdefault(table, []).extend(_item(payload, field, record, full_name))
    return {"github": tables}


def _item(payload: Mapping[str, Json], field: str, record: Mapping[str, Json], full_name: str) -> list[Json]:
    """The record that the event is about, unless the event is that it is gone."""
    if payload.get("action") in ("deleted", "transferred") and field in ("issue", "release"):
        return []
    return [{**record, "repository": full_name}]
