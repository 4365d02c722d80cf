"""GitHub's REST API over the same world: requests, answers, recorded answers."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from routine_harness.world.github.connector import CONNECTOR, answer_request
from routine_harness.world.github.records.patches import split_diff
from routine_harness.world.github.records.rest_records import records_from_rest
from routine_harness.world.github.rest.rest_requests import rest_call
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolCall
from routine_harness.world.worldfile import world_from_data

HERE = {"owner": "acme", "repo": "core"}
R = "/repos/acme/core"


@pytest.mark.parametrize(
    ("method", "path", "body", "tool", "arguments"),
    [
        (
            "PUT",
            f"{R}/pulls/42/merge",
            {"merge_method": "squash"},
            "merge_pull_request",
            {"pullNumber": 42, "merge_method": "squash"},
        ),
        ("put", "repos/acme/core/pulls/42/merge/", None, "merge_pull_request", {"pullNumber": 42}),
        (
            "GET",
            f"https://api.github.com{R}/pulls/42/files?per_page=5",
            None,
            "pull_request_read",
            {"method": "get_files", "pullNumber": 42},
        ),
        (
            "PATCH",
            f"/api/v3{R}/pulls/42",
            {"state": "closed"},
            "update_pull_request",
            {"pullNumber": 42, "state": "closed"},
        ),
        ("POST", f"{R}/issues", {"title": "x"}, "issue_write", {"method": "create", "title": "x"}),
        (
            "PATCH",
            f"{R}/issues/3",
            {"state": "closed"},
            "issue_write",
            {"method": "update", "issue_number": 3, "state": "closed"},
        ),
        ("POST", f"{R}/issues/3/labels", ["bug"], "add_issue_labels", {"issue_number": 3, "labels": ["bug"]}),
        (
            "DELETE",
            f"{R}/issues/3/labels/good%20first%20issue",
            None,
            "remove_issue_label",
            {"issue_number": 3, "name": "good first issue"},
        ),
        (
            "POST",
            f"{R}/git/refs",
            {"ref": "refs/heads/a/b", "sha": "c"},
            "create_branch",
            {"branch": "a/b", "sha": "c"},
        ),
        (
            "POST",
            f"{R}/git/refs",
            {"ref": "refs/tags/v1", "sha": "c"},
            "create_tag",
            {"tag": "v1", "sha": "c"},
        ),
        ("DELETE", f"{R}/git/refs/heads/a/b", None, "delete_branch", {"branch": "a/b"}),
        (
            "PATCH",
            f"{R}/git/refs/heads/main",
            {"sha": "c", "force": True},
            "update_branch",
            {"branch": "main", "sha": "c", "force": True},
        ),
        (
            "POST",
            f"{R}/pulls/42/reviews",
            {"event": "APPROVE"},
            "pull_request_review_write",
            {"method": "create", "pullNumber": 42, "event": "APPROVE"},
        ),
        (
            "POST",
            f"{R}/pulls/42/comments",
            {"in_reply_to": 7, "body": "x"},
            "add_reply_to_pull_request_comment",
            {"pullNumber": 42, "commentId": 7, "body": "x"},
        ),
        (
            "GET",
            f"{R}/compare/main...feature/x",
            None,
            "compare_commits",
            {"base": "main", "head": "feature/x"},
        ),
        (
            "POST",
            f"{R}/actions/workflows/ci.yml/dispatches",
            {"ref": "main"},
            "actions_run_trigger",
            {"method": "run_workflow", "workflow_id": "ci.yml", "ref": "main"},
        ),
        ("POST", f"{R}/releases", {"tag_name": "v1"}, "create_release", {"tag_name": "v1"}),
        ("DELETE", R, None, "delete_repository", {}),
    ],
)
def test_a_request_is_the_tool_call_it_stands_for(
    method: str, path: str, body: Any, tool: str, arguments: dict[str, Any]
) -> None:
    """The REST form of an operation and its tool are one."""
    call = rest_call(method, path, {}, body)
    assert call is not None
    assert (call.connector, call.tool, call.arguments) == ("github", tool, {**HERE, **arguments})


@pytest.mark.parametrize(
    "path", ["/zen", "/repos/acme", "/repos/acme/core/pulls/x/merge", "/repos/acme/core/nothing/1"]
)
def test_a_path_that_nobody_knows_is_no_call(path: str) -> None:
    """Only known paths stand for operations."""
    assert rest_call("GET", path) is None


def test_a_file_comes_decoded() -> None:
    """REST carries contents in base64, the tool takes text."""
    content = base64.b64encode(b"hi\n").decode()
    call = rest_call(
        "PUT", f"{R}/contents/a/b.txt", None, {"message": "m", "content": content, "branch": "x"}
    )
    assert call is not None
    assert call.arguments == {**HERE, "path": "a/b.txt", "message": "m", "content": "hi\n", "branch": "x"}


def ask(
    world: World, method: str, path: str, query: Any = None, body: Any = None, accept: str = ""
) -> tuple[int, Any, Outcome]:
    reply, outcome = answer_request(world, method, path, query, body, accept)
    return reply.status, reply.value, outcome


@pytest.fixture
def world() -> World:
    tables = {
        "repositories": [{"full_name": "acme/core", "files": {"a.py": "x = 1\n"}}],
        "pulls": [
            {
                "repository": "acme/core",
                "number": 42,
                "user": "alice",
                "head": "f",
                "labels": ["bug"],
                "files": [{"filename": "a.py", "patch": "@@ -1 +1 @@\n-x = 1\n+x = 2"}],
            }
        ],
        "issues": [{"repository": "acme/core", "number": 5, "title": "Broken"}],
    }
    return world_from_data({"clock": "2026-05-04T09:00:00Z", "github": tables}, {"github": CONNECTOR})


def test_answers_have_the_shape_of_rest(world: World) -> None:
    """A pull request by REST has people, labels and branches as objects; a diff is text."""
    status, pull, _ = ask(world, "GET", f"{R}/pulls/42")
    assert (status, pull["user"]["login"], pull["labels"][0]["name"]) == (200, "alice", "bug")
    assert (pull["head"]["ref"], pull["base"]["repo"]["full_name"]) == ("f", "acme/core")
    status, diff, _ = ask(world, "GET", f"{R}/pulls/42", accept="application/vnd.github.diff")
    assert (status, diff.splitlines()[0]) == (200, "diff --git a/a.py b/a.py")
    status, file, _ = ask(world, "GET", f"{R}/contents/a.py")
    assert base64.b64decode(file["content"]) == b"x = 1\n"
    assert [issue["number"] for issue in ask(world, "GET", f"{R}/issues")[1]] == [42, 5]


def test_writes_by_rest_are_the_same_writes(world: World) -> None:
    """A write answers with the record it made, has the tool's effects, and is there afterwards."""
    status, comment, outcome = ask(world, "POST", f"{R}/issues/5/comments", None, {"body": "Hi"})
    assert (status, comment["body"], comment["user"]["login"]) == (201, "Hi", "routine-owner")
    assert [effect.kind for effect in outcome.effects] == ["comment.created"]
    assert ask(outcome.world, "GET", f"{R}/issues/5/comments")[1] == [comment]
    content = base64.b64encode(b"y").decode()
    status, _, pushed = ask(world, "PUT", f"{R}/contents/b", None, {"message": "m", "content": content})
    assert (status, pushed.effects[0].fields["branch"]) == (201, "main")
    status, made, _ = ask(world, "POST", f"{R}/issues", None, {"title": "New", "labels": ["bug"]})
    assert (status, made["number"], made["labels"][0]["name"]) == (201, 43, "bug")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("GET", f"{R}/pulls/99", None, 404, "Not Found"),
        ("GET", "/repos/acme/none", None, 404, "Not Found"),
        ("GET", "/zen", None, 404, "Not Found"),
        ("DELETE", f"{R}/git/refs/heads/none", None, 422, "Reference does not exist"),
        ("POST", f"{R}/issues", {}, 422, 'Invalid request.\n\n"title" wasn\'t supplied.'),
        ("POST", f"{R}/git/refs", {"ref": "refs/heads/f", "sha": "c"}, 422, "Reference already exists"),
        (
            "POST",
            f"{R}/git/refs",
            {"ref": "refs/heads/a..b", "sha": "c"},
            422,
            "refs/heads/a..b is not a valid ref name.",
        ),
        (
            "PUT",
            f"{R}/contents/.git/config",
            {"message": "m", "content": "eA==", "branch": "main"},
            422,
            "path contains a malformed path component",
        ),
        (
            "GET",
            f"{R}/pulls/42/commits",
            None,
            501,
            "the simulated world does not hold the commits of acme/core#42; it knows of it by name only",
        ),
    ],
)
def test_refusals_have_githubs_status(
    world: World, method: str, path: str, body: Any, status: int, message: str
) -> None:
    """What is refused keeps the world and says why, as GitHub does."""
    found, answer, outcome = ask(world, method, path, None, body)
    assert (found, answer["message"]) == (status, message)
    assert outcome.world is world


