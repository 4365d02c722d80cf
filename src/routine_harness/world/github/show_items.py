"""Pull requests, issues and what is said about them, as the official server shows them."""

from __future__ import annotations

from routine_harness.world.github import tables
from routine_harness.world.github.show import (
    Shown,
    compact,
    count_of,
    milestone_title,
    show_reactions,
    show_user,
    whole,
)
from routine_harness.world.state import Record, World


def show_pull(world: World, pull: Record) -> Shown:
    files = tables.rows(world, "pull_files", "number", pull["number"], pull["repository"])
    counted = {
        name: pull.get(name) or sum(whole(file.get(name)) for file in files)
        for name in ("additions", "deletions")
    }
    return {
        "number": pull["number"],
        "title": pull["title"],
        **compact(body=pull["body"]),
        "state": pull["state"],
        "draft": bool(pull["draft"]),
        "merged": bool(pull["merged"]),
        **compact(mergeable_state=pull.get("mergeable_state")),
        "html_url": pull["html_url"],
        **compact(
            user=show_user(world, pull["user"]),
            labels=pull["labels"],
            assignees=pull["assignees"],
            requested_reviewers=pull["requested_reviewers"],
            merged_by=pull.get("merged_by"),
            head=show_tip(world, pull["head_repository"], pull["head"], pull["head_sha"]),
            base=show_tip(world, pull["repository"], pull["base"], pull["base_sha"]),
            **counted,
            changed_files=count_of(world, "pull_files", pull, "changed_files"),
            commits=count_of(world, "pull_commits", pull, "commits"),
            comments=count_of(world, "comments", pull, "comments"),
            created_at=pull["created_at"],
            updated_at=pull["updated_at"],
            closed_at=pull["closed_at"],
            merged_at=pull["merged_at"],
            milestone=milestone_title(world, pull),
        ),
    }


def show_tip(world: World, repository: str | None, ref: str, sha: str) -> Shown:
    if repository is None:
        return {"ref": ref, "sha": sha}
    row = tables.get(world, "repositories", repository) or {}
    return {
        "ref": ref,
        "sha": sha,
        "repo": {"full_name": repository, **compact(description=row.get("description"))},
    }


def show_issue(world: World, issue: Record) -> Shown:
    """An issue as ``get`` shows it, without what it says of other issues."""
    return {
        "number": issue["number"],
        "title": issue["title"],
        **compact(body=issue["body"]),
        "state": issue["state"],
        **compact(
            state_reason=issue.get("state_reason"),
            locked=issue.get("locked"),
            html_url=issue["html_url"],
            user=show_user(world, issue["user"]),
            author_association=issue.get("author_association"),
            labels=issue["labels"],
        ),
        "assignees": issue["assignees"],
        **compact(
            milestone=milestone_title(world, issue),
            comments=count_of(world, "comments", issue, "comments"),
            reactions=show_reactions(world, f"{issue['repository']}#{issue['number']}"),
            created_at=issue["created_at"],
            updated_at=issue["updated_at"],
            closed_at=issue["closed_at"],
            closed_by=issue.get("closed_by"),
            issue_type=issue.get("type"),
        ),
    }


def show_listed_issue(world: World, issue: Record) -> Shown:
    """An issue as ``list_issues`` shows it: its state in capitals, its author by login alone."""
    return {
        "number": issue["number"],
        "title": issue["title"],
        **compact(body=issue["body"]),
        "state": issue["state"].upper(),
        "user": {"login": issue["user"]},
        **compact(labels=issue["labels"]),
        "assignees": issue["assignees"],
        **compact(comments=count_of(world, "comments", issue, "comments")),
        "created_at": issue["created_at"],
        "updated_at": issue["updated_at"],
    }


def show_issue_ref(issue: Record) -> Shown:
    return {
        "number": issue["number"],
        "title": issue["title"],
        "state": issue["state"],
        "url": issue["html_url"],
        "repository": issue["repository"],
    }


def show_comment(world: World, comment: Record) -> Shown:
    return {
        "id": comment["id"],
        **compact(body=comment["body"]),
        "html_url": comment["html_url"],
        **compact(
            user=show_user(world, comment["user"]),
            author_association=comment.get("author_association"),
            reactions=show_reactions(world, comment["id"]),
            created_at=comment["created_at"],
            updated_at=comment["updated_at"],
        ),
    }


def show_review(world: World, review: Record) -> Shown:
    return {
        "id": review["id"],
        "state": review["state"],
        **compact(body=review["body"]),
        "html_url": review["html_url"],
        **compact(
            user=show_user(world, review["user"]),
            commit_id=review.get("commit_id"),
            submitted_at=review.get("submitted_at"),
            author_association=review.get("author_association"),
        ),
    }


def show_review_comment(comment: Record) -> Shown:
    return {
        **compact(body=comment["body"]),
        "path": comment.get("path") or "",
        **compact(
            line=comment.get("line"),
            author=comment["user"],
            created_at=comment["created_at"],
            updated_at=comment["updated_at"],
        ),
        "html_url": comment["html_url"],
    }
