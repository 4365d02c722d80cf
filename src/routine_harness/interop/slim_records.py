"""Records of GitHub as a person would write them into a world: what the model has, without its addresses.

What a service sends besides (urls, node ids, nulls, flags that are off) it fills in by itself again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.registry import Registry
from routine_harness.world.table_columns import Columns

Row = tuple[str, Record]
_PULLS: Final = "github.pulls"
_REPOSITORY: Final = ("full_name", "default_branch", "description", "private", "fork", "archived", "topics")
_CHECK: Final = ("id", "name", "status", "conclusion", "head_sha", "started_at", "completed_at", "output")
_COMMIT: Final = ("sha", "message", "author", "date")
_ONLY: Final = {"repositories": _REPOSITORY, "checks": _CHECK, "pull_commits": _COMMIT, "commits": _COMMIT}
"""Table → the columns that tell something of a pull request; of the others, all that the model has."""
_OF_HEAD: Final = {"checks": ("head_sha",), "statuses": ("sha",)}
"""What stands at a pull request's head, and the column that says so."""
_LEFT_OUT: Final = ("reactions", "closed_by", "url", "repository_url", "pull_request", "events")
_PERSON: Final = {"login", "type"}
"""All that a body tells of somebody: no row is worth it."""
_MEANT: Final = ("mergeable",)
"""Flags whose no is no default."""
_IDENTIFIED: Final = ("comments", "reviews", "review_comments", "threads", "checks", "statuses", "releases")


def slim_world(rows: Iterable[Row], registry: Registry) -> Record:
    """``rows`` (full table name and record) as a world, what belongs to a pull request inside it."""
    columns: dict[str, Columns | None] = {}
    world: dict[str, dict[str, list[Record]]] = {}
    pulls: dict[tuple[Json, Json], Record] = {}
    for name, record in rows:
        connector, _, table = name.partition(".")
        if connector not in columns:
            columns[connector] = getattr(registry.get(connector), "columns", None)
        known = columns[connector]
        slim = _slim(table, record, known) if known is not None else dict(record)
        key = (slim.get("repository"), slim.get("number"))
        if name == _PULLS and key in pulls:
            pulls[key].update({field: value for field, value in slim.items() if field not in pulls[key]})
            continue
        if name == _PULLS:
            pulls[key] = slim
        listed = world.setdefault(connector, {}).setdefault(table, [])
        if slim not in listed and slim.keys() != _PERSON:
            listed.append(slim)
    github = columns.get("github")
    if github is not None and "github" in world:
        _nest(world["github"], pulls, github)
    return {
        connector: {name: held for name, held in tables.items() if held}
        for connector, tables in world.items()
    }


def without_addresses(value: Json, columns: Columns) -> Json:
    """A webhook's body without the addresses of everything in it; pages for people stay."""
    if isinstance(value, Mapping):
        return {
            key: without_addresses(inner, columns)
            for key, inner in value.items()
            if key == "html_url" or not _is_passed_over(str(key), columns)
        }
    return [without_addresses(inner, columns) for inner in value] if isinstance(value, list) else value


def _nest(
    tables: dict[str, list[Record]], pulls: Mapping[tuple[Json, Json], Record], columns: Columns
) -> None:
    """Move what belongs to a pull request into it, under the names by which a world file says so."""
    for inside, table in columns.nested.get("pulls", {}).items():
        left: list[Record] = []
        for record in tables.get(table, []):
            pull = pulls.get((record.get("repository"), record.get("number"))) or _of_head(record, pulls)
            if pull is None:
                left.append(record)
                continue
            dropped = ("repository", "number", *_OF_HEAD.get(table, ()))
            own = {key: value for key, value in record.items() if key not in dropped}
            pull.setdefault(inside, []).append(own)
        if table in tables:
            tables[table] = left


def _of_head(record: Record, pulls: Mapping[tuple[Json, Json], Record]) -> Record | None:
    """The pull request at whose head a check or status stands."""
    sha = record.get("head_sha") or record.get("sha")
    own = (pull for pull in pulls.values() if sha and pull.get("head_sha") == sha)
    return next((pull for pull in own if pull.get("repository") == record.get("repository")), None)


def _slim(table: str, record: Record, columns: Columns) -> Record:
    record = _flat_commit(record) if "commit" in record and table in ("pull_commits", "commits") else record
    known, nested = columns.by_table.get(table, {}), columns.nested.get(table, {})
    slim: Record = {}
    for key, value in record.items():
        if table == "pulls" and key in ("head", "base") and isinstance(value, Mapping):
            slim |= _side(key, value, record)
            continue
        is_count = key in nested and not isinstance(value, list)
        if key not in known or is_count or key in _LEFT_OUT or _is_passed_over(key, columns):
            continue
        if key == "id" and table not in _IDENTIFIED:
            continue
        if key not in _ONLY.get(table, (key, "repository", "number")) and key not in ("repository", "number"):
            continue
        said = _plain(value)
        if said in (None, "", [], {}) or (said is False and key not in _MEANT):
            continue
        slim[key] = said
    where = {"repository": slim.pop("repository")} if "repository" in slim else {}
    return {**where, **slim}


def _side(name: str, side: Mapping[str, Json], pull: Record) -> Record:
    repo = side.get("repo")
    full_name = repo.get("full_name") if isinstance(repo, Mapping) else None
    told: Record = {name: side.get("ref"), f"{name}_sha": side.get("sha")}
    if name == "head" and full_name and full_name != pull.get("repository"):
        told["head_repository"] = full_name
    return {key: value for key, value in told.items() if value}


def _flat_commit(record: Record) -> Record:
    """A commit of the REST API in the words of a world file."""
    inner: Mapping[str, Json] = record["commit"] if isinstance(record["commit"], Mapping) else {}
    named = inner.get("author")
    author: Mapping[str, Json] = named if isinstance(named, Mapping) else {}
    person = record.get("author")
    login = person.get("login") if isinstance(person, Mapping) else None
    return {
        **{key: value for key, value in record.items() if key not in ("commit", "author")},
        "message": inner.get("message"), "author": login or author.get("name"), "date": author.get("date"),
    }  # fmt: skip


def _plain(value: Json) -> Json:
    """A person by the login, a label by its name, lists of them likewise."""
    if isinstance(value, Mapping):
        if "login" in value:
            return value["login"]
        if "name" in value and "color" in value:
            return value["name"]
        kept = {key: _plain(inner) for key, inner in value.items() if not key.endswith("_url")}
        return {key: inner for key, inner in kept.items() if inner not in (None, "", [], {})}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _is_passed_over(key: str, columns: Columns) -> bool:
    return any(fnmatchcase(key, pattern) for pattern in columns.passed_over)
