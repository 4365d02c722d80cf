"""Files, branches, searches, CI and issues of a repository."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from routine_harness.world.github.connector import CONNECTOR
from routine_harness.world.github.operations.contents import files_at
from routine_harness.world.github.operations.query import parse_query
from routine_harness.world.github.records.patches import apply_patch, make_patch
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolCall
from routine_harness.world.worldfile import world_from_data

REPO = {"owner": "acme", "repo": "core"}
FILES = {"a.py": "x = 1\n", "docs/b.md": "# b\n", "docs/deep/c.md": ""}


def world_of(**tables: Any) -> World:
    return world_from_data({"clock": "2026-05-04T09:00:00Z", "github": tables}, {"github": CONNECTOR})


def call(world: World, tool: str, **arguments: Any) -> Outcome:
    return CONNECTOR.call(world, ToolCall("github", tool, {**REPO, **arguments}))


@pytest.fixture
def world() -> World:
    return world_of(repositories=[{"full_name": "acme/core", "files": FILES}])


def test_a_file_is_read_with_gits_own_id(world: World) -> None:
    """The id of a file is the one that git would give it."""
    text = call(world, "get_file_contents", path="a.py").result.text
    assert text == f"successfully downloaded text file (SHA: {_sha(b'x = 1' + bytes([10]))})\nx = 1\n"


def _sha(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def test_a_folder_is_listed_one_level_deep(world: World) -> None:
    """Folders come as folders, files with their ids."""
    entries = call(world, "get_file_contents", path="docs", fields=["type", "path"]).result.json()
    assert entries == [{"type": "file", "path": "docs/b.md"}, {"type": "dir", "path": "docs/deep"}]
    root = call(world, "get_file_contents").result.json()
    assert [entry["name"] for entry in root] == ["a.py", "docs"]


def test_a_stale_or_missing_sha_is_refused(world: World) -> None:
    """A file that is there needs its current id to be overwritten."""
    given = {"path": "a.py", "content": "x = 2\n", "message": "Change", "branch": "main"}
    blind = call(world, "create_or_update_file", **given)
    stale = call(world, "create_or_update_file", **given, sha="0" * 40)
    right = call(world, "create_or_update_file", **given, sha=_sha(b"x = 1\n"))
    assert blind.result.text.startswith("File already exists at a.py. You must provide")
    assert stale.result.text.startswith("SHA mismatch: provided SHA 0000")
    assert [o.effects[0].outcome for o in (blind, stale, right)] == ["refused", "refused", "applied"]
    assert files_at(right.world, "acme/core") == {**FILES, "a.py": "x = 2\n"}
    assert files_at(world, "acme/core") == FILES


def test_a_branch_keeps_its_files_when_its_base_moves_on(world: World) -> None:
    """A branch is what it was when it was made, whatever happens on the default branch."""
    branched = call(world, "create_branch", branch="claude/x").world
    moved = call(branched, "delete_file", path="a.py", message="Drop", branch="main").world
    assert "a.py" not in (files_at(moved, "acme/core") or {})
    assert "a.py" in (files_at(moved, "acme/core", "claude/x") or {})


def test_a_repository_known_by_name_does_not_pretend_to_be_empty() -> None:
    """A repository without files in the world is not one without files."""
    bare = world_of(repositories=["acme/core"])
    for tool, arguments in (
        ("get_file_contents", {"path": "a.py"}),
        ("get_repository_tree", {}),
        ("list_commits", {}),
        ("search_code", {"query": "x repo:acme/core"}),
    ):
        outcome = call(bare, tool, **arguments)
        assert outcome.incomplete, tool
        assert outcome.result.is_error


def test_a_file_that_is_recorded_alone_can_be_read_and_changed() -> None:
    """Single files of an unknown tree answer by themselves, and a commit on top is seen."""
    one = {"repository": "acme/core", "ref": "", "path": "a.py", "content": "x = 1\n"}
    world = world_of(
        repositories=["acme/core"],
        files=[one],
        branches=[{"repository": "acme/core", "name": "main", "sha": "c" * 40}],
    )
    assert call(world, "get_file_contents", path="a.py").result.text.endswith("\nx = 1\n")
    assert call(world, "get_file_contents", path="b.py").incomplete == "the file b.py of acme/core at main"
    pushed = call(
        world, "push_files", branch="main", message="Two", files=[{"path": "a.py", "content": "x = 2\n"}]
    ).world
    assert call(pushed, "get_file_contents", path="a.py").result.text.endswith("\nx = 2\n")


@pytest.mark.parametrize("after", ["x\ny\nz\n", "", "a\nx\n", "x\ny", "y\nz\n" * 20])
@pytest.mark.parametrize("before", ["x\ny\n", "", "x", "x\ny\nz\n" * 15])
def test_a_patch_leads_from_one_text_to_the_other(before: str, after: str) -> None:
    """Applying what was made gives the text it was made for."""
    assert apply_patch(before, make_patch(before, after)) == after


def test_a_patch_that_does_not_fit_is_refused() -> None:
    """A hunk over other lines gives nothing rather than something wrong."""
    assert apply_patch("a\nb\n", "@@ -1,2 +1,2 @@\n a\n-c\n+d") is None


ISSUES = [
    {"number": 1, "title": "Crash on start", "labels": ["bug"], "user": "alice", "created_at": "-10d"},
    {
        "number": 2,
        "title": "Typo in docs",
        "labels": ["docs", "good first issue"],
        "user": "bob",
        "assignees": ["alice"],
        "created_at": "-5d",
    },
    {
        "number": 3,
        "title": "Crash again",
        "labels": [],
        "user": "bob",
        "state": "closed",
        "created_at": "-1d",
        "body": "like #1",
    },
]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("repo:acme/core", [3, 2, 1]),
        ("crash", [3, 1]),
        ("crash in:title is:open", [1]),
        ("like in:body", [3]),
        ('label:"good first issue"', [2]),
        ("label:bug,docs", [2, 1]),
        ("-label:bug", [3, 2]),
        ("no:label", [3]),
        ("author:bob state:closed", [3]),
        ("assignee:alice", [2]),
        ("no:assignee is:issue", [3, 1]),
        ("created:>=2026-04-29", [3, 2]),
        ("created:2026-05-03", [3]),
        ("created:2026-04-01..2026-04-25", [1]),
        ("comments:>0", [1]),
        ("commenter:dana", [1]),
        ("involves:alice", [2, 1]),
        ("repo:other/one", []),
        ("is:pr", []),
        ("crash sort:created-asc", [1, 3]),
    ],
)
def test_search_knows_the_common_qualifiers(query: str, numbers: list[int]) -> None:
    """Issues are found as GitHub's search finds them."""
    issues = [{"repository": "acme/core", **issue} for issue in ISSUES]
    comments = [{"repository": "acme/core", "number": 1, "user": "dana", "body": "me too"}]
    world = world_of(issues=issues, comments=comments)
    found = call(world, "search_issues", query=query).result.json()
    assert [item["number"] for item in found["items"]] == numbers
    assert found["total_count"] == len(numbers)


