"""GitHub under contract: a seeded world and arguments that succeed in it."""

from __future__ import annotations

import json
from typing import Any

from world.contract import Paged, Subject, Visible

from routine_harness.world.github.connector import CONNECTOR
from routine_harness.world.worldfile import world_from_data

REPO = {"owner": "acme", "repo": "core"}
HEAD = "a" * 40
PATCH = "@@ -1 +1,2 @@\n x = 1\n+y = 2\n"
AUTHOR = {"repository": "acme/core", "user": "alice"}

WORLD: dict[str, Any] = {
    "clock": "2026-05-04T09:00:00Z",
    "github": {
        "me": {"login": "routine-owner", "name": "Routine Owner"},
        "users": [{"login": "alice", "name": "Alice"}, {"login": "acme", "type": "Organization"}],
        "teams": [{"organization": "acme", "slug": "core", "members": ["alice", "routine-owner"]}],
        "repositories": [
            {
                "full_name": "acme/core",
                "description": "The core",
                "files": {"app/db.py": "x = 1\n", "README.md": "# core\n"},
                "branches": [
                    {"name": "feature", "sha": HEAD, "base": "main", "files": {"app/db.py": "x = 1\ny = 2\n"}}
                ],
                "labels": [{"name": "bug", "color": "d73a4a"}, "ci"],
                "milestones": [{"number": 1, "title": "May"}],
                "collaborators": ["alice"],
            }
        ],
        "issue_types": [{"owner": "acme", "name": "Bug"}],
        "issues": [
            {
                **AUTHOR,
                "number": n,
                "id": 100 + n,
                "title": f"Issue {n}",
                "body": "It fails",
                "labels": ["bug"],
                "created_at": f"-{n}h",
            }
            for n in range(1, 6)
        ],
        "pulls": [
            {
                **AUTHOR,
                "number": 42,
                "title": "Add y",
                "body": "Fixes #1",
                "head": "feature",
                "head_sha": HEAD,
                "files": [{"filename": "app/db.py", "patch": PATCH}],
                "labels": ["bug"],
                "comments": [
                    {"id": 11, "user": "bob", "body": "Nice"},
                    {"id": 12, "user": "bob", "body": "Very"},
                ],
                "reviews": [{"id": 21, "user": "bob", "body": "Hm", "state": "CHANGES_REQUESTED"}],
                "review_comments": [
                    {
                        "id": 30 + n,
                        "user": "bob",
                        "body": f"Why {n}?",
                        "path": "app/db.py",
                        "line": 2,
                        "review": 21,
                    }
                    for n in range(1, 5)
                ],
                "checks": [{"name": "unit", "conclusion": "success"}],
                "statuses": [{"context": "ci/build", "state": "success"}],
            },
            *(
                {**AUTHOR, "number": n, "head": f"f{n}", "base_sha": "b" * 40, "files": []}
                for n in range(43, 46)
            ),
        ],
        "reviews": [
            {"repository": "acme/core", "number": 43, "id": 22, "user": "routine-owner", "state": "PENDING"}
        ],
        "workflow_runs": [
            {
                "repository": "acme/core",
                "id": 501,
                "workflow": "ci.yml",
                "conclusion": "failure",
                "jobs": [
                    {"id": 601, "name": "unit", "conclusion": "failure", "logs": "one\nAssertionError\n"}
                ],
            },
            {"repository": "acme/core", "id": 502, "workflow": "ci.yml", "status": "in_progress"},
        ],
        "artifacts": [{"repository": "acme/core", "id": 701, "name": "report", "run_id": 501}],
        "tags": [{"repository": "acme/core", "name": "v1", "sha": HEAD}],
        "releases": [{"repository": "acme/core", "id": 801, "tag_name": "v1", "body": "First"}],
    },
}

PR = {**REPO, "pullNumber": 42}
PENDING = {**REPO, "pullNumber": 43}
ISSUE = {**REPO, "issue_number": 1}
PLACE = {"path": "app/db.py", "body": "Why?", "subjectType": "LINE", "line": 2}
READS = (
    "get",
    "get_diff",
    "get_status",
    "get_files",
    "get_commits",
    "get_review_comments",
    "get_reviews",
    "get_comments",
    "get_check_runs",
)


def each(base: dict[str, Any], **values: Any) -> tuple[dict[str, Any], ...]:
    """``base`` with one argument after another."""
    [(name, options)] = values.items()
    return tuple({**base, name: option} for option in options)


