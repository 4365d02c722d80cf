"""Answers held against recordings of GitHub, and the benchmark that holds them."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from routine_harness.world.github.connector import CONNECTOR, answer_request
from routine_harness.world.github.records.rest_records import records_from_rest
from routine_harness.world.github.rest.replies import Reply
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolCall
from routine_harness.world.worldfile import world_from_data

API = "https://api.github.com"
R = "/repos/acme/core"


def ask(world: World, method: str, path: str, body: Any = None, **query: str) -> tuple[Reply, Outcome]:
    return answer_request(world, method, path, query, body)


def seeded(*answers: tuple[str, str, int, Any]) -> World:
    world = World()
    for method, path, status, answer in answers:
        for name, row in records_from_rest(method, API + path, status, answer):
            world = CONNECTOR.seed_record(world, name.partition(".")[2], row)
    return CONNECTOR.complete_world(world)


def world_of(**github: Any) -> World:
    return world_from_data({"clock": "2026-05-04T09:00:00Z", "github": github}, {"github": CONNECTOR})


def _core(**more: Any) -> World:
    return world_of(repositories=[{"full_name": "acme/core", **more}])


def test_a_new_repository_is_empty_and_has_the_usual_labels() -> None:
    """A repository without a first commit has nine labels and no branch; its first file has no parents."""
    _, done = ask(World(), "POST", "/orgs/acme/repos", {"name": "new"})
    world = done.world
    reply, _ = ask(world, "GET", "/repos/acme/new/labels")
    assert [label["name"] for label in reply.value][:2] == ["bug", "documentation"]
    assert len(reply.value) == 9
    assert ask(world, "GET", "/repos/acme/new")[0].value["owner"]["type"] == "Organization"
    assert ask(world, "GET", "/repos/acme/new")[0].value["private"] is False
    assert ask(world, "GET", "/repos/acme/new/branches/main")[0].status == 404
    put, done = ask(world, "PUT", "/repos/acme/new/contents/a.md", {"message": "first", "content": "YQ=="})
    assert (put.status, put.value["commit"]["parents"]) == (201, [])
    second, _ = ask(done.world, "PUT", "/repos/acme/new/contents/b.md", {"message": "2", "content": "YQ=="})
    assert len(second.value["commit"]["parents"]) == 1
    assert ask(done.world, "GET", "/repos/acme/new/branches/main")[0].status == 200


def test_the_default_branch_is_there_in_a_world_without_files() -> None:
    """Of a repository known by name the default branch is listed, read and asked for its rules."""
    world = _core()
    assert [row["name"] for row in ask(world, "GET", f"{R}/branches")[0].value] == ["main"]
    assert ask(world, "GET", f"{R}/git/ref/heads/main")[0].value["object"]["sha"]
    assert ask(world, "GET", f"{R}/git/matching-refs/heads/ma")[0].value[0]["ref"] == "refs/heads/main"
    assert ask(world, "GET", f"{R}/branches/main/protection")[0].value["message"] == "Branch not protected"
    assert ask(world, "GET", f"{R}/branches/no/protection")[0].value["message"] == "Branch not found"


def test_branch_protection_is_written_and_read_as_github_shows_it() -> None:
    """Switches become objects with an address, logins become people, contexts become checks."""
    given = {
        "required_status_checks": {"strict": True, "contexts": ["ci"]},
        "enforce_admins": True,
        "required_pull_request_reviews": None,
        "restrictions": {"users": ["ada"], "teams": ["core"]},
    }
    reply, done = ask(_core(), "PUT", f"{R}/branches/main/protection", given)
    shown = reply.value
    assert shown["enforce_admins"]["enabled"] is True
    assert shown["required_status_checks"]["checks"] == [{"context": "ci", "app_id": None}]
    assert shown["restrictions"]["users"][0]["login"] == "ada"
    assert "required_pull_request_reviews" not in shown
    assert ask(done.world, "GET", f"{R}/branches/main/protection")[0].value == shown
    gone, _ = ask(done.world, "DELETE", f"{R}/branches/main/protection")
    assert gone.status == 204


def test_what_a_recording_says_of_a_folder_or_of_a_missing_file_is_answered_again() -> None:
    """A recorded listing comes back, with or without a slash; a recorded 404 is one again."""
    entry = {"type": "file", "size": 3, "name": "a.md", "path": "docs/a.md", "sha": "1" * 40}
    world = seeded(
        ("GET", f"{R}/contents/docs", 200, [entry]),
        ("GET", f"{R}/contents/.no.yml?ref=main", 404, {"message": "Not Found"}),
    )
    for path in ("docs", "docs/"):
        reply, _ = ask(world, "GET", f"{R}/contents/{path}")
        assert [(one["path"], one["sha"]) for one in reply.value] == [("docs/a.md", "1" * 40)]
    reply, outcome = ask(world, "GET", f"{R}/contents/.no.yml", ref="main")
    assert (reply.status, outcome.incomplete) == (404, "")


def test_an_issue_of_which_only_comments_are_known_is_not_said_to_be_absent() -> None:
    """The world does not say 404 of a number on which somebody commented; it says what it lacks."""
    world = seeded(("GET", f"{R}/issues/7/comments", 200, [{"id": 1, "body": "hello"}]))
    _, outcome = ask(world, "GET", f"{R}/issues/7")
    assert outcome.incomplete == "acme/core#7"
    assert ask(world, "GET", f"{R}/issues/8")[0].status == 404


def test_organisations_and_apps_are_answered_from_their_recordings() -> None:
    """An organisation, an installation and a token of it; of an unknown installation nothing is invented."""
    world = seeded(
        ("GET", "/orgs/acme", 200, {"login": "acme", "id": 5, "description": "x"}),
        ("GET", "/orgs/acme/installation", 200, {"id": 9, "account": {"login": "acme", "id": 5}}),
    )
    assert ask(world, "GET", "/orgs/acme")[0].value["description"] == "x"
    assert ask(world, "GET", "/users/acme/installation")[0].value["account"]["login"] == "acme"
    token, _ = ask(world, "POST", "/app/installations/9/access_tokens", {})
    assert token.status == 201
    assert token.value["token"].startswith("ghs_")
    assert ask(World(), "GET", "/orgs/acme/installation")[1].incomplete


def test_issues_that_concern_the_agent_are_listed_over_all_repositories() -> None:
    """``/issues`` gives those that the agent is assigned to; ``filter=all`` all, of one owner under /orgs."""
    world = world_of(
        me="ada",
        issues=[
            {"repository": "acme/core", "number": 1, "assignees": ["ada"]},
            {"repository": "acme/core", "number": 2},
            {"repository": "other/x", "number": 3, "assignees": ["ada"]},
        ],
    )
    assert [one["number"] for one in ask(world, "GET", "/issues")[0].value] == [3, 1]
    assert [one["number"] for one in ask(world, "GET", "/orgs/acme/issues", filter="all")[0].value] == [2, 1]


def test_what_somebody_unknown_may_do_is_not_made_up() -> None:
    """Who wrote something may read; of a login that nobody names the world says nothing."""
    world = world_of(issues=[{"repository": "acme/core", "number": 1, "user": "bob"}])
    assert ask(world, "GET", f"{R}/collaborators/bob/permission")[0].value["permission"] == "read"
    assert "eve" in ask(world, "GET", f"{R}/collaborators/eve/permission")[1].incomplete


# --- the benchmark's own reader


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    path = Path(__file__).parents[3] / "benchmarks" / "fidelity.py"
    spec = importlib.util.spec_from_file_location("fidelity", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fidelity"] = module
    spec.loader.exec_module(module)
    return module


def _nock(method: str, path: str, status: int, response: Any, body: Any = "") -> dict[str, Any]:
    return {
        "scope": "https://api.github.com:443", "method": method, "path": path, "body": body,
        "status": status, "response": response,
    }  # fmt: skip


def _verdicts(benchmark: ModuleType, folder: Path, *entries: dict[str, Any]) -> list[str]:
    (folder / "recorded.json").write_text(json.dumps(list(entries)), encoding="utf-8")
    [(_, interactions)] = benchmark.recordings([folder])
    return [benchmark.judge(interactions, at)[0] for at in range(len(interactions))]


def test_the_benchmark_carries_out_the_recorded_requests(benchmark: ModuleType, tmp_path: Path) -> None:
    """The body of a request is asked, not that of its answer; what was written before is seen after."""
    label = {"id": 3, "name": "later", "color": "ededed", "description": None}
    found = _verdicts(
        benchmark,
        tmp_path,
        _nock("GET", f"{R}/labels", 200, [{**label, "id": 1, "name": "bug"}]),
        _nock("POST", f"{R}/labels", 201, label, {"name": "later", "color": "ededed"}),
        _nock("GET", f"{R}/labels/later", 200, label),
        _nock("DELETE", f"{R}/labels/later", 204, ""),
        _nock("GET", f"{R}/labels/later", 404, {"message": "Not Found", "documentation_url": "x"}),
    )
    assert found[1:] == ["compatible", "compatible", "exact", "exact"]


def test_the_benchmark_calls_a_known_value_wrong(benchmark: ModuleType, tmp_path: Path) -> None:
    """A value that an earlier answer told, and that has not been written since, must come back."""
    bug = {"id": 1, "name": "bug", "color": "aaaaaa", "description": None}
    found = _verdicts(
        benchmark,
        tmp_path,
        _nock("GET", f"{R}/labels/bug", 200, bug),
        _nock("GET", f"{R}/labels/bug", 200, {**bug, "color": "bbbbbb"}),
        _nock("GET", f"{R}/labels/none", 200, {**bug, "name": "none"}),
        _nock("GET", "/repos/other/repo/pulls/1", 200, {"number": 1}),
    )
    assert found == ["wrong", "wrong", "status", "not-simulated"]


# --- merging, renaming, searching


def _pull(**more: Any) -> World:
    pull = {"repository": "acme/core", "number": 4, "title": "x", "head": "claude/x", "base": "main"}
    checks = [{"repository": "acme/core", "number": 4, "name": name} for name in ("ci", "lint")]
    return world_of(pulls=[{**pull, **more}], checks=checks)


@pytest.mark.parametrize(
    ("state", "status", "words"),
    [
        ("clean", 200, "Pull Request successfully merged"),
        ("unstable", 200, "Pull Request successfully merged"),
        ("blocked", 405, "At least 1 required status check is expected."),
        ("behind", 405, "2 of 2 required status checks are expected."),
        ("dirty", 405, "Pull Request is not mergeable"),
        ("draft", 405, "Pull Request is still a draft"),
    ],
)
def test_the_recorded_mergeable_state_decides_a_merge(state: str, status: int, words: str) -> None:
    """GitHub's own state of a pull request lets it merge or not, in the words of its API."""
    reply, outcome = ask(_pull(mergeable_state=state), "PUT", f"{R}/pulls/4/merge", {})
    assert (reply.status, reply.value["message"]) == (status, words)
    assert [effect.outcome for effect in outcome.effects] == ["applied" if status == 200 else "refused"]