@pytest.mark.parametrize(
    ("branch", "path", "message"),
    [
        ("claude/x.lock", "a.md", "refs/heads/claude/x.lock is not a valid ref name."),
        ("claude/x", "docs/../a.md", "path contains a malformed path component"),
        ("claude/x", "docs/.GIT/config", "path contains a malformed path component"),
    ],
)
def test_names_that_git_does_not_take_are_refused(world: World, branch: str, path: str, message: str) -> None:
    """Files pushed in one go keep to git's names, and so does the branch that they make."""
    given = {"owner": "acme", "repo": "core", "branch": branch, "message": "m"}
    call = ToolCall("github", "push_files", {**given, "files": [{"path": path, "content": "x"}]})
    outcome = CONNECTOR.call(world, call)
    assert outcome.result.is_error
    assert outcome.world is world
    assert message in outcome.result.text


def test_recorded_answers_become_records() -> None:
    """Each address says which table its answer belongs to; errors and other addresses say nothing."""
    url = "https://api.github.com" + R
    assert records_from_rest("GET", url, 404, {"message": "Not Found"}) == []
    assert records_from_rest("GET", "https://api.github.com/zen", 200, "text") == []
    assert records_from_rest("GET", f"{url}/pulls/3", 200, [1, "x", None]) == []
    [(table, row)] = records_from_rest(
        "GET", f"{url}/commits/abc/status", 200, {"sha": "abc", "statuses": [{"id": 1, "context": "ci"}]}
    )
    assert (table, row["sha"], row["repository"]) == ("github.statuses", "abc", "acme/core")
    [(table, row)] = records_from_rest(
        "GET", f"{url}/issues/comments/9", 200, {"id": 9, "issue_url": f"{url}/issues/3"}
    )
    assert (table, row["number"]) == ("github.comments", 3)
    [(table, row)] = records_from_rest(
        "GET",
        f"{url}/contents/a.py?ref=dev",
        200,
        {"path": "a.py", "type": "file", "encoding": "base64", "content": "eA=="},
    )
    assert (table, row["ref"], row["content"]) == ("github.files", "dev", "x")


