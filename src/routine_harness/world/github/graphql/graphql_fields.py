"""Fields of GitHub's GraphQL objects that the field table does not say: connections, what hangs on a row."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from routine_harness.plain import Json, Record
from routine_harness.world.github.graphql.connections import connection, not_found
from routine_harness.world.github.graphql.graphql_kinds import GROUPS, KINDS, decision
from routine_harness.world.github.graphql.graphql_relations import (
    Resolver,
    assignees_of,
    auto_merge_of,
    check_suite,
    closing_items,
    collaborators_of,
    comments_of_review,
    commit_at,
    commits_of_pull,
    git_actor,
    history_of,
    issues_of_repository,
    item_numbered,
    labels_named,
    labels_of,
    latest_by_person,
    latest_release,
    lock_reason,
    milestone_of,
    nodes_of,
    object_of,
    owner_of,
    parents_of,
    pull_of,
    pulls_of_repository,
    reaction_groups,
    record_named,
    ref_at,
    ref_node,
    refs_of,
    releases_of,
    replied_to,
    repository_of,
    review_requests,
    rollup_at,
    shown_reviews,
    threads_of,
    user,
)
from routine_harness.world.github.operations.accounts import get_user
from routine_harness.world.github.operations.issues import comments_of
from routine_harness.world.github.operations.nodes import Node, find_node, node_id
from routine_harness.world.github.operations.operation import (
    Arguments,
    Incomplete,
    Refused,
    find_repository,
)
from routine_harness.world.github.operations.pulls import (
    files_of,
    list_pulls_of_commit,
)
from routine_harness.world.github.operations.search import search_repositories, search_users
from routine_harness.world.github.operations.search_items import search_issues
from routine_harness.world.github.operations.sub_issues import child_rows, parent_row
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.derived import commit_web, user_row
from routine_harness.world.github.records.fields import fields_of
from routine_harness.world.state import World

_SPELT: Final = """
*                        databaseId=id url=html_url
*                        createdAt=created_at updatedAt=updated_at closedAt=closed_at
*                        body=body:text bodyText=body:text author=user:person locked=locked:flag
*                        isMinimized=minimized:flag minimizedReason=minimized
Issue                    stateReason=state_reason:upper
PullRequest              merged=merged:flag mergedBy=merged_by:person
PullRequestReview        createdAt=submitted_at
PullRequestReviewThread  isResolved=is_resolved:flag isOutdated=is_outdated:flag isCollapsed=is_resolved:flag
PullRequestReviewThread  resolvedBy=resolved_by:person path=path line=line startLine=start_line
PullRequestReviewComment path=path line=line startLine=start_line diffHunk=diff_hunk
Commit                   oid=sha message=message
Ref                      name=name
Repository               description=description autoMergeAllowed=allow_auto_merge:flag
Repository               deleteBranchOnMerge=delete_branch_on_merge:flag
Label                    isDefault=default:flag
CheckRun                 conclusion=conclusion:upper
StatusContext            context=context description=description state=state:upper targetUrl=target_url
Release                  description=body name=name author=author:person
Reaction                 user=user:person
Team                     name=name slug=slug
"""
"""Type (``*`` for any) and its fields that are fields of the row, spelt in GraphQL's way."""
_WAYS: Final[dict[str, Callable[[Json], Json]]] = {
    "": lambda value: value,
    "text": lambda value: value or "",
    "flag": bool,
    "upper": lambda value: str(value).upper() if value else None,
    "person": lambda login: user(login),
}


@functools.cache
def _spelt() -> dict[tuple[str, str], tuple[str, str]]:
    """Type and field → the row's field, and the way in which GraphQL spells it."""
    found = {}
    for line in _SPELT.strip().splitlines():
        kind, *fields = line.split()
        for field in fields:
            name, _, source = field.partition("=")
            row, _, way = source.partition(":")
            found[kind, name] = (row, way)
    return found


class Many(NamedTuple):
    """A connection to records of one type; ``kind`` is empty where the rows are nodes already."""

    kind: str
    rows: Callable[[World, Record, Arguments], Iterable[Json]]


_SHARED: Final[dict[str, Resolver | Many]] = {
    "authorAssociation": lambda _, row, __: row.get("author_association") or "NONE",
    "repository": repository_of,
    "labels": Many("", labels_of),
    "assignees": Many("", assignees_of),
    "milestone": milestone_of,
    "activeLockReason": lock_reason,
    "reactionGroups": reaction_groups,
    "viewerDidAuthor": lambda world, row, __: row.get("user") == tables.me(world),
    "pullRequest": pull_of,
    "comments": Many("IssueComment", lambda world, row, _: comments_of(world, row)),
}
"""Fields that several types have."""


