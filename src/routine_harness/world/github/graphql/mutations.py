"""Mutations of GitHub's GraphQL API: inputs read into the arguments of operations, node ids resolved.

``operation_table`` says which operation a mutation is. Node ids stay as they are until ``resolve``.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from routine_harness.plain import Json
from routine_harness.world.github.operations.nodes import find_node, node_id, place_of
from routine_harness.world.github.operations.operation import Arguments
from routine_harness.world.github.operations.operation_table import OPERATIONS, by_graphql
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.derived import label_row
from routine_harness.world.github.rest.rest_requests import ref_operation
from routine_harness.world.github.tools.tool_calls import Step
from routine_harness.world.holes import has_hole, hole
from routine_harness.world.state import World

if TYPE_CHECKING:
    pass


_NAMES: Final = {
    "startLine": "start_line", "startSide": "start_side", "subjectType": "subject_type",
    "expectedHeadOid": "sha", "commitHeadline": "commit_title", "commitBody": "commit_message",
    "commitMessage": "commit_message", "mergeMethod": "merge_method", "headRefName": "head",
    "baseRefName": "base", "maintainerCanModify": "maintainer_can_modify", "stateReason": "state_reason",
    "lockReason": "lock_reason", "oid": "sha", "commitOID": "commit_id", "homepageUrl": "homepage",
    "hasIssuesEnabled": "has_issues", "userLogins": "reviewers", "teamSlugs": "team_reviewers",
}  # fmt: skip
"""Inputs of mutations → the arguments of operations; others are spelt alike."""
_DROPPED: Final = (
    "clientMutationId",
    "authorEmail",
    "union",
    "createLabelsIfMissing",
    "replaceParent",
    "updateMethod",
)
_LOWER: Final = ("merge_method", "state", "state_reason", "visibility")
_REACTIONS: Final = {"THUMBS_UP": "+1", "THUMBS_DOWN": "-1"}


def mutation_step(name: str, inputs: Mapping[str, Json]) -> Step | None:
    """The operation that a mutation is, its node ids as they stand; None for a name that no row has."""
    known = by_graphql().get(name)
    if known is None or known[0].reads:
        return None
    operation, fixed = known
    given: Arguments = {}
    for theirs, value in inputs.items():
        ours = _NAMES.get(theirs, theirs)
        if theirs not in _DROPPED and value is not None:
            lowers = ours in _LOWER and isinstance(value, str) and not has_hole(value)
            given[ours] = value.lower() if lowers else value
    if isinstance(given.get("content"), str) and not has_hole(given["content"]):
        given["content"] = _REACTIONS.get(given["content"], given["content"].lower())
    if isinstance(given.get("lock_reason"), str):
        given["lock_reason"] = given["lock_reason"].lower().replace("_", "-").replace("too-", "too ")
    special = _SPECIAL.get(name)
    other = special(given) if special is not None else None
    return OPERATIONS[other] if other else operation, {**given, **fixed}


def _create_ref(given: Arguments) -> str:
    given["ref"] = given.pop("name", "")
    return ref_operation(given)


def _new_name(given: Arguments) -> None:
    if "name" in given:
        given["new_name"] = given.pop("name")


def _commit(given: Arguments) -> None:
    """``createCommitOnBranch``: a branch by its name, a message, files added and deleted."""
    branch, message = given.pop("branch", None), given.get("message")
    if isinstance(branch, Mapping):
        given |= {
            "repository": branch.get("repositoryNameWithOwner"),
            "branch": branch.get("branchName") or hole("branch"),
        }
        if branch.get("id"):
            given["refId"] = branch["id"]
    if isinstance(message, Mapping):
        given["message"] = "\n\n".join(
            str(message[part]) for part in ("headline", "body") if message.get(part)
        )
    changes = given.pop("fileChanges", None)
    changes = changes if isinstance(changes, Mapping) else {}
    added = [file for file in changes.get("additions") or () if isinstance(file, Mapping)]
    deleted = [file for file in changes.get("deletions") or () if isinstance(file, Mapping)]
    given["files"] = [
        *({"path": file.get("path"), "content": _decoded(file.get("contents"))} for file in added),
        *({"path": file.get("path"), "content": None} for file in deleted),
    ]
    given["expected"] = given.pop("sha", None)


def _decoded(text: Json) -> str:
    try:
        return base64.b64decode(str(text), validate=True).decode()
    except (binascii.Error, ValueError):
        return str(text)


def _review(given: Arguments) -> None:
    comments = [*(given.get("comments") or ()), *(given.pop("threads", None) or ())]
    names = {"startLine": "start_line", "startSide": "start_side"}
    if comments:
        given["comments"] = [
            {names.get(key, key): value for key, value in one.items()}
            for one in comments
            if isinstance(one, Mapping)
        ]


def _removed_labels(given: Arguments) -> None:
    given["removedLabelIds"] = given.pop("labelIds", [])


def _visibility(given: Arguments) -> None:
    if "visibility" in given:
        given["private"] = given.pop("visibility") != "public"


_SPECIAL: Final[dict[str, Callable[[Arguments], str | None]]] = {
    "createRef": _create_ref,
    "updateLabel": _new_name,
    "createCommitOnBranch": _commit,
    "addPullRequestReview": _review,
    "createRepository": _visibility,
    "removeLabelsFromLabelable": _removed_labels,
}

# --- node ids

_ITEMS: Final = ("PullRequest", "Issue")
_COMMENTS: Final = ("IssueComment", "PullRequestReviewComment")
_PLACES: Final[dict[str, tuple[str, ...]]] = {
    "pullRequestId": ("PullRequest",), "issueId": ("Issue",), "repositoryId": ("Repository",),
    "labelableId": _ITEMS, "assignableId": _ITEMS, "lockableId": _ITEMS, "starrableId": ("Repository",),
    "subjectId": (*_ITEMS, *_COMMENTS), "refId": ("Ref",), "threadId": ("PullRequestReviewThread",),
    "pullRequestReviewThreadId": ("PullRequestReviewThread",), "pullRequestReviewId": ("PullRequestReview",),
    "pullRequestReviewCommentId": ("PullRequestReviewComment",),
}  # fmt: skip
"""Inputs that are the id of what a mutation is about → its types."""
_IDS: Final[dict[str, tuple[str, ...]]] = {
    "issue.update": ("Issue",), "comment.update": ("IssueComment",), "comment.delete": ("IssueComment",),
    "label.update": ("Label",), "label.delete": ("Label",),
    "review_comment.delete": ("PullRequestReviewComment",),
}  # fmt: skip
"""Operations whose mutation names its record by ``id`` → the record's type."""
_BY_TYPE: Final = {
    ("issue.react", "IssueComment"): "comment.react",
    ("issue.react", "PullRequestReviewComment"): "review_comment.react",
}


