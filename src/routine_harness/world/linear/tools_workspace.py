"""Linear's tools for plans (projects, milestones, cycles) and for the workspace around issues."""

from __future__ import annotations

from typing import Final

from routine_harness.world.linear.tools_shared import AGES, PAGE, PRIORITY
from routine_harness.world.schema import FLAG, NUMBER, TEXT, TEXTS, one_of, or_null, tool

PLANS: Final = (
    tool(
        "list_projects",
        "read",
        "Lists projects.",
        {
            **PAGE,
            **AGES,
            "query": TEXT,
            "state": TEXT,
            "initiative": TEXT,
            "team": TEXT,
            "member": TEXT,
            "label": TEXT,
            "includeMilestones": FLAG,
            "includeMembers": FLAG,
            "includeArchived": FLAG,
        },
    ),
    tool(
        "get_project",
        "read",
        "Gets a project by name, id or slug.",
        {"query*": TEXT, "includeMilestones": FLAG, "includeMembers": FLAG, "includeResources": FLAG},
    ),
    tool(
        "save_project",
        "write",
        "Creates a project, or updates the one whose id is given.",
        {
            "id": TEXT,
            "name": TEXT,
            "summary": TEXT,
            "description": TEXT,
            "state": TEXT,
            "startDate": TEXT,
            "targetDate": TEXT,
            "priority": PRIORITY,
            "color": TEXT,
            "icon": TEXT,
            "labels": TEXTS,
            "lead": or_null(TEXT),
            "addTeams": TEXTS,
            "removeTeams": TEXTS,
            "setTeams": TEXTS,
            "addInitiatives": TEXTS,
        },
    ),
    tool("list_project_labels", "read", "Lists project labels.", {**PAGE, "name": TEXT}),
    tool("list_milestones", "read", "Lists a project's milestones.", {"project*": TEXT}),
    tool("get_milestone", "read", "Gets a milestone.", {"project*": TEXT, "query*": TEXT}),
    tool(
        "save_milestone",
        "write",
        "Creates a milestone of a project, or updates the one whose id is given.",
        {"project*": TEXT, "id": TEXT, "name": TEXT, "description": TEXT, "targetDate": or_null(TEXT)},
    ),
    tool(
        "list_cycles",
        "read",
        "Lists a team's cycles.",
        {"teamId*": TEXT, "type": one_of("current", "previous", "next")},
    ),
)

WORKSPACE: Final = (
    tool("list_teams", "read", "Lists teams.", {**PAGE, **AGES, "query": TEXT, "includeArchived": FLAG}),
    tool("get_team", "read", "Gets a team by name, key or id.", {"query*": TEXT}),
    tool("list_users", "read", "Lists the workspace's users.", {**PAGE, "query": TEXT, "team": TEXT}),
    tool("get_user", "read", 'Gets a user by name, e-mail address, id or "me".', {"query*": TEXT}),
    tool(
        "list_documents",
        "read",
        "Lists documents.",
        {
            **PAGE,
            **AGES,
            "query": TEXT,
            "projectId": TEXT,
            "initiativeId": TEXT,
            "creatorId": TEXT,
            "includeArchived": FLAG,
        },
    ),
    tool("get_document", "read", "Gets a document by id or slug.", {"id*": TEXT}),
    tool(
        "save_document",
        "write",
        "Creates a document, or updates the one whose id is given.",
        {
            "id": TEXT,
            "title": TEXT,
            "content": TEXT,
            "project": TEXT,
            "issue": TEXT,
            "initiative": TEXT,
            "icon": TEXT,
            "color": TEXT,
        },
    ),
    tool("get_attachment", "read", "Gets an attachment's content by id.", {"id*": TEXT}),
    tool(
        "create_attachment",
        "write",
        "Attaches a file, given in base64, to an issue.",
        {
            "issue*": TEXT,
            "base64Content*": TEXT,
            "filename*": TEXT,
            "contentType*": TEXT,
            "title": TEXT,
            "subtitle": TEXT,
        },
    ),
    tool(
        "prepare_attachment_upload",
        "write",
        "Begins the upload of a file for an issue.",
        {"issue*": TEXT, "filename*": TEXT, "contentType*": TEXT, "size*": NUMBER},
    ),
    tool(
        "create_attachment_from_upload",
        "write",
        "Attaches an uploaded file to an issue.",
        {"issue*": TEXT, "assetUrl*": TEXT, "title": TEXT, "subtitle": TEXT},
    ),
    tool("delete_attachment", "write", "Deletes an attachment.", {"id*": TEXT}),
)
