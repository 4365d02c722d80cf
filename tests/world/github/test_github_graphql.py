"""GitHub's GraphQL API over the same world: documents, mutations, errors, and ``gh api graphql``."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routine_harness.world.github.connector import CONNECTOR
from routine_harness.world.github.faces import GRAPHQL
from routine_harness.world.github.graphql.graphql_answers import answer_graphql
from routine_harness.world.github.graphql.mutations import resolve
from routine_harness.world.github.rest.replies import Reply
from routine_harness.world.github.tools.tool_calls import Step, call_of
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolCall
from routine_harness.world.worldfile import world_from_data

REPOSITORY = {"full_name": "acme/core", "id": 7, "default_branch": "main", "private": True}
PULL = {
    "repository": "acme/core",
    "number": 42,
    "id": 420,
    "title": "Fix the parser",
    "head": "fix",
    "base": "main",
    "user": "ada",
    "labels": ["bug"],
    "head_sha": "a" * 40,
    "body": "Fixes #3",
    "node_id": "PR_kwDOA42",
    "requested_reviewers": ["bo"],
    "mergeable": True,
    "mergeable_state": "clean",
}
DATA: dict[str, Any] = {
    "github": {
        "me": {"login": "routine-owner"},
        "users": [{"login": "ada", "name": "Ada"}, {"login": "bo"}],
        "repositories": [REPOSITORY],
        "labels": [
            {"repository": "acme/core", "name": "bug", "id": 901, "color": "ff0000"},
            {"repository": "acme/core", "name": "later", "id": 902, "color": "00ff00"},
        ],
        "branches": [
            {"repository": "acme/core", "name": "main", "sha": "b" * 40},
            {"repository": "acme/core", "name": "fix", "sha": "a" * 40},
        ],
        "issues": [
            {
                "repository": "acme/core",
                "number": 3,
                "id": 300,
                "title": "Parser fails",
                "user": "bo",
                "labels": [],
            },
            {
                "repository": "acme/core",
                "number": 4,
                "id": 301,
                "title": "Old",
                "user": "ada",
                "state": "closed",
            },
        ],
        "pulls": [PULL],
        "reviews": [
            {
                "repository": "acme/core",
                "number": 42,
                "id": 600,
                "user": "bo",
                "state": "APPROVED",
                "body": "Good",
            }
        ],
        "threads": [
            {"repository": "acme/core", "number": 42, "id": "PRRT_1", "path": "a.py", "is_resolved": False}
        ],
        "review_comments": [
            {
                "repository": "acme/core",
                "number": 42,
                "id": 700,
                "thread": "PRRT_1",
                "user": "bo",
                "body": "Why?",
                "path": "a.py",
                "line": 1,
                "review": 600,
            }
        ],
        "comments": [{"repository": "acme/core", "number": 42, "id": 500, "user": "bo", "body": "Hello"}],
        "checks": [
            {
                "repository": "acme/core",
                "id": 800,
                "name": "test",
                "head_sha": "a" * 40,
                "status": "completed",
                "conclusion": "failure",
            }
        ],
    }
}


@pytest.fixture(scope="module")
def world() -> World:
    return world_from_data(DATA, {"github": CONNECTOR})


class Asked:
    """A world that answers documents, with what came of their operations."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.outcomes: list[Outcome] = []

    def perform(self, step: Step) -> Outcome:
        outcome = CONNECTOR.call(self.world, call_of(step, GRAPHQL))
        self.world = outcome.world
        self.outcomes.append(outcome)
        return outcome

    def __call__(self, query: Any, **variables: Any) -> Reply:
        return answer_graphql(self.world, {"query": query, "variables": variables}, self.perform)

    @property
    def effects(self) -> list[tuple[str, str, str]]:
        return [
            (effect.kind, effect.target, effect.outcome)
            for outcome in self.outcomes
            for effect in outcome.effects
        ]


def data(reply: Reply) -> Any:
    assert reply.status == 200
    assert "errors" not in reply.value, reply.value
    return reply.value["data"]


