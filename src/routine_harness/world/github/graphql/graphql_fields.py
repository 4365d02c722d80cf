"""Fields of GitHub's GraphQL objects that the field table does not say: connections, what hangs on a row."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from routine_harness.world.github.graphql.graphql_kinds import GROUPS, KINDS, closing, decision
from routine_harness.world.github.operations.commits import checks_of, latest_statuses
from routine_harness.world.github.operations.contents import files_at, history, resolve_ref
from routine_harness.world.github.operations.issues import child_rows, comments_of, list_issues, parent_row
from routine_harness.world.github.operations.nodes import Node, find_node, node_id
from routine_harness.world.github.operations.operation import (
    Arguments,
    Incomplete,
    Refused,
    find_repository,
)
from routine_harness.world.github.operations.pulls import (
    commits_of,
    files_of,
    list_pulls,
    list_pulls_of_commit,
)
from routine_harness.world.github.operations.releases import list_releases
from routine_harness.world.github.operations.repositories import get_user
from routine_harness.world.github.operations.review_comments import list_threads
from routine_harness.world.github.operations.reviews import reviews_of
from routine_harness.world.github.operations.search import search_repositories, search_users
from routine_harness.world.github.operations.search_items import search_issues
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.derived import WEB, git_author, label_row, user_row
from routine_harness.world.github.records.fields import fields_of
from routine_harness.world.state import Record, World

Resolver = Callable[[World, Record, Arguments], Any]
MAXIMUM: Final = 100


class Said(Exception):  # noqa: N818 - GitHub's answer, not an error of ours
    """GitHub's complaint about a field: its type and its words."""

    def __init__(self, type_: str, message: str) -> None:
        super().__init__(message)
        self.type, self.message = type_, message


def not_found(message: str) -> Said:
    return Said("NOT_FOUND", f"Could not resolve to {message}.")


# --- connections


def connection(name: str, rows: Iterable[Any], given: Arguments) -> dict[str, Any]:
    """A page of ``rows``, as ``first``, ``last``, ``after`` and ``before`` cut it."""
    listed = list(rows)
    first, last = given.get("first"), given.get("last")
    if first is None and last is None:
        message = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
        raise Said("MISSING_PAGINATION_BOUNDARIES", message)
    for bound, size in (("first", first), ("last", last)):
        if size is not None and size > MAXIMUM:
            asked = f"Requesting {size} records on the `{name}` connection"
            message = f"{asked} exceeds the `{bound}` limit of {MAXIMUM} records."
            raise Said("EXCESSIVE_PAGINATION", message)
        if size is not None and size < 0:
            raise Said(
                "INVALID_CURSOR_ARGUMENTS", f"`{bound}` on the `{name}` connection cannot be less than zero."
            )
    start, stop = _position(given.get("after"), 0), _position(given.get("before"), len(listed) + 1) - 1
    stop = max(start, min(stop, len(listed)))
    if first is not None:
        stop = min(stop, start + first)
    if last is not None:
        start = max(start, stop - last)
    page = listed[start:stop]
    edges = [{"node": row, "cursor": _cursor(at)} for at, row in enumerate(page, start + 1)]
    around = {
        "hasNextPage": stop < len(listed), "hasPreviousPage": start > 0,
        "startCursor": edges[0]["cursor"] if edges else None,
        "endCursor": edges[-1]["cursor"] if edges else None,
    }  # fmt: skip
    return {"nodes": page, "edges": edges, "totalCount": len(listed), "pageInfo": around}


def _cursor(at: int) -> str:
    return base64.b64encode(f"cursor:v2:{at}".encode()).decode()


def _position(cursor: str | None, default: int) -> int:
    if cursor is None:
        return default
    try:
        number = tables.as_number(base64.b64decode(cursor, validate=True).decode().rpartition(":")[2])
    except ValueError:
        number = None
    if number is None:
        raise Said("INVALID_CURSOR_ARGUMENTS", f"`{cursor}` does not appear to be a valid cursor.")
    return number