def resolve(world: World, step: Step) -> Step:
    """A mutation's operation with records in place of node ids.

    Raises:
        Refused: an id is nobody's (404).
    """
    operation, given = step[0], dict(step[1])
    if operation.name == "issue.transfer":
        given["new_repository"] = find_node(world, given.pop("repositoryId"), ("Repository",)).row[
            "full_name"
        ]
    for place, kinds in {**_PLACES, "id": _IDS.get(operation.name, ())}.items():
        if place in given:
            node = find_node(world, str(given.pop(place)), kinds)
            given |= place_of(world, node)
            operation = OPERATIONS[_BY_TYPE.get((operation.name, node.type), operation.name)]
    if "tag" in given and operation.name in ("branch.delete", "branch.move"):
        operation = OPERATIONS[operation.name.replace("branch", "tag")]
    if operation.name.endswith("comment.react"):
        given.pop("number", None)  # the comment's id is enough
    if operation.name == "review_comment.reply" and "thread" in given:
        comments = tables.rows(world, "review_comments", "thread", given.pop("thread"), given["repository"])
        given["comment_id"] = comments[0]["id"] if comments else 0
    _resolve_others(world, given)
    return operation, given


def _resolve_others(world: World, given: Arguments) -> None:
    """Labels, people, a milestone and other records that a mutation refers to."""
    for theirs, ours in (("labelIds", "labels"), ("removedLabelIds", "remove_labels")):
        if theirs in given:
            given[ours] = [_label(world, given["repository"], each) for each in given.pop(theirs)]
    for theirs, ours in (("assigneeIds", "assignees"), ("userIds", "reviewers")):
        if theirs in given:
            given[ours] = [find_node(world, each, ("User",)).row["login"] for each in given.pop(theirs)]
    if "milestoneId" in given:
        given["milestone"] = find_node(world, given.pop("milestoneId"), ("Milestone",)).row["number"]
    if "teamIds" in given:
        given["team_reviewers"] = [
            find_node(world, each, ("Team",)).row["slug"] for each in given.pop("teamIds")
        ]
    if "subIssueId" in given:
        given["sub_issue_id"] = find_node(world, given.pop("subIssueId"), ("Issue",)).row["id"]
    if "duplicateIssueId" in given:
        given["duplicate_of"] = find_node(world, given.pop("duplicateIssueId"), ("Issue",)).row["number"]
    if "headRepositoryId" in given:
        head = find_node(world, given.pop("headRepositoryId"), ("Repository",)).row
        given["head"] = f"{head['owner']}:{given['head']}"


def _label(world: World, repository: str, identity: str) -> str:
    """The name of a label; one that only an item's list names has an id, too."""
    for table in ("issues", "pulls"):
        for item in tables.of_repository(world, table, repository):
            for name in item["labels"]:
                row = label_row(world, repository, name)
                if identity == node_id("Label", {"repository": repository, **row}):
                    return str(name)
    return str(find_node(world, identity, ("Label",)).row["name"])
