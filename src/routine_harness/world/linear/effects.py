"""Linear's part of the effect table, and the names of older and community servers."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.world.modelled import Alias

PRIORITIES: Final = {"0": "None", "1": "Urgent", "2": "High", "3": "Medium", "4": "Low"}
"""Linear's numbers and the names that it answers with."""

_TICKET: Final = {
    "title": "title",
    "body": "description",
    "team": "team",
    "project": "project",
    "priority": "priority",
    "state": "state",
    "labels": "labels",
    "assignee": "assignee",
    "milestone": "milestone",
    "cycle": "cycle",
    "parent": "parentId",
    "due_date": "dueDate",
    "estimate": "estimate",
    "links": "links[].url",
    "relations": "blocks|blockedBy|relatedTo|duplicateOf",
}
_PROJECT: Final = {
    "name": "name",
    "title": "name",
    "description": "summary",
    "body": "description",
    "state": "state",
    "due_date": "targetDate",
    "lead": "lead",
    "team": "addTeams|setTeams",
}
_MILESTONE: Final = {
    "name": "name",
    "title": "name",
    "description": "description",
    "project": "project",
    "due_date": "targetDate",
}
_UPDATE: Final = {"body": "body", "health": "health", "project": "project|initiative"}
_DOCUMENT: Final = {"title": "title", "body": "content", "project": "project", "parent": "issue|initiative"}
_ATTACHMENT: Final = {"title": "title|filename", "parent": "issue", "path": "assetUrl"}
_SUBJECTS: Final = {
    "issueId": "issue",
    "projectId": "project",
    "initiativeId": "initiative",
    "documentId": "document",
    "milestoneId": "milestone",
    "statusUpdateId": "status_update",
}


def _saved(noun: str, fields: dict[str, str], target: str, **extra: Any) -> tuple[dict[str, Any], ...]:
    """An upsert: created where no id is given, updated where one is."""
    return (
        {"kind": f"{noun}.created", "when": {"id": False}, "fields": {**fields, "target": target}, **extra},
        {
            "kind": f"{noun}.updated",
            "when": {"id": True},
            "fields": {**fields, "id": "id", "target": "id"},
            **extra,
        },
    )


_APPROVING: Final = ["APPROVE", "approve", "APPROVED", "approved"]

RULES: Final[dict[str, tuple[dict[str, Any], ...]]] = {
    "save_issue": _saved("ticket", _TICKET, "title", values={"priority": PRIORITIES}),
    "save_comment": (
        *(
            {
                "kind": "comment.created",
                "when": {"id": False, subject: True},
                "fields": {"on": subject, "body": "body", "reply_to": "parentId", "target": subject},
                "const": {"on_kind": kind},
            }
            for subject, kind in _SUBJECTS.items()
        ),
        {
            "kind": "comment.created",
            "when": {"id": False, "parentId": True, **dict.fromkeys(_SUBJECTS, False)},
            "fields": {"body": "body", "reply_to": "parentId", "target": "parentId"},
        },
        {
            "kind": "comment.updated",
            "when": {"id": True},
            "fields": {"id": "id", "body": "body", "target": "id"},
        },
    ),
    "delete_comment": ({"kind": "comment.deleted", "fields": {"id": "id", "target": "id"}},),
    "create_issue_label": (
        {
            "kind": "label.created",
            "fields": {
                "name": "name",
                "color": "color",
                "description": "description",
                "team": "teamId",
                "target": "name",
            },
        },
    ),
    "save_project": _saved("project", _PROJECT, "name"),
    "save_milestone": _saved("milestone", _MILESTONE, "name"),
    "save_status_update": _saved("status_update", _UPDATE, "project|initiative"),
    "delete_status_update": ({"kind": "status_update.deleted", "fields": {"id": "id", "target": "id"}},),
    "save_customer": _saved("customer", {"name": "name"}, "name"),
    "save_customer_need": _saved(
        "customer", {"name": "customer", "body": "body", "project": "project"}, "issue|project"
    ),
    "save_document": _saved("document", _DOCUMENT, "title"),
    "create_attachment": ({"kind": "attachment.created", "fields": {**_ATTACHMENT, "target": "filename"}},),
    "prepare_attachment_upload": (
        {"kind": "file.uploaded", "fields": {**_ATTACHMENT, "target": "filename"}},
    ),
    "create_attachment_from_upload": (
        {"kind": "attachment.created", "fields": {**_ATTACHMENT, "target": "title|assetUrl"}},
    ),
    "delete_attachment": ({"kind": "attachment.deleted", "fields": {"id": "id", "target": "id"}},),
    "save_release": _saved(
        "release", {"title": "name", "tag": "version", "body": "description"}, "name|version"
    ),
    "save_release_note": _saved(
        "document",
        {"title": "title", "body": "content", "parent": "release"},
        "title",
        const={"kind": "release_note"},
    ),
    "save_diff_comment": (
        {
            "kind": "comment.created",
            "when": {"id": False},
            "fields": {"on": "diffId", "body": "body", "path": "path", "line": "line", "target": "diffId"},
            "const": {"on_kind": "pull_request"},
        },
        {
            "kind": "comment.updated",
            "when": {"id": True},
            "fields": {"id": "id", "body": "body", "target": "id"},
        },
    ),
    "submit_diff_review": (
        {
            "kind": "review.approved",
            "when": {"event": _APPROVING},
            "fields": {"event": "event", "body": "body", "target": "diffId"},
        },
        {
            "kind": "review.submitted",
            "not": {"event": _APPROVING},
            "fields": {"event": "event", "body": "body", "target": "diffId"},
        },
    ),
    "resolve_diff_thread": ({"kind": "thread.resolved", "fields": {"id": "threadId", "target": "threadId"}},),
    "merge_diff": ({"kind": "pull_request.merged", "fields": {"method": "method", "target": "diffId"}},),
}

_OLD_ISSUE: Final = {
    "teamId": "team",
    "projectId": "project",
    "stateId": "state",
    "status": "state",
    "assigneeId": "assignee",
    "labelIds": "labels",
    "cycleId": "cycle",
    "projectMilestoneId": "milestone",
}
_OLD_LIST: Final = {
    "teamId": "team",
    "status": "state",
    "stateId": "state",
    "assigneeId": "assignee",
    "userId": "assignee",
    "projectId": "project",
    "labels": "label",
}

ALIASES: Final = {
    "create_issue": Alias("save_issue", _OLD_ISSUE),
    "update_issue": Alias("save_issue", _OLD_ISSUE),
    "linear_create_issue": Alias("save_issue", _OLD_ISSUE),
    "linear_update_issue": Alias("save_issue", _OLD_ISSUE),
    "list_my_issues": Alias("list_issues", _OLD_LIST, {"assignee": "me"}),
    "search_issues": Alias("list_issues", _OLD_LIST),
    "linear_search_issues": Alias("list_issues", _OLD_LIST),
    "linear_get_user_issues": Alias("list_issues", _OLD_LIST, {"assignee": "me"}),
    "linear_get_issue": Alias("get_issue", {"issueId": "id"}),
    "create_comment": Alias("save_comment"),
    "update_comment": Alias("save_comment"),
    "linear_add_comment": Alias("save_comment"),
    "create_project": Alias("save_project", {"team": "addTeams"}),
    "update_project": Alias("save_project"),
    "create_milestone": Alias("save_milestone"),
    "update_milestone": Alias("save_milestone"),
    "create_document": Alias("save_document", {"projectId": "project", "issueId": "issue"}),
    "update_document": Alias("save_document"),
}
