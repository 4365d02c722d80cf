"""The fields of ``gh --json`` → GitHub's records, as REST spells them.

What ``gh`` names and REST has no word for is left out, and so is what only its own ids would tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from routine_harness.world.github.tables import user_id
from routine_harness.world.state import Record

_ADDRESS: Final = re.compile(r"https://[^/]+/([^/]+/[^/]+)/(?:pull|issues)/(\d+)")
_NUMBERED: Final = re.compile(r"#(?:issuecomment-|pullrequestreview-)(\d+)\Z")
_PLAIN: Final = {
    "number": "number", "title": "title", "body": "body", "url": "html_url", "createdAt": "created_at",
    "updatedAt": "updated_at", "closedAt": "closed_at", "mergedAt": "merged_at", "isDraft": "draft",
    "additions": "additions", "deletions": "deletions", "changedFiles": "changed_files",
}  # fmt: skip
_REPOSITORY: Final = {"description": "description", "isPrivate": "private", "isFork": "fork",
                      "isArchived": "archived", "url": "html_url"}  # fmt: skip


def place_of(address: object) -> tuple[str, int]:
    """Repository and number that the address of a pull request or issue names; else empty and 0."""
    found = _ADDRESS.match(str(address))
    return (found[1], int(found[2])) if found is not None else ("", 0)


def item_of(shown: Mapping[str, Any]) -> Record:
    """A pull request or an issue, with what ``gh`` shows beside it."""
    row: Record = {theirs: shown[ours] for ours, theirs in _PLAIN.items() if ours in shown}
    row |= _state(shown) | _sides(shown)
    for ours, (theirs, read) in _READ.items():
        if shown.get(ours) is not None:
            row[theirs] = read(shown[ours])
    checks = shown.get("statusCheckRollup")
    if isinstance(checks, list):
        row["checks"] = [_check(one, shown) for one in checks if "name" in one]
    return row


def repository_of(shown: Mapping[str, Any]) -> Record:
    """A repository; it needs ``nameWithOwner``."""
    row = {theirs: shown[ours] for ours, theirs in _REPOSITORY.items() if ours in shown}
    branch = shown.get("defaultBranchRef")
    named = {"default_branch": branch["name"]} if isinstance(branch, dict) and branch.get("name") else {}
    return {"full_name": shown["nameWithOwner"], **row, **named}


def _state(shown: Mapping[str, Any]) -> Record:
    state = str(shown.get("state") or "")
    row: Record = {"state": "closed" if state == "MERGED" else state.lower()} if state else {}
    if state == "MERGED":
        row["merged"] = True
    if shown.get("mergeable") in ("MERGEABLE", "CONFLICTING"):
        row["mergeable"] = shown["mergeable"] == "MERGEABLE"
    if shown.get("mergeStateStatus"):
        row["mergeable_state"] = str(shown["mergeStateStatus"]).lower()
    if shown.get("stateReason"):
        row["state_reason"] = str(shown["stateReason"]).lower()
    return row


def _sides(shown: Mapping[str, Any]) -> Record:
    row: Record = {}
    for side in ("head", "base"):
        name, sha = shown.get(f"{side}RefName"), shown.get(f"{side}RefOid")
        if name:
            row[side] = {"ref": name, **({"sha": sha} if sha else {})}
        elif sha:
            row[f"{side}_sha"] = sha
    repository = _fork(shown)
    return {**row, "head_repository": repository} if repository else row


def _fork(shown: Mapping[str, Any]) -> str:
    """The repository of the head, where it is told."""
    held, owner = shown.get("headRepository"), shown.get("headRepositoryOwner")
    if not isinstance(held, dict):
        return ""
    if held.get("nameWithOwner"):
        return str(held["nameWithOwner"])
    return f"{owner['login']}/{held['name']}" if isinstance(owner, dict) and held.get("name") else ""


def _person(one: Mapping[str, Any]) -> Record:
    """A user; a bot is ``app/name`` to ``gh``, and ``name[bot]`` to everybody else."""
    login = str(one["login"])
    bot = login.startswith("app/")
    return {"login": f"{login.removeprefix('app/')}[bot]" if bot else login}


def _people(several: list[Any]) -> list[Record]:
    return [_person(one) for one in several if one.get("login")]


def _labels(several: list[Any]) -> list[Record]:
    fields = ("name", "color", "description")
    return [{field: one[field] for field in fields if one.get(field) is not None} for one in several]


def _id(one: Mapping[str, Any]) -> int:
    """The number in the address, else one that follows from the id that ``gh`` shows."""
    found = _NUMBERED.search(str(one.get("url") or ""))
    return int(found[1]) if found is not None else user_id(str(one.get("id")))


def _comments(several: list[Any]) -> list[Record]:
    return [
        _kept(id=_id(one), user=_author(one), body=one.get("body"), created_at=one.get("createdAt"),
              author_association=one.get("authorAssociation"), html_url=one.get("url"))
        for one in several
    ]  # fmt: skip


def _reviews(several: list[Any]) -> list[Record]:
    return [
        _kept(id=_id(one), user=_author(one), body=one.get("body"), state=one.get("state"),
              submitted_at=one.get("submittedAt"), commit_id=(one.get("commit") or {}).get("oid"))
        for one in several
    ]  # fmt: skip


def _author(one: Mapping[str, Any]) -> Record | None:
    author = one.get("author")
    return _person(author) if isinstance(author, dict) and author.get("login") else None


def _files(several: list[Any]) -> list[Record]:
    return [
        {"filename": one["path"], **{name: one[name] for name in ("additions", "deletions") if name in one},
         "changes": one.get("additions", 0) + one.get("deletions", 0)}
        for one in several
    ]  # fmt: skip


def _commits(several: list[Any]) -> list[Record]:
    return [_commit(one) for one in several]


def _commit(one: Mapping[str, Any]) -> Record:
    message = "\n\n".join(part for part in (one.get("messageHeadline"), one.get("messageBody")) if part)
    author: Mapping[str, Any] = next(iter(one.get("authors") or ()), {})
    git = _kept(name=author.get("name"), email=author.get("email"), date=one.get("authoredDate"))
    login = {"author": author["login"]} if author.get("login") else {}
    return {"sha": one["oid"], "commit": {"message": message, "author": git}, **login}


def _check(one: Mapping[str, Any], shown: Mapping[str, Any]) -> Record:
    told = [shown.get("headRefOid"), one.get("workflowName"), one["name"], one.get("detailsUrl")]
    return _kept(
        id=user_id(" ".join(map(str, told))),
        name=one["name"], status=str(one.get("status") or "").lower() or None,
        conclusion=str(one.get("conclusion") or "").lower() or None, head_sha=shown.get("headRefOid"),
        html_url=one.get("detailsUrl"), started_at=one.get("startedAt"), completed_at=one.get("completedAt"),
    )  # fmt: skip


def _kept(**fields: Any) -> Record:
    return {name: value for name, value in fields.items() if value is not None}


_READ: Final[dict[str, tuple[str, Callable[[Any], Any]]]] = {
    "author": ("user", _person),
    "mergedBy": ("merged_by", _person),
    "mergeCommit": ("merge_commit_sha", lambda commit: commit["oid"]),
    "labels": ("labels", _labels),
    "assignees": ("assignees", _people),
    "reviewRequests": ("requested_reviewers", _people),
    "comments": ("comments", _comments),
    "reviews": ("reviews", _reviews),
    "files": ("files", _files),
    "commits": ("commits", _commits),
}
"""Field of ``--json`` → field of the record, and how it is read."""