def test_a_query_is_cut_into_terms() -> None:
    """Quotation marks keep words together, and hold text only; addresses are words; OR parts alternatives."""
    [terms] = parse_query('is:open -label:"two words" "exact: phrase" https://x.test/a NOT plain')
    assert [(term.negated, term.name, term.value) for term in terms] == [
        (False, "", "exact: phrase"),
        (False, "", "https://x.test/a"),
        (True, "", "plain"),
        (False, "is", "open"),
        (True, "label", "two words"),
    ]
    either = parse_query("one OR two is:open")
    assert [[term.value for term in terms] for terms in either] == [["one", "open"], ["two", "open"]]


def test_pages_end_where_the_list_ends() -> None:
    """Pages are as long as asked for, and empty beyond the end."""
    issues = [{"repository": "acme/core", "number": n, "title": "same"} for n in range(1, 8)]
    world = world_of(issues=issues)
    pages = [
        call(world, "search_issues", query="same", page=p, perPage=3).result.json()["items"]
        for p in range(1, 5)
    ]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert sorted(item["number"] for page in pages for item in page) == list(range(1, 8))


def test_logs_of_failed_jobs_are_read_together() -> None:
    """A run's failed jobs give their logs; a log that the world lacks is no empty log."""
    jobs = [
        {"id": 1, "name": "unit", "conclusion": "failure", "logs": "1\n2\n3"},
        {"id": 2, "name": "lint", "conclusion": "success"},
    ]
    run = {"repository": "acme/core", "id": 9, "workflow": "ci.yml", "conclusion": "failure", "jobs": jobs}
    world = world_of(workflow_runs=[run])
    logs = call(
        world, "get_job_logs", run_id=9, failed_only=True, return_content=True, tail_lines=2
    ).result.json()
    assert (logs["failed_jobs"], logs["logs"][0]["logs_content"]) == (1, "2\n3")
    assert (
        call(world, "get_job_logs", job_id=2, return_content=True).incomplete
        == "the log of job 2 of acme/core"
    )


