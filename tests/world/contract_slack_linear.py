"""Slack and Linear under contract: a seeded world and arguments that succeed in it."""

# ruff: noqa: E501 - a line is a row of the table

from __future__ import annotations

import json
import re

from world.contract import Paged, Subject, Visible

from routine_harness.routine.spec import Binding
from routine_harness.world.linear.connector import CONNECTOR as LINEAR
from routine_harness.world.slack.connector import CONNECTOR as SLACK
from routine_harness.world.state import World

CLOCK = 1_777_885_200
PARENT = "1777880000.000100"


def slack() -> Subject:
    """A workspace with channels, people, a thread, a draft, a canvas, a list and a file."""
    world = World(clock=CLOCK)
    for table, record in (
        ("users", {"id": "U01", "name": "alice", "real_name": "Alice Doe", "email": "alice@example.com"}),
        ("users", {"id": "U02", "name": "bot", "real_name": "Build Bot", "is_bot": True}),
        ("channels", {"id": "C0SECURITY1", "name": "security-alerts", "members": ["U0ROUTINE", "U01"]}),
        ("channels", {"id": "C0DRAFTS001", "name": "drafts", "members": ["U0ROUTINE"]}),
        ("channels", {"id": "C0ARCHIVED1", "name": "old", "is_archived": True}),
        ("channels", {"id": "C0PARTNERS1", "name": "partners", "is_ext_shared": True}),
        ("channels", {"id": "C0QUIET0001", "name": "quiet", "members": ["U0ROUTINE"]}),
        ("messages", {"channel": "security-alerts", "user": "alice", "text": "deploy failed", "ts": PARENT}),
        *(
            (
                "messages",
                {
                    "channel": "security-alerts",
                    "user": "U01",
                    "text": f"note {n}",
                    "ts": f"177788{n}000.000200",
                },
            )
            for n in range(1, 4)
        ),
        *(
            (
                "messages",
                {
                    "channel": "security-alerts",
                    "user": "U01",
                    "text": f"reply {n}",
                    "thread_ts": PARENT,
                    "ts": f"1777880{n}00.000300",
                },
            )
            for n in range(1, 4)
        ),
        ("reactions", {"channel": "security-alerts", "ts": PARENT, "emoji": "eyes", "users": ["U01"]}),
        ("drafts", {"id": "Dr1", "channel": "drafts", "text": "unsent"}),
        (
            "canvases",
            {"id": "F1", "title": "Runbook", "sections": [{"id": "temp:C:F10001", "content": "# Steps"}]},
        ),
        ("lists", {"id": "F2", "name": "Tasks", "columns": [{"id": "Col01", "name": "Task"}]}),
        *(
            ("list_records", {"list": "F2", "id": f"Rec{n}", "columns": {"Col01": f"task {n}"}})
            for n in range(1, 5)
        ),
        ("files", {"id": "F3", "name": "log.txt", "title": "log.txt", "content": "all good"}),
        ("emojis", {"name": "shipit"}),
    ):
        world = SLACK.seed_record(world, table, record)
    here = {"channel_id": "C0SECURITY1"}
    post = {**here, "message": "a finding"}
    return Subject(
        connector=SLACK,
        world=world,
        refusal=r"^invalid_arguments: \[ERROR\]|^no_text|^channel_not_found|^message_not_found|^time_|_not_found$",
        seeds=("C0SECURITY1", "C0DRAFTS001", "U01", PARENT, "security-alerts", "deploy", "F1", "F2", "F3", "Dr1", "eyes"),
        examples={
            "slack_send_message": (
                post,
                {**post, "thread_ts": PARENT, "reply_broadcast": True},
                {"channel_id": "C0DRAFTS001", "message": "sent", "draft_id": "Dr1"},
                {"channel_id": "U01", "message": "in private"},
            ),
            "slack_send_message_draft": (post,),
            "slack_schedule_message": ({**post, "post_at": CLOCK + 3600}, {**post, "post_at": "2026-05-05T09:00:00Z"}),
            "slack_add_reaction": (
                {**here, "message_ts": PARENT, "emoji": "white_check_mark"},
                {**here, "message_ts": PARENT, "emoji": "eyes"},
            ),
            "slack_create_conversation": ({"channel_name": "incident-1"}, {"user_ids": ["U01"]}),
            "slack_create_canvas": ({"title": "Report", "content": "# One\n\nText"},),
            "slack_update_canvas": (
                {"canvas_id": "F1", "sections": [{"edit_type": "append", "content": "More"}]},
                {"canvas_id": "F1", "sections": [{"edit_type": "delete", "section_id": "temp:C:F10001"}]},
                {"canvas_id": "F1", "action": "prepend", "content": "First"},
            ),
            "slack_create_list": ({"name": "Bugs", "columns": [{"name": "Title", "type": "text"}]},),
            "slack_update_list": ({"list_id": "F2", "name": "Chores"}, {"list_id": "F2", "columns_to_add": [{"name": "Due"}]}),
            "slack_add_list_record": ({"list_id": "F2", "columns": {"Col01": "new"}},),
            "slack_update_list_record": ({"list_id": "F2", "record_id": "Rec1", "updated_columns": {"Col01": "done"}},),
            "slack_get_file_upload_url": ({"filename": "a.txt", "content_length": 3},),
            "slack_complete_file_upload": ({"file_id": "F3", **here, "initial_comment": "the log"}, {"file_id": "F3"}),
            "slack_read_channel": (here, {**here, "response_format": "concise"}),
            "slack_read_thread": ({**here, "message_ts": PARENT}, {**here, "message_ts": PARENT, "response_format": "concise"}),
            "slack_search_public": ({"query": "deploy"}, {"query": "from:alice in:security-alerts -nothing"}),
            "slack_search_public_and_private": ({"query": "deploy", "channel_types": "public_channel"},),
            "slack_search_channels": ({"query": "security"}, {"query": "old", "include_archived": True}),
            "slack_search_users": ({"query": "alice"},),
            "slack_search_emojis": ({"query": "ship"},),
            "slack_list_channel_members": (here,),
            "slack_list_user_channels": ({},),
            "slack_read_user_profile": ({}, {"user_id": "U01", "include_locale": True}),
            "slack_get_reactions": ({**here, "message_ts": PARENT},),
            "slack_read_canvas": ({"canvas_id": "F1"},),
            "slack_read_file": ({"file_id": "F3"},),
            "slack_read_list": ({"list_id": "F2"}, {"list_title": "Tasks"}),
        },
        visible=(
            Visible("slack_send_message", post, "slack_read_channel", here, "a finding"),
            Visible("slack_send_message", {**post, "thread_ts": PARENT}, "slack_read_thread", {**here, "message_ts": PARENT}, "a finding"),
            Visible("slack_send_message", post, "slack_search_public", {"query": "finding"}, "a finding"),
            Visible("slack_add_reaction", {**here, "message_ts": PARENT, "emoji": "fire"}, "slack_get_reactions",
                    {**here, "message_ts": PARENT}, ":fire:"),
            Visible("slack_create_conversation", {"channel_name": "incident-1"}, "slack_search_channels", {"query": "incident"}, "#incident-1"),
            Visible("slack_create_canvas", {"title": "Report", "content": "Text"}, "slack_read_canvas", {"canvas_id": "{id}"}, "Report",
                    r'"canvas_id":"(\w+)"'),
            Visible("slack_update_canvas", {"canvas_id": "F1", "sections": [{"edit_type": "append", "content": "More"}]},
                    "slack_read_canvas", {"canvas_id": "F1"}, "More"),
            Visible("slack_add_list_record", {"list_id": "F2", "columns": {"Col01": "new"}}, "slack_read_list", {"list_id": "F2"}, "new"),
            Visible("slack_create_list", {"name": "Bugs"}, "slack_read_list", {"list_title": "Bugs"}, '"name":"Bugs"'),
        ),
        paged=(
            Paged("slack_read_channel", here, _slack_ts, _slack_cursor, refuses="^invalid_cursor$"),
            Paged("slack_read_thread", {**here, "message_ts": PARENT}, lambda text: _slack_ts(text)[1:], _slack_cursor, refuses="^invalid_cursor$"),
            Paged("slack_search_public", {"query": "note"}, lambda text: re.findall(r"Message_ts: ([\d.]+)", text), _slack_cursor,
                  refuses="^invalid_cursor$"),
            Paged("slack_read_list", {"list_id": "F2"}, lambda text: [row["id"] for row in json.loads(text)["records"]],
                  lambda text: json.loads(text)["next_cursor"], refuses="^invalid_cursor$"),
        ),
        unknown=(
            ("slack_send_message", {"channel_id": "C0NOWHERE01", "message": "x"}, "^channel_not_found$"),
            ("slack_send_message", {"channel_id": "C0ARCHIVED1", "message": "x"}, "^is_archived$"),
            ("slack_send_message", {"channel_id": "C0PARTNERS1", "message": "x"}, "^mcp_externally_shared_channel_restricted$"),
            ("slack_send_message", {"channel_id": "C0SECURITY1", "message": "x" * 5001}, "^msg_too_long$"),
            ("slack_send_message", {"channel_id": "C0SECURITY1", "message": " "}, "^no_text$"),
            ("slack_send_message", {**post, "thread_ts": "1.000001"}, "^thread_not_found$"),
            ("slack_send_message", {**post, "thread_ts": ""}, "^invalid_thread_ts$"),
            ("slack_send_message_draft", {"channel_id": "C0DRAFTS001", "message": "x"}, "^draft_already_exists$"),
            ("slack_schedule_message", {**post, "post_at": CLOCK}, "^time_in_past$"),
            ("slack_schedule_message", {**post, "post_at": CLOCK + 121 * 86400}, "^time_too_far$"),
            ("slack_read_channel", {"channel_id": "security-alerts"}, "^channel_not_found$"),
            ("slack_read_thread", {**here, "message_ts": "1.000001"}, "^thread_not_found$"),
            ("slack_read_user_profile", {"user_id": "U99"}, "^user_not_found$"),
            ("slack_read_canvas", {"canvas_id": "F99"}, "^canvas_not_found$"),
            ("slack_search_public", {}, "search query"),
        ),
    )  # fmt: skip


