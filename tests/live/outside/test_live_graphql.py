"""``gh api graphql`` and GraphQL by HTTP, in a session: live through the shim, and scripted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.live_runs import direct

from routine_harness.live.outside.rest import answer_rest, is_not_simulated
from routine_harness.live.outside.served_world import open_setting, open_world
from routine_harness.live.outside.shim_answers import GhQuestion, answer_gh
from routine_harness.session.session import Session
from routine_harness.store.cases import load_case_file
from routine_harness.world.github.gh.gh_plan import Request
from routine_harness.world.github.gh.gh_print import GhAnswer
from routine_harness.world.tool import ToolResult

PULL = 'repository(owner: "acme-platform", name: "core-api") { pullRequest(number: 42) { id number title } }'


class Inside:
    """A session with ``gh`` and HTTP, as programs of a sandbox have them."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def gh(self, *arguments: str) -> GhAnswer:
        asked = GhQuestion(arguments, remote="https://github.com/acme-platform/core-api.git")
        return answer_gh(asked, self.session, self.do, lambda one: answer_rest(self.session, self.do, one))

    def post(self, query: str, **variables: Any) -> Any:
        asked = Request(method="POST", path="/graphql", body={"query": query, "variables": variables})
        return answer_rest(self.session, self.do, asked)

    def do(self, tool: str, arguments: dict[str, Any], server: str) -> ToolResult:
        return self.session.handle(f"github.{tool}", arguments, server=server, via="here")

    @property
    def kinds(self) -> list[str]:
        return [effect.kind for effect in self.session.effects if effect.outcome == "applied"]


@pytest.fixture
def inside(project: Path) -> Inside:
    loaded = load_case_file(project / "example_routines/security-triage-pr/cases/sql-injection.yaml")
    return Inside(direct(open_world(open_setting(loaded.cases[0], loaded.routine))))


def test_a_query_is_answered_and_counts_as_a_look(inside: Inside) -> None:
    """A query's answer is JSON, ``--jq`` is applied, and the read is a call of its operation's tool."""
    answer = inside.gh(
        "api", "graphql", "-f", f"query={{ {PULL} }}", "--jq", ".data.repository.pullRequest.title"
    )
    assert (answer.out, answer.code) == ("Find users by name\n", 0)
    assert [record.call.tool for record in inside.session.calls] == ["pull_request_read"]
    assert all(record.reads for record in inside.session.calls)


def test_variables_have_ghs_types(inside: Inside) -> None:
    """``-F`` makes numbers of numbers, ``-f`` does not; GitHub refuses a text for a number."""
    query = """query($owner: String!, $name: String!, $number: Int!) {
      repository(owner: $owner, name: $name) { pullRequest(number: $number) { number } } }"""
    words = ("api", "graphql", "-F", "owner=acme-platform", "-F", "name=core-api", "-f", f"query={query}")
    good = inside.gh(*words, "-F", "number=42")
    assert json.loads(good.out) == {"data": {"repository": {"pullRequest": {"number": 42}}}}
    bad = inside.gh(*words, "-f", "number=42")
    assert (bad.code, bad.err) == (1, "gh: Variable $number of type Int! was provided invalid value\n")


def test_errors_are_printed_as_gh_does(inside: Inside) -> None:
    """The body is printed, gh says the message again, and fails."""
    query = f"query={{ {PULL.replace('42', '999')} }}"
    answer = inside.gh("api", "graphql", "-f", query, "--jq", ".x")
    message = "Could not resolve to a PullRequest with the number of 999."
    assert (answer.code, answer.err) == (1, f"gh: {message}\n")
    assert json.loads(answer.out)["data"] == {"repository": {"pullRequest": None}}
    other = inside.gh("api", "graphql", "-f", 'query={ repository(owner: "a", name: "b") { id } }')
    assert "not a repository of the routine" in other.err
    broken = inside.gh("api", "graphql", "-f", "query={")
    assert broken.code == 1
    assert broken.err.startswith("gh: Expected")