EXAMPLES: dict[str, tuple[dict[str, Any], ...]] = {
    "pull_request_read": each(PR, method=READS),
    "list_pull_requests": (REPO, {**REPO, "head": "acme:feature", "base": "main", "fields": ["number"]}),
    "create_pull_request": (
        {**REPO, "title": "Another", "head": "feature", "base": "f44", "draft": True, "reviewers": ["alice"]},
    ),
    "update_pull_request": (
        {**PR, "title": "Add z", "state": "closed", "reviewers": ["alice"]},
        {**PR, "title": "Add y"},
        {**PR, "draft": True},
    ),
    "update_pull_request_title": ({**PR, "title": "Add z"},),
    "update_pull_request_body": ({**PR, "body": "Better"},),
    "update_pull_request_state": each(PR, state=("closed", "open")),
    "update_pull_request_draft_state": ({**PR, "draft": True},),
    "update_pull_request_branch": (PENDING,),
    "request_pull_request_reviewers": ({**PR, "reviewers": ["alice"]},),
    "enable_pr_auto_merge": (PR, {**PR, "merge_method": "rebase"}),
    "disable_pr_auto_merge": (PR,),
    "merge_pull_request": (PR, {**PR, "merge_method": "squash", "commit_title": "Add y"}),
    "pull_request_review_write": (
        {**PR, "method": "create", "event": "APPROVE", "body": "Good"},
        {**PR, "method": "create"},
        {**PENDING, "method": "submit_pending", "event": "APPROVE"},
        {**PENDING, "method": "delete_pending"},
        {**PR, "method": "resolve_thread", "threadId": "PRRT_31"},
        {**PR, "method": "unresolve_thread", "threadId": "PRRT_31"},
    ),
    "create_pull_request_review": ({**PR, "event": "COMMENT", "body": "Hm"}, PR),
    "submit_pending_pull_request_review": ({**PENDING, "event": "COMMENT", "body": "Hm"},),
    "delete_pending_pull_request_review": (PENDING,),
    "resolve_review_thread": ({"threadID": "PRRT_31"},),
    "unresolve_review_thread": ({"threadID": "PRRT_31"},),
    "add_comment_to_pending_review": ({**PENDING, **PLACE}, {**PENDING, **PLACE, "subjectType": "FILE"}),
    "add_pull_request_review_comment": ({**PR, **PLACE},),
    "add_reply_to_pull_request_comment": (
        {**PR, "commentId": 31, "body": "Because"},
        {**PR, "commentId": 31, "reaction": "eyes"},
    ),
    "add_pull_request_review_comment_reaction": ({**REPO, "comment_id": 31, "content": "heart"},),
    "issue_read": (
        *each(ISSUE, method=("get", "get_comments", "get_sub_issues", "get_parent", "get_labels")),
        {**REPO, "issue_number": 42, "method": "get_comments"},
    ),
    "list_issues": (
        REPO,
        {**REPO, "state": "OPEN", "labels": ["bug"], "orderBy": "COMMENTS", "fields": ["title"]},
    ),
    "issue_write": (
        {**REPO, "method": "create", "title": "New", "labels": ["fresh"], "milestone": 1, "type": "Bug"},
        {**ISSUE, "method": "update", "state": "closed", "state_reason": "not_planned"},
        {**ISSUE, "method": "update", "title": "Issue 1"},
    ),
    "create_issue": ({**REPO, "title": "New"},),
    "update_issue_title": ({**ISSUE, "title": "Other"},),
    "update_issue_body": ({**ISSUE, "body": "Other"},),
    "update_issue_assignees": ({**ISSUE, "assignees": ["alice", {"login": "bob", "rationale": "knows it"}]},),
    "update_issue_labels": ({**ISSUE, "labels": ["ci", {"name": "bug"}]},),
    "update_issue_milestone": ({**ISSUE, "milestone": 1},),
    "update_issue_type": ({**ISSUE, "issue_type": "Bug"}, {**ISSUE, "issue_type": None}),
    "update_issue_state": each(ISSUE, state=("closed", "open")),
    "add_issue_comment": (
        {**ISSUE, "body": "Hello"},
        {**ISSUE, "reaction": "eyes"},
        {**REPO, "issue_number": 42, "comment_id": 11, "reaction": "heart"},
        {**ISSUE, "body": "Hello", "reaction": "eyes"},
    ),
    "add_issue_reaction": ({**ISSUE, "content": "+1"},),
    "add_issue_comment_reaction": ({**REPO, "comment_id": 11, "content": "+1"},),
    "sub_issue_write": ({**ISSUE, "method": "add", "sub_issue_id": 102},),
    "add_sub_issue": ({**ISSUE, "sub_issue_id": 102},),
    "remove_sub_issue": ({**REPO, "issue_number": 5, "sub_issue_id": 103},),
    "reprioritize_sub_issue": ({**REPO, "issue_number": 5, "sub_issue_id": 103, "after_id": 104},),
    "list_issue_types": ({"owner": "acme"},),
    "get_label": ({**REPO, "name": "bug"},),
    "list_label": (REPO,),
    "label_write": (
        {**REPO, "method": "create", "name": "new", "color": "ff0000"},
        {**REPO, "method": "update", "name": "bug", "new_name": "defect"},
        {**REPO, "method": "delete", "name": "bug"},
    ),
    "get_me": ({},),
    "get_teams": ({}, {"user": "alice"}),
    "get_team_members": ({"org": "acme", "team_slug": "core"},),
    "search_users": ({"query": "alice"},),
    "search_orgs": ({"query": "acme"},),
    "search_repositories": ({"query": "core org:acme"},),
    "search_code": ({"query": "x repo:acme/core extension:py", "fields": ["path"]},),
    "search_commits": ({"query": "Initial repo:acme/core", "sort": "author-date"},),
    "search_issues": (
        {"query": "fails repo:acme/core is:open label:bug -author:bob", "sort": "created", "order": "asc"},
    ),
    "search_pull_requests": ({**REPO, "query": "review:changes_requested status:success commenter:bob"},),
    "get_file_contents": ({**REPO, "path": "app/db.py"}, {**REPO, "path": "app", "ref": "feature"}, REPO),
    "get_repository_tree": (
        {**REPO, "recursive": True},
        {**REPO, "tree_sha": "feature", "path_filter": "app"},
    ),
    "create_or_update_file": (
        {**REPO, "path": "new.txt", "content": "hi", "message": "Add it", "branch": "feature"},
    ),
    "delete_file": ({**REPO, "path": "README.md", "message": "Drop it", "branch": "feature"},),
    "push_files": (
        {**REPO, "branch": "feature", "message": "Push", "files": [{"path": "a", "content": "b"}]},
        {**REPO, "branch": "claude/new", "message": "Push", "files": [{"path": "a", "content": "b"}]},
    ),
    "list_branches": (REPO,),
    "create_branch": (
        {**REPO, "branch": "claude/x"},
        {**REPO, "branch": "claude/y", "from_branch": "feature"},
    ),
    "list_commits": (REPO, {**REPO, "sha": "feature", "path": "app", "author": "acme"}),
    "get_commit": ({**REPO, "sha": "main"}, {**REPO, "sha": "feature", "detail": "full_patch"}),
    "list_tags": (REPO,),
    "get_tag": ({**REPO, "tag": "v1"},),
    "list_releases": (REPO,),
    "get_latest_release": (REPO,),
    "get_release_by_tag": ({**REPO, "tag": "v1"},),
    "create_repository": ({"name": "fresh", "autoInit": True},),
    "delete_repository": (REPO,),
    "star_repository": (REPO,),
    "unstar_repository": (REPO,),
    "fork_repository": (REPO,),
    "list_repository_collaborators": (REPO,),
    "actions_list": (
        {**REPO, "method": "list_workflows"},
        {
            **REPO,
            "method": "list_workflow_runs",
            "resource_id": "ci.yml",
            "workflow_runs_filter": {"branch": "main"},
        },
        {**REPO, "method": "list_workflow_jobs", "resource_id": "501"},
        {**REPO, "method": "list_workflow_run_artifacts", "resource_id": "501"},
    ),
    "actions_get": (
        {**REPO, "method": "get_workflow", "resource_id": "ci.yml"},
        {**REPO, "method": "get_workflow_job", "resource_id": "601"},
        {**REPO, "method": "download_workflow_run_artifact", "resource_id": "701"},
        *each(
            {**REPO, "resource_id": "501"},
            method=("get_workflow_run", "get_workflow_run_usage", "get_workflow_run_logs_url"),
        ),
    ),
    "get_job_logs": (
        {**REPO, "job_id": 601, "return_content": True, "tail_lines": 1},
        {**REPO, "run_id": 501, "failed_only": True, "return_content": True},
        {**REPO, "job_id": 601},
    ),
    "actions_run_trigger": (
        {**REPO, "method": "run_workflow", "workflow_id": "ci.yml", "ref": "main", "inputs": {}},
        {**REPO, "method": "rerun_workflow_run", "run_id": 501},
        {**REPO, "method": "rerun_failed_jobs", "run_id": 501},
        {**REPO, "method": "cancel_workflow_run", "run_id": 502},
        {**REPO, "method": "delete_workflow_run_logs", "run_id": 501},
    ),
}

