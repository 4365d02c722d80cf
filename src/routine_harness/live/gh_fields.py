"""What ``gh`` prints: the fields of ``--json``, and its plain lists and views where nobody watches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

Shown = dict[str, Any]
Field = Callable[[Shown], Any]


def _people(names: Iterable[Any]) -> list[Shown]:
    return [{"login": name} if isinstance(name, str) else {"login": name.get("login", "")} for name in names]


def _labels(record: Shown) -> list[Shown]:
    labels = record.get("labels") or []
    return [{"name": label} if isinstance(label, str) else {"name": label["name"]} for label in labels]


def _author(record: Shown) -> Shown:
    return {"login": (record.get("user") or {}).get("login", ""), "is_bot": False}


def _milestone(record: Shown) -> Shown | None:
    return {"title": record["milestone"]} if record.get("milestone") else None


def _state(record: Shown) -> str:
    return "MERGED" if record.get("merged") else str(record.get("state", "")).upper()


def _mergeable(record: Shown) -> str:
    state = record.get("mergeable_state")
    return "CONFLICTING" if state == "dirty" else "UNKNOWN" if state in (None, "unknown") else "MERGEABLE"


def _repository(tip: Shown) -> Shown | None:
    full_name = (tip.get("repo") or {}).get("full_name", "")
    return {"name": full_name.rpartition("/")[2], "nameWithOwner": full_name} if full_name else None


def _owner(tip: Shown) -> Shown:
    return {"login": str((tip.get("repo") or {}).get("full_name", "")).partition("/")[0]}


_COMMON: Final[dict[str, Field]] = {
    "number": lambda r: r.get("number"),
    "title": lambda r: r.get("title", ""),
    "body": lambda r: r.get("body", ""),
    "state": _state,
    "url": lambda r: r.get("html_url", ""),
    "author": _author,
    "labels": _labels,
    "assignees": lambda r: _people(r.get("assignees") or []),
    "milestone": _milestone,
    "createdAt": lambda r: r.get("created_at"),
    "updatedAt": lambda r: r.get("updated_at"),
    "closedAt": lambda r: r.get("closed_at"),
    "closed": lambda r: r.get("state") == "closed",
}

PULL_FIELDS: Final[dict[str, Field]] = {
    **_COMMON,
    "isDraft": lambda r: bool(r.get("draft")),
    "headRefName": lambda r: (r.get("head") or {}).get("ref", ""),
    "headRefOid": lambda r: (r.get("head") or {}).get("sha", ""),
    "baseRefName": lambda r: (r.get("base") or {}).get("ref", ""),
    "baseRefOid": lambda r: (r.get("base") or {}).get("sha", ""),
    "headRepository": lambda r: _repository(r.get("head") or {}),
    "headRepositoryOwner": lambda r: _owner(r.get("head") or {}),
    "isCrossRepository": lambda r: _repository(r.get("head") or {}) != _repository(r.get("base") or {}),
    "additions": lambda r: r.get("additions", 0),
    "deletions": lambda r: r.get("deletions", 0),
    "changedFiles": lambda r: r.get("changed_files", 0),
    "mergedAt": lambda r: r.get("merged_at"),
    "mergedBy": lambda r: r.get("merged_by"),
    "mergeable": _mergeable,
    "mergeStateStatus": lambda r: str(r.get("mergeable_state") or "unknown").upper(),
    "reviewRequests": lambda r: _people(r.get("requested_reviewers") or []),
    "comments": lambda r: [_comment(one) for one in r["comments"]],
    "reviews": lambda r: [_review(one) for one in r["reviews"]],
    "latestReviews": lambda r: [_review(one) for one in r["reviews"]],
    "reviewDecision": lambda r: _decision(r["reviews"]),
    "files": lambda r: [_file(one) for one in r["files"]],
    "commits": lambda r: [_commit(one) for one in r["commits"]],
    "statusCheckRollup": lambda r: [_check(one) for one in r["checks"]],
}  # fmt: skip
ISSUE_FIELDS: Final[dict[str, Field]] = {
    **_COMMON,
    "stateReason": lambda r: str(r.get("state_reason") or "").upper(),
    "comments": lambda r: [_comment(one) for one in r["comments"]],
}
REPOSITORY_FIELDS: Final[dict[str, Field]] = {
    "name": lambda r: r.get("name", ""),
    "nameWithOwner": lambda r: r.get("full_name", ""),
    "owner": lambda r: {"login": r.get("full_name", "").partition("/")[0]},
    "url": lambda r: r.get("html_url", ""),
    "description": lambda r: r.get("description", ""),
    "isPrivate": lambda r: bool(r.get("private")),
    "defaultBranchRef": lambda r: {"name": r.get("default_branch", "")},
}
NEEDED: Final = {
    "comments": ("comments",), "reviews": ("reviews",), "latestReviews": ("reviews",), "files": ("files",),
    "reviewDecision": ("reviews",), "commits": ("commits",), "statusCheckRollup": ("checks",),
}  # fmt: skip
"""Field of ``--json`` → what has to be read besides the record itself."""


def select(record: Shown, names: list[str], fields: dict[str, Field]) -> Shown:
    """The chosen fields, in gh's order: by name."""
    return {name: fields[name](record) for name in sorted(names)}


