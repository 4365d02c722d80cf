"""GitHub's GraphQL API, asked: documents and mutations read into operations of the table.

What a mutation is, its row in ``table`` says; here stands how inputs are spelt. Node ids stay as they
are until a world resolves them (``resolve``); ``graphql_answers`` executes documents.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from routine_harness.world.github import tables
from routine_harness.world.github.labels import label_row
from routine_harness.world.github.mcp import Step
from routine_harness.world.github.nodes import find_node, node_id, place_of
from routine_harness.world.github.operation import Arguments
from routine_harness.world.github.rest import ref_operation
from routine_harness.world.github.table import OPERATIONS, by_graphql
from routine_harness.world.holes import has_hole, hole
from routine_harness.world.state import World

if TYPE_CHECKING:
    from graphql.language import DocumentNode, FieldNode, OperationDefinitionNode, SelectionSetNode, ValueNode

MAX_DOCUMENT: Final = 200_000
MAX_TOKENS: Final = 20_000
MAX_DEPTH: Final = 100
"""How deep braces may stand in each other; GitHub itself refuses documents that cost too much."""


class Envelope(NamedTuple):
    """The body of a request."""

    query: Any
    variables: Mapping[str, Any]
    operation: str = ""


class Top(NamedTuple):
    """A top field of a document: a mutation with its inputs, or the path of a query's field.

    ``step`` is None where no operation stands for it. ``inner`` are the fields that a query's field asks
    for in turn.
    """

    name: str
    mutates: bool
    inputs: Mapping[str, Any]
    step: Step | None
    inner: tuple[str, ...] = ()

    @property
    def operation(self) -> str:
        """The operation that the field stands for; empty where none does."""
        if "reviewThreads" in self.inner:
            return "pull.threads"
        return "" if self.step is None else self.step[0].name


def read_envelope(body: Any) -> Envelope:
    """Document, variables and operation of a request's body."""
    given = body if isinstance(body, Mapping) else {}
    variables = given.get("variables")
    return Envelope(
        given.get("query"),
        variables if isinstance(variables, Mapping) else {},
        str(given.get("operationName") or ""),
    )


def is_too_deep(text: str) -> bool:
    """Whether more than ``MAX_DEPTH`` brackets stand in each other; such a document is not parsed."""
    depth = 0
    for character in text:
        if character in "{[(":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif character in "}])":
            depth -= 1
    return False


def parse_document(text: str) -> DocumentNode:
    """The document.

    Raises:
        GraphQLError: it does not parse.
    """
    # Imported here: the library takes 0.2 s, which a command without GraphQL need not pay.
    from graphql.language import parse

    return parse(text, max_tokens=MAX_TOKENS)


def read_document(document: DocumentNode, envelope: Envelope) -> list[Top]:
    """What the operation of a document asks for, in order."""
    from graphql.language import FragmentDefinitionNode, OperationDefinitionNode, OperationType

    fragments = {
        node.name.value: node.selection_set
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    found: list[Top] = []
    for node in document.definitions:
        if not isinstance(node, OperationDefinitionNode) or not _is_asked(node, envelope.operation):
            continue
        variables = {**_defaults(node), **envelope.variables}
        mutates = node.operation is OperationType.MUTATION
        for field in _fields(node.selection_set, fragments):
            given = {one.name.value: _value(one.value, variables) for one in field.arguments or ()}
            if mutates:
                inputs = given.get("input")
                inputs = inputs if isinstance(inputs, Mapping) else given
                found.append(Top(field.name.value, True, inputs, mutation_step(field.name.value, inputs)))
            else:
                found += _reads(field, given, fragments, variables)
    return found


def _is_asked(node: OperationDefinitionNode, operation: str) -> bool:
    return not operation or (node.name is not None and node.name.value == operation)


def _defaults(node: OperationDefinitionNode) -> dict[str, Any]:
    return {
        one.variable.name.value: _value(one.default_value, {})
        for one in node.variable_definitions or ()
        if one.default_value is not None
    }


def _fields(selection: SelectionSetNode, fragments: Mapping[str, SelectionSetNode]) -> Iterator[FieldNode]:
    """The fields of a selection, those of fragments among them."""
    from graphql.language import FieldNode

    pending, seen = list(selection.selections), set[str]()
    while pending:
        chosen: Any = pending.pop(0)
        if isinstance(chosen, FieldNode):
            yield chosen
            continue
        spread = getattr(chosen, "name", None)  # an inline fragment has none
        name = spread.value if spread is not None else ""
        inner = fragments.get(name) if name else chosen.selection_set
        if inner is not None and name not in seen:
            seen |= {name} if name else set()
            pending = [*inner.selections, *pending]


def _reads(
    field: FieldNode,
    given: Arguments,
    fragments: Mapping[str, SelectionSetNode],
    variables: Mapping[str, Any],
) -> Iterator[Top]:
    """The reads of a query's field; of a repository those of its parts, if the table knows them."""
    name = field.name.value
    if name == "repository" and field.selection_set is not None:
        where = {"repository": f"{given.get('owner')}/{given.get('name')}"}
        parts = list(_fields(field.selection_set, fragments))
        known = [part for part in parts if f"repository.{part.name.value}" in by_graphql()]
        for part in known:
            asked = {one.name.value: _value(one.value, variables) for one in part.arguments or ()}
            operation, _ = by_graphql()[f"repository.{part.name.value}"]
            inner = () if part.selection_set is None else _fields(part.selection_set, fragments)
            read: Step = (operation, {**where, **_listed(operation.name, asked)})
            yield Top(part.name.value, False, asked, read, tuple(one.name.value for one in inner))
        if len(known) == len(parts) and parts:
            return
        yield Top(name, False, given, (by_graphql()[name][0], where))
        return
    known_as = by_graphql().get(name)
    step = None if known_as is None else (known_as[0], _listed(known_as[0].name, given))
    yield Top(name, False, given, step)


def _listed(name: str, given: Arguments) -> Arguments:
    """The arguments of a read, by the names of operations."""
    found: Arguments = {key: given[key] for key in ("number", "login", "query") if key in given}
    if name in ("pull.list", "issue.list"):
        found["state"] = "all"  # what is shown of them, the answer says
    return found


# --- mutations

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


def mutation_step(name: str, inputs: Mapping[str, Any]) -> Step | None:
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


def _decoded(text: Any) -> str:
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


def _value(node: ValueNode, variables: Mapping[str, Any]) -> Any:
    """An argument's value; a variable that is not given is a hole."""
    from graphql.language import (
        BooleanValueNode,
        IntValueNode,
        ListValueNode,
        NullValueNode,
        ObjectValueNode,
        VariableNode,
    )

    if isinstance(node, VariableNode):
        name = node.name.value
        return variables[name] if name in variables else hole(f"${name}")
    if isinstance(node, ObjectValueNode):
        return {field.name.value: _value(field.value, variables) for field in node.fields}
    if isinstance(node, ListValueNode):
        return [_value(each, variables) for each in node.values]
    if isinstance(node, NullValueNode):
        return None
    value = getattr(node, "value", None)
    if isinstance(node, IntValueNode):
        return tables.as_number(str(value)) or 0
    return bool(value) if isinstance(node, BooleanValueNode) else value