def test_a_branch_is_updated_where_its_base_has_moved() -> None:
    """202 where the base's tip is none of the head's commits; 422 where there is nothing new."""
    world = _pull(base_sha="a" * 40, head_sha="b" * 40)
    moved = seeded_over(world, "GET", f"{R}/git/ref/heads/main", {"ref": "refs/heads/main", "sha": "c" * 40})
    reply, _ = ask(moved, "PUT", f"{R}/pulls/4/update-branch", {})
    assert (reply.status, reply.value["message"]) == (202, "Updating pull request branch.")


def seeded_over(world: World, method: str, path: str, ref: dict[str, Any]) -> World:
    answer = {"ref": ref["ref"], "object": {"sha": ref["sha"], "type": "commit"}}
    for name, row in records_from_rest(method, API + path, 200, answer):
        world = CONNECTOR.seed_record(world, name.partition(".")[2], row)
    return world


def test_a_renamed_repository_leads_to_its_new_name() -> None:
    """The old name answers 301 (307 for a write) with the way; tools follow it; a new one takes it over."""
    world = world_of(issues=[{"repository": "acme/core", "number": 1, "title": "old"}])
    _, done = ask(world, "PATCH", R, {"name": "kernel"})
    reply, _ = ask(done.world, "GET", f"{R}/issues/1")
    assert (reply.status, reply.value["message"]) == (301, "Moved Permanently")
    place = reply.headers["location"].removeprefix(API)
    assert ask(done.world, "GET", place)[0].value["title"] == "old"
    assert ask(done.world, "POST", f"{R}/issues", {"title": "x"})[0].status == 307
    call = ToolCall(
        "github", "issue_read", {"method": "get", "owner": "acme", "repo": "core", "issue_number": 1}
    )
    assert CONNECTOR.call(done.world, call).result.json()["title"] == "old"
    _, again = ask(done.world, "POST", "/orgs/acme/repos", {"name": "core"})
    assert ask(again.world, "GET", R)[0].status == 200


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ('"app/db.py:42"', {1}),
        ('"fp:abc"', {2}),
        ("KeyErr", set()),
        ("timeout OR KeyError", {1, 2}),
        ("repo:acme/core NOT timeout", {1}),
        ("-label:bug is:issue", {2}),
        ("label:BUG", {1}),
        ("nosuch:thing", set()),
    ],
)
def test_a_search_is_read_as_github_reads_it(query: str, numbers: set[int]) -> None:
    """Quotation marks hold text, ``OR``, ``NOT`` and a minus count, an unknown qualifier is text."""
    issues = [
        {"number": 1, "title": "KeyError in app/db.py:42", "labels": ["bug"]},
        {"number": 2, "title": "timeout", "body": "seen as fp:abc"},
    ]
    world = world_of(issues=[{"repository": "acme/core", **issue} for issue in issues])
    found = ask(world, "GET", "/search/issues", q=query)[0].value["items"]
    assert {one["number"] for one in found} == numbers


