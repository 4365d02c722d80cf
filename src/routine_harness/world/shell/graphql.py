"""GraphQL documents sent to GitHub: a query reads, a mutation is the effect that it is known to have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from routine_harness.world.holes import has_hole, hole
from routine_harness.world.shell.acts import Act, Word, effect, line_of

if TYPE_CHECKING:
    from graphql.language import DocumentNode, FieldNode, ValueNode

    from routine_harness.world.shell.reader import Reader

MAX_DOCUMENT: Final = 200_000

MUTATIONS: Final = {
    "pull_request.merged": "mergePullRequest enqueuePullRequest",
    "auto_merge.enabled": "enablePullRequestAutoMerge",
    "auto_merge.disabled": "disablePullRequestAutoMerge",
    "pull_request.created": "createPullRequest revertPullRequest",
    "pull_request.updated": "updatePullRequest markPullRequestReadyForReview convertPullRequestToDraft "
    "dequeuePullRequest",
    "pull_request.closed": "closePullRequest",
    "pull_request.reopened": "reopenPullRequest",
    "branch.pushed": "createCommitOnBranch updateRef updateRefs mergeBranch updatePullRequestBranch",
    "branch.created": "createRef createLinkedBranch",
    "branch.deleted": "deleteRef deleteLinkedBranch",
    "comment.created": "addComment addDiscussionComment addPullRequestReviewComment "
    "addPullRequestReviewThread "
    "addPullRequestReviewThreadReply",
    "comment.updated": "updateIssueComment updateDiscussionComment updatePullRequestReviewComment",
    "comment.deleted": "deleteIssueComment deleteDiscussionComment deletePullRequestReviewComment",
    "ticket.created": "createIssue",
    "ticket.updated": "updateIssue closeIssue reopenIssue transferIssue pinIssue unpinIssue "
    "addLabelsToLabelable "
    "removeLabelsFromLabelable clearLabelsFromLabelable addAssigneesToAssignable "
    "removeAssigneesFromAssignable addSubIssue removeSubIssue lockLockable unlockLockable "
    "updateIssueIssueType "
    "markAsDuplicate",
    "ticket.deleted": "deleteIssue",
    "label.created": "createLabel",
    "label.updated": "updateLabel",
    "label.deleted": "deleteLabel",
    "review.submitted": "addPullRequestReview submitPullRequestReview",
    "review.dismissed": "dismissPullRequestReview",
    "review.deleted": "deletePullRequestReview",
    "review.requested": "requestReviews requestReviewsByLogin",
    "thread.resolved": "resolveReviewThread",
    "thread.unresolved": "unresolveReviewThread",
    "reaction.added": "addReaction",
    "reaction.removed": "removeReaction",
    "repository.created": "createRepository cloneTemplateRepository",
    "repository.updated": "updateRepository",
    "repository.archived": "archiveRepository",
    "repository.unarchived": "unarchiveRepository",
    "protection.updated": "createBranchProtectionRule updateBranchProtectionRule",
    "protection.deleted": "deleteBranchProtectionRule",
    "ruleset.created": "createRepositoryRuleset",
    "ruleset.updated": "updateRepositoryRuleset",
    "ruleset.deleted": "deleteRepositoryRuleset",
    "project.created": "createProjectV2 copyProjectV2",
    "project.deleted": "deleteProjectV2",
}
"""Kind of effect → GitHub's mutations that have it."""

_KINDS: Final = {name: kind for kind, listed in MUTATIONS.items() for name in listed.split()}
_FIELDS: Final = {
    "title": "title",
    "body": "body",
    "event": "event",
    "expectedHeadOid": "sha",
    "commitHeadline": "commit_title",
    "commitBody": "commit_message",
    "mergeMethod": "method",
    "headRefName": "head",
    "baseRefName": "base",
    "name": "name",
    "draft": "draft",
    "color": "color",
    "description": "description",
    "force": "force",
    "content": "emoji",
    "visibility": "visibility",
}
"""Inputs of mutations → fields of effects, where a kind has them."""


