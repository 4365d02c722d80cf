"""Pull requests: what reads answer, what writes change, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from routine_harness.world.github.connector import CONNECTOR, answer_request
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolCall
from routine_harness.world.worldfile import world_from_data

REPO = {"owner": "acme", "repo": "core"}


def world_of(**tables: Any) -> World:
    return world_from_data({"clock": "2026-05-04T09:00:00Z", "github": tables}, {"github": CONNECTOR})


def call(world: World, tool: str, **arguments: Any) -> Outcome:
    return CONNECTOR.call(world, ToolCall("github", tool, {**REPO, **arguments}))


def pull(**fields: Any) -> dict[str, Any]:
    return {"repository": "acme/core", "number": 42, "user": "alice", "head": "feature", **fields}


@pytest.mark.parametrize(
    ("fields", "method", "gap"),
    [
        ({}, "get_files", "the files of acme/core#42"),
        ({}, "get_diff", "the files of acme/core#42"),
        ({"files": [{"filename": "a.py"}]}, "get_diff", "the patch of a.py in acme/core#42"),
        ({}, "get_commits", "the commits of acme/core#42"),
        ({"comments": 2}, "get_comments", "the comments of acme/core#42"),
        ({"review_comments": 2}, "get_review_comments", "the review comments of acme/core#42"),
        ({"review_comments": 2}, "get_reviews", "the reviews of acme/core#42"),
    ],
)
def test_what_is_known_by_key_is_never_empty(fields: dict[str, Any], method: str, gap: str) -> None:
    """What a world lacks is an error that names it, and is reported as incomplete."""
    outcome = call(world_of(pulls=[pull(**fields)]), "pull_request_read", method=method, pullNumber=42)
    assert outcome.result.is_error
    assert outcome.incomplete == gap


@pytest.mark.parametrize(
    ("fields", "method"),
    [
        ({"files": []}, "get_files"),
        ({"files": []}, "get_diff"),
        ({"comments": 0}, "get_comments"),
        ({"comments": []}, "get_comments"),
        ({}, "get_reviews"),
        ({"commits": []}, "get_commits"),
    ],
)
def test_what_is_said_to_be_empty_is_empty(fields: dict[str, Any], method: str) -> None:
    """A count of zero and an empty list are answers."""
    outcome = call(world_of(pulls=[pull(**fields)]), "pull_request_read", method=method, pullNumber=42)
    assert not outcome.result.is_error
    assert outcome.result.text in ("[]", "")


def test_a_diff_is_that_of_the_files() -> None:
    """Hunks become a diff as git prints it, and lines are counted."""
    patch = "@@ -1 +1,2 @@\n x = 1\n+y = 2\n"
    files = [
        {"filename": "a.py", "patch": patch},
        {"filename": "b.py", "status": "removed", "patch": "@@ -1 +0,0 @@\n-z\n"},
    ]
    world = world_of(pulls=[pull(files=files)])
    diff = call(world, "pull_request_read", method="get_diff", pullNumber=42).result.text
    assert diff == (
        "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1,2 @@\n x = 1\n+y = 2\n"
        "diff --git a/b.py b/b.py\ndeleted file mode 100644\n--- a/b.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-z\n"
    )
    shown = call(world, "pull_request_read", method="get", pullNumber=42).result.json()
    assert (shown["additions"], shown["deletions"], shown["changed_files"]) == (1, 1, 2)


def test_files_of_a_branch_are_read_through_its_patches() -> None:
    """Where the base is known, a file can be read as the pull request leaves it."""
    world = world_of(
        repositories=[{"full_name": "acme/core", "files": {"a.py": "x = 1\n"}}],
        pulls=[pull(files=[{"filename": "a.py", "patch": "@@ -1 +1,2 @@\n x = 1\n+y = 2"}])],
    )
    for ref in ("feature", "refs/pull/42/head"):
        text = call(world, "get_file_contents", path="a.py", ref=ref).result.text
        assert text.partition("\n")[2] == "x = 1\ny = 2\n", ref


def test_a_pull_request_shows_the_commits_of_its_branch() -> None:
    """What is pushed to a branch is in the files and commits of the pull request from it."""
    world = world_of(repositories=[{"full_name": "acme/core", "files": {"a.py": "x\n"}}])
    world = call(world, "create_branch", branch="claude/y").world
    world = call(
        world, "push_files", branch="claude/y", message="Add y", files=[{"path": "b.py", "content": "y\n"}]
    ).world
    world = call(world, "create_pull_request", title="Y", head="claude/y", base="main").world
    files = call(world, "pull_request_read", method="get_files", pullNumber=1).result.json()
    commits = call(world, "pull_request_read", method="get_commits", pullNumber=1).result.json()
    assert [(f["filename"], f["status"]) for f in files] == [("b.py", "added")]
    assert [c["message"] for c in commits] == ["Add y"]
    merged = call(world, "merge_pull_request", pullNumber=1, merge_method="squash").world
    assert call(merged, "get_file_contents", path="b.py").result.text.endswith("\ny\n")
    assert call(merged, "list_commits").result.json()[0]["commit"]["message"] == "Y (#1)"
    assert call(merged, "pull_request_read", method="get_files", pullNumber=1).result.json() == files
    assert call(merged, "pull_request_read", method="get_commits", pullNumber=1).result.json() == commits


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"state": "closed"}, "405 Pull Request is not mergeable"),
        ({"draft": True}, "405 Pull Request is still a draft"),
        ({"mergeable": False}, "405 Pull Request is not mergeable"),
        ({"merged_at": "-1d"}, "405 Pull Request is not mergeable"),
    ],
)
def test_a_merge_is_refused_as_github_refuses_it(fields: dict[str, Any], reason: str) -> None:
    """A pull request that cannot be merged stays as it is, and the attempt is kept."""
    world = world_of(pulls=[pull(**fields)])
    outcome = call(world, "merge_pull_request", pullNumber=42)
    assert reason in outcome.result.text
    assert outcome.world is world
    assert [(effect.kind, effect.outcome) for effect in outcome.effects] == [
        ("pull_request.merged", "refused")
    ]


def rules(*given: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"repository": "acme/core", "id": 1, "rules": list(given), **more}


@pytest.mark.parametrize(
    ("ruleset", "tool", "arguments", "reason"),
    [
        (
            rules({"type": "pull_request"}),
            "push_files",
            {"branch": "main"},
            "Changes must be made through a pull request.",
        ),
        (
            rules({"type": "pull_request"}, conditions={"ref_name": {"include": ["~DEFAULT_BRANCH"]}}),
            "create_or_update_file",
            {"branch": "main", "path": "a.py", "content": ""},
            "Repository rule violations found",
        ),
        (
            rules({"type": "creation"}, conditions={"ref_name": {"include": ["refs/heads/release/**"]}}),
            "create_branch",
            {"branch": "release/1/a"},
            "Cannot create ref due to creations being restricted.",
        ),
        (
            rules(
                {
                    "type": "branch_name_pattern",
                    "parameters": {"operator": "starts_with", "pattern": "claude/"},
                }
            ),
            "create_branch",
            {"branch": "other"},
            "Branch name must start with claude/",
        ),
        (
            rules({"type": "pull_request", "parameters": {"required_approving_review_count": 1}}),
            "merge_pull_request",
            {"pullNumber": 42},
            "At least 1 approving review is required by reviewers with write access.",
        ),
        (
            rules(
                {
                    "type": "required_status_checks",
                    "parameters": {"required_status_checks": [{"context": "ci"}]},
                }
            ),
            "merge_pull_request",
            {"pullNumber": 42},
            "Required status check is expected.",
        ),
    ],
)
def test_rulesets_refuse_in_githubs_words(
    ruleset: dict[str, Any], tool: str, arguments: dict[str, Any], reason: str
) -> None:
    """An active ruleset refuses what it covers and nothing else."""
    content = {"files": [{"path": "n", "content": "1"}], "message": "Push"}
    tables = {"repositories": [{"full_name": "acme/core", "files": {"z": ""}}], "pulls": [pull(files=[])]}
    refused = call(world_of(**tables, rulesets=[ruleset]), tool, **{**content, **arguments})
    assert reason in refused.result.text
    assert {effect.outcome for effect in refused.effects} == {"refused"}
    passive = {**ruleset, "enforcement": "disabled"}
    assert not call(world_of(**tables, rulesets=[passive]), tool, **{**content, **arguments}).result.is_error


def test_approval_and_checks_satisfy_a_ruleset() -> None:
    """What was missing can be supplied, and then the merge goes through."""
    ruleset = rules(
        {"type": "pull_request", "parameters": {"required_approving_review_count": 1}},
        {"type": "required_status_checks", "parameters": {"required_status_checks": [{"context": "ci"}]}},
    )
    world = world_of(
        pulls=[pull(files=[], checks=[{"name": "ci", "conclusion": "success"}])], rulesets=[ruleset]
    )
    world = call(world, "pull_request_review_write", method="create", event="APPROVE", pullNumber=42).world
    assert call(world, "merge_pull_request", pullNumber=42).result.json()["merged"] is True


def test_an_update_tells_its_effects_apart() -> None:
    """Each part of one update has its own effect, applied or unchanged."""
    world = world_of(pulls=[pull(title="Same", requested_reviewers=["bob"])])
    outcome = call(
        world, "update_pull_request", pullNumber=42, title="Same", state="closed", reviewers=["bob"]
    )
    assert [(effect.kind, effect.outcome) for effect in outcome.effects] == [
        ("pull_request.updated", "unchanged"),
        ("pull_request.closed", "applied"),
        ("review.requested", "unchanged"),
    ]


def test_the_same_pull_request_cannot_be_opened_twice() -> None:
    """A second one from the same branch is refused in the service's words."""
    world = world_of(pulls=[pull(files=[])])
    outcome = call(world, "create_pull_request", title="Again", head="feature", base="main")
    assert outcome.result.text.endswith("A pull request already exists for acme:feature.")


