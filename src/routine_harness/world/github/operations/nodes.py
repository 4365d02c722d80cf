"""GitHub's node ids: the id of a record as GraphQL and ``gh --json id`` give it, and the record of an id.

An id that a recording gave is kept (``node_id``); what the agent makes gets the prefix that GitHub
gives its kind, and the record's number.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from routine_harness.plain import Record
from routine_harness.world.github.operations.operation import Refused
from routine_harness.world.github.records import tables
from routine_harness.world.state import World

_KINDS: Final = {
    "PullRequest": ("PR", "pulls"),
    "Issue": ("I", "issues"),
    "IssueComment": ("IC", "comments"),
    "PullRequestReview": ("PRR", "reviews"),
    "PullRequestReviewThread": ("PRRT", "threads"),
    "PullRequestReviewComment": ("PRRC", "review_comments"),
    "Repository": ("R", "repositories"),
    "Label": ("LA", "labels"),
    "Milestone": ("MI", "milestones"),
    "Release": ("RE", "releases"),
    "CheckRun": ("CR", "checks"),
    "StatusContext": ("SC", "statuses"),
    "Reaction": ("REA", "reactions"),
    "Team": ("T", "teams"),
    "Commit": ("C", "commits"),
    "Ref": ("REF", "branches"),
    "User": ("U", "users"),
}
"""GraphQL's type → the prefix of its ids, and the table of its records."""
_TYPES: Final = {prefix: kind for kind, (prefix, _) in _KINDS.items()}


class Node(NamedTuple):
    """One record as GraphQL sees it: its type and its row."""

    type: str
    row: Record


def node_id(kind: str, row: Record) -> str:
    """The global id of a record."""
    if row.get("node_id"):
        return str(row["node_id"])
    prefix, table = _KINDS[kind]
    if kind == "PullRequestReviewThread":
        return str(row["id"])
    if kind == "User":
        return f"{prefix}_{row['login']}"
    if kind == "Ref":
        return f"{prefix}_{row['repository']}:{row.get('ref') or 'refs/heads/' + row['name']}"
    if kind == "Commit":
        return f"{prefix}_{row['repository']}:{row['sha']}"
    key = "/".join(str(row.get(name)) for name in tables.TABLES[table])
    return f"{prefix}_{row.get('id') or tables.user_id(key)}"


def find_node(world: World, identity: str, kinds: tuple[str, ...] = ()) -> Node:
    """The record with a global id; ``kinds`` are the types that are looked for (all).

    Raises:
        Refused: there is none (404), in GitHub's words.
    """
    prefix, _, rest = identity.partition("_")
    named = _TYPES.get(prefix)
    found = _by_form(world, named, rest) if named else None
    for kind in [named] if named else kinds or _KINDS:
        found = found or _by_row(world, kind, identity)
    if found is None and named:  # a recorded id may have any form
        found = next((one for kind in _KINDS if (one := _by_row(world, kind, identity))), None)
    if found is None:
        raise no_node(identity)
    if kinds and found.type not in kinds:
        message = f"Could not resolve to {kinds[0]} node with the global id of '{identity}'."
        raise Refused(404, message, said=message)
    return found


def no_node(identity: str) -> Refused:
    message = f"Could not resolve to a node with the global id of '{identity}'"
    return Refused(404, message, said=message)


def _by_form(world: World, kind: str, rest: str) -> Node | None:
    """The record whose key stands in the id."""
    repository, _, name = rest.partition(":")
    if kind == "User":
        known = tables.get(world, "users", rest)
        return Node(kind, {"login": rest, **(known or {})}) if _is_somebody(world, rest) else None
    row: Record | None = None
    if kind == "Commit":
        row = tables.get(world, "commits", repository, name)
    elif kind == "Ref":
        tag = name.startswith("refs/tags/")
        bare = name.removeprefix("refs/tags/").removeprefix("refs/heads/")
        row = tables.get(world, "tags" if tag else "branches", repository, bare)
        row = {**row, "ref": name} if row is not None else None
    return None if row is None else Node(kind, row)


def _is_somebody(world: World, login: str) -> bool:
    """Whether the world knows a user of that name."""
    if login == tables.me(world) or tables.get(world, "users", login) is not None:
        return True
    fields = ("user", "owner", "login", "author")
    people = (
        "issues",
        "pulls",
        "comments",
        "reviews",
        "review_comments",
        "repositories",
        "collaborators",
        "commits",
    )
    return any(
        login in (row.get(field) for field in fields) or login in (row.get("assignees") or ())
        for table in people
        for row in world.table(f"github.{table}")
    )


def _by_row(world: World, kind: str, identity: str) -> Node | None:
    table = f"github.{_KINDS[kind][1]}"
    bare = tables.as_number(identity)
    for row in world.table(table):
        if row.get("node_id") == identity or node_id(kind, row) == identity:
            return Node(kind, row)
        if bare is not None and row.get("id") == bare:
            return Node(kind, row)
    return None


def place_of(world: World, node: Node) -> Record:
    """The arguments by which operations name a record."""
    row = node.row
    if node.type == "Repository":
        return {"repository": row["full_name"]}
    if node.type == "User":
        return {"login": row["login"]}
    if node.type == "Label":
        return {"repository": row["repository"], "name": row["name"]}
    if node.type == "Ref":
        ref = str(row.get("ref") or f"refs/heads/{row['name']}")
        name = "tag" if ref.startswith("refs/tags/") else "branch"
        return {"repository": row["repository"], name: row["name"]}
    where: Record = {name: row[name] for name in ("repository", "number") if name in row}
    if node.type in ("IssueComment", "PullRequestReviewComment"):
        where["comment_id"] = row["id"]
    elif node.type == "PullRequestReview":
        where["review_id"] = row["id"]
    elif node.type == "PullRequestReviewThread":
        where["thread"] = row["id"]
    return where