REFUSAL = (
    r"^missing required parameter|is not of type|is not a valid number"
    r"|must be (?:one of|at least)|exceeds maximum"
    r"|^unknown method|^invalid resource_id|^parameter "
)


def github() -> Subject:
    """A repository with branches, issues, a pull request under review, CI, tags and a release."""
    world = world_from_data(WORLD, {"github": CONNECTOR})
    world = world_from_data(
        {"github": {"issues": [{"repository": "acme/core", "number": 5, "sub_issues": [103, 104]}]}},
        {"github": CONNECTOR},
        world,
    )
    made = r"/(?:issues|pull)/(?P<id>\d+)"
    return Subject(
        connector=CONNECTOR,
        world=world,
        refusal=REFUSAL,
        seeds=(
            "acme",
            "core",
            "acme/core",
            "main",
            "feature",
            "42",
            "501",
            "ci.yml",
            "bug",
            "v1",
            "app/db.py",
            HEAD,
        ),
        examples=EXAMPLES,
        visible=(
            Visible(
                "issue_write", {**REPO, "method": "create", "title": "Seen"}, "list_issues", REPO, '"Seen"'
            ),
            Visible(
                "create_issue", {**REPO, "title": "Sought"}, "search_issues", {"query": "Sought"}, '"Sought"'
            ),
            Visible(
                "issue_write",
                {**REPO, "method": "create", "title": "By number"},
                "issue_read",
                {**REPO, "method": "get", "issue_number": "{id}"},
                "By number",
                made,
            ),
            Visible(
                "add_issue_comment",
                {**REPO, "issue_number": 42, "body": "Said"},
                "pull_request_read",
                {**PR, "method": "get_comments"},
                '"Said"',
            ),
            Visible(
                "pull_request_review_write",
                {**PR, "method": "create", "event": "APPROVE", "body": "Fine"},
                "pull_request_read",
                {**PR, "method": "get_reviews"},
                "APPROVED",
            ),
            Visible(
                "add_pull_request_review_comment",
                {**PR, **PLACE, "body": "Inline"},
                "pull_request_read",
                {**PR, "method": "get_review_comments"},
                "Inline",
            ),
            Visible(
                "push_files",
                {**REPO, "branch": "feature", "message": "Push it", "files": [{"path": "n", "content": "1"}]},
                "pull_request_read",
                {**PR, "method": "get_files"},
                '"n"',
            ),
            Visible("merge_pull_request", PR, "get_file_contents", {**REPO, "path": "app/db.py"}, "y = 2"),
            Visible("merge_pull_request", PR, "issue_read", {**ISSUE, "method": "get"}, '"closed"'),
            Visible("create_branch", {**REPO, "branch": "claude/z"}, "list_branches", REPO, "claude/z"),
            Visible(
                "label_write",
                {**REPO, "method": "create", "name": "later", "color": "ffffff"},
                "list_label",
                REPO,
                '"later"',
            ),
        ),
        paged=(
            Paged("list_issues", REPO, _numbers("issues"), _cursor, "perPage", "after", 2, "valid cursor"),
            Paged(
                "pull_request_read",
                {**PR, "method": "get_review_comments"},
                _threads,
                _cursor,
                "perPage",
                "after",
                2,
                "valid cursor",
            ),
        ),
        unknown=(
            (
                "pull_request_read",
                {**PR, "method": "get", "pullNumber": 99},
                r"pulls/99: 404 Not Found \[\]$",
            ),
            (
                "issue_read",
                {**ISSUE, "method": "get", "repo": "none"},
                r"repos/acme/none/issues/1: 404 Not Found",
            ),
            ("get_label", {**REPO, "name": "none"}, r"^label 'none' not found in acme/core$"),
            ("get_file_contents", {**REPO, "path": "none.py"}, r"^Failed to get file contents"),
            ("resolve_review_thread", {"threadID": "PRRT_none"}, r"Could not resolve to a node"),
            ("get_release_by_tag", {**REPO, "tag": "v9"}, r"releases/tags/v9: 404"),
            (
                "create_branch",
                {**REPO, "branch": "x", "from_branch": "none"},
                r"^failed to create branch: POST .*/git/refs: 404 Not Found",
            ),
            ("issue_write", {**ISSUE, "method": "update", "milestone": 9}, r"Issue\.milestone \(invalid\)"),
        ),
        lenient=(),
    )


def _numbers(field: str) -> Any:
    return lambda text: [str(row["number"]) for row in json.loads(text)[field]]


def _threads(text: str) -> list[str]:
    return [row["id"] for row in json.loads(text)["review_threads"]]


def _cursor(text: str) -> str | None:
    info = json.loads(text)["pageInfo"]
    return info["endCursor"] if info["hasNextPage"] else None