def test_effects_carry_what_the_world_adds() -> None:
    """A created pull request's effect has its number, address and author."""
    world = world_of(
        repositories=[{"full_name": "acme/core", "files": {"a": ""}}],
        issues=[{"repository": "acme/core", "number": 8}],
    )
    world = call(
        world, "push_files", branch="claude/x", message="X", files=[{"path": "b", "content": ""}]
    ).world
    [effect] = call(world, "create_pull_request", title="X", head="claude/x", base="main", draft=True).effects
    assert effect.target == "acme/core#9"
    assert effect.fields == {
        "repository": "acme/core",
        "title": "X",
        "base": "main",
        "head": "claude/x",
        "draft": True,
        "number": 9,
        "id": effect.fields["id"],
        "url": "https://github.com/acme/core/pull/9",
        "author": "routine-owner",
    }


def test_the_platforms_footer_is_appended_once() -> None:
    """What the platform appends stands in the record and the effect, and is not doubled."""
    footer = "\n\n_Generated_"
    settings = {"pull_request_footer": footer, "comment_suffix": footer, "commit_trailer": "\n\nBy: me"}
    world = world_of(pulls=[pull(files=[])], settings=settings)
    commented = call(world, "add_issue_comment", issue_number=42, body="Hi")
    assert commented.effects[0].fields["body"] == "Hi" + footer
    again = call(world, "add_issue_comment", issue_number=42, body="Hi" + footer)
    assert again.effects[0].fields["body"] == "Hi" + footer
    pushed = call(world, "push_files", branch="feature", message="Fix", files=[{"path": "a", "content": "1"}])
    assert pushed.effects[0].fields["commits"] == ["Fix\n\nBy: me"]


