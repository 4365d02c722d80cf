"""Google Drive, Notion and Sentry under contract: seeded worlds and arguments that succeed in them."""

# ruff: noqa: E501 - a line is a row of the table

from __future__ import annotations

import json

from world.contract import Paged, Subject, Visible

from routine_harness.routine.spec import Binding
from routine_harness.world.drive.connector import CONNECTOR as DRIVE
from routine_harness.world.drive.records import FOLDER
from routine_harness.world.notion.connector import CONNECTOR as NOTION
from routine_harness.world.sentry.connector import CONNECTOR as SENTRY
from routine_harness.world.state import World

CLOCK = 1_777_885_200
PAGE = "11111111-1111-1111-1111-111111111111"
CHILD = "22222222-2222-2222-2222-222222222222"
BASE = "33333333-3333-3333-3333-333333333333"


def drive() -> Subject:
    """A folder with documents, one of them shared, and one without text."""
    world = DRIVE.seed_binding(World(clock=CLOCK), Binding("Reports", "folder-1"))
    for table, record in (
        *(("files", {"id": f"file-{n}", "title": f"Report {n}", "parent": "Reports", "content": f"week {n}",
                     "modifiedTime": f"2026-05-0{n}T00:00:00Z"}) for n in range(1, 5)),
        ("files", {"id": "folder-2", "title": "Archive", "mimeType": FOLDER}),
        ("permissions", {"file": "file-1", "user": "alice@example.com", "role": "reader"}),
    ):  # fmt: skip
        world = DRIVE.seed_record(world, table, record)
    one = {"fileId": "file-1"}
    return Subject(
        connector=DRIVE,
        world=world,
        refusal="^Request contains an invalid argument",
        seeds=("file-1", "file-2", "folder-1", "root", "title contains 'report'", "alice@example.com"),
        examples={
            "create_file": ({"title": "Weekly", "textContent": "all well", "parentId": "folder-1"},
                            {"title": "Notes", "contentMimeType": "text/plain", "disableConversionToGoogleType": True},
                            {"title": "b", "base64Content": "YWJj"}),
            "update_file": ({**one, "title": "Renamed"}, {**one, "parentId": "folder-2"}, {**one, "textContent": "week 1"}),
            "copy_file": (one,),
            "trash_file": (one,),
            "share_file": ({**one, "role": "writer", "type": "user", "emailAddress": "bob@example.com"},
                           {**one, "role": "reader", "type": "user", "emailAddress": "alice@example.com"}),
            "search_files": ({"query": "report"}, {"query": "title contains 'report' and trashed = false"},
                             {"query": "'folder-1' in parents and modifiedTime > '2026-05-02T00:00:00Z'"},
                             {"query": "not fullText contains 'week' and mimeType = 'application/vnd.google-apps.folder'"}),
            "list_recent_files": ({}, {"orderBy": "lastModified"}),
            "get_file_metadata": (one,),
            "read_file_content": (one,),
            "download_file_content": (one,),
            "get_file_permissions": (one,),
        },
        visible=(
            Visible("create_file", {"title": "Weekly", "textContent": "all well"}, "search_files", {"query": "weekly"}, "Weekly"),
            Visible("create_file", {"title": "W", "textContent": "all well"}, "read_file_content", {"fileId": "{id}"}, "all well", r'"id":"(\w+)"'),
            Visible("update_file", {**one, "textContent": "changed"}, "read_file_content", one, "changed"),
            Visible("share_file", {**one, "role": "writer", "emailAddress": "bob@example.com"}, "get_file_permissions", one, "bob@example.com"),
            Visible("trash_file", one, "get_file_metadata", one, '"trashed":true'),
        ),
        paged=(
            Paged("search_files", {"query": "report", "pageSize": 100}, lambda text: [row["id"] for row in json.loads(text)["files"]],
                  lambda text: json.loads(text).get("nextPageToken"), "pageSize", "pageToken", refuses="pageToken"),
        ),
        unknown=(
            ("read_file_content", {"fileId": "nope"}, "File not found: nope"),
            ("create_file", {"title": "x", "parentId": "nope"}, "File not found: nope"),
            ("create_file", {"title": "x", "parentId": "file-1"}, "not a folder"),
            ("search_files", {"query": "colour = 'red'"}, "Invalid Value"),
            ("share_file", {**one, "role": "reader"}, "emailAddress"),
            ("copy_file", {"fileId": "folder-1"}, "cannot be copied"),
        ),
    )  # fmt: skip


