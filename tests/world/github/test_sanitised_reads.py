"""Which answers of GitHub's MCP server are sanitised, by edition; REST, ``gh``, files and diffs never are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from routine_harness.routine.edition import load_edition
from routine_harness.world.github.connector import CONNECTOR, answer_request
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolCall
from routine_harness.world.worldfile import world_from_data

MARK = "<!-- nightly -->"
RECORDS: dict[str, Any] = {
    "github": {
        "repositories": [{"full_name": "acme/core", "files": {"README.md": f"{MARK}\nHello\n"}}],
        "issues": [
            {
                "repository": "acme/core",
                "number": 1,
                "title": f"One {MARK}",
                "body": f"{MARK}\nBody",
            },
            {"repository": "acme/core", "number": 2, "title": f"Two {MARK}", "body": "plain"},
        ],
        "pulls": [
            {
                "repository": "acme/core",
                "number": 3,
                "title": f"Three {MARK}",
                "body": f"{MARK}\nBody",
                "head": "x",
                "base": "main",
                "files": [{"filename": "README.md", "patch": f"@@ -1 +1 @@\n+{MARK}"}],
            },
        ],
        "comments": [{"repository": "acme/core", "number": 1, "id": 11, "body": f"{MARK}\nLooking."}],
        "reviews": [
            {"repository": "acme/core", "number": 3, "id": 12, "state": "COMMENTED", "body": f"{MARK} ok"}
        ],
        "review_comments": [
            {
                "repository": "acme/core",
                "number": 3,
                "id": 13,
                "path": "README.md",
                "line": 1,
                "body": f"{MARK} here",
            }
        ],
        "releases": [
            {"repository": "acme/core", "tag_name": "v1", "name": f"V {MARK}", "body": f"{MARK}\nNotes"}
        ],
    }
}
HOME = {"owner": "acme", "repo": "core"}
OF_ITEMS = [
    ("issue_read", {**HOME, "method": "get", "issue_number": 1}),
    ("list_issues", HOME),
    ("pull_request_read", {**HOME, "method": "get", "pullNumber": 3}),
    ("list_pull_requests", HOME),
]
OTHERS = [
    ("issue_read", {**HOME, "method": "get_comments", "issue_number": 1}),
    ("pull_request_read", {**HOME, "method": "get_reviews", "pullNumber": 3}),
    ("pull_request_read", {**HOME, "method": "get_review_comments", "pullNumber": 3}),
    ("list_releases", HOME),
    ("get_latest_release", HOME),
    ("search_issues", {"query": "repo:acme/core One"}),
    ("search_pull_requests", {"query": "repo:acme/core Three"}),
]
RAW = [
    ("get_file_contents", {**HOME, "path": "README.md"}),
    ("pull_request_read", {**HOME, "method": "get_files", "pullNumber": 3}),
]


def _world(edition: str | None, **settings: str) -> World:
    world = world_from_data(RECORDS, {"github": CONNECTOR}, at=1_790_000_000)
    if edition is None:
        return world
    return world.under(load_edition(edition, {"settings": settings}).session_rules())


def _ask(world: World, tool: str, arguments: dict[str, Any]) -> Outcome:
    outcome = CONNECTOR.call(world, ToolCall("github", tool, arguments, "github"))
    assert not outcome.result.is_error, outcome.result.text
    return outcome


def _ids(rows: list[tuple[str, dict[str, Any]]]) -> list[str]:
    return [f"{tool}-{arguments.get('method', '')}" for tool, arguments in rows]


@pytest.mark.parametrize("edition", ["2026-04", "2026-08", "2026-10"])
@pytest.mark.parametrize(("tool", "arguments"), OF_ITEMS, ids=_ids(OF_ITEMS))
def test_titles_and_bodies_of_items_are_sanitised_in_every_edition(
    edition: str, tool: str, arguments: dict[str, Any]
) -> None:
    outcome = _ask(_world(edition), tool, arguments)
    assert MARK not in outcome.result.text
    assert outcome.depends_on == ("sanitised_reads",)


@pytest.mark.parametrize(("tool", "arguments"), OTHERS, ids=_ids(OTHERS))
def test_all_other_texts_are_raw_in_april_and_sanitised_since_august(
    tool: str, arguments: dict[str, Any]
) -> None:
    april = _ask(_world("2026-04"), tool, arguments)
    assert MARK in april.result.text
    for edition in ("2026-08", "2026-10"):
        later = _ask(_world(edition), tool, arguments)
        assert MARK not in later.result.text
        assert later.depends_on == ("sanitised_reads",)


@pytest.mark.parametrize(("tool", "arguments"), RAW, ids=_ids(RAW))
def test_files_and_diffs_stay_as_they_are(tool: str, arguments: dict[str, Any]) -> None:
    outcome = _ask(_world("2026-10"), tool, arguments)
    assert MARK in outcome.result.text
    assert outcome.depends_on == ()


def test_the_parent_of_an_issue_is_sanitised_with_the_rest() -> None:
    world = _world("2026-10")
    read = {**HOME, "method": "get_parent", "issue_number": 1}
    parent = json.loads(_ask(world, "issue_read", read).result.text)["parent"]
    assert parent is None or MARK not in parent["title"]
    child = {
        **HOME,
        "method": "add",
        "issue_number": 2,
        "sub_issue_id": world.get("github.issues", ("acme/core", 1))["id"],
    }
    linked = _ask(world, "sub_issue_write", child).world
    below = _ask(linked, "issue_read", {**HOME, "method": "get_sub_issues", "issue_number": 2})
    assert MARK not in below.result.text
    april = linked.under(load_edition("2026-04").session_rules())
    raw = _ask(april, "issue_read", {**HOME, "method": "get_sub_issues", "issue_number": 2})
    assert MARK in raw.result.text
    assert json.loads(_ask(linked, "issue_read", read).result.text)["parent"]["title"] == "Two "


@pytest.mark.parametrize(
    "path", ["/repos/acme/core/issues/1/comments", "/repos/acme/core/issues/1", "/repos/acme/core/releases"]
)
def test_rest_gives_the_text_as_it_stands(path: str) -> None:
    reply, outcome = answer_request(_world("2026-10"), "GET", path)
    assert MARK in json.dumps(reply.value)
    assert outcome.depends_on == ()


def test_gh_gives_the_text_as_it_stands() -> None:
    """By GraphQL or REST, nothing stands between it and GitHub."""
    call = ToolCall("github", "issue_read", {**HOME, "method": "get_comments", "issue_number": 1}, "gh")
    outcome = CONNECTOR.call(_world("2026-10"), call)
    assert MARK in str(outcome.found.rows)
    assert outcome.depends_on == ()


def test_an_answer_that_would_have_been_the_same_hangs_on_nothing() -> None:
    outcome = _ask(_world("2026-10"), "list_branches", HOME)
    assert outcome.depends_on == ()
    read = _ask(_world("2026-04"), "issue_read", {**HOME, "method": "get_comments", "issue_number": 1})
    assert read.depends_on == ()


def test_a_policy_switches_it() -> None:
    comments = {**HOME, "method": "get_comments", "issue_number": 1}
    raw = _ask(_world("2026-10", sanitised_reads="nothing"), "issue_read", comments)
    assert MARK in raw.result.text
    early = _ask(_world("2026-10", sanitised_reads="titles_and_bodies"), "issue_read", comments)
    assert MARK in early.result.text


def test_a_server_asked_without_a_session_gives_all_as_it_stands() -> None:
    assert MARK in _ask(_world(None), "issue_read", {**HOME, "method": "get", "issue_number": 1}).result.text


@pytest.mark.parametrize(("edition", "shown"), [("2026-04", f"Fix {MARK}"), ("2026-10", "Fix ")])
def test_messages_of_commits_are_sanitised_since_august(edition: str, shown: str) -> None:
    written = {**HOME, "path": "a.txt", "content": "a", "message": f"Fix {MARK}", "branch": "main"}
    made = _ask(_world(edition), "create_or_update_file", written)
    commit = json.loads(made.result.text)["commit"]
    assert commit["message"] == shown
    one = json.loads(_ask(made.world, "get_commit", {**HOME, "sha": commit["sha"]}).result.text)
    newest = json.loads(_ask(made.world, "list_commits", HOME).result.text)[0]
    assert [one["commit"]["message"], newest["commit"]["message"]] == [shown, shown]