def _many(name: str, rows: Callable[[World, Record, Arguments], Iterable[Any]]) -> Resolver:
    return lambda world, row, given: connection(name, rows(world, row, given), given)


# --- people


def user(login: Any) -> Node | None:
    """Who has a login, as whatever GitHub shows an actor."""
    if not login:
        return None
    if str(login).endswith("[bot]"):
        return Node("Bot", {"login": str(login).removesuffix("[bot]")})
    return Node("User", {"login": login})


def _person(name: str) -> Resolver:
    return lambda _, row, __: user(row.get(name))


def _people(_: World, row: Record, __: Arguments) -> list[Node]:
    return [Node("User", {"login": login}) for login in row.get("assignees") or ()]


# --- what hangs on an item


def record_at(world: World, where: Arguments) -> Node | None:
    """The issue or pull request that arguments name."""
    for table, kind in (("pulls", "PullRequest"), ("issues", "Issue")):
        row = tables.get(world, table, where.get("repository"), where.get("number"))
        if row is not None and not row.get("pull_request"):
            return Node(kind, row)
    return None


def _as(kind: str, rows: Iterable[Record]) -> list[Node]:
    return [Node(kind, row) for row in rows]


def _labels(world: World, row: Record, _: Arguments) -> list[Node]:
    named = (label_row(world, row["repository"], name) for name in row.get("labels") or ())
    return [Node("Label", {"repository": row["repository"], **label}) for label in named]


def _reviews(world: World, row: Record, given: Arguments) -> list[Node]:
    states, author = given.get("states"), given.get("author")
    return [
        Node("PullRequestReview", review)
        for review in reviews_of(world, row)
        if (not states or review["state"] in states) and author in (None, review["user"])
    ]


def _latest(world: World, row: Record, *, opinions: bool) -> list[Node]:
    latest = {
        review["user"]: review
        for review in reviews_of(world, row)
        if review["state"] != "PENDING" and not (opinions and review["state"] == "COMMENTED")
    }
    return _as("PullRequestReview", latest.values())


def _requests(_: World, row: Record, __: Arguments) -> list[dict[str, Any]]:
    teams = [Node("Team", {"name": one.get("slug"), **one}) for one in row.get("requested_teams") or ()]
    people = [Node("User", {"login": login}) for login in row.get("requested_reviewers") or ()]
    return [{"requestedReviewer": one} for one in [*people, *teams]]


def _closing(world: World, row: Record, _: Arguments) -> list[Node]:
    kind, table = ("Issue", "issues") if "head" in row else ("PullRequest", "pulls")
    listed = closing(world, row, None)
    rows = (tables.get(world, table, row["repository"], one["number"]) for one in listed)
    return [Node(kind, one) for one in rows if one is not None]


def _threads(world: World, row: Record, _: Arguments) -> list[Node]:
    return _as("PullRequestReviewThread", list_threads(world, _where(row)).rows)


def _where(row: Record) -> Arguments:
    return {"repository": row["repository"], "number": row["number"]}


def _pull(world: World, row: Record, _: Arguments) -> Node | None:
    found = tables.get(world, "pulls", row["repository"], row["number"])
    return None if found is None else Node("PullRequest", found)


def _repository(world: World, row: Record, _: Arguments) -> Node | None:
    found = tables.get(world, "repositories", row["repository"])
    return None if found is None else Node("Repository", found)


def _milestone(world: World, row: Record, _: Arguments) -> Node | None:
    found = (
        tables.get(world, "milestones", row["repository"], row.get("milestone"))
        if row.get("milestone")
        else None
    )
    return None if found is None else Node("Milestone", found)


def _groups(world: World, row: Record, _: Arguments) -> list[dict[str, Any]]:
    """All eight kinds of reaction, as GitHub lists them."""
    counted = {one["content"]: one["users"] for one in KINDS["reactions"](world, row, None)}
    users = {name: counted.get(name, {"totalCount": 0}) for name in GROUPS.values()}
    return [{"content": name, "users": users[name], "reactors": users[name]} for name in users]