def test_a_pull_request_is_answered_from_its_rows(world: World) -> None:
    """What gh asks of a pull request: its fields, its author, labels, reviews, checks and threads."""
    found = data(
        Asked(world)(
            """query PullRequestByNumber($owner: String!, $repo: String!, $pr_number: Int!) {
              repository(owner: $owner, name: $repo) { pullRequest(number: $pr_number) {
                ...pr
                reviewThreads(first: 50) { nodes { id isResolved path comments(first: 10) {
                  totalCount nodes { databaseId body author { login } } } } }
                statusCheckRollup { state }
              } } }
            fragment pr on PullRequest {
              id number title state url isDraft author { login ... on User { id name } } headRefName
              mergeable mergeStateStatus reviewDecision baseRef { name }
              labels(first: 100) { nodes { id name color } totalCount }
              reviews(first: 10) { nodes { state body author { login } } }
              reviewRequests(first: 10) { nodes { requestedReviewer { __typename ... on User { login } } } }
              closingIssuesReferences(first: 5) { nodes { number title } }
              comments(last: 1) { nodes { body } pageInfo { hasPreviousPage } }
            }""",
            owner="acme",
            repo="core",
            pr_number=42,
        )
    )["repository"]["pullRequest"]
    assert (found["id"], found["number"], found["state"], found["isDraft"]) == (
        "PR_kwDOA42",
        42,
        "OPEN",
        False,
    )
    assert found["author"] == {"login": "ada", "id": "U_ada", "name": "Ada"}
    assert found["labels"] == {"nodes": [{"id": "LA_901", "name": "bug", "color": "ff0000"}], "totalCount": 1}
    assert found["reviewRequests"]["nodes"] == [{"requestedReviewer": {"__typename": "User", "login": "bo"}}]
    assert found["closingIssuesReferences"]["nodes"] == [{"number": 3, "title": "Parser fails"}]
    assert found["reviewDecision"] == "APPROVED"
    assert (found["mergeable"], found["mergeStateStatus"]) == ("MERGEABLE", "CLEAN")
    assert found["statusCheckRollup"] == {"state": "FAILURE"}
    [thread] = found["reviewThreads"]["nodes"]
    assert thread["comments"]["nodes"] == [{"databaseId": 700, "body": "Why?", "author": {"login": "bo"}}]


def test_lists_are_filtered_ordered_and_cut(world: World) -> None:
    """Lists take states, labels and an order, and come in pages with cursors."""
    query = """query($states: [IssueState!], $endCursor: String) { repository(owner: "acme", name: "core") {
      issues(first: 1, after: $endCursor, states: $states, orderBy: {field: CREATED_AT, direction: ASC}) {
        totalCount nodes { number } pageInfo { hasNextPage endCursor } } } }"""
    asked = Asked(world)
    first = data(asked(query))["repository"]["issues"]
    assert (first["totalCount"], first["nodes"], first["pageInfo"]["hasNextPage"]) == (
        2,
        [{"number": 3}],
        True,
    )
    second = data(asked(query, endCursor=first["pageInfo"]["endCursor"]))["repository"]["issues"]
    assert (second["nodes"], second["pageInfo"]["hasNextPage"]) == ([{"number": 4}], False)
    closed = data(asked(query, states=["CLOSED"]))["repository"]["issues"]
    assert closed["nodes"] == [{"number": 4}]


def test_viewer_search_and_nodes(world: World) -> None:
    """The agent's own login, a search, and records by their node ids."""
    found = data(
        Asked(world)(
            """{ viewer { login }
              search(query: "repo:acme/core is:pr parser", type: ISSUE, first: 5) {
                issueCount nodes { ... on PullRequest { number } } }
              node(id: "I_300") { ... on Issue { number } }
              nodes(ids: ["PRRT_1", "LA_902"]) { __typename id } }"""
        )
    )
    assert found == {
        "viewer": {"login": "routine-owner"},
        "search": {"issueCount": 1, "nodes": [{"number": 42}]},
        "node": {"number": 3},
        "nodes": [
            {"__typename": "PullRequestReviewThread", "id": "PRRT_1"},
            {"__typename": "Label", "id": "LA_902"},
        ],
    }