def notion() -> Subject:
    """A page with a page below it, a database with a row, and a discussion."""
    world = World(clock=CLOCK)
    for table, record in (
        ("pages", {"id": PAGE, "title": "Runbooks", "content": "Read me first"}),
        ("pages", {"id": CHILD, "title": "Deploy", "parent": PAGE, "content": "step one\n\nstep two"}),
        ("databases", {"id": BASE, "title": "Decisions", "schema": {"Name": {"type": "title"}, "Status": {"type": "select"}}}),
        ("comments", {"id": "comment-1", "page": CHILD, "text": "why?"}),
        ("users", {"id": "44444444-4444-4444-4444-444444444444", "name": "Alice Doe", "email": "alice@example.com"}),
        *(("users", {"id": f"5555555{n}-5555-5555-5555-555555555555", "name": f"Person {n}"}) for n in range(4)),
        ("teams", {"name": "Platform"}),
    ):  # fmt: skip
        world = NOTION.seed_record(world, table, record)
    page = {"page_id": CHILD}
    made = {
        "parent": {"page_id": PAGE},
        "pages": [{"properties": {"title": "Rollback"}, "content": "undo it"}],
    }
    return Subject(
        connector=NOTION,
        world=world,
        refusal='"code":"validation_error"',
        seeds=(PAGE, CHILD, BASE, "step one", "Deploy", "comment-1", "self"),
        examples={
            "notion-create-pages": (made, {"pages": [{"properties": {"title": "A"}}, {"properties": {"title": "B"}}]},
                                    {"parent": {"database_id": BASE}, "pages": [{"properties": {"title": "Use Rust", "Status": "open"}}]}),
            "notion-update-page": (
                {**page, "command": "update_properties", "properties": {"title": "Deploying"}},
                {**page, "command": "update_content", "content_updates": [{"old_str": "step one", "new_str": "step 1"}]},
                {**page, "command": "replace_content", "new_str": "nothing"},
                {**page, "command": "insert_content_after", "selection_with_ellipsis": "step...one", "new_str": "step 1b"},
                {**page, "command": "replace_content_range", "selection_with_ellipsis": "step...two", "new_str": "all"},
                {**page, "command": "update_properties", "properties": {"title": "Deploy"}},
            ),
            "notion-duplicate-page": (page,),
            "notion-move-pages": ({"page_or_database_ids": [CHILD], "new_parent": {"type": "workspace"}},),
            "notion-create-database": ({"title": "Bugs", "parent": {"page_id": PAGE}, "schema": 'CREATE TABLE ("Name" TITLE, "Due" DATE)'},),
            "notion-update-data-source": ({"data_source_id": BASE, "title": "Choices"}, {"data_source_id": BASE, "in_trash": True},
                                          {"data_source_id": BASE, "statements": 'ADD COLUMN "Owner" PEOPLE'}),
            "notion-create-comment": ({**page, "markdown": "looks stale"}, {"discussion_id": "comment-1", "rich_text": [{"text": {"content": "because"}}]}),
            "notion-search": ({"query": "deploy"}, {"query": "step", "page_url": PAGE}, {"query": "alice", "query_type": "user"}),
            "notion-fetch": ({"id": CHILD}, {"id": f"https://www.notion.so/Deploy-{CHILD.replace('-', '')}", "include_discussions": True}, {"id": BASE}),
            "notion-get-comments": (page,),
            "notion-get-users": ({}, {"query": "alice"}, {"user_id": "self"}),
            "notion-get-user": ({"user_id": "self"},),
            "notion-get-self": ({},),
            "notion-get-teams": ({},),
        },
        visible=(
            Visible("notion-create-pages", made, "notion-search", {"query": "rollback"}, "Rollback"),
            Visible("notion-create-pages", made, "notion-fetch", {"id": "{id}"}, "undo it", r'"id":"([\w-]+)"'),
            Visible("notion-create-pages", made, "notion-fetch", {"id": PAGE}, ">Rollback</page>"),
            Visible("notion-update-page", {**page, "command": "replace_content", "new_str": "nothing left"}, "notion-fetch", {"id": CHILD}, "nothing left"),
            Visible("notion-create-comment", {**page, "markdown": "looks stale"}, "notion-get-comments", page, "looks stale"),
            Visible("notion-update-data-source", {"data_source_id": BASE, "title": "Choices"}, "notion-search", {"query": "choices"}, "Choices"),
        ),
        paged=(
            Paged("notion-get-users", {}, lambda text: [row["id"] for row in json.loads(text)["results"]],
                  lambda text: json.loads(text)["next_cursor"], "page_size", "start_cursor", refuses="validation_error"),
        ),
        unknown=(
            ("notion-fetch", {"id": "nope"}, "object_not_found"),
            ("notion-create-pages", {"parent": {"page_id": "nope"}, "pages": [{}]}, "object_not_found"),
            ("notion-create-pages", {"parent": {"database_id": BASE}, "pages": [{"properties": {"Colour": "red"}}]}, "not found in data source"),
            ("notion-update-page", {**page, "command": "update_content", "content_updates": [{"old_str": "zero", "new_str": "x"}]}, "was not found"),
            ("notion-update-page", {**page, "command": "update_content", "content_updates": [{"old_str": "step", "new_str": "x"}]}, "matches 2 places"),
            ("notion-create-comment", {"discussion_id": "nope", "markdown": "x"}, "object_not_found"),
            ("notion-create-comment", {**page, "markdown": " "}, "should be not empty"),
        ),
    )  # fmt: skip