def _auto_merge(_: World, row: Record, __: Arguments) -> dict[str, Any] | None:
    wish = row.get("auto_merge")
    if not wish:
        return None
    return {
        "mergeMethod": str(wish.get("merge_method") or "merge").upper(),
        "enabledBy": user(wish.get("enabled_by")), "enabledAt": wish.get("enabled_at"),
    }  # fmt: skip


# --- commits and checks


def commit(repository: str, sha: Any, row: Record | None = None) -> Node | None:
    """A commit; one that the world knows by its id alone has nothing else."""
    return None if not sha else Node("Commit", {"repository": repository, "sha": sha, **(row or {})})


def _commit(name: str) -> Resolver:
    def found(world: World, row: Record, _: Arguments) -> Node | None:
        return commit(
            row["repository"], row.get(name), tables.get(world, "commits", row["repository"], row.get(name))
        )

    return found


def _ref(side: str) -> Resolver:
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


def _object(world: World, row: Record, given: Arguments) -> Node | None:
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


def _history(world: World, row: Record, _: Arguments) -> list[Node]:
    return _as("Commit", history(world, row["repository"], row["sha"])[0])


_BAD: Final = ("FAILURE", "TIMED_OUT", "CANCELLED", "ACTION_REQUIRED", "STARTUP_FAILURE", "STALE")


