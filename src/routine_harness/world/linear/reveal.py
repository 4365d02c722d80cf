"""What Linear's answers say about its world: JSON back into the records that it was made from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from routine_harness.world.state import Record

Row = tuple[str, Record]
_SUBJECTS: Final = {
    "issueId": "issue",
    "projectId": "project",
    "documentId": "document",
    "milestoneId": "milestone",
}


def _issues(_: dict[str, Any], answer: Any) -> list[Row]:
    return [row for issue in answer["issues"] for row in _issue({}, issue)]


def _issue(_: dict[str, Any], answer: Any) -> list[Row]:
    hidden = ("attachments", "documents", "relations")
    relations = answer.get("relations") or {}
    record = {name: value for name, value in answer.items() if name not in hidden}
    for name in ("blocks", "blockedBy", "relatedTo"):
        if name in relations:
            record[name] = [one["id"] for one in relations[name]]
    others = answer.get("attachments") or []
    attached = [("attachments", {**one, "issue": answer["id"]}) for one in others if "url" in one]
    return [("issues", record), *attached]


def _comments(arguments: dict[str, Any], answer: Any) -> list[Row]:
    subject = next((kind for name, kind in _SUBJECTS.items() if arguments.get(name)), None)
    if subject is None:
        return []
    on = next(arguments[name] for name in _SUBJECTS if arguments.get(name))
    return [("comments", {**one, subject: on}) for one in answer["comments"]]


def _projects(_: dict[str, Any], answer: Any) -> list[Row]:
    return [row for project in answer["projects"] for row in _project({}, project)]


def _project(_: dict[str, Any], answer: Any) -> list[Row]:
    lead = answer.get("lead")
    record = {**answer, "lead": lead["name"] if isinstance(lead, dict) else lead}
    milestones = record.pop("milestones", [])
    return [("projects", record), *(("milestones", {**one, "project": answer["name"]}) for one in milestones)]


def _statuses(arguments: dict[str, Any], answer: Any) -> list[Row]:
    return [("statuses", {**one, "team": arguments["team"]}) for one in answer]


def _milestones(arguments: dict[str, Any], answer: Any) -> list[Row]:
    return [("milestones", {**one, "project": arguments["project"]}) for one in answer["milestones"]]


def _rows(table: str, name: str) -> Callable[[dict[str, Any], Any], list[Row]]:
    return lambda _, answer: [(table, one) for one in answer[name]]


def _one(table: str) -> Callable[[dict[str, Any], Any], list[Row]]:
    return lambda _, answer: [(table, answer)]


def _reading(read: Callable[[dict[str, Any], Any], list[Row]]) -> Callable[[dict[str, Any], str], list[Row]]:
    """``read`` on the JSON of an answer; what has another shape reveals nothing."""

    def reveal(arguments: dict[str, Any], text: str) -> list[Row]:
        try:
            return read(arguments, msgspec.json.decode(text))
        except (msgspec.DecodeError, AttributeError, KeyError, TypeError):
            return []

    return reveal


REVEALS: Final = {
    "list_issues": _reading(_issues),
    "get_issue": _reading(_issue),
    "list_comments": _reading(_comments),
    "list_projects": _reading(_projects),
    "get_project": _reading(_project),
    "list_teams": _reading(_rows("teams", "teams")),
    "get_team": _reading(_one("teams")),
    "list_users": _reading(_rows("users", "users")),
    "get_user": _reading(_one("users")),
    "list_issue_statuses": _reading(_statuses),
    "list_issue_labels": _reading(_rows("labels", "labels")),
    "list_milestones": _reading(_milestones),
    "list_documents": _reading(_rows("documents", "documents")),
    "get_document": _reading(_one("documents")),
}
