"""The fields of Linear's records in a world file."""

# ruff: noqa: E501 - a line is a table

from __future__ import annotations

from typing import Final

from routine_harness.world.schema import NUMBER, OBJECT, TEXT, either, listed, or_null, short

_TIME: Final = either(TEXT, NUMBER)
_TIMES: Final = {"createdAt": _TIME, "updatedAt": _TIME, "archivedAt": or_null(_TIME)}
_WORD: Final = either(TEXT, NUMBER, OBJECT)

SHAPES: Final = {
    "users": short("id name displayName email isAdmin:b isGuest:b isActive:b me:b teams:[]"),
    "teams": {**short("id name key"), **_TIMES},
    "statuses": short(
        "id name team type:triage|backlog|unstarted|started|completed|canceled|duplicate position:i"
    ),
    "labels": short("id name color description:? team:? parent:? isGroup:b"),
    "projects": {
        **short(
            "id name summary description status state lead:? labels:[] members:[] initiatives:[] startDate:? targetDate:? url team"
        ),
        "teams": listed(either(TEXT, OBJECT)),
        "priority": _WORD,
        **_TIMES,
    },
    "milestones": {**short("id name project description targetDate:?"), **_TIMES},
    "cycles": {**short("id team name:? number:i"), "startsAt": _TIME, "endsAt": _TIME},
    "issues": {
        **short(
            "id title description:? status state statusType team teamId project:? projectId:? assignee:? assigneeId:? delegate:? createdBy createdById parentId:? url gitBranchName dueDate:? labels:[] blocks:[] blockedBy:[] relatedTo:[] duplicateOf:? releases:[]"
        ),
        "priority": _WORD,
        "estimate": or_null(either(NUMBER, OBJECT)),
        "cycle": or_null(OBJECT),
        "projectMilestone": or_null(OBJECT),
        "completedAt": or_null(_TIME),
        "startedAt": or_null(_TIME),
        "canceledAt": or_null(_TIME),
        **_TIMES,
    },
    "comments": {
        **short(
            "id body issue project document milestone initiative status_update on on_kind parentId:? url user"
        ),
        "author": either(TEXT, OBJECT),
        **_TIMES,
    },
    "documents": {
        **short("id title content project issue initiative icon color url"),
        "creator": OBJECT,
        **_TIMES,
    },
    "attachments": {**short("id title subtitle:? url issue contentType"), "size": NUMBER, **_TIMES},
    "status_updates": {
        **short("id type:project|initiative project initiative body health url"),
        "user": OBJECT,
        **_TIMES,
    },
    "initiatives": short("id name description"),
    "uploads": short("assetUrl issue filename size:n"),
}
NAMES: Final = {"users": "name", "teams": "name", "projects": "name", "labels": "name", "issues": "title"}
