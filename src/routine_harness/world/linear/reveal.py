"""What Linear's answers say about its world: JSON back into the records that it was made from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.reveals import Row, reading_json

_SUBJECTS: Final = {
    "issueId": "issue",
    "projectId": "project",
    "documentId": "document",
    "milestoneId": "milestone",
}


def _issues(_: Record, answer: Json) -> list[Row]:
    return [row for issue in answer["issues"] for row in _issue({}, issue)]


def _issue(_: Record, answer: Json) -> list[Row]:
    hidden = ("attachments", "documents", "relations")
    relations = answer.get("relations") or {}
    record = {name: value for name, value in answer.items() if name not in hidden}
    for name in ("blocks", "blockedBy", "relatedTo"):
        if name in relations:
            record[name] = [one["id"] for one in relations[name]]
    others = answer.get("attachments") or []
    attached = [("attachments", {**one, "issue": answer["id"]}) for one in others if "url" in one]
    return [("issues", record), *attached]


def _comments(arguments: Record, answer: Json) -> list[Row]:
    subject = next((kind for name, kind in _SUBJECTS.items() if arguments.get(name)), None)
    if subject is None:
        return []
    on = next(arguments[name] for name in _SUBJECTS if arguments.get(name))
    return [("comments", {**one, subject: on}) for one in answer["comments"]]


def _projects(_: Record, answer: Json) -> list[Row]:
    return [row for project in answer["projects"] for row in _project({}, project)]


def _project(_: Record, answer: Json) -> list[Row]:
    lead = answer.get("lead")
    record = {**answer, "lead": lead["name"] if isinstance(lead, dict) else lead}
    milestones = record.pop("milestones", [])
    return [("projects", record), *(("milestones", {**one, "project": answer["name"]}) for one in milestones)]


def _statuses(arguments: Record, answer: Json) -> list[Row]:
    return [("statuses", {**one, "team": arguments["team"]}) for one in answer]


def _milestones(arguments: Record, answer: Json) -> list[Row]:
    return [("milestones", {**one, "project": arguments["project"]}) for one in answer["milestones"]]


def _rows(table: str, name: str) -> Callable[[Record, Json], list[Row]]:
    return lambda _, answer: [(table, one) for one in answer[name]]


def _one(table: str) -> Callable[[Record, Json], list[Row]]:
    return lambda _, answer: [(table, answer)]


REVEALS: Final = {
    "list_issues": reading_json(_issues),
    "get_issue": reading_json(_issue),
    "list_comments": reading_json(_comments),
    "list_projects": reading_json(_projects),
    "get_project": reading_json(_project),
    "list_teams": reading_json(_rows("teams", "teams")),
    "get_team": reading_json(_one("teams")),
    "list_users": reading_json(_rows("users", "users")),
    "get_user": reading_json(_one("users")),
    "list_issue_statuses": reading_json(_statuses),
    "list_issue_labels": reading_json(_rows("labels", "labels")),
    "list_milestones": reading_json(_milestones),
    "list_documents": reading_json(_rows("documents", "documents")),
    "get_document": reading_json(_one("documents")),
}
