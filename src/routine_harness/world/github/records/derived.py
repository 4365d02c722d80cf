"""What GitHub derives from its rows, whichever face shows it: counts, links, people, authors of commits."""

from __future__ import annotations

from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.fields import Kind
from routine_harness.world.state import World

WEB: Final = "https://github.com"
API: Final = "https://api.github.com"
DEFAULT_COLOR: Final = "ededed"
"""The colour of a label that is made by being named."""


def user_row(world: World, login: Json) -> Record:
    """The row of a user, with GitHub's defaults where the world knows the login alone."""
    row = tables.get(world, "users", login) or {}
    return {
        "login": login, **row, "id": row.get("id") or tables.user_id(str(login)),
        "html_url": row.get("html_url") or f"{WEB}/{login}",
    }  # fmt: skip


def label_row(world: World, repository: str, name: str) -> Record:
    """The label called ``name``, with GitHub's defaults where the world knows its name alone."""
    row = find_label(world, repository, name) or {"repository": repository, "name": name}
    return {"color": DEFAULT_COLOR, "description": "", **row}


def find_label(world: World, repository: str, name: str) -> Record | None:
    """Names that differ in the case of letters alone are one label."""
    row = tables.get(world, "labels", repository, name)
    if row is not None:
        return row
    labels = tables.of_repository(world, "labels", repository)
    return next((label for label in labels if label["name"].lower() == name.lower()), None)


def count_of(world: World, table: str, record: Record, field: str) -> int:
    """How many rows hang on ``record``: those that are there, or as many as the service counted."""
    rows = len(tables.rows(world, table, "number", record["number"], record["repository"]))
    counted = record.get(field)
    return max(rows, counted if isinstance(counted, int) else 0)


def git_author(commit: Record) -> Record:
    """Name, address and date of a commit, as git has them; without what is not known."""
    login = commit.get("author")
    shown = {
        "name": commit.get("author_name") or login,
        "email": commit.get("author_email") or (f"{login}@users.noreply.github.com" if login else None),
        "date": commit.get("date"),
    }
    return {name: value for name, value in shown.items() if value}


def commit_web(row: Record) -> str:
    return str(row.get("html_url") or f"{WEB}/{row['repository']}/commit/{row['sha']}")


def open_items(world: World, row: Record, value: Json) -> int:
    """Open issues and pull requests: GitHub counts both."""
    rows = [*tables.of_repository(world, "issues", row["full_name"]),
            *tables.of_repository(world, "pulls", row["full_name"])]  # fmt: skip
    numbers = {one["number"] for one in rows if one["state"] == "open"}
    return max(value or 0, len(numbers))


def rest_labels(world: World, item: Record, names: Json) -> list[Record]:
    """Labels as REST gives them."""
    rows = (label_row(world, item["repository"], name) for name in names or ())
    return [
        {
            "id": row.get("id") or tables.user_id(f"{item['repository']}/{row['name']}"),
            "url": f"{API}/repos/{item['repository']}/labels/{row['name']}",
            "name": row["name"], "color": row["color"], "default": bool(row.get("default")),
            "description": row["description"] or None,
        }
        for row in rows
    ]  # fmt: skip


def _counted(table: str, field: str) -> Kind:
    return lambda world, row, _: count_of(world, table, row, field)


def _lines(name: str) -> Kind:
    """The lines that a pull request adds or deletes: as GitHub counted them, else over its files."""

    def total(world: World, pull: Record, value: Json) -> int:
        if value:
            return int(value)
        files = tables.rows(world, "pull_files", "number", pull["number"], pull["repository"])
        return sum(file[name] for file in files if isinstance(file.get(name), int))

    return total


def _view(entry: Record) -> str:
    return "tree" if entry["type"] == "dir" else "blob"


def pull_links(item: Record) -> Record | None:
    """What an issue's form of a pull request says of it."""
    if "head" not in item and not item.get("pull_request"):
        return None
    url = f"{API}/repos/{item['repository']}/pulls/{item['number']}"
    merged = {"merged_at": item["merged_at"]} if item.get("merged_at") else {}
    return {"url": url, "html_url": item["html_url"], **merged}


def _repo(row: Record) -> str:
    return f"{API}/repos/{row['repository']}"


def _raw(_: World, entry: Record, path: Json) -> str | None:
    if entry["type"] == "dir":
        return None
    return f"https://raw.githubusercontent.com/{entry['repository']}/{entry['ref']}/{path}"


DERIVED: Final[dict[str, Kind]] = {
    "flag": lambda _, __, value: bool(value),
    "whole": lambda _, __, value: value or 0,
    "text": lambda _, __, value: value or "",
    "list": lambda _, __, value: value or [],
    "nullable": lambda _, __, value: value or None,
    "node": lambda _, row, value: str(row.get("node_id") or value or ""),
    "role": lambda _, __, value: value or "write",
    "rest_labels": rest_labels,
    "n_comments": _counted("comments", "comments"),
    "n_commits": _counted("pull_commits", "commits"),
    "n_files": _counted("pull_files", "changed_files"),
    "n_review_comments": _counted("review_comments", "review_comments"),
    "n_additions": _lines("additions"),
    "n_deletions": _lines("deletions"),
    "open_items": open_items,
    "user_id": lambda _, row, value: value or tables.user_id(str(row["login"])),
    "git_author": lambda _, row, __: git_author(row),
    "commit_web": lambda _, row, __: commit_web(row),
    "commit_object": lambda _, row, sha: {
        "type": "commit",
        "sha": sha,
        "url": f"{_repo(row)}/git/commits/{sha}",
    },
    "ref_url": lambda _, row, ref: f"{_repo(row)}/git/{ref}",
    "content_url": lambda _, row, path: f"{_repo(row)}/contents/{path}?ref={row['ref']}",
    "content_web": lambda _, row, path: f"{WEB}/{row['repository']}/{_view(row)}/{row['ref']}/{path}",
    "git_url": lambda _, row, sha: f"{_repo(row)}/git/{_view(row)}s/{sha}",
    "raw_url": _raw,
    "issue_url": lambda _, row, __: f"{_repo(row)}/issues/{row['number']}",
    "repository_url": lambda _, row, __: _repo(row),
    "pull_links": lambda _, row, __: pull_links(row),
}
"""Kind of field → its value, where no face spells it otherwise."""