def test_a_rerun_starts_another_attempt() -> None:
    """A rerun queues the run again; a finished one cannot be cancelled."""
    run = {"repository": "acme/core", "id": 9, "workflow": "ci.yml", "conclusion": "failure"}
    world = world_of(workflow_runs=[run])
    again = call(world, "actions_run_trigger", method="rerun_workflow_run", run_id=9).world
    shown = call(again, "actions_get", method="get_workflow_run", resource_id="9").result.json()
    assert (shown["status"], shown["run_attempt"]) == ("queued", 2)
    refused = call(world, "actions_run_trigger", method="cancel_workflow_run", run_id=9)
    assert "409 Cannot cancel a workflow run that is completed." in refused.result.text
    assert refused.effects[0].kind == "workflow.cancelled"


def test_a_label_can_be_renamed_and_deleted_everywhere() -> None:
    """What carries a label carries its new name; what carried a deleted one no longer does."""
    world = world_of(issues=[{"repository": "acme/core", "number": 1, "labels": ["bug", "ci"]}])
    renamed = call(world, "label_write", method="update", name="bug", new_name="defect").world
    deleted = call(renamed, "label_write", method="delete", name="ci").world
    shown = call(deleted, "issue_read", method="get_labels", issue_number=1).result.json()
    assert [label["name"] for label in shown["labels"]] == ["defect"]


def test_sub_issues_have_one_parent_and_an_order() -> None:
    """A sub-issue is moved, listed in order, and shows its parent."""
    world = world_of(issues=[{"repository": "acme/core", "number": n, "id": 100 + n} for n in (1, 2, 3, 4)])
    for child in (102, 103):
        world = call(world, "add_sub_issue", issue_number=1, sub_issue_id=child).world
    world = call(
        world, "sub_issue_write", method="reprioritize", issue_number=1, sub_issue_id=103, before_id=102
    ).world
    children = call(world, "issue_read", method="get_sub_issues", issue_number=1).result.json()
    assert [child["number"] for child in children] == [3, 2]
    taken = call(world, "add_sub_issue", issue_number=4, sub_issue_id=102)
    assert taken.result.text.endswith("Sub issue may only have one parent")
    moved = call(world, "add_sub_issue", issue_number=4, sub_issue_id=102, replace_parent=True).world
    parent = call(moved, "issue_read", method="get_parent", issue_number=2).result.json()["parent"]
    assert parent["number"] == 4


def test_the_same_reaction_twice_is_unchanged() -> None:
    """GitHub keeps one reaction of a kind per person."""
    world = world_of(issues=[{"repository": "acme/core", "number": 1}])
    first = call(world, "add_issue_reaction", issue_number=1, content="eyes")
    second = call(first.world, "add_issue_reaction", issue_number=1, content="eyes")
    assert [o.effects[0].outcome for o in (first, second)] == ["applied", "unchanged"]


def test_a_history_that_runs_in_a_circle_ends() -> None:
    """A commit among its own ancestors is no reason to look for a file for ever."""
    one, two = "1" * 40, "2" * 40
    commits = [
        {"repository": "acme/core", "sha": sha, "parents": [parent], "message": "a", "tree": {}}
        for sha, parent in ((one, two), (two, one))
    ]
    branch = {"repository": "acme/core", "name": "main", "sha": one}
    world = world_of(repositories=[{"full_name": "acme/core"}], commits=commits, branches=[branch])
    assert call(world, "get_file_contents", path="x.py").incomplete