def test_pending_reviews_are_the_agents_alone() -> None:
    """A pending review shows once it is submitted, with its comments; deleting it leaves nothing."""
    world = world_of(pulls=[pull(files=[{"filename": "a.py", "patch": "@@ -0,0 +1,2 @@\n+a\n+b"}])])
    world = call(world, "pull_request_review_write", method="create", pullNumber=42).world
    place = {"pullNumber": 42, "path": "a.py", "subjectType": "LINE", "body": "Why?\n```suggestion\nc\n```"}
    wrong = call(world, "add_comment_to_pending_review", **place, line=9)
    assert wrong.result.text.startswith("Failed to add comment to pending review.")
    commented = call(world, "add_comment_to_pending_review", **place, line=2)
    dropped = call(commented.world, "pull_request_review_write", method="delete_pending", pullNumber=42)
    threads = call(
        dropped.world, "pull_request_read", method="get_review_comments", pullNumber=42
    ).result.json()
    assert threads["totalCount"] == 0
    submitted = call(
        commented.world,
        "pull_request_review_write",
        method="submit_pending",
        pullNumber=42,
        event="REQUEST_CHANGES",
        body="No",
    )
    assert submitted.effects[0].fields["comments"] == [place["body"]]
    reviews = call(submitted.world, "pull_request_read", method="get_reviews", pullNumber=42).result.json()
    assert [review["state"] for review in reviews] == ["CHANGES_REQUESTED"]
    second = call(
        submitted.world, "pull_request_review_write", method="submit_pending", pullNumber=42, event="COMMENT"
    )
    assert "is not pending" in second.result.text