def test_a_mutation_changes_the_world(inside: Inside) -> None:
    """A mutation by a node id that ``gh`` printed is the effect of its tool."""
    identity = inside.gh("pr", "view", "42", "--json", "id", "--jq", ".id").out.strip()
    query = """mutation($id: ID!) { addComment(input: {subjectId: $id, body: "Hello"}) {
      commentEdge { node { body } } } }"""
    answer = inside.gh("api", "graphql", "-f", f"id={identity}", "-f", f"query={query}")
    made = json.loads(answer.out)["data"]["addComment"]["commentEdge"]["node"]
    assert made["body"].startswith("Hello")
    assert inside.kinds == ["comment.created"]
    assert inside.session.calls[-1].call.arguments["issue_number"] == 42


def test_pages_follow_the_cursor(inside: Inside) -> None:
    """``--paginate`` asks for page after page by ``$endCursor``."""
    for body in ("One", "Two", "Three"):
        inside.gh("pr", "comment", "42", "--body", body)
    query = """query($endCursor: String) { repository(owner: "acme-platform", name: "core-api") {
      pullRequest(number: 42) { comments(first: 1, after: $endCursor) {
        nodes { body } pageInfo { hasNextPage endCursor } } } } }"""
    path = '.data.repository.pullRequest.comments.nodes[].body | split("\\n")[0]'
    answer = inside.gh("api", "graphql", "--paginate", "-f", f"query={query}", "--jq", path)
    assert answer.out.splitlines()[-3:] == ["One", "Two", "Three"]


def test_what_is_not_simulated_is_told(inside: Inside) -> None:
    """A mutation without a model, and a field that the schema lacks, do nothing, fail, and are reported."""
    for query in (
        'mutation { enqueuePullRequest(input: {pullRequestId: "x"}) { clientMutationId } }',
        "mutation { makeCoffee(input: {strong: true}) { clientMutationId } }",
        "{ viewer { sponsors(first: 1) { totalCount } } }",
    ):
        answer = inside.gh("api", "graphql", "-f", f"query={query}")
        assert answer.code == 1
        assert "GitHub's GraphQL field" in answer.unknown
        assert is_not_simulated(inside.post(query))
    assert inside.session.effects == ()


def test_by_http(inside: Inside) -> None:
    """The same documents by HTTP: status 200, data or errors."""
    assert inside.post(f"{{ {PULL} }}").value["data"]["repository"]["pullRequest"]["number"] == 42
    missing = inside.post('{ node(id: "PR_no") { id } }')
    assert (missing.status, missing.value["errors"][0]["type"]) == (200, "NOT_FOUND")


def test_a_scripted_command_is_answered_from_the_world(inside: Inside) -> None:
    """In a script the same command prints the same, and changes the same world."""
    session = inside.session
    command = f"gh api graphql -f query='{{ {PULL} }}' --jq .data.repository.pullRequest.id"
    identity = session.call("Bash", command=command).text.strip()
    assert identity.startswith("PR_")
    query = (
        f'mutation {{ addComment(input: {{subjectId: "{identity}", body: "Hi"}}) {{ subject {{ id }} }} }}'
    )
    said = session.call("Bash", command=f"gh api graphql -f query='{query}'").text
    assert json.loads(said) == {"data": {"addComment": {"subject": {"id": identity}}}}
    assert inside.kinds == ["comment.created"]
    body = json.dumps({"query": f"{{ {PULL} }}"})
    sent = session.call("Bash", command=f"curl -s https://api.github.com/graphql -d '{body}'")
    assert json.loads(sent.text)["data"]["repository"]["pullRequest"]["title"] == "Find users by name"
    missing = session.call("Bash", command="gh api graphql -f query='{ node(id: \"PR_no\") { id } }'")
    assert "Could not resolve to a node with the global id of 'PR_no'" in missing.text