def graphql_document(reader: Reader, argv: list[Word], body: Any) -> None:
    """Note what the document in the body of a request does; one that cannot be seen is undecided."""
    fields = body if isinstance(body, Mapping) else {}
    text = fields.get("query")
    variables = fields.get("variables") if isinstance(fields.get("variables"), Mapping) else fields
    document = _parsed(text) if isinstance(text, str) else None
    if document is None:
        reader.undecided("a GraphQL document that cannot be seen here", line_of(argv), argv[0].text)
        return
    mutations = list(_mutations(document))
    reader.looked = reader.looked or not mutations
    reader.acts.extend(_act(field, variables or {}) for field in mutations)


def _parsed(text: str) -> DocumentNode | None:
    # Imported here: the library takes 0.2 s, which a command without GraphQL need not pay.
    from graphql import GraphQLError
    from graphql.language import parse

    if len(text) > MAX_DOCUMENT:
        return None
    try:
        return parse(text, no_location=True, max_tokens=20_000)
    except (GraphQLError, RecursionError):
        return None


def _mutations(document: DocumentNode) -> Iterator[FieldNode]:
    """The top fields of a document's mutations, those of fragments among them."""
    from graphql.language import FieldNode, FragmentDefinitionNode, OperationDefinitionNode, OperationType

    fragments = {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    for node in document.definitions:
        if not isinstance(node, OperationDefinitionNode) or node.operation is not OperationType.MUTATION:
            continue
        pending, seen = list(node.selection_set.selections), set()
        while pending:
            chosen = pending.pop(0)
            if isinstance(chosen, FieldNode):
                yield chosen
                continue
            spread = getattr(chosen, "name", None)
            name = spread.value if spread is not None else ""
            inner = fragments.get(name) if name else chosen
            if inner is not None and name not in seen:
                seen.add(name or "")
                pending += inner.selection_set.selections  # type: ignore[union-attr]


def _act(field: FieldNode, variables: Mapping[str, Any]) -> Act:
    name = field.name.value
    given = {argument.name.value: _value(argument.value, variables) for argument in field.arguments or ()}
    inputs = given.get("input") if isinstance(given.get("input"), Mapping) else given
    inputs = inputs if isinstance(inputs, Mapping) else {}
    kind = _KINDS.get(name)
    if kind is None:
        return effect("graphql.mutated", "github", name=name, arguments=dict(inputs))
    kind = _narrowed(kind, name, inputs)
    return effect(kind, "github", **_named(kind, name, inputs))


def _narrowed(kind: str, name: str, inputs: Mapping[str, Any]) -> str:
    """A kind by what the input says: a reference may be a tag, a review an approval."""
    if name == "createRef" and str(inputs.get("name", "")).startswith("refs/tags/"):
        return "tag.created"
    if name == "updateRepository" and "visibility" in inputs:
        return "repository.visibility_changed"
    return "review.approved" if kind == "review.submitted" and inputs.get("event") == "APPROVE" else kind


def _named(kind: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an effect that a mutation's input gives."""
    # Imported here: the closed list of kinds is asked for the few documents that mutate.
    from routine_harness.world.kinds import KINDS

    known = KINDS[kind]
    fields = {ours: inputs[theirs] for theirs, ours in _FIELDS.items() if theirs in inputs and ours in known}
    branch = inputs.get("branch")
    if isinstance(branch, Mapping):
        fields["branch"] = branch.get("branchName") or hole("branch")
        fields["repository"] = branch.get("repositoryNameWithOwner")
    if kind in ("branch.created", "tag.created") and isinstance(inputs.get("name"), str):
        ref = str(inputs["name"])
        fields.pop("name", None)
        fields["tag" if ref.startswith("refs/tags/") else "branch"] = ref.removeprefix(
            "refs/heads/"
        ).removeprefix("refs/tags/")
    if kind == "ticket.updated" and name in ("closeIssue", "reopenIssue"):
        fields["state"] = "closed" if name == "closeIssue" else "open"
    return {field: value for field, value in fields.items() if value is not None}


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
        return value if has_hole(str(value)) else int(str(value))
    return bool(value) if isinstance(node, BooleanValueNode) else value
