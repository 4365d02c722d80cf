"""Rows → the objects of GitHub's REST API, as far as clients rely on them."""

from __future__ import annotations

from typing import Any

from routine_harness.world.github import tables
from routine_harness.world.github.show import commit_author, commit_url, count_of, show_label
from routine_harness.world.state import Record, World

API = "https://api.github.com"


def rest_row(row: Record) -> Record:
    """A row without the fields that only the world has."""
    return {name: value for name, value in row.items() if name != "repository"}


def rest_user(world: World, login: Any) -> Record | None:
    if not login:
        return None
    row = tables.get(world, "users", login) or {}
    kind = "Bot" if str(login).endswith("[bot]") else "User"
    return {
        "login": login,
        "id": row.get("id") or tables.user_id(str(login)),
        "type": row.get("type") or kind,
        "html_url": row.get("html_url") or f"https://github.com/{login}",
        "url": f"{API}/users/{login}",
    }


def rest_repository(world: World, row: Record) -> Record:
    owner = row["owner"]
    plain = {k: v for k, v in row.items() if k not in ("files", "owner")}
    return {**plain, "owner": rest_user(world, owner), "url": f"{API}/repos/{row['full_name']}"}


def rest_item(world: World, item: Record) -> Record:
    """An issue or pull request in full."""
    repository, number = item["repository"], item["number"]
    labels = [tables.get(world, "labels", repository, name) or {"name": name} for name in item["labels"]]
    milestone = tables.get(world, "milestones", repository, item.get("milestone"))
    assignees = [rest_user(world, login) for login in item["assignees"]]
    shown: Record = {
        **{name: item.get(name) for name in ("id", "number", "title", "body", "state", "html_url")},
        **{name: item.get(name) for name in ("created_at", "updated_at", "closed_at")},
        "user": rest_user(world, item["user"]),
        "labels": [show_label({"color": "ededed", "description": "", **label}) for label in labels],
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "milestone": rest_row(milestone) if milestone else None,
        "locked": bool(item.get("locked")),
        "comments": count_of(world, "comments", item, "comments"),
        "author_association": item.get("author_association") or "NONE",
    }
    if "head" in item:
        return {**shown, **_pull(world, item), "url": f"{API}/repos/{repository}/pulls/{number}"}
    shown["state_reason"] = item.get("state_reason")
    return {**shown, "url": f"{API}/repos/{repository}/issues/{number}"}


def _pull(world: World, pull: Record) -> Record:
    files = tables.rows(world, "pull_files", "number", pull["number"], pull["repository"])
    return {
        **{
            name: pull.get(name) for name in ("draft", "merged", "merged_at", "merge_commit_sha", "mergeable")
        },
        "mergeable_state": pull.get("mergeable_state") or "unknown",
        "merged_by": rest_user(world, pull.get("merged_by")),
        "requested_reviewers": [rest_user(world, login) for login in pull["requested_reviewers"]],
        "requested_teams": pull.get("requested_teams") or [],
        "head": _tip(world, pull["head_repository"], pull["head"], pull["head_sha"]),
        "base": _tip(world, pull["repository"], pull["base"], pull["base_sha"]),
        "commits": count_of(world, "pull_commits", pull, "commits"),
        "changed_files": count_of(world, "pull_files", pull, "changed_files"),
        "review_comments": count_of(world, "review_comments", pull, "review_comments"),
        "additions": pull.get("additions") or sum(int(file.get("additions") or 0) for file in files),
        "deletions": pull.get("deletions") or sum(int(file.get("deletions") or 0) for file in files),
        "diff_url": f"{pull['html_url']}.diff",
    }


def _tip(world: World, repository: str | None, ref: str, sha: str) -> Record:
    row = tables.get(world, "repositories", repository) if repository else None
    owner = str(repository or "").partition("/")[0]
    return {
        "label": f"{owner}:{ref}" if owner else ref,
        "ref": ref,
        "sha": sha,
        "user": rest_user(world, owner),
        "repo": rest_repository(world, row) if row and "owner" in row else None,
    }


def rest_comment(world: World, comment: Record) -> Record:
    api = f"{API}/repos/{comment['repository']}/issues"
    return {
        **rest_row(comment),
        "user": rest_user(world, comment["user"]),
        "url": f"{api}/comments/{comment['id']}",
        "issue_url": f"{api}/{comment['number']}",
    }


def rest_review(world: World, review: Record) -> Record:
    api = f"{API}/repos/{review['repository']}/pulls/{review['number']}"
    return {**rest_row(review), "user": rest_user(world, review["user"]), "pull_request_url": api}


def rest_review_comment(world: World, comment: Record) -> Record:
    plain = {k: v for k, v in comment.items() if k not in ("repository", "review", "thread", "pending")}
    api = f"{API}/repos/{comment['repository']}/pulls"
    return {
        **plain,
        "user": rest_user(world, comment["user"]),
        "pull_request_review_id": comment.get("review"),
        "url": f"{api}/comments/{comment['id']}",
        "pull_request_url": f"{api}/{comment['number']}",
    }


def rest_commit(world: World, commit: Record) -> Record:
    if "repository" not in commit:
        return dict(commit)
    author = commit_author(commit)
    user = rest_user(world, commit.get("author"))
    return {
        "sha": commit["sha"],
        "html_url": commit_url(commit["repository"], commit["sha"]),
        "commit": {"message": commit.get("message") or "", "author": author, "committer": author},
        "author": user,
        "committer": user,
        "parents": [{"sha": sha} for sha in commit.get("parents") or ()],
    }


def rest_release(world: World, release: Record) -> Record:
    api = f"{API}/repos/{release['repository']}/releases/{release['id']}"
    return {**rest_row(release), "author": rest_user(world, release["author"]), "url": api}