def _upper(name: str, default: str) -> Resolver:
    return lambda _, row, __: str(row.get(name) or default).upper()


def _allowed(name: str) -> Resolver:
    """What a repository allows unless it says otherwise."""
    return lambda _, row, __: row.get(name, True)


def _original_line(_: World, row: Record, __: Arguments) -> Json:
    return row.get("original_line") or row.get("line")


def _content(row: Record) -> bytes:
    content = row["content"]
    return content.encode() if isinstance(content, str) else content


FIELDS: Final[dict[str, dict[str, Resolver | Many]]] = {
    "Issue": {
        "subIssues": Many("Issue", lambda world, row, _: child_rows(world, row)),
        "parent": lambda world, row, _: (found := parent_row(world, row)) and Node("Issue", found),
        "closedByPullRequestsReferences": Many("", closing_items),
    },
    "PullRequest": {
        "mergeCommit": commit_at("merge_commit_sha"),
        "mergeStateStatus": _upper("mergeable_state", "unknown"),
        "reviewDecision": lambda world, row, _: decision(world, row, None) or None,
        "baseRef": ref_at("base"),
        "headRef": ref_at("head"),
        "headRepository": lambda world, row, _: (
            row.get("head_repository") and repository_of(world, {"repository": row["head_repository"]}, {})
        ),
        "headRepositoryOwner": lambda _, row, __: user(
            str(row.get("head_repository") or "").partition("/")[0]
        ),
        "autoMergeRequest": auto_merge_of,
        "reviews": Many("", shown_reviews),
        "latestReviews": Many("", lambda world, row, _: latest_by_person(world, row, opinions=False)),
        "latestOpinionatedReviews": Many(
            "", lambda world, row, _: latest_by_person(world, row, opinions=True)
        ),
        "reviewRequests": Many("", review_requests),
        "reviewThreads": Many("", threads_of),
        "commits": Many("", commits_of_pull),
        "files": Many("PullRequestChangedFile", lambda world, row, _: files_of(world, row)),
        "closingIssuesReferences": Many("", closing_items),
        "statusCheckRollup": rollup_at("head_sha"),
    },
    "PullRequestReview": {
        "commit": commit_at("commit_id"),
        "comments": Many("PullRequestReviewComment", comments_of_review),
    },
    "PullRequestReviewThread": {
        "viewerCanResolve": lambda _, row, __: not row.get("is_resolved"),
        "subjectType": lambda _, row, __: "LINE" if row.get("line") else "FILE",
        "diffSide": lambda _, row, __: row.get("side", "RIGHT"),
        "originalLine": _original_line,
        "comments": Many(
            "PullRequestReviewComment",
            lambda world, row, _: tables.rows(
                world, "review_comments", "thread", row["id"], row["repository"]
            ),
        ),
    },
    "PullRequestReviewComment": {
        "fullDatabaseId": lambda _, row, __: str(row["id"]),
        "originalLine": _original_line,
        "outdated": lambda _, row, __: row.get("line") is None and bool(row.get("original_line")),
        "replyTo": lambda world, row, _: replied_to(world, row),
        "pullRequestReview": lambda world, row, _: (
            (found := tables.get(world, "reviews", row["repository"], row.get("review")))
            and Node("PullRequestReview", found)
        ),
    },
    "Commit": {
        "abbreviatedOid": lambda _, row, __: str(row["sha"])[:7],
        "author": git_actor,
        "committer": git_actor,
        "authors": Many("", lambda world, row, given: [git_actor(world, row, given)]),
        "url": lambda _, row, __: commit_web(row),
        "additions": lambda _, row, __: (row.get("stats") or {}).get("additions"),
        "deletions": lambda _, row, __: (row.get("stats") or {}).get("deletions"),
        "changedFilesIfAvailable": lambda _, row, __: (
            len(row["files"]) if row.get("files") is not None else None
        ),
        "parents": Many("", parents_of),
        "history": Many("", history_of),
        "statusCheckRollup": rollup_at("sha"),
        "associatedPullRequests": Many(
            "PullRequest",
            lambda world, row, _: (
                list_pulls_of_commit(world, {"repository": row["repository"], "sha": row["sha"]}).rows
            ),
        ),
    },
    "Blob": {
        "id": lambda _, row, __: f"B_{row['repository']}:{row['path']}",
        "text": lambda _, row, __: row["content"] if isinstance(row["content"], str) else None,
        "isBinary": lambda _, row, __: not isinstance(row["content"], str),
        "byteSize": lambda _, row, __: len(_content(row)),
        "oid": lambda _, row, __: tables.blob_sha(_content(row)),
    },
    "Ref": {
        "prefix": lambda _, row, __: (
            "refs/tags/" if str(row.get("ref")).startswith("refs/tags/") else "refs/heads/"
        ),
        "target": commit_at("sha"),
    },
    "Repository": {
        "owner": owner_of,
        "visibility": lambda _, row, __: "PRIVATE" if row.get("private") else "PUBLIC",
        "hasIssuesEnabled": lambda _, row, __: row.get("has_issues") is not False,
        "viewerPermission": lambda _, row, __: row.get("viewer_permission", "WRITE"),
        "mergeCommitAllowed": _allowed("allow_merge_commit"),
        "squashMergeAllowed": _allowed("allow_squash_merge"),
        "rebaseMergeAllowed": _allowed("allow_rebase_merge"),
        "defaultBranchRef": lambda world, row, _: ref_node(world, row["full_name"], row["default_branch"]),
        "ref": lambda world, row, given: ref_node(world, row["full_name"], given["qualifiedName"]),
        "refs": Many("", refs_of),
        "object": object_of,
        "issue": item_numbered("Issue", "an Issue"),
        "pullRequest": item_numbered("PullRequest", "a PullRequest"),
        "issueOrPullRequest": item_numbered("", "an issue or pull request"),
        "issues": Many("", issues_of_repository),
        "pullRequests": Many("", pulls_of_repository),
        "label": record_named("labels", "Label", "name"),
        "labels": Many("Label", labels_named),
        "milestones": Many(
            "Milestone", lambda world, row, _: tables.of_repository(world, "milestones", row["full_name"])
        ),
        "assignableUsers": Many("", collaborators_of),
        "collaborators": Many("", collaborators_of),
        "release": record_named("releases", "Release", "tagName"),
        "releases": Many("", releases_of),
        "latestRelease": latest_release,
    },
    "Milestone": {"state": _upper("state", "open")},
    "CheckRun": {"checkSuite": check_suite, "isRequired": lambda *_: False},
    "StatusContext": {"isRequired": lambda *_: False},
    "Reaction": {"content": lambda _, row, __: GROUPS[row["content"]]},
    "PullRequestChangedFile": {"changeType": lambda _, row, __: _change(row)},
}
"""Type → the fields that need more than a field of its row; what is missing here the field table says."""