HERE = {"owner": "acme", "repo": "core"}
AT = {**HERE, "pullNumber": 42}
ON = {**HERE, "issue_number": 3}
SAME: list[tuple[str, str, dict[str, Any]]] = [
    ('addComment(input: {subjectId: "I_300", body: "hi"})', "add_issue_comment", {**ON, "body": "hi"}),
    (
        'createIssue(input: {repositoryId: "R_7", title: "t", body: "b", labelIds: ["LA_901"]})',
        "issue_write",
        {**HERE, "method": "create", "title": "t", "body": "b", "labels": ["bug"]},
    ),
    (
        'updateIssue(input: {id: "I_300", title: "t"})',
        "issue_write",
        {**ON, "method": "update", "title": "t"},
    ),
    (
        'closeIssue(input: {issueId: "I_300", stateReason: NOT_PLANNED})',
        "issue_write",
        {**ON, "method": "update", "state": "closed", "state_reason": "not_planned"},
    ),
    (
        'reopenIssue(input: {issueId: "I_301"})',
        "issue_write",
        {**HERE, "issue_number": 4, "method": "update", "state": "open"},
    ),
    (
        """createPullRequest(input: {repositoryId: "R_7", baseRefName: "main", headRefName: "new",
        title: "t", draft: true})""",
        "create_pull_request",
        {**HERE, "base": "main", "head": "new", "title": "t", "draft": True},
    ),
    (
        'updatePullRequest(input: {pullRequestId: "PR_kwDOA42", title: "t"})',
        "update_pull_request",
        {**AT, "title": "t"},
    ),
    (
        'closePullRequest(input: {pullRequestId: "PR_kwDOA42"})',
        "update_pull_request",
        {**AT, "state": "closed"},
    ),
    (
        'mergePullRequest(input: {pullRequestId: "PR_kwDOA42", mergeMethod: SQUASH})',
        "merge_pull_request",
        {**AT, "merge_method": "squash"},
    ),
    (
        'enablePullRequestAutoMerge(input: {pullRequestId: "PR_kwDOA42", mergeMethod: SQUASH})',
        "enable_pr_auto_merge",
        {**AT, "merge_method": "squash"},
    ),
    (
        'convertPullRequestToDraft(input: {pullRequestId: "PR_kwDOA42"})',
        "update_pull_request",
        {**AT, "draft": True},
    ),
    (
        'requestReviews(input: {pullRequestId: "PR_kwDOA42", userIds: ["U_bo"], union: true})',
        "request_pull_request_reviewers",
        {**AT, "reviewers": ["bo"]},
    ),
    (
        'addPullRequestReview(input: {pullRequestId: "PR_kwDOA42", event: APPROVE, body: "ok"})',
        "pull_request_review_write",
        {**AT, "method": "create", "event": "APPROVE", "body": "ok"},
    ),
    ('resolveReviewThread(input: {threadId: "PRRT_1"})', "resolve_review_thread", {"threadId": "PRRT_1"}),
    (
        'addPullRequestReviewThreadReply(input: {pullRequestReviewThreadId: "PRRT_1", body: "done"})',
        "add_reply_to_pull_request_comment",
        {**AT, "commentId": 700, "body": "done"},
    ),
    (
        'addLabelsToLabelable(input: {labelableId: "I_300", labelIds: ["LA_902"]})',
        "add_issue_labels",
        {**ON, "labels": ["later"]},
    ),
    (
        'removeLabelsFromLabelable(input: {labelableId: "PR_kwDOA42", labelIds: ["LA_901"]})',
        "remove_issue_label",
        {**HERE, "issue_number": 42, "name": "bug"},
    ),
    (
        'addAssigneesToAssignable(input: {assignableId: "I_300", assigneeIds: ["U_ada"]})',
        "add_issue_assignees",
        {**ON, "assignees": ["ada"]},
    ),
    (
        'addReaction(input: {subjectId: "I_300", content: THUMBS_UP})',
        "add_issue_reaction",
        {**ON, "content": "+1"},
    ),
    (
        'addReaction(input: {subjectId: "IC_500", content: HEART})',
        "add_issue_comment_reaction",
        {**HERE, "comment_id": 500, "content": "heart"},
    ),
    (
        'createRef(input: {repositoryId: "R_7", name: "refs/heads/new", oid: "' + "b" * 40 + '"})',
        "create_branch",
        {**HERE, "branch": "new", "sha": "b" * 40},
    ),
    ('deleteRef(input: {refId: "REF_acme/core:refs/heads/fix"})', "delete_branch", {**HERE, "branch": "fix"}),
    (
        'createCommitOnBranch(input: {branch: {repositoryNameWithOwner: "acme/core", branchName: "main"}, '
        'message: {headline: "h"}, fileChanges: {additions: [{path: "a", contents: "aGk="}]}, '
        'expectedHeadOid: "' + "b" * 40 + '"})',
        "push_files",
        {**HERE, "branch": "main", "message": "h", "files": [{"path": "a", "content": "hi"}]},
    ),
    (
        'lockLockable(input: {lockableId: "I_300", lockReason: OFF_TOPIC})',
        "lock_issue",
        {**ON, "lock_reason": "off-topic"},
    ),
    (
        'updateIssueComment(input: {id: "IC_500", body: "b"})',
        "update_issue_comment",
        {**HERE, "comment_id": 500, "body": "b"},
    ),
    (
        'createLabel(input: {repositoryId: "R_7", name: "n", color: "aabbcc"})',
        "label_write",
        {**HERE, "method": "create", "name": "n", "color": "aabbcc"},
    ),
]