def test_a_diff_is_taken_apart() -> None:
    """The files of a diff come with their status and hunks."""
    diff = (
        "diff --git a/new b/new\nnew file mode 100644\nindex 0..1\n--- /dev/null\n+++ b/new\n"
        "@@ -0,0 +1 @@\n+x\n"
        "diff --git a/old b/moved\nsimilarity index 100%\nrename from old\nrename to moved\n"
    )
    assert split_diff(diff) == [
        {"filename": "new", "status": "added", "patch": "@@ -0,0 +1 @@\n+x"},
        {"filename": "moved", "status": "renamed", "previous_filename": "old"},
    ]


def test_recorded_exchanges_seed_a_world(shared_data: Path) -> None:
    """Every recorded exchange of GitHub's own fixtures merges into one world without a fault."""
    world, seen = World(), 0
    for file in sorted((shared_data / "github-rest").glob("*.json")):
        for one in json.loads(file.read_text()):
            url = f"https://api.github.com{one['path']}"
            for name, row in records_from_rest(one["method"], url, one["status"], one["response"]):
                world, seen = CONNECTOR.seed_record(world, name.partition(".")[2], row), seen + 1
    world = CONNECTOR.complete_world(world)
    assert seen > 20
    assert {"github.repositories", "github.issues", "github.labels", "github.files"} <= set(world.tables)


@pytest.mark.parametrize("digits", ["9" * 5000, "²", "-5", "٣" * 30])
def test_numbers_that_no_service_has_are_no_numbers(world: World, digits: str) -> None:
    """Absurd numbers in paths, arguments and queries are refused, never an exception."""
    assert rest_call("GET", f"{R}/pulls/{digits}") is None
    for tool, arguments in (
        ("issue_read", {**HERE, "method": "get", "issue_number": digits}),
        ("actions_get", {**HERE, "method": "get_workflow_run", "resource_id": digits}),
        ("get_file_contents", {**HERE, "path": "a.py", "ref": f"refs/pull/{digits}/head"}),
    ):
        assert CONNECTOR.call(world, ToolCall("github", tool, arguments)).result.is_error
    found = CONNECTOR.call(world, ToolCall("github", "search_issues", {"query": f"comments:>{digits}x"}))
    assert found.result.json()["total_count"] == 0
