"""What GraphQL reaches from a record: the people, items, commits and lists that hang on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.github.graphql.connections import connection, not_found
from routine_harness.world.github.graphql.graphql_kinds import GROUPS, KINDS, closing
from routine_harness.world.github.operations.commits import checks_of, latest_statuses
from routine_harness.world.github.operations.contents import files_at, history, resolve_ref
from routine_harness.world.github.operations.issue_lists import list_issues
from routine_harness.world.github.operations.nodes import Node
from routine_harness.world.github.operations.operation import (
    Arguments,
    Incomplete,
)
from routine_harness.world.github.operations.pulls import (
    commits_of,
    list_pulls,
)
from routine_harness.world.github.operations.releases import list_releases
from routine_harness.world.github.operations.review_comments import list_threads
from routine_harness.world.github.operations.reviews import reviews_of
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.derived import git_author, label_row
from routine_harness.world.state import World

Resolver = Callable[[World, Record, Arguments], Json]


def user(login: Json) -> Node | None:
    """Who has a login, as whatever GitHub shows an actor."""
    if not login:
        return None
    if str(login).endswith("[bot]"):
        return Node("Bot", {"login": str(login).removesuffix("[bot]")})
    return Node("User", {"login": login})


def assignees_of(_: World, row: Record, __: Arguments) -> list[Node]:
    return [Node("User", {"login": login}) for login in row.get("assignees") or ()]


def record_at(world: World, where: Arguments) -> Node | None:
    """The issue or pull request that arguments name."""
    for table, kind in (("pulls", "PullRequest"), ("issues", "Issue")):
        row = tables.get(world, table, where.get("repository"), where.get("number"))
        if row is not None and not row.get("pull_request"):
            return Node(kind, row)
    return None


def nodes_of(kind: str, rows: Iterable[Record]) -> list[Node]:
    return [Node(kind, row) for row in rows]


def labels_of(world: World, row: Record, _: Arguments) -> list[Node]:
    named = (label_row(world, row["repository"], name) for name in row.get("labels") or ())
    return [Node("Label", {"repository": row["repository"], **label}) for label in named]


def shown_reviews(world: World, row: Record, given: Arguments) -> list[Node]:
    states, author = given.get("states"), given.get("author")
    return [
        Node("PullRequestReview", review)
        for review in reviews_of(world, row)
        if (not states or review["state"] in states) and author in (None, review["user"])
    ]


def latest_by_person(world: World, row: Record, *, opinions: bool) -> list[Node]:
    latest = {
        review["user"]: review
        for review in reviews_of(world, row)
        if review["state"] != "PENDING" and not (opinions and review["state"] == "COMMENTED")
    }
    return nodes_of("PullRequestReview", latest.values())


def review_requests(_: World, row: Record, __: Arguments) -> list[Record]:
    teams = [Node("Team", {"name": one.get("slug"), **one}) for one in row.get("requested_teams") or ()]
    people = [Node("User", {"login": login}) for login in row.get("requested_reviewers") or ()]
    return [{"requestedReviewer": one} for one in [*people, *teams]]


def closing_items(world: World, row: Record, _: Arguments) -> list[Node]:
    kind, table = ("Issue", "issues") if "head" in row else ("PullRequest", "pulls")
    listed = closing(world, row, None)
    rows = (tables.get(world, table, row["repository"], one["number"]) for one in listed)
    return [Node(kind, one) for one in rows if one is not None]


def threads_of(world: World, row: Record, _: Arguments) -> list[Node]:
    return nodes_of("PullRequestReviewThread", list_threads(world, _where(row)).rows)


def _where(row: Record) -> Arguments:
    return {"repository": row["repository"], "number": row["number"]}


def pull_of(world: World, row: Record, _: Arguments) -> Node | None:
    found = tables.get(world, "pulls", row["repository"], row["number"])
    return None if found is None else Node("PullRequest", found)


def repository_of(world: World, row: Record, _: Arguments) -> Node | None:
    found = tables.get(world, "repositories", row["repository"])
    return None if found is None else Node("Repository", found)


def milestone_of(world: World, row: Record, _: Arguments) -> Node | None:
    found = (
        tables.get(world, "milestones", row["repository"], row.get("milestone"))
        if row.get("milestone")
        else None
    )
    return None if found is None else Node("Milestone", found)


def reaction_groups(world: World, row: Record, _: Arguments) -> list[Record]:
    """All eight kinds of reaction, as GitHub lists them."""
    counted = {one["content"]: one["users"] for one in KINDS["reactions"](world, row, None)}
    users = {name: counted.get(name, {"totalCount": 0}) for name in GROUPS.values()}
    return [{"content": name, "users": users[name], "reactors": users[name]} for name in users]


def auto_merge_of(_: World, row: Record, __: Arguments) -> Record | None:
    wish = row.get("auto_merge")
    if not wish:
        return None
    return {
        "mergeMethod": str(wish.get("merge_method") or "merge").upper(),
        "enabledBy": user(wish.get("enabled_by")), "enabledAt": wish.get("enabled_at"),
    }  # fmt: skip


def commit(repository: str, sha: Json, row: Record | None = None) -> Node | None:
    """A commit; one that the world knows by its id alone has nothing else."""
    return None if not sha else Node("Commit", {"repository": repository, "sha": sha, **(row or {})})


def commit_at(name: str) -> Resolver:
    def found(world: World, row: Record, _: Arguments) -> Node | None:
        return commit(
            row["repository"], row.get(name), tables.get(world, "commits", row["repository"], row.get(name))
        )

    return found


def ref_at(side: str) -> Resolver:
    def found(world: World, row: Record, _: Arguments) -> Node | None:
        repository = row["repository"] if side == "base" else row["head_repository"]
        return ref_node(world, repository, row[side])

    return found


def ref_node(world: World, repository: str, name: str) -> Node | None:
    tag = name.startswith("refs/tags/")
    bare = name.removeprefix("refs/heads/").removeprefix("refs/tags/")
    row = tables.get(world, "tags" if tag else "branches", repository, bare)
    kind = "tags" if tag else "heads"
    return None if row is None else Node("Ref", {**row, "ref": f"refs/{kind}/{bare}"})


_SHA: Final = re.compile(r"[0-9a-f]{40}\Z")


def object_of(world: World, row: Record, given: Arguments) -> Node | None:
    """What an expression names: ``HEAD:path`` is a file, a revision a commit."""
    repository = row["full_name"]
    revision, colon, path = str(given.get("expression") or given.get("oid") or "").partition(":")
    revision = row["default_branch"] if revision in ("", "HEAD") else revision
    if not colon:
        sha = revision if _SHA.match(revision) else resolve_ref(world, repository, revision)
        found = tables.get(world, "commits", repository, sha) if sha else None
        return commit(repository, sha, found) if found is not None or not _SHA.match(revision) else None
    tree = files_at(world, repository, revision)
    if tree is None:
        raise Incomplete(f"the files of {repository}")
    content = tree.get(path)
    if content is None:
        return None
    return Node("Blob", {"repository": repository, "path": path, "content": content})


def history_of(world: World, row: Record, _: Arguments) -> list[Node]:
    return nodes_of("Commit", history(world, row["repository"], row["sha"])[0])


_BAD: Final = ("FAILURE", "TIMED_OUT", "CANCELLED", "ACTION_REQUIRED", "STARTUP_FAILURE", "STALE")


def rollup_at(sha: str) -> Resolver:
    """The checks and statuses of a commit; nothing where there are none."""

    def found(world: World, row: Record, _: Arguments) -> Record | None:
        repository, at = row["repository"], row.get(sha)
        contexts = [
            *nodes_of("CheckRun", checks_of(world, repository, str(at))),
            *nodes_of("StatusContext", latest_statuses(world, repository, str(at))),
        ]
        if not contexts:
            return None
        states = {_state(one) for one in contexts}
        state = "FAILURE" if "FAILURE" in states else "PENDING" if "PENDING" in states else "SUCCESS"
        return {"state": state, "contexts": lambda _, given: connection("contexts", contexts, given)}

    return found


def _state(node: Node) -> str:
    if node.type == "StatusContext":
        state = str(node.row["state"]).upper()
        return "FAILURE" if state == "ERROR" else state
    if node.row.get("status") != "completed":
        return "PENDING"
    return "FAILURE" if str(node.row.get("conclusion")).upper() in _BAD else "SUCCESS"


def check_suite(_: World, row: Record, __: Arguments) -> Record | None:
    name = row.get("workflow_name")
    return {"workflowRun": {"event": row.get("event"), "workflow": {"name": name}} if name else None}


def git_actor(_: World, row: Record, __: Arguments) -> Record:
    return {**git_author(row), "user": user(row.get("author"))}


def pulls_of_repository(world: World, row: Record, given: Arguments) -> list[Node]:
    states = given.get("states") or ["OPEN", "CLOSED", "MERGED"]
    rows = list_pulls(world, {"repository": row["full_name"], "state": "all", **_order(given)}).rows
    labels = {label.lower() for label in given.get("labels") or ()}
    return [
        Node("PullRequest", pull)
        for pull in rows
        if KINDS["state"](world, pull, pull["state"]) in states
        and given.get("headRefName") in (None, pull["head"])
        and given.get("baseRefName") in (None, pull["base"])
        and (not labels or labels & {label.lower() for label in pull["labels"]})
    ]


def issues_of_repository(world: World, row: Record, given: Arguments) -> list[Node]:
    chosen = given.get("filterBy") or {}
    states = given.get("states") or chosen.get("states") or ["OPEN", "CLOSED"]
    asked = {
        "repository": row["full_name"], "state": "all", "labels": given.get("labels") or chosen.get("labels"),
        "any_label": True, "assignee": chosen.get("assignee"), "creator": chosen.get("createdBy"),
        "mentioned": chosen.get("mentioned"), "since": chosen.get("since"),
        "milestone": chosen.get("milestone"),
        **_order(given),
    }  # fmt: skip
    rows = list_issues(world, asked).rows
    return nodes_of("Issue", (issue for issue in rows if str(issue["state"]).upper() in states))


def _order(given: Arguments) -> Arguments:
    """GraphQL lists the oldest first where it is not told otherwise."""
    order = given.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
    return {"sort": order["field"].lower().removesuffix("_at"), "direction": order["direction"].lower()}


def item_numbered(kind: str, article: str) -> Resolver:
    def found(world: World, row: Record, given: Arguments) -> Node:
        node = record_at(world, {"repository": row["full_name"], "number": given["number"]})
        if node is None and (tables.get(world, "issues", row["full_name"], given["number"]) or {}).get(
            "pull_request"
        ):
            raise Incomplete(f"the branches of {row['full_name']}#{given['number']}")
        if node is None or kind not in ("", node.type):
            raise not_found(f"{article} with the number of {given['number']}")
        return node

    return found


def record_named(table: str, kind: str, argument: str) -> Resolver:
    def found(world: World, row: Record, given: Arguments) -> Node | None:
        rows = tables.of_repository(world, table, row["full_name"])
        names = {"label": "name", "tagName": "tag_name"}
        one = next((one for one in rows if one[names.get(argument, argument)] == given[argument]), None)
        return None if one is None else Node(kind, one)

    return found


def refs_of(world: World, row: Record, given: Arguments) -> list[Node]:
    tags = given["refPrefix"].startswith("refs/tags/")
    rows = tables.of_repository(world, "tags" if tags else "branches", row["full_name"])
    kind, wanted = ("tags" if tags else "heads"), given.get("query") or ""
    return [
        Node("Ref", {**one, "ref": f"refs/{kind}/{one['name']}"}) for one in rows if wanted in one["name"]
    ]


def releases_of(world: World, row: Record, _: Arguments) -> list[Node]:
    return nodes_of("Release", list_releases(world, {"repository": row["full_name"]}).rows)


def latest_release(world: World, row: Record, _: Arguments) -> Node | None:
    return next((one for one in releases_of(world, row, {}) if KINDS["latest"](world, one.row, None)), None)


def collaborators_of(world: World, row: Record, _: Arguments) -> list[Node]:
    rows = tables.of_repository(world, "collaborators", row["full_name"])
    return [Node("User", {"login": one["login"]}) for one in rows]


def owner_of(_: World, row: Record, __: Arguments) -> Node:
    kind = "Organization" if row.get("owner_type") == "Organization" else "User"
    return Node(kind, {"login": row["owner"]})


def lock_reason(_: World, row: Record, __: Arguments) -> str | None:
    return re.sub(r"\W", "_", str(row.get("active_lock_reason") or "").upper()) or None


def comments_of_review(world: World, row: Record, _: Arguments) -> list[Record]:
    rows = tables.rows(world, "review_comments", "number", row["number"], row["repository"])
    return [one for one in rows if one.get("review") == row["id"]]


def commits_of_pull(world: World, row: Record, _: Arguments) -> list[Record]:
    return [
        {"commit": Node("Commit", one), "url": f"{row['html_url']}/commits/{one['sha']}"}
        for one in commits_of(world, row)
    ]


def parents_of(world: World, row: Record, _: Arguments) -> list[Node | None]:
    place = row["repository"]
    return [commit(place, sha, tables.get(world, "commits", place, sha)) for sha in row.get("parents") or ()]


def labels_named(world: World, row: Record, given: Arguments) -> list[Record]:
    wanted = (given.get("query") or "").lower()
    return [
        one
        for one in tables.of_repository(world, "labels", row["full_name"])
        if wanted in one["name"].lower()
    ]


def replied_to(world: World, row: Record) -> Node | None:
    found = tables.get(world, "review_comments", row["repository"], row.get("in_reply_to_id"))
    return None if found is None else Node("PullRequestReviewComment", found)