@pytest.mark.parametrize(
    ("mutation", "tool", "arguments"), SAME, ids=[one[0].partition("(")[0] for one in SAME]
)
def test_a_mutation_is_its_tool(world: World, mutation: str, tool: str, arguments: dict[str, Any]) -> None:
    """A mutation leads to the world and the effects of its MCP tool."""
    asked = Asked(world)
    reply = asked(f"mutation {{ {mutation} {{ clientMutationId }} }}")
    name = mutation.partition("(")[0]
    assert reply.value == {"data": {name: {"clientMutationId": None}}}
    server = "" if CONNECTOR.tools[tool].offered else "api.github.com"
    outcome = CONNECTOR.call(world, CONNECTOR.canonical(ToolCall("github", tool, arguments, server)))
    assert not outcome.result.is_error, outcome.result.text
    assert asked.world.tables == outcome.world.tables
    assert asked.effects == [
        (effect.kind, effect.target, effect.outcome) for effect in outcome.effects if effect.kind
    ]


def test_a_payload_shows_what_was_made(world: World) -> None:
    """The payload of a mutation holds the record as it is afterwards, and what it hangs on."""
    found = data(
        Asked(world)(
            """mutation($id: ID!) {
              one: addComment(input: {subjectId: $id, body: "hi", clientMutationId: "x"}) {
                clientMutationId commentEdge { node { body author { login } } } subject { id } }
              two: mergePullRequest(input: {pullRequestId: $id}) {
                pullRequest { state merged mergedBy { login } } }
              three: resolveReviewThread(input: {threadId: "PRRT_1"}) {
                thread { isResolved resolvedBy { login } } }
            }""",
            id="PR_kwDOA42",
        )
    )
    assert found["one"]["commentEdge"]["node"]["body"] == "hi"
    assert (found["one"]["clientMutationId"], found["one"]["subject"]) == ("x", {"id": "PR_kwDOA42"})
    assert found["two"] == {
        "pullRequest": {"state": "MERGED", "merged": True, "mergedBy": {"login": "routine-owner"}}
    }
    assert found["three"]["thread"] == {"isResolved": True, "resolvedBy": {"login": "routine-owner"}}


NOT_FOUND = [
    (
        '{ repository(owner: "acme", name: "nope") { id } }',
        ["repository"],
        "Could not resolve to a Repository with the name 'acme/nope'.",
        {"repository": None},
    ),
    (
        '{ repository(owner: "acme", name: "core") { pullRequest(number: 9) { id } } }',
        ["repository", "pullRequest"],
        "Could not resolve to a PullRequest with the number of 9.",
        {"repository": {"pullRequest": None}},
    ),
    (
        '{ node(id: "PR_no") { id } }',
        ["node"],
        "Could not resolve to a node with the global id of 'PR_no'",
        {"node": None},
    ),
    (
        'mutation { mergePullRequest(input: {pullRequestId: "PR_no"}) { clientMutationId } }',
        ["mergePullRequest"],
        "Could not resolve to a node with the global id of 'PR_no'",
        {"mergePullRequest": None},
    ),
]