def linear() -> Subject:
    """A workspace with a team, a project, issues with relations, a cycle, documents and updates."""
    world = LINEAR.seed_binding(World(clock=CLOCK), Binding("Security"))
    for table, record in (
        ("users", {"name": "Alice Doe", "displayName": "alice", "email": "alice@example.com"}),
        *(("issues", {"title": f"Issue {n}", "team": "Security", "project": "Security", "priority": n % 5,
                      "labels": ["Bug"], "updatedAt": f"2026-05-0{n}T00:00:00Z"}) for n in range(1, 6)),
        ("comments", {"id": "comment-1", "issue": "SEC-1", "body": "seen", "user": "alice"}),
        *(("comments", {"issue": "SEC-1", "body": f"more {n}", "user": "alice"}) for n in range(3)),
        ("milestones", {"project": "Security", "name": "Beta", "id": "milestone-1"}),
        ("cycles", {"team": "Security", "number": 7, "name": "Sprint 7", "id": "cycle-7",
                    "startsAt": "2026-05-01T00:00:00Z", "endsAt": "2026-05-15T00:00:00Z"}),
        ("documents", {"id": "document-1", "title": "Policy", "content": "Be kind", "project": "Security",
                       "url": "https://linear.app/workspace/document/policy-1",
                       "creator": {"id": "x", "name": "Alice Doe"}}),
        ("attachments", {"id": "attachment-1", "issue": "SEC-1", "title": "log", "url": "https://example.com/log"}),
        ("uploads", {"assetUrl": "https://uploads.linear.app/1", "issue": "SEC-1", "filename": "a.txt", "size": 3}),
        ("status_updates", {"id": "update-1", "type": "project", "project": "Security", "body": "fine",
                            "health": "onTrack", "user": {"id": "x", "name": "Alice Doe"},
                            "createdAt": "2026-05-01T00:00:00Z"}),
    ):  # fmt: skip
        world = LINEAR.seed_record(world, table, record)
    new = {"title": "SQL injection", "team": "Security"}
    text = {"issueId": "SEC-1", "body": "looking"}
    return Subject(
        connector=LINEAR,
        world=world,
        refusal=r"^MCP error -32602: Input validation error|^\{\"error\":\"invalid_request\"",
        seeds=("SEC-1", "SEC-2", "Security", "alice", "me", "Bug", "Todo", "comment-1", "document-1", "2026-05-01", "-P3D"),
        examples={
            "list_issues": ({}, {"team": "SEC", "state": "backlog", "label": "Bug", "assignee": None},
                            {"project": "Security", "query": "issue", "priority": 2, "orderBy": "createdAt", "updatedAt": "-P30D"}),
            "get_issue": ({"id": "SEC-1"}, {"id": "sec-2", "includeRelations": True}),
            "save_issue": (
                new,
                {**new, "project": "Security", "priority": 2, "labels": ["Bug"], "assignee": "me", "state": "Todo",
                 "milestone": "Beta", "cycle": "7", "dueDate": "2026-06-01", "parentId": "SEC-1", "estimate": 3,
                 "links": [{"url": "https://example.com/1", "title": "one"}], "blocks": ["SEC-2"], "relatedTo": ["SEC-3"]},
                {"id": "SEC-1", "state": "Done"},
                {"id": "SEC-1", "labels": []},
                {"id": "SEC-1", "duplicateOf": "SEC-2"},
                {"id": "SEC-1", "title": "Issue 1"},
            ),
            "list_issue_statuses": ({"team": "SEC"},),
            "get_issue_status": ({"team": "Security", "name": "Done"},),
            "list_issue_labels": ({}, {"team": "Security", "name": "bug"}),
            "create_issue_label": ({"name": "security"}, {"name": "team label", "teamId": "SEC", "parent": "Bug"}),
            "list_comments": ({"issueId": "SEC-1"},),
            "save_comment": (text, {"id": "comment-1", "body": "edited"}, {"parentId": "comment-1", "body": "reply"},
                             {"projectId": "Security", "body": "on the project"}, {"documentId": "document-1", "body": "on a document"}),
            "delete_comment": ({"id": "comment-1"},),
            "get_status_updates": ({"type": "project", "project": "Security"}, {"type": "project", "id": "update-1"}),
            "save_status_update": ({"type": "project", "project": "Security", "body": "late", "health": "atRisk"},
                                   {"type": "project", "id": "update-1", "body": "better"}),
            "delete_status_update": ({"type": "project", "id": "update-1"},),
            "list_projects": ({}, {"team": "SEC", "includeMilestones": True, "includeMembers": True}),
            "get_project": ({"query": "Security"},),
            "save_project": ({"name": "Audit", "addTeams": ["Security"], "lead": "alice", "priority": 1, "state": "planned"},
                             {"id": "Security", "summary": "watch"}, {"id": "Security", "name": "Safety"}),
            "list_project_labels": ({},),
            "list_milestones": ({"project": "Security"},),
            "get_milestone": ({"project": "Security", "query": "Beta"},),
            "save_milestone": ({"project": "Security", "name": "GA"}, {"project": "Security", "id": "milestone-1", "targetDate": "2026-07-01"}),
            "list_cycles": ({"teamId": "SEC"}, {"teamId": "Security", "type": "current"}),
            "list_teams": ({},),
            "get_team": ({"query": "SEC"},),
            "list_users": ({}, {"query": "alice"}),
            "get_user": ({"query": "me"}, {"query": "alice@example.com"}),
            "list_documents": ({}, {"projectId": "Security"}),
            "get_document": ({"id": "document-1"},),
            "save_document": ({"title": "Notes", "content": "text", "project": "Security"}, {"id": "document-1", "content": "Be very kind"}),
            "get_attachment": ({"id": "attachment-1"},),
            "create_attachment": ({"issue": "SEC-1", "base64Content": "YWJj", "filename": "a.txt", "contentType": "text/plain"},),
            "prepare_attachment_upload": ({"issue": "SEC-1", "filename": "a.txt", "contentType": "text/plain", "size": 3},),
            "create_attachment_from_upload": ({"issue": "SEC-1", "assetUrl": "https://uploads.linear.app/1"},),
            "delete_attachment": ({"id": "attachment-1"},),
        },
        visible=(
            Visible("save_issue", {**new, "project": "Security"}, "list_issues", {"project": "Security"}, "SQL injection"),
            Visible("save_issue", new, "get_issue", {"id": "{id}"}, "SQL injection", r'"id":"(SEC-\d+)"'),
            Visible("save_issue", {"id": "SEC-1", "state": "Done"}, "get_issue", {"id": "SEC-1"}, '"completedAt":"2026'),
            Visible("save_issue", {"id": "SEC-1", "blocks": ["SEC-2"]}, "get_issue", {"id": "SEC-2", "includeRelations": True}, '"blockedBy":[{"id":"SEC-1"'),
            Visible("save_comment", text, "list_comments", {"issueId": "SEC-1"}, "looking"),
            Visible("create_issue_label", {"name": "security"}, "list_issue_labels", {}, '"security"'),
            Visible("save_project", {"name": "Audit", "addTeams": ["SEC"]}, "get_project", {"query": "audit"}, '"Audit"'),
            Visible("save_milestone", {"project": "Security", "name": "GA"}, "list_milestones", {"project": "Security"}, '"GA"'),
            Visible("save_document", {"title": "Notes"}, "list_documents", {}, "Notes"),
            Visible("save_status_update", {"type": "project", "project": "Security", "body": "late"}, "get_status_updates", {"type": "project"}, "late"),
        ),
        paged=(
            Paged("list_issues", {"team": "Security"}, _linear_rows("issues"), _linear_cursor, refuses="Invalid cursor"),
            Paged("list_comments", {"issueId": "SEC-1"}, _linear_rows("comments"), _linear_cursor, refuses="Invalid cursor"),
            Paged("list_issue_labels", {}, _linear_rows("labels"), _linear_cursor, refuses="Invalid cursor"),
        ),
        unknown=(
            ("get_issue", {"id": "SEC-99"}, "Could not find referenced Issue"),
            ("save_issue", {"id": "SEC-99", "title": "x"}, "Could not find referenced Issue"),
            ("save_issue", {"title": "x"}, "team is required"),
            ("save_issue", {**new, "dueDate": "next week"}, "dueDate must be a date"),
            ("save_issue", {**new, "state": "Nope"}, "Could not find referenced WorkflowState"),
            ("save_issue", {**new, "assignee": "nobody"}, "Could not find referenced User"),
            ("save_issue", {**new, "team": "Nope"}, "Could not find referenced Team"),
            ("list_issues", {"project": "Nope"}, "Could not find referenced Project"),
            ("save_comment", {"body": "x"}, "Exactly one of"),
            ("delete_comment", {"id": "nope"}, "Could not find referenced Comment"),
            ("get_document", {"id": "nope"}, "Could not find referenced Document"),
            ("create_issue_label", {"name": "Bug"}, "already exists"),
        ),
    )  # fmt: skip


def _slack_ts(text: str) -> list[str]:
    return re.findall(r"Message TS: ([\d.]+)", text)


def _slack_cursor(text: str) -> str | None:
    found = re.search(r"cursor:? `([^`]+)`", text)
    return found[1] if found else None


def _linear_rows(name: str):  # type: ignore[no-untyped-def]
    return lambda text: [row["id"] for row in json.loads(text)[name]]


def _linear_cursor(text: str) -> str | None:
    return json.loads(text).get("cursor")
