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


def name_of(item: Record) -> str:
    """``acme/core#42``, for a pull request or issue or what hangs on one."""
    return f"{item['repository']}#{item['number']}"


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


def whole(value: Any) -> int:
    """``value`` if it is a number, else 0."""
    return value if isinstance(value, int) else 0


def count_of(world: World, table: str, record: Record, field: str) -> int:
    """How many rows hang on ``record``: those that are there, or as many as the service counted."""
    rows = len(tables.rows(world, table, "number", record["number"], record["repository"]))
    return max(rows, whole(record.get(field)))


def show_reactions(world: World, on: Any) -> Shown | None:
    found = [row["content"] for row in tables.rows(world, "reactions", "on", on)]
    if not found:
        return None
    return {"total_count": len(found), **{name: found.count(name) for name in REACTIONS}}


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
