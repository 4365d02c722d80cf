"""The tools of Linear's official MCP server, with their arguments.

Source: tool lists of mcp.linear.app, July to October 2026. The server gives no hints and leaves
arguments that it does not know unread.
"""

from __future__ import annotations

from typing import Final

from routine_harness.world.linear.tools_known import KNOWN
from routine_harness.world.linear.tools_shared import AGES, PAGE, PRIORITY
from routine_harness.world.linear.tools_workspace import PLANS, WORKSPACE
from routine_harness.world.schema import (
    FLAG,
    NUMBER,
    TEXT,
    TEXTS,
    by_name,
    listed,
    obj,
    one_of,
    or_null,
    tool,
)

_HEALTH: Final = one_of("onTrack", "atRisk", "offTrack")
_SUBJECT: Final = {
    "issueId": TEXT,
    "projectId": TEXT,
    "initiativeId": TEXT,
    "documentId": TEXT,
    "milestoneId": TEXT,
    "statusUpdateId": TEXT,
}

_ISSUES: Final = (
    tool(
        "list_issues",
        "read",
        'Lists issues of the workspace; assignee takes "me".',
        {
            **PAGE,
            **AGES,
            "query": TEXT,
            "team": TEXT,
            "state": TEXT,
            "cycle": TEXT,
            "label": TEXT,
            "assignee": or_null(TEXT),
            "delegate": TEXT,
            "project": TEXT,
            "release": TEXT,
            "priority": PRIORITY,
            "parentId": TEXT,
            "includeArchived": FLAG,
        },
    ),
    tool(
        "get_issue",
        "read",
        "Gets an issue by its key or id.",
        {"id*": TEXT, "includeRelations": FLAG, "includeCustomerNeeds": FLAG, "includeReleases": FLAG},
    ),
    tool(
        "save_issue",
        "write",
        "Creates an issue, or updates the one whose id is given. labels replaces; links, blocks, "
        "blockedBy and relatedTo are added to.",
        {
            "id": TEXT,
            "title": TEXT,
            "description": TEXT,
            "team": TEXT,
            "project": or_null(TEXT),
            "cycle": or_null(TEXT),
            "milestone": or_null(TEXT),
            "state": TEXT,
            "assignee": or_null(TEXT),
            "delegate": or_null(TEXT),
            "labels": TEXTS,
            "priority": PRIORITY,
            "estimate": or_null(NUMBER),
            "dueDate": or_null(TEXT),
            "parentId": or_null(TEXT),
            "links": listed(obj({"url*": TEXT, "title*": TEXT})),
            "blocks": TEXTS,
            "blockedBy": TEXTS,
            "relatedTo": TEXTS,
            "duplicateOf": or_null(TEXT),
            "removeBlocks": TEXTS,
            "removeBlockedBy": TEXTS,
            "removeRelatedTo": TEXTS,
        },
    ),
    tool("list_issue_statuses", "read", "Lists a team's statuses.", {"team*": TEXT}),
    tool(
        "get_issue_status",
        "read",
        "Gets a status of a team by name or id.",
        {"id": TEXT, "name": TEXT, "team*": TEXT},
    ),
    tool("list_issue_labels", "read", "Lists labels.", {**PAGE, "name": TEXT, "team": TEXT}),
    tool(
        "create_issue_label",
        "write",
        "Creates a label of a team or of the workspace.",
        {"name*": TEXT, "description": TEXT, "color": TEXT, "teamId": TEXT, "parent": TEXT, "isGroup": FLAG},
    ),
)

_TALK: Final = (
    tool(
        "list_comments",
        "read",
        "Lists the comments of exactly one subject.",
        {**PAGE, **_SUBJECT},
    ),
    tool(
        "save_comment",
        "write",
        "Creates a comment on one subject, or updates the one whose id is given.",
        {"id": TEXT, **_SUBJECT, "parentId": TEXT, "body*": TEXT},
    ),
    tool("delete_comment", "write", "Deletes a comment.", {"id*": TEXT}),
    tool(
        "get_status_updates",
        "read",
        "Lists status updates of projects or initiatives, or gets one.",
        {
            **PAGE,
            **AGES,
            "type*": one_of("project", "initiative"),
            "id": TEXT,
            "project": TEXT,
            "initiative": TEXT,
            "user": TEXT,
            "includeArchived": FLAG,
        },
    ),
    tool(
        "save_status_update",
        "write",
        "Creates a status update, or updates the one whose id is given.",
        {
            "type*": one_of("project", "initiative"),
            "id": TEXT,
            "project": TEXT,
            "initiative": TEXT,
            "body": TEXT,
            "health": _HEALTH,
            "isDiffHidden": FLAG,
        },
    ),
    tool(
        "delete_status_update",
        "write",
        "Deletes a status update.",
        {"type*": one_of("project", "initiative"), "id*": TEXT},
    ),
)

TOOLS: Final = by_name(*_ISSUES, *_TALK, *PLANS, *WORKSPACE, *KNOWN)