def _rollup(sha: str) -> Resolver:
    """The checks and statuses of a commit; nothing where there are none."""

    def found(world: World, row: Record, _: Arguments) -> dict[str, Any] | None:
        repository, at = row["repository"], row.get(sha)
        contexts = [
            *_as("CheckRun", checks_of(world, repository, str(at))),
            *_as("StatusContext", latest_statuses(world, repository, str(at))),
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


def _suite(_: World, row: Record, __: Arguments) -> dict[str, Any] | None:
    name = row.get("workflow_name")
    return {"workflowRun": {"event": row.get("event"), "workflow": {"name": name}} if name else None}


def _git_actor(_: World, row: Record, __: Arguments) -> dict[str, Any]:
    return {**git_author(row), "user": user(row.get("author"))}


# --- repositories


def _pulls(world: World, row: Record, given: Arguments) -> list[Node]:
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


def _issues(world: World, row: Record, given: Arguments) -> list[Node]:
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
    return _as("Issue", (issue for issue in rows if str(issue["state"]).upper() in states))


def _order(given: Arguments) -> Arguments:
    """GraphQL lists the oldest first where it is not told otherwise."""
    order = given.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
    return {"sort": order["field"].lower().removesuffix("_at"), "direction": order["direction"].lower()}


def _numbered(kind: str, article: str) -> Resolver:
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


def _named(table: str, kind: str, argument: str) -> Resolver:
    def found(world: World, row: Record, given: Arguments) -> Node | None:
        rows = tables.of_repository(world, table, row["full_name"])
        names = {"label": "name", "tagName": "tag_name"}
        one = next((one for one in rows if one[names.get(argument, argument)] == given[argument]), None)
        return None if one is None else Node(kind, one)

    return found


def _refs(world: World, row: Record, given: Arguments) -> list[Node]:
    tags = given["refPrefix"].startswith("refs/tags/")
    rows = tables.of_repository(world, "tags" if tags else "branches", row["full_name"])
    kind, wanted = ("tags" if tags else "heads"), given.get("query") or ""
    return [
        Node("Ref", {**one, "ref": f"refs/{kind}/{one['name']}"}) for one in rows if wanted in one["name"]
    ]


def _releases(world: World, row: Record, _: Arguments) -> list[Node]:
    return _as("Release", list_releases(world, {"repository": row["full_name"]}).rows)


def _latest_release(world: World, row: Record, _: Arguments) -> Node | None:
    return next((one for one in _releases(world, row, {}) if KINDS["latest"](world, one.row, None)), None)


def _collaborators(world: World, row: Record, _: Arguments) -> list[Node]:
    rows = tables.of_repository(world, "collaborators", row["full_name"])
    return [Node("User", {"login": one["login"]}) for one in rows]


def _owner(_: World, row: Record, __: Arguments) -> Node:
    kind = "Organization" if row.get("owner_type") == "Organization" else "User"
    return Node(kind, {"login": row["owner"]})


def _default(name: str, value: Any) -> Resolver:
    return lambda _, row, __: row.get(name, value)


def _node(kind: str) -> Resolver:
    return lambda _, row, __: node_id(kind, row)


def _minimized(_: World, row: Record, __: Arguments) -> bool:
    return bool(row.get("minimized"))


def _lock_reason(_: World, row: Record, __: Arguments) -> str | None:
    return re.sub(r"\W", "_", str(row.get("active_lock_reason") or "").upper()) or None


_SHARED: Final[dict[str, Resolver]] = {
    "databaseId": _default("id", None),
    "author": _person("user"),
    "authorAssociation": lambda _, row, __: row.get("author_association") or "NONE",
    "url": _default("html_url", None),
    "createdAt": _default("created_at", None),
    "updatedAt": _default("updated_at", None),
    "body": lambda _, row, __: row.get("body") or "",
    "bodyText": lambda _, row, __: row.get("body") or "",
    "repository": _repository,
    "labels": _many("labels", _labels),
    "assignees": _many("assignees", _people),
    "milestone": _milestone,
    "locked": lambda _, row, __: bool(row.get("locked")),
    "activeLockReason": _lock_reason,
    "reactionGroups": _groups,
    "isMinimized": _minimized,
    "minimizedReason": _default("minimized", None),
    "viewerDidAuthor": lambda world, row, __: row.get("user") == tables.me(world),
    "pullRequest": _pull,
    "comments": _many("comments", lambda world, row, _: _as("IssueComment", comments_of(world, row))),
    "closedAt": _default("closed_at", None),
}  # fmt: skip
"""Fields that several types have."""

FIELDS: Final[dict[str, dict[str, Resolver]]] = {
    "Issue": {
        "subIssues": _many("subIssues", lambda world, row, _: _as("Issue", child_rows(world, row))),
        "parent": lambda world, row, _: (found := parent_row(world, row)) and Node("Issue", found),
        "closedByPullRequestsReferences": _many("closedByPullRequestsReferences", _closing),
        "stateReason": lambda _, row, __: (
            str(row["state_reason"]).upper() if row.get("state_reason") else None
        ),
    },
    "PullRequest": {
        "merged": lambda _, row, __: bool(row.get("merged")),
        "mergeCommit": _commit("merge_commit_sha"),
        "mergedBy": _person("merged_by"),
        "mergeStateStatus": lambda _, row, __: str(row.get("mergeable_state") or "unknown").upper(),
        "reviewDecision": lambda world, row, _: decision(world, row, None) or None,
        "baseRef": _ref("base"),
        "headRef": _ref("head"),
        "headRepository": lambda world, row, _: (
            row.get("head_repository") and _repository(world, {"repository": row["head_repository"]}, {})
        ),
        "headRepositoryOwner": lambda _, row, __: user(
            str(row.get("head_repository") or "").partition("/")[0]
        ),
        "autoMergeRequest": _auto_merge,
        "reviews": _many("reviews", _reviews),
        "latestReviews": _many("latestReviews", lambda world, row, _: _latest(world, row, opinions=False)),
        "latestOpinionatedReviews": _many(
            "latestOpinionatedReviews", lambda world, row, _: _latest(world, row, opinions=True)
        ),
        "reviewRequests": _many("reviewRequests", _requests),
        "reviewThreads": _many("reviewThreads", _threads),
        "commits": _many(
            "commits",
            lambda world, row, _: [
                {"commit": Node("Commit", one), "url": f"{row['html_url']}/commits/{one['sha']}"}
                for one in commits_of(world, row)
            ],
        ),
        "files": _many("files", lambda world, row, _: _as("PullRequestChangedFile", files_of(world, row))),
        "closingIssuesReferences": _many("closingIssuesReferences", _closing),
        "statusCheckRollup": _rollup("head_sha"),
    },
    "PullRequestReview": {
        "commit": _commit("commit_id"),
        "createdAt": _default("submitted_at", None),
        "comments": _many(
            "comments",
            lambda world, row, _: _as(
                "PullRequestReviewComment",
                (
                    one
                    for one in tables.rows(
                        world, "review_comments", "number", row["number"], row["repository"]
                    )
                    if one.get("review") == row["id"]
                ),
            ),
        ),
    },
    "PullRequestReviewThread": {
        "isResolved": lambda _, row, __: bool(row.get("is_resolved")),
        "isOutdated": lambda _, row, __: bool(row.get("is_outdated")),
        "isCollapsed": lambda _, row, __: bool(row.get("is_resolved")),
        "resolvedBy": _person("resolved_by"),
        "viewerCanResolve": lambda _, row, __: not row.get("is_resolved"),
        "subjectType": lambda _, row, __: "LINE" if row.get("line") else "FILE",
        "diffSide": _default("side", "RIGHT"),
        "path": _default("path", None),
        "line": _default("line", None),
        "originalLine": lambda _, row, __: row.get("original_line") or row.get("line"),
        "startLine": _default("start_line", None),
        "comments": _many(
            "comments",
            lambda world, row, _: _as(
                "PullRequestReviewComment",
                tables.rows(world, "review_comments", "thread", row["id"], row["repository"]),
            ),
        ),
    },
    "PullRequestReviewComment": {
        "fullDatabaseId": lambda _, row, __: str(row["id"]),
        "path": _default("path", None),
        "line": _default("line", None),
        "originalLine": lambda _, row, __: row.get("original_line") or row.get("line"),
        "startLine": _default("start_line", None),
        "diffHunk": _default("diff_hunk", None),
        "outdated": lambda _, row, __: row.get("line") is None and bool(row.get("original_line")),
        "replyTo": lambda world, row, _: _replied(world, row),
        "pullRequestReview": lambda world, row, _: (
            (found := tables.get(world, "reviews", row["repository"], row.get("review")))
            and Node("PullRequestReview", found)
        ),
    },
    "Commit": {
        "oid": _default("sha", None),
        "abbreviatedOid": lambda _, row, __: str(row["sha"])[:7],
        "message": _default("message", None),
        "author": _git_actor,
        "committer": _git_actor,
        "authors": _many("authors", lambda world, row, given: [_git_actor(world, row, given)]),
        "url": lambda _, row, __: row.get("html_url") or f"{WEB}/{row['repository']}/commit/{row['sha']}",
        "additions": lambda _, row, __: (row.get("stats") or {}).get("additions"),
        "deletions": lambda _, row, __: (row.get("stats") or {}).get("deletions"),
        "changedFilesIfAvailable": lambda _, row, __: (
            len(row["files"]) if row.get("files") is not None else None
        ),
        "parents": _many(
            "parents",
            lambda world, row, _: [
                commit(row["repository"], sha, tables.get(world, "commits", row["repository"], sha))
                for sha in row.get("parents") or ()
            ],
        ),
        "history": _many("history", _history),
        "statusCheckRollup": _rollup("sha"),
        "associatedPullRequests": _many(
            "associatedPullRequests",
            lambda world, row, _: _as(
                "PullRequest",
                list_pulls_of_commit(world, {"repository": row["repository"], "sha": row["sha"]}).rows,
            ),
        ),
    },
    "Blob": {
        "id": lambda _, row, __: f"B_{row['repository']}:{row['path']}",
        "text": lambda _, row, __: row["content"] if isinstance(row["content"], str) else None,
        "isBinary": lambda _, row, __: not isinstance(row["content"], str),
        "byteSize": lambda _, row, __: len(
            row["content"].encode() if isinstance(row["content"], str) else row["content"]
        ),
        "oid": lambda _, row, __: tables.blob_sha(
            row["content"].encode() if isinstance(row["content"], str) else row["content"]
        ),
    },
    "Ref": {
        "name": _default("name", None),
        "prefix": lambda _, row, __: (
            "refs/tags/" if str(row.get("ref")).startswith("refs/tags/") else "refs/heads/"
        ),
        "target": _commit("sha"),
    },
    "Repository": {
        "owner": _owner,
        "description": _default("description", None),
        "visibility": lambda _, row, __: "PRIVATE" if row.get("private") else "PUBLIC",
        "hasIssuesEnabled": lambda _, row, __: row.get("has_issues") is not False,
        "viewerPermission": _default("viewer_permission", "WRITE"),
        "mergeCommitAllowed": _default("allow_merge_commit", True),
        "squashMergeAllowed": _default("allow_squash_merge", True),
        "rebaseMergeAllowed": _default("allow_rebase_merge", True),
        "autoMergeAllowed": lambda _, row, __: bool(row.get("allow_auto_merge")),
        "deleteBranchOnMerge": lambda _, row, __: bool(row.get("delete_branch_on_merge")),
        "defaultBranchRef": lambda world, row, _: ref_node(world, row["full_name"], row["default_branch"]),
        "ref": lambda world, row, given: ref_node(world, row["full_name"], given["qualifiedName"]),
        "refs": _many("refs", _refs),
        "object": _object,
        "issue": _numbered("Issue", "an Issue"),
        "pullRequest": _numbered("PullRequest", "a PullRequest"),
        "issueOrPullRequest": _numbered("", "an issue or pull request"),
        "issues": _many("issues", _issues),
        "pullRequests": _many("pullRequests", _pulls),
        "label": _named("labels", "Label", "name"),
        "labels": _many(
            "labels",
            lambda world, row, given: _as(
                "Label",
                (
                    one
                    for one in tables.of_repository(world, "labels", row["full_name"])
                    if (given.get("query") or "").lower() in one["name"].lower()
                ),
            ),
        ),
        "milestones": _many(
            "milestones",
            lambda world, row, _: _as(
                "Milestone", tables.of_repository(world, "milestones", row["full_name"])
            ),
        ),
        "assignableUsers": _many("assignableUsers", _collaborators),
        "collaborators": _many("collaborators", _collaborators),
        "release": _named("releases", "Release", "tagName"),
        "releases": _many("releases", _releases),
        "latestRelease": _latest_release,
    },
    "Label": {"isDefault": lambda _, row, __: bool(row.get("default"))},
    "Milestone": {"state": lambda _, row, __: str(row.get("state") or "open").upper()},
    "CheckRun": {
        "checkSuite": _suite,
        "conclusion": lambda _, row, __: str(row["conclusion"]).upper() if row.get("conclusion") else None,
        "isRequired": lambda *_: False,
    },
    "StatusContext": {
        "context": _default("context", None),
        "description": _default("description", None),
        "state": lambda _, row, __: str(row["state"]).upper(),
        "targetUrl": _default("target_url", None),
        "isRequired": lambda *_: False,
    },
    "Release": {
        "description": _default("body", None),
        "name": _default("name", None),
        "author": _person("author"),
    },
    "Reaction": {"content": lambda _, row, __: GROUPS[row["content"]], "user": _person("user")},
    "Team": {"name": _default("name", None), "slug": _default("slug", None)},
    "PullRequestChangedFile": {"changeType": lambda _, row, __: _change(row)},
}
"""Type → the fields that hang on its row; what is missing here the field table says."""


def _change(row: Record) -> str:
    status = str(row.get("status") or "modified").upper()
    return "DELETED" if status == "REMOVED" else status


def _replied(world: World, row: Record) -> Node | None:
    found = tables.get(world, "review_comments", row["repository"], row.get("in_reply_to_id"))
    return None if found is None else Node("PullRequestReviewComment", found)


_RECORDS: Final = {
    "PullRequest": "pull", "Issue": "issue", "IssueComment": "comment", "PullRequestReview": "review",
    "Label": "label", "Milestone": "milestone", "Repository": "repository", "Commit": "commit",
    "PullRequestChangedFile": "file", "CheckRun": "check", "Release": "release",
}  # fmt: skip
"""Type → the record of the field table."""
_ACTORS: Final = ("User", "Bot", "Organization")


def field_of(world: World, node: Node, name: str, given: Arguments) -> Any:
    """The field ``name`` of a record."""
    if node.type in _ACTORS:
        return _of_person(world, node, name)
    own = FIELDS.get(node.type, {}).get(name)
    if own is None and name == "id":
        return node_id(node.type, node.row)
    own = own or _SHARED.get(name)
    if own is not None:
        return own(world, node.row, given)
    field = next((one for one in fields_of(_RECORDS[node.type], "gh") if one.name == name), None)
    if field is None:
        return node.row.get(name)
    value, kind = node.row.get(field.row), KINDS.get(field.kind)
    return value if kind is None else kind(world, node.row, value)


def _of_person(world: World, node: Node, name: str) -> Any:
    row = user_row(world, node.row["login"])
    if name == "id":
        return str(row.get("node_id") or f"U_{row['login']}")
    names = {"databaseId": "id", "url": "html_url", "avatarUrl": "avatar_url"}
    found = row.get(names.get(name, name))
    if name == "avatarUrl" and not found:
        return f"https://avatars.githubusercontent.com/u/{row['id']}?v=4"
    return "" if name == "email" and found is None else found


# --- the top


def _repository_named(world: World, given: Arguments) -> Node:
    name = f"{given['owner']}/{given['name']}"
    try:
        return Node("Repository", find_repository(world, {"repository": name}))
    except Refused:
        raise not_found(f"a Repository with the name '{name}'") from None


def _user_named(world: World, given: Arguments) -> Node:
    try:
        return Node("User", get_user(world, given).rows)
    except Refused:
        raise not_found(f"a User with the login of '{given['login']}'") from None


def _search(world: World, given: Arguments) -> dict[str, Any]:
    """Issues and pull requests, repositories or people; the counts of all that match."""
    asked, kind = {"query": given["query"]}, given["type"]
    if kind == "REPOSITORY":
        found = _as("Repository", search_repositories(world, asked).rows)
    elif kind == "USER":
        found = _as("User", search_users(world, asked).rows)
    elif kind == "DISCUSSION":
        raise Incomplete("discussions")
    else:
        found = [
            Node("PullRequest" if "head" in row else "Issue", row) for row in search_issues(world, asked).rows
        ]
    counts = dict.fromkeys(("issueCount", "repositoryCount", "userCount"), 0)
    names = {"REPOSITORY": "repositoryCount", "USER": "userCount"}
    counts[names.get(kind, "issueCount")] = len(found)
    return {**connection("search", found, given), **counts}


def _found_nodes(world: World, given: Arguments) -> list[Node | Exception]:
    found: list[Node | Exception] = []
    for identity in given["ids"]:
        try:
            found.append(find_node(world, identity))
        except Refused as refused:
            found.append(refused)
    return found


ROOT: Final[dict[str, Callable[[World, Arguments], Any]]] = {
    "viewer": lambda world, _: Node("User", {"login": tables.me(world)}),
    "user": _user_named,
    "repositoryOwner": _user_named,
    "repository": _repository_named,
    "node": lambda world, given: find_node(world, given["id"]),
    "nodes": _found_nodes,
    "search": _search,
    "rateLimit": lambda *_: {
        "limit": 5000,
        "cost": 1,
        "remaining": 4999,
        "used": 1,
        "nodeCount": 0,
        "resetAt": None,
    },
}
"""The fields of a query."""