@pytest.mark.parametrize(("query", "path", "message", "expected"), NOT_FOUND)
def test_what_is_not_there_is_null_with_an_error(
    world: World, query: str, path: list[str], message: str, expected: Any
) -> None:
    """A record that is not there is null in the data, and an error of the type NOT_FOUND names it."""
    reply = Asked(world)(query)
    [error] = reply.value["errors"]
    assert (reply.status, reply.value["data"]) == (200, expected)
    assert (error["type"], error["path"], error["message"]) == ("NOT_FOUND", path, message)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("{ viewer { login", "Expected Name, actual: <EOF>"),
        ("", "A query attribute must be specified and must be a string."),
        (None, "A query attribute must be specified and must be a string."),
        ("{ a " * 1000 + "}" * 1000, "nests too deeply"),
        (
            '{ repository(owner: "acme", name: "core") { issues { totalCount } } }',
            "You must provide a `first` or `last`",
        ),
        (
            'query($n: Int!) { repository(owner: "acme", name: "core") { issue(number: $n) { id } } }',
            "Variable $n of type Int! was provided invalid value",
        ),
    ],
)
def test_documents_that_do_not_fit_are_refused_in_githubs_words(world: World, query: Any, words: str) -> None:
    """A document that does not parse, nests too deeply or lacks what it needs is one error."""
    reply = Asked(world)(query)
    assert words in reply.value["errors"][0]["message"]
    assert not reply.incomplete


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("{ viewer { sponsors(first: 1) { totalCount } } }", "field User.sponsors"),
        (
            'mutation { enqueuePullRequest(input: {pullRequestId: "x"}) { clientMutationId } }',
            "field Mutation.enqueuePullRequest",
        ),
        ("mutation { makeCoffee(input: {strong: true}) { clientMutationId } }", "field Mutation.makeCoffee"),
    ],
)
def test_what_the_schema_lacks_is_refused_loudly(world: World, query: str, what: str) -> None:
    """A field that is not simulated is answered as unknown, and the reply says that no model has it."""
    asked = Asked(world)
    reply = asked(query)
    assert "doesn't exist on type" in reply.value["errors"][0]["message"]
    assert reply.incomplete == f"GitHub's GraphQL {what}"
    assert asked.outcomes == []


def test_every_mutation_of_the_schema_is_in_the_table(world: World) -> None:
    """The schema's mutations are those that operations carry out; a name stands in one row."""
    from routine_harness.world.github.graphql.graphql_answers import _schema
    from routine_harness.world.github.graphql.mutations import mutation_step

    schema = _schema()
    assert schema.mutation_type is not None
    for name in schema.mutation_type.fields:
        step = mutation_step(name, {})
        assert step is not None, name
        assert step[0].run is not None, name


def test_resolving_twice_changes_nothing(world: World) -> None:
    """Records in place of node ids stay as they are."""
    from routine_harness.world.github.graphql.mutations import mutation_step

    step = mutation_step("mergePullRequest", {"pullRequestId": "PR_kwDOA42"})
    assert step is not None
    once = resolve(world, step)
    assert once[1] == {"repository": "acme/core", "number": 42}
    assert resolve(world, once) == once


def test_a_field_of_gh_json_gives_the_same_id(world: World) -> None:
    """The ids of ``gh --json id`` are those that mutations take."""
    from routine_harness.world.github.graphql.graphql_kinds import show

    shown = show("issue", world, next(iter(world.table("github.issues"))))
    assert json.dumps(shown["id"]) == '"I_300"'


WORDS = st.sampled_from(
    [*"{}()[]:!$@|&=", "...", "query", "mutation", "fragment", "on", "viewer", "login", "repository", "owner",
     "name", "first", "1", "-1", "1e9", "null", '"x"', '"' * 3, "#", "\n", "\x00", "node", "id",
     "addComment", "input", "subjectId", "__typename", "__schema", "types", "nodes", "\ud7ff"]
)  # fmt: skip


@given(
    st.lists(WORDS, max_size=60).map(" ".join) | st.text(max_size=80),
    st.dictionaries(st.text(), st.integers()),
)
@settings(max_examples=300, deadline=None)
def test_nonsense_is_answered_and_changes_nothing(query: str, variables: dict[str, Any]) -> None:
    """Whatever stands in a document, the answer is GitHub's: data or errors, and never a traceback."""
    before = world_from_data(DATA, {"github": CONNECTOR}) if not WORLDS else WORLDS[0]
    WORLDS[:] = [before]
    asked = Asked(before)
    reply = answer_graphql(before, {"query": query, "variables": variables}, asked.perform)
    assert reply.status in (200, 501)
    assert reply.status == 501 or set(reply.value) <= {"data", "errors"}
    assert asked.world.tables == before.tables


WORLDS: list[World] = []
"""The one world of the property, made once."""
