"""Rows → the JSON that the official server gives: small objects without empty fields."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from routine_harness.world.github import tables
from routine_harness.world.state import Record, World

Shown = dict[str, Any]

REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


def compact(**fields: Any) -> Shown:
    """``fields`` without those that are empty, as the server leaves them out."""
    return {name: value for name, value in fields.items() if value not in (None, "", 0, False, [], {})}


def pick(items: Iterable[Shown], fields: list[str] | None) -> list[Shown]:
    """``items`` with the chosen ``fields`` alone, where any are chosen."""
    if not fields:
        return list(items)
    return [{name: item[name] for name in fields if name in item} for item in items]


def show_user(world: World, login: Any) -> Shown | None:
    if not login:
        return None
    row = tables.get(world, "users", login) or {}
    return {
        "login": login,
        "id": row.get("id") or tables.user_id(login),
        "profile_url": row.get("html_url") or f"https://github.com/{login}",
        **compact(avatar_url=row.get("avatar_url")),
    }


def milestone_title(world: World, record: Record) -> str:
    milestone = record.get("milestone")
    if isinstance(milestone, int):
        row = tables.get(world, "milestones", record["repository"], milestone) or {}
        return str(row.get("title") or "")
    return str(milestone or "")


def count_of(world: World, table: str, record: Record, field: str) -> int:
    """How many rows hang on ``record``: those that are there, or as many as the service counted."""
    rows = len(tables.rows(world, table, "number", record["number"], record["repository"]))
    return max(rows, _whole(record.get(field)))


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0


def show_pull(world: World, pull: Record) -> Shown:
    files = tables.rows(world, "pull_files", "number", pull["number"], pull["repository"])
    counted = {
        name: pull.get(name) or sum(_whole(file.get(name)) for file in files)
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


def show_reactions(world: World, on: Any) -> Shown | None:
    found = [row["content"] for row in tables.rows(world, "reactions", "on", on)]
    if not found:
        return None
    return {"total_count": len(found), **{name: found.count(name) for name in REACTIONS}}


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


def show_file(file: Record, *, patch: bool = True) -> Shown:
    return {
        "filename": file["filename"],
        **compact(
            status=file.get("status"),
            additions=file.get("additions"),
            deletions=file.get("deletions"),
            changes=file.get("changes"),
            patch=file.get("patch") if patch else None,
            previous_filename=file.get("previous_filename"),
        ),
    }


def commit_author(commit: Record) -> Shown:
    login = commit.get("author")
    return compact(
        name=commit.get("author_name") or login,
        email=commit.get("author_email") or (f"{login}@users.noreply.github.com" if login else None),
        date=commit.get("date"),
    )


def commit_url(repository: str, sha: str) -> str:
    return f"https://github.com/{repository}/commit/{sha}"


def show_commit(world: World, commit: Record) -> Shown:
    author = commit_author(commit)
    url = commit.get("html_url") or commit_url(commit["repository"], commit["sha"])
    user = show_user(world, commit.get("author"))
    return {
        "sha": commit["sha"],
        "html_url": url,
        "commit": {"message": commit.get("message") or "", **compact(author=author, committer=author)},
        **compact(author=user, committer=user),
    }


def show_release(world: World, release: Record) -> Shown:
    return {
        "id": release["id"],
        "tag_name": release["tag_name"],
        **compact(name=release["name"], body=release["body"]),
        "html_url": release["html_url"],
        **compact(published_at=release.get("published_at")),
        "prerelease": bool(release["prerelease"]),
        "draft": bool(release["draft"]),
        **compact(author=show_user(world, release["author"])),
    }


def show_repository(world: World, row: Record) -> Shown:
    issues = tables.of_repository(world, "issues", row["full_name"])
    return {
        "id": row["id"],
        "name": row["name"],
        "full_name": row["full_name"],
        **compact(description=row["description"]),
        "html_url": row["html_url"],
        **compact(language=row.get("language")),
        "stargazers_count": row.get("stargazers_count") or 0,
        "forks_count": row.get("forks_count") or 0,
        "open_issues_count": max(
            row.get("open_issues_count") or 0, sum(issue["state"] == "open" for issue in issues)
        ),
        "updated_at": row["updated_at"],
        "created_at": row["created_at"],
        **compact(topics=row.get("topics")),
        "private": bool(row["private"]),
        "fork": bool(row["fork"]),
        "archived": bool(row["archived"]),
        "default_branch": row["default_branch"],
    }


def show_label(label: Record) -> Shown:
    return {
        "id": str(label.get("node_id") or label.get("id") or ""),
        "name": label["name"],
        "color": label["color"],
        "description": label["description"] or "",
    }


def minimal(record: Record) -> Shown:
    """What the server answers to a write: an id and a link."""
    return {"id": str(record["id"]), "url": record["html_url"]}
