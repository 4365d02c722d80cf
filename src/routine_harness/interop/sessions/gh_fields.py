"""What ``gh --json`` prints of a record → the record, by GitHub's table of fields.

Left out is what ``gh`` counts or derives itself: whether all reviewers agree, reactions, a merged state.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.github.records.fields import fields_of
from routine_harness.world.github.records.tables import user_id

TABLES: Final = {
    "pull": "pulls", "issue": "issues", "found": "issues", "repository": "repositories", "label": "labels",
    "release": "releases", "workflow": "workflows", "run": "workflow_runs",
}  # fmt: skip
"""A record that commands of ``gh`` show → the table of the world that holds it."""

_NUMBERED: Final = re.compile(r"#(?:issuecomment-|pullrequestreview-)(\d+)\Z")

Shown = Mapping[str, Json]
Read = Callable[[str, Json, Shown], Record]
"""The row's field, its value as ``gh`` shows it, and the whole that is shown → what the row has of it."""


def read_shown(record: str, shown: Shown) -> Record:
    """A ``record`` of which ``gh`` has shown these fields.

    Raises:
        AttributeError, KeyError, TypeError: it is of another make than gh's.
    """
    row: Record = {}
    for field in fields_of(record, "gh"):
        if field.name in shown:
            read = _node if field.kind.endswith("node") else _READ.get(field.kind, _plain)
            for name, value in read(field.row, shown[field.name], shown).items():
                row.setdefault(name, value)
    return row


def _plain(row: str, value: Json, _: Shown) -> Record:
    return {row: value}


def _nothing(_: str, __: Json, ___: Shown) -> Record:
    return {}


def _given(read: Callable[[Json], Json]) -> Read:
    """A field of the row that ``read`` makes of a value, where there is one."""
    return lambda row, value, _: {row: read(value)} if value else {}


def _person(one: Shown) -> Record:
    """A user; a bot is ``app/name`` to ``gh``, and ``name[bot]`` to everybody else."""
    login = str(one["login"])
    bot = login.startswith("app/")
    row = {"login": f"{login.removeprefix('app/')}[bot]" if bot else login}
    return {**row, **_node("id", one.get("id"), one), **({"name": one["name"]} if one.get("name") else {})}


def _people(several: list[Json]) -> list[Record]:
    return [_person(one) for one in several if one.get("login")]


def _requests(row: str, value: Json, _: Shown) -> Record:
    """Who is asked for a review: people, and teams, which have a slug."""
    asked: list[Json] = value or []
    teams = [
        {"name": one.get("name"), "slug": one["slug"].rpartition("/")[2]} for one in asked if "slug" in one
    ]
    return {row: _people(asked), **({"requested_teams": teams} if teams else {})}


def _node(_: str, value: Json, __: Shown) -> Record:
    """An id of GraphQL's; one in digits is the REST interface's own."""
    if not isinstance(value, str) or not value:
        return {}
    return {"id": int(value)} if value.isdecimal() and len(value) < 19 else {"node_id": value}


def _time(row: str, value: Json, _: Shown) -> Record:
    """An instant; what has not happened yet is in the year 1 to Go."""
    return {} if str(value).startswith("0001-") else {row: value}


def _upper(row: str, value: Json, _: Shown) -> Record:
    return {row: str(value).lower()} if value else {}


def _state(row: str, value: Json, _: Shown) -> Record:
    state = str(value or "")
    if state == "MERGED":
        return {row: "closed", "merged": True}
    return {row: state.lower()} if state else {}


def _mergeable(row: str, value: Json, _: Shown) -> Record:
    return {row: value == "MERGEABLE"} if value in ("MERGEABLE", "CONFLICTING") else {}


def _repository(row: str, value: Json, shown: Shown) -> Record:
    """A repository by its full name, or by its name where the owner stands beside it."""
    if not isinstance(value, dict):
        return {}
    owner = shown.get(_OWNER)
    if value.get("nameWithOwner"):
        return {row: str(value["nameWithOwner"])}
    return {row: f"{owner['login']}/{value['name']}"} if isinstance(owner, dict) and value.get("name") else {}


_OWNER: Final = next(field.name for field in fields_of("pull", "gh") if field.kind == "owner")


def _several(record: str, name: str) -> Read:
    """Records inside a record, which the row has under ``name``."""
    return lambda _, value, __: {name: [read_shown(record, one) for one in value or ()]}


def _told(record: str, name: str) -> Read:
    """Comments and reviews: their number is the one of their address, else follows from gh's id."""

    def one(shown: Shown) -> Record:
        row = {field: value for field, value in read_shown(record, shown).items() if value is not None}
        found = _NUMBERED.search(str(row.get("html_url") or ""))
        number = int(found[1]) if found is not None else row.get("id", user_id(str(row.get("node_id"))))
        return {**row, "id": number}

    return lambda _, value, __: {name: [one(shown) for shown in value or ()]}


def _headline(row: str, value: Json, shown: Shown) -> Record:
    rest = next(field.name for field in fields_of("commit", "gh") if field.kind == "rest_of_message")
    return {row: "\n\n".join(part for part in (value, shown.get(rest)) if part)}


def _authors(row: str, value: Json, _: Shown) -> Record:
    author: Shown = next(iter(value or ()), {})
    given = {row: author.get("login"), "author_name": author.get("name"), "author_email": author.get("email")}
    return {name: text for name, text in given.items() if text}


def _rollup(_: str, value: Json, shown: Shown) -> Record:
    """Check runs, whose number follows from what they are of, and statuses."""
    sha = shown.get(next(field.name for field in fields_of("pull", "gh") if field.row == "head_sha"))
    of = {"sha": sha} if sha else {}
    checks, statuses = [], []
    for one in value or ():
        if "context" in one:
            statuses.append({**read_shown("status", one), **of})
        elif "name" in one:
            row = read_shown("check", one)
            told = [sha, row.get("workflow_name"), row["name"], row.get("details_url")]
            checks.append({
                "id": user_id(" ".join(map(str, told))), **row, **({"head_sha": sha} if sha else {}),
                "html_url": row.get("details_url"),
            })  # fmt: skip
    return {"checks": checks, **({"statuses": statuses} if statuses else {})}


_READ: Final[dict[str, Read]] = {
    "author": _given(_person),
    "person": _given(_person),
    "people": _given(_people),
    "requests": _requests,
    "labels": lambda row, value, _: {row: [read_shown("label", one) for one in value or ()]},
    "milestone": _given(lambda one: read_shown("milestone", one)),
    "time": _time,
    "state": _state,
    "upper": _upper,
    "mergeable": _mergeable,
    "oid": _given(lambda commit: commit["oid"]),
    "repository": _repository,
    "named": _given(lambda one: one["name"]),
    "language": _given(lambda one: one["name"]),
    "owner_of": _given(lambda one: one["login"]),
    "shouted_visibility": lambda row, value, _: {row: str(value).upper() != "PUBLIC"} if value else {},
    "comments": _told("comment", "comments"),
    "reviews": _told("review", "reviews"),
    "files": _several("file", "files"),
    "commits": _several("commit", "commits"),
    "jobs": _several("job", "jobs"),
    "assets": _several("asset", "assets"),
    "rollup": _rollup,
    "headline": _headline,
    "authors": _authors,
    **dict.fromkeys(
        ("owner", "cross", "closed", "decision", "closing", "reactions", "latest", "never", "is_pull",
         "label_web", "rest_of_message"),
        _nothing,
    ),
}  # fmt: skip
"""Kind of field → how it is read; any other is taken as it stands."""
