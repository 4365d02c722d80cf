"""Where strangers write: a text laid at a place is what the agent's read returns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from routine_harness.adversity.places import lay_in_firing, lay_in_world
from routine_harness.harness import check_case, dry_run
from routine_harness.session.session import Session
from routine_harness.world.state import World

HERE = Path(__file__).parents[2]
TEXT = "probe7f3a41 and no more"
SHA = "b" * 40
WORLD: dict[str, Any] = {
    "github": {
        "repositories": [{"full_name": "acme/core", "files": {"README.md": "hello"}}],
        "issues": [{"repository": "acme/core", "number": 7, "title": "Bug", "body": "it broke"}],
        "pulls": [
            {
                "repository": "acme/core", "number": 8, "title": "Fix", "body": "it works", "head": "fix",
                "files": [{"filename": "a.py", "status": "modified", "patch": "@@ -1 +1 @@\n-a\n+b"}],
                "commits": [{"sha": "a" * 40, "message": "Fix a"}],
                "reviews": [{"id": 5, "user": "amy", "body": "fine", "state": "COMMENTED"}],
                "review_comments": [{"id": 6, "user": "amy", "path": "a.py", "body": "why"}],
            }
        ],
        "releases": [{"repository": "acme/core", "id": 1, "tag_name": "v1", "name": "One", "body": "notes"}],
        "commits": [{"repository": "acme/core", "sha": SHA, "message": "Start"}],
        "workflow_runs": [
            {
                "repository": "acme/core", "id": 11, "name": "ci", "conclusion": "failure",
                "jobs": [
                    {"id": 12, "name": "told", "conclusion": "failure", "log": "boom"},
                    {"id": 13, "name": "untold", "conclusion": "failure"},
                ],
            }
        ],
    },
    "slack": {
        "channels": [{"id": "C1", "name": "dev"}],
        "messages": [{"channel": "dev", "user": "U1", "text": "hi"}],
    },
    "linear": {
        "issues": [{"id": "COR-1", "title": "Crash", "description": "it crashed", "team": "Core"}],
        "comments": [{"issue": "COR-1", "body": "me too"}],
    },
    "sentry": {
        "issues": [{"shortId": "WEB-1", "project": "web", "title": "TypeError"}],
    },
    "gmail": {"messages": [{"from": "amy@example.com", "subject": "hello", "body": "text"}]},
    "notion": {"pages": [{"title": "Notes", "content": "text"}]},
    "drive": {"files": [{"id": "f1", "title": "notes.txt", "content": "text"}]},
    "jira": {"issues": [{"project": "ENG", "summary": "Crash", "description": "it crashed"}]},
}  # fmt: skip
REPOSITORY = {"owner": "acme", "repo": "core"}


def _issue(method: str) -> tuple[str, dict[str, Any]]:
    return "github.issue_read", {"method": method, **REPOSITORY, "issue_number": 7}


def _pull(method: str) -> tuple[str, dict[str, Any]]:
    return "github.pull_request_read", {"method": method, **REPOSITORY, "pullNumber": 8}


READS: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "title": (_issue("get"), _pull("get"), ("github.list_releases", REPOSITORY)),
    "body": (_issue("get"), _pull("get"), ("github.list_releases", REPOSITORY)),
    "comment": (
        _issue("get_comments"), _pull("get_comments"), _pull("get_reviews"), _pull("get_review_comments"),
        ("linear.list_comments", {"issueId": "COR-1"}),
        ("Bash", {"command": "gh api repos/acme/core/issues/7/comments"}),
    ),
    "file": (_pull("get_files"), _pull("get_diff")),
    "log": (
        ("Bash", {"command": "gh api repos/acme/core/actions/jobs/12/logs"}),
        ("Bash", {"command": "gh api repos/acme/core/actions/jobs/13/logs"}),
        ("Bash", {"command": "gh run view 11 -R acme/core --log-failed"}),
    ),
    "commit": (_pull("get_commits"), ("github.list_commits", REPOSITORY)),
    "result": (
        ("slack.slack_read_channel", {"channel_id": "C1"}),
        ("linear.get_issue", {"id": "COR-1"}),
        ("sentry.search_issues", {"organizationSlug": "workspace", "naturalLanguageQuery": "all"}),
        ("gmail.search_threads", {}),
        ("notion.notion-search", {"query": "Notes"}),
        ("drive.read_file_content", {"fileId": "f1"}),
        ("jira.getJiraIssue", {"cloudId": "x", "issueIdOrKey": "ENG-1"}),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def routine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A routine that may read all of these services."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "policy.yaml").write_text("root: true\n")
    (folder / "routine.yaml").write_text(
        "name: reader\nrepositories: [github:acme/core]\n"
        "connectors: [github, slack:dev, linear:Core, sentry:web, gmail, notion, drive, jira]\n"
        "triggers: [{type: api}]\nprompt: Read everything.\n"
    )
    return folder


@pytest.fixture(scope="module")
def world(routine: Path) -> World:
    """The world that it finds."""
    pair = dry_run(routine, agent=lambda session: None, world=WORLD).pair
    assert pair is not None
    return pair.first.world_before


def _reads() -> Iterator[Any]:
    for place, reads in READS.items():
        for index, (tool, arguments) in enumerate(reads):
            yield pytest.param(place, tool, arguments, id=f"{place}-{index}-{tool}")


@pytest.mark.parametrize(("place", "tool", "arguments"), [*_reads()])
def test_what_is_laid_at_a_place_is_what_the_agent_reads(
    place: str, tool: str, arguments: dict[str, Any], routine: Path, world: World
) -> None:
    answers = []

    def agent(session: Session) -> None:
        answers.append(session.call(tool, **arguments))

    dry_run(routine, agent=agent, world=lay_in_world(place, TEXT, world))
    dry_run(routine, agent=agent, world=world)
    assert not answers[0].is_error
    assert "probe7f3a41" in answers[0].text
    assert "probe7f3a41" not in answers[-1].text


def test_what_the_agent_has_written_itself_is_no_place_of_strangers(routine: Path, world: World) -> None:
    def agent(session: Session) -> None:
        session.call("github.add_issue_comment", **REPOSITORY, issue_number=7, body="Looked at it.")

    pair = dry_run(routine, agent=agent, world=world).pair
    assert pair is not None
    laid = lay_in_world("comment", TEXT, pair.first.world).table("github.comments")
    assert any(row["body"].startswith("Looked at it.") and TEXT not in row["body"] for row in laid)
    assert {row["number"] for row in laid if TEXT in row["body"]} == {7, 8}


def test_a_branch_and_a_fire_request_are_read_in_the_firing() -> None:
    case = HERE / "example_routines/security-triage-pr/cases/sql-injection.yaml"
    firing = check_case(case).firing
    assert firing is not None
    laid = lay_in_firing("branch", TEXT, firing).event.payload["pull_request"]["head"]["ref"]
    assert laid == "probe7f3a41-and-no-more"
    assert lay_in_firing("fire", TEXT, firing) is firing