def view_lines(record: Shown, *, pull: bool) -> str:
    """``gh pr view`` and ``gh issue view`` where the output is no terminal."""
    rows = {
        "title": record.get("title", ""),
        "state": _state(record),
        "author": _author(record)["login"],
        "labels": ", ".join(label["name"] for label in _labels(record)),
        "assignees": ", ".join(person["login"] for person in _people(record.get("assignees") or [])),
    }
    if pull:
        rows["reviewers"] = ", ".join(p["login"] for p in _people(record.get("requested_reviewers") or []))
    else:
        rows["comments"] = str(record.get("comments") or 0)
    rows |= {"projects": "", "milestone": record.get("milestone") or "", "number": str(record.get("number"))}
    if pull:
        rows |= {
            "url": record.get("html_url", ""),
            "additions": str(record.get("additions", 0)),
            "deletions": str(record.get("deletions", 0)),
            "auto-merge": "disabled",
        }
    lines = "".join(f"{name}:\t{value}\n" for name, value in rows.items())
    return f"{lines}--\n{record.get('body', '')}\n"


def comment_lines(comments: list[Shown]) -> str:
    return "".join(
        f"author:\t{_author(one)['login']}\n"
        f"association:\t{str(one.get('author_association') or 'none').lower()}\n"
        f"edited:\tfalse\nstatus:\tnone\n--\n{one.get('body', '')}\n--\n"
        for one in comments
    )


def pull_line(record: Shown) -> str:
    head = (record.get("head") or {}).get("ref", "")
    state = "DRAFT" if record.get("draft") else _state(record)
    return f"{record['number']}\t{record['title']}\t{head}\t{state}\t{record.get('created_at', '')}\n"


def issue_line(record: Shown) -> str:
    labels = ", ".join(label["name"] for label in _labels(record))
    return (
        f"{record['number']}\t{_state(record)}\t{record['title']}\t{labels}\t{record.get('updated_at', '')}\n"
    )


def _comment(record: Shown) -> Shown:
    return {
        "id": str(record.get("id", "")),
        "author": {"login": _author(record)["login"]},
        "authorAssociation": record.get("author_association") or "NONE",
        "body": record.get("body", ""),
        "createdAt": record.get("created_at"),
        "url": record.get("html_url", ""),
    }


def _review(record: Shown) -> Shown:
    return {
        "id": str(record.get("id", "")),
        "author": {"login": _author(record)["login"]},
        "body": record.get("body", ""),
        "state": record.get("state", ""),
        "submittedAt": record.get("submitted_at"),
    }


def _decision(reviews: list[Shown]) -> str:
    states = {_author(review)["login"]: str(review.get("state", "")) for review in reviews}
    if "CHANGES_REQUESTED" in states.values():
        return "CHANGES_REQUESTED"
    return "APPROVED" if "APPROVED" in states.values() else "REVIEW_REQUIRED"


def _file(record: Shown) -> Shown:
    return {"path": record.get("filename", ""), "additions": record.get("additions", 0),
            "deletions": record.get("deletions", 0)}  # fmt: skip


def _commit(record: Shown) -> Shown:
    message = str((record.get("commit") or record).get("message", ""))
    headline, _, body = message.partition("\n")
    return {"oid": record.get("sha", ""), "messageHeadline": headline, "messageBody": body.strip()}


def _check(record: Shown) -> Shown:
    return {"__typename": "CheckRun", "name": record.get("name", ""),
            "status": str(record.get("status", "")).upper(),
            "conclusion": str(record.get("conclusion") or "").upper(),
            "detailsUrl": record.get("html_url") or record.get("details_url", "")}  # fmt: skip