def test_labels_that_differ_in_case_alone_are_one() -> None:
    """An issue gets a label once, in the repository's own spelling."""
    world = world_of(
        labels=[{"repository": "acme/core", "name": "bug"}], issues=[{"repository": "acme/core", "number": 1}]
    )
    reply, done = ask(world, "POST", f"{R}/issues/1/labels", {"labels": ["BUG", "Bug"]})
    assert [label["name"] for label in reply.value] == ["bug"]
    assert len(ask(done.world, "GET", f"{R}/labels")[0].value) == 1


def test_an_asset_of_a_release_is_read_renamed_and_deleted() -> None:
    """Recorded assets belong to their release; each can be asked for by its id."""
    release = {"id": 7, "tag_name": "v1", "assets": []}
    world = seeded(
        ("GET", f"{R}/releases/7", 200, release),
        ("GET", f"{R}/releases/7/assets", 200, [{"id": 9, "name": "a.txt", "label": "A"}]),
    )
    assert ask(world, "GET", f"{R}/releases/assets/9")[0].value["name"] == "a.txt"
    reply, done = ask(world, "PATCH", f"{R}/releases/assets/9", {"name": "b.txt"})
    assert (reply.status, reply.value["name"]) == (200, "b.txt")
    assert [one["name"] for one in ask(done.world, "GET", f"{R}/releases/7/assets")[0].value] == ["b.txt"]
    assert ask(done.world, "DELETE", f"{R}/releases/assets/9")[0].status == 204


def test_a_commit_of_which_the_world_knows_nothing_can_have_a_status() -> None:
    """A full id is no 422 where the repository's history is not known; its content is said to be missing."""
    sha = "a" * 40
    reply, done = ask(_core(), "POST", f"{R}/statuses/{sha}", {"state": "success", "context": "ci"})
    assert reply.status == 201
    assert ask(done.world, "GET", f"{R}/commits/{sha}/status")[0].value["state"] == "success"
    assert ask(done.world, "GET", f"{R}/commits/{sha}")[1].incomplete
    known = _core(files={"a": "x"})
    assert ask(known, "POST", f"{R}/statuses/{sha}", {"state": "success"})[0].status == 422