def _change(row: Record) -> str:
    status = str(row.get("status") or "modified").upper()
    return "DELETED" if status == "REMOVED" else status


_RECORDS: Final = {
    "PullRequest": "pull", "Issue": "issue", "IssueComment": "comment", "PullRequestReview": "review",
    "Label": "label", "Milestone": "milestone", "Repository": "repository", "Commit": "commit",
    "PullRequestChangedFile": "file", "CheckRun": "check", "Release": "release",
}  # fmt: skip
"""Type → the record of the field table."""
_ACTORS: Final = ("User", "Bot", "Organization")


def field_of(world: World, node: Node, name: str, given: Arguments) -> Json:
    """The field ``name`` of a record."""
    if node.type in _ACTORS:
        return _of_person(world, node, name)
    own = FIELDS.get(node.type, {}).get(name)
    spelt = _spelt().get((node.type, name))
    if own is None and spelt is None and name == "id":
        return node_id(node.type, node.row)
    if own is None and spelt is None:
        own, spelt = _SHARED.get(name), _spelt().get(("*", name))
    if isinstance(own, Many):
        rows = own.rows(world, node.row, given)
        return connection(name, nodes_of(own.kind, rows) if own.kind else rows, given)
    if own is not None:
        return own(world, node.row, given)
    if spelt is not None:
        return _WAYS[spelt[1]](node.row.get(spelt[0]))
    field = next((one for one in fields_of(_RECORDS[node.type], "gh") if one.name == name), None)
    if field is None:
        return node.row.get(name)
    value, kind = node.row.get(field.row), KINDS.get(field.kind)
    return value if kind is None else kind(world, node.row, value)


def _of_person(world: World, node: Node, name: str) -> Json:
    row = user_row(world, node.row["login"])
    if name == "id":
        return str(row.get("node_id") or f"U_{row['login']}")
    names = {"databaseId": "id", "url": "html_url", "avatarUrl": "avatar_url"}
    found = row.get(names.get(name, name))
    if name == "avatarUrl" and not found:
        return f"https://avatars.githubusercontent.com/u/{row['id']}?v=4"
    return "" if name == "email" and found is None else found


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


def _search(world: World, given: Arguments) -> Record:
    """Issues and pull requests, repositories or people; the counts of all that match."""
    asked, kind = {"query": given["query"]}, given["type"]
    if kind == "REPOSITORY":
        found = nodes_of("Repository", search_repositories(world, asked).rows)
    elif kind == "USER":
        found = nodes_of("User", search_users(world, asked).rows)
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


ROOT: Final[dict[str, Callable[[World, Arguments], Json]]] = {
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