def test_threads_are_answered_and_resolved() -> None:
    """A reply joins its thread; resolving twice changes nothing the second time."""
    comment = {"id": 5, "user": "bob", "body": "Why?", "path": "a.py", "line": 1}
    world = world_of(pulls=[pull(files=[], review_comments=[comment])])
    world = call(world, "add_reply_to_pull_request_comment", commentId=5, body="Because", pullNumber=42).world
    [thread] = call(world, "pull_request_read", method="get_review_comments", pullNumber=42).result.json()[
        "review_threads"
    ]
    assert [c["body"] for c in thread["comments"]] == ["Why?", "Because"]
    resolved = call(world, "resolve_review_thread", threadID=thread["id"])
    again = call(resolved.world, "resolve_review_thread", threadID=thread["id"])
    assert [o.effects[0].outcome for o in (resolved, again)] == ["applied", "unchanged"]


def test_nobody_approves_their_own_pull_request() -> None:
    """GitHub refuses it, so the world does."""
    world = world_of(pulls=[pull(user="routine-owner", files=[])])
    outcome = call(world, "pull_request_review_write", method="create", event="APPROVE", pullNumber=42)
    assert outcome.result.text == "Review Can not approve your own pull request"
    reply, _ = answer_request(world, "POST", "/repos/acme/core/pulls/42/reviews", body={"event": "APPROVE"})
    assert (reply.status, reply.value["message"]) == (422, "Unprocessable Entity")
    assert reply.value["errors"] == ["Review Can not approve your own pull request"]


def test_a_push_to_a_pull_request_adds_to_its_files() -> None:
    """A branch that is known by its patches shows what is pushed on top of them as well."""
    patch = "@@ -1 +1,2 @@\n x = 1\n+y = 2"
    head, base = {"ref": "feature", "sha": "a" * 40}, {"ref": "main", "sha": "b" * 40}
    given = pull(files=[{"filename": "a.py", "patch": patch}], commits=1, head=head, base=base)
    world = world_of(repositories=[{"full_name": "acme/core", "files": {"a.py": "x = 1\n"}}], pulls=[given])
    tip = call(world, "list_branches").result.json()
    assert {row["name"]: row["sha"] for row in tip} == {"main": "b" * 40, "feature": "a" * 40}
    files = [{"path": "b.py", "content": "z\n"}]
    pushed = call(world, "push_files", branch="feature", message="More", files=files).world
    listed = call(pushed, "pull_request_read", method="get_files", pullNumber=42).result.json()
    assert [(file["filename"], file["additions"]) for file in listed] == [("a.py", 1), ("b.py", 1)]