def sentry() -> Subject:
    """An organization with a team, a project, issues with events, and a release."""
    world = SENTRY.seed_binding(World(clock=CLOCK), Binding("checkout"))
    for table, record in (
        ("teams", {"slug": "payments"}),
        ("teams", {"slug": "core"}),
        ("projects", {"slug": "api", "teams": ["core"]}),
        ("issues", {"project": "checkout", "title": "ZeroDivisionError", "culprit": "cart.total", "count": 12, "lastSeen": "2026-05-04T08:00:00Z"}),
        ("issues", {"project": "checkout", "title": "TimeoutError", "status": "resolved", "lastSeen": "2026-05-01T08:00:00Z"}),
        ("events", {"id": "a" * 32, "issue": "CHECKOUT-1", "tags": {"environment": "production"}, "stacktrace": ["cart.py:10"]}),
        ("notes", {"issue": "CHECKOUT-1", "text": "seen before", "author": "Alice", "dateCreated": "2026-05-04T08:30:00Z"}),
        ("releases", {"version": "1.2.0", "project": "checkout"}),
    ):  # fmt: skip
        world = SENTRY.seed_record(world, table, record)
    org = {"organizationSlug": "workspace"}
    issue = {**org, "issueId": "CHECKOUT-1"}
    return Subject(
        connector=SENTRY,
        world=world,
        refusal=r"^MCP error -32602: Input validation error|^\*\*Input Error\*\*",
        seeds=("workspace", "CHECKOUT-1", "checkout", "payments", "is:unresolved", "https://workspace.sentry.io/issues/CHECKOUT-1", "update_issue"),
        examples={
            "whoami": ({},),
            "find_organizations": ({}, {"query": None}),
            "find_teams": (org,),
            "find_projects": ({**org, "query": "check"},),
            "find_releases": (org,),
            "get_release_details": ({**org, "releaseVersion": "1.2.0"},),
            "search_issues": (org, {**org, "query": "is:unresolved !timesSeen:<5 zero*", "sort": "freq", "period": "24h"},
                              {**org, "query": "is:resolved title:Timeout*", "projectSlugOrId": "checkout"}),
            "search_events": ({**org, "query": "environment:production", "fields": ["title", "environment"]},),
            "search_issue_events": (issue,),
            "get_issue_details": (issue, {"issueUrl": "https://workspace.sentry.io/issues/CHECKOUT-1/"}),
            "get_issue_activity": (issue,),
            "get_issue_tag_values": ({**issue, "tagKey": "environment"},),
            "get_event_stacktrace": (issue,),
            "get_sentry_resource": ({"url": "https://workspace.sentry.io/issues/CHECKOUT-1/"},
                                    {"resourceType": "issue", "resourceId": "CHECKOUT-1", **org}, {"resourceType": "event", "resourceId": "a" * 32, **org}),
            "search_sentry_tools": ({"query": "note"},),
            "execute_sentry_tool": ({"name": "add_issue_note", "arguments": {**issue, "text": "mine"}}, {"name": "find_projects", "arguments": org}),
            "update_issue": ({**issue, "status": "resolved"}, {**issue, "assignedTo": "me"}, {**issue, "status": "unresolved"}),
            "add_issue_note": ({**issue, "text": "looking"},),
            "create_project": ({**org, "teamSlug": "core", "name": "Billing API"},),
            "update_project": ({**org, "projectSlug": "api", "slug": "rest-api"}, {**org, "projectSlug": "api", "name": "api"}),
            "create_team": ({**org, "name": "Growth"},),
            "add_team_to_project": ({**org, "projectSlug": "api", "teamSlug": "payments"}, {**org, "projectSlug": "api", "teamSlug": "core"}),
            "remove_team_from_project": ({**org, "projectSlug": "api", "teamSlug": "core"},),
        },
        visible=(
            Visible("update_issue", {**issue, "status": "resolved"}, "get_issue_details", issue, "**Status**: resolved"),
            Visible("add_issue_note", {**issue, "text": "looking"}, "get_issue_activity", issue, "looking"),
            Visible("execute_sentry_tool", {"name": "add_issue_note", "arguments": {**issue, "text": "mine"}}, "get_issue_activity", issue, "mine"),
            Visible("create_project", {**org, "teamSlug": "core", "name": "Billing"}, "find_projects", org, '"billing"'),
            Visible("create_team", {**org, "name": "Growth"}, "find_teams", org, "growth"),
        ),
        unknown=(
            ("get_issue_details", {**org, "issueId": "CHECKOUT-99"}, "Resource not found \\(404\\)"),
            ("get_issue_details", {"issueId": "CHECKOUT-1"}, "organizationSlug"),
            ("update_issue", issue, "At least one of"),
            ("search_issues", {"organizationSlug": "nowhere"}, "Resource not found"),
            ("execute_sentry_tool", {"name": "drop_everything"}, "Unknown tool"),
            ("create_project", {**org, "teamSlug": "nope", "name": "x"}, "Resource not found"),
            ("get_issue_tag_values", {**issue, "tagKey": "colour"}, "Tag 'colour' not found"),
        ),
    )  # fmt: skip