def test_a_merge_of_unknown_files_leaves_them_unknown() -> None:
    """What a merge brought in and the world does not know is not answered with what was there before."""
    world = world_of(
        repositories=[{"full_name": "acme/core", "files": {"a.py": "x = 1\n"}}],
        pulls=[pull(changed_files=3, head={"ref": "feature", "sha": "a" * 40})],
    )
    merged = call(world, "merge_pull_request", pullNumber=42).world
    assert call(world, "get_file_contents", path="a.py").result.text.endswith("x = 1\n")
    assert call(merged, "get_file_contents", path="a.py").incomplete == "the file a.py of acme/core at main"


FILES = {"app.py": "a = 1\nb = 2\nc = 3\n"}


def commented(**comment: Any) -> World:
    """A pull request that the agent has commented on the line ``b = 2`` of."""
    repository = {
        "full_name": "acme/core",
        "files": {"app.py": ""},
        "branches": [{"name": "feature", "sha": "f" * 40, "base": "main", "files": FILES}],
    }
    patch = "@@ -0,0 +1,3 @@\n+a = 1\n+b = 2\n+c = 3"
    world = world_of(
        repositories=[repository],
        pulls=[pull(head_sha="f" * 40, files=[{"filename": "app.py", "patch": patch}])],
    )
    given = {"pullNumber": 42, "path": "app.py", "line": 2, "side": "RIGHT", "subjectType": "LINE", **comment}
    outcome = call(world, "add_pull_request_review_comment", body="why?", **given)
    assert not outcome.result.is_error, outcome.result.text
    return outcome.world


def threads_after(world: World, text: str) -> dict[str, Any]:
    pushed = call(
        world,
        "push_files",
        branch="feature",
        files=[{"path": "app.py", "content": text}],
        message="more",
    )
    assert not pushed.result.is_error, pushed.result.text
    read = call(pushed.world, "pull_request_read", method="get_review_comments", pullNumber=42)
    [thread] = read.result.json()["review_threads"]
    return {"outdated": thread["is_outdated"], "line": thread["comments"][0].get("line")}


@pytest.mark.parametrize(
    ("comment", "text", "outdated", "line"),
    [
        ({}, "a = 1\nb = 2\nc = 4\n", False, 2),
        ({}, "new = 0\na = 1\nb = 2\nc = 3\n", False, 3),
        ({}, "a = 1\nb = 9\nc = 3\n", True, None),
        ({}, "", True, None),
        ({"startLine": 1, "startSide": "RIGHT"}, "x\na = 1\nb = 2\n", False, 3),
        ({"startLine": 1, "startSide": "RIGHT"}, "a = 1\nx\nb = 2\n", True, None),
    ],
)
def test_a_push_moves_comments_or_leaves_them_outdated(
    comment: dict[str, Any], text: str, outdated: bool, line: int | None
) -> None:
    """A comment follows its line; when a push changes that line, its thread is outdated."""
    assert threads_after(commented(**comment), text) == {"outdated": outdated, "line": line}


def test_a_suggested_change_is_told_from_the_words_around_it() -> None:
    """The effect of an inline comment holds what it suggests, so that a case can ask for it."""
    body = "Better:\n```suggestion\nb = 3\n```\nand done"
    world = world_of(
        repositories=[{"full_name": "acme/core"}],
        pulls=[pull(files=[{"filename": "app.py", "patch": "@@ -0,0 +1 @@\n+b = 2"}])],
    )
    arguments = {"pullNumber": 42, "path": "app.py", "line": 1, "subjectType": "LINE"}
    outcome = call(world, "add_pull_request_review_comment", body=body, **arguments)
    assert outcome.effects[0].fields["suggestion"] == "b = 3\n"
    plain = call(world, "add_pull_request_review_comment", body="no", **arguments)
    assert "suggestion" not in plain.effects[0].fields
