"""What operations attempt, by their arguments: the rules of their effects (see ``world.rule``)."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.plain import Record
from routine_harness.world.rule import Rule


def same(names: str) -> dict[str, str]:
    return {name: name for name in names.split()}


def does(kind: str, fields: dict[str, str], when: Record | None = None, **const: Any) -> Rule:
    rule: Record = {"kind": kind, "fields": fields}
    rule |= {"when": when} if when else {}
    rule |= {"const": const} if const else {}
    return rule


IN: Final = {"repository": "repository", "target": "repository"}
AT: Final = {"repository": "repository", "number": "number", "target": "{repository}#{number}"}
ON: Final = {**AT, "on": "{repository}#{number}", "body": "body"}
TICKET: Final = same("title body labels assignees milestone type")
LISTS: Final = {
    "labels": "labels|add_labels", "assignees": "assignees|add_assignees",
    "removed_labels": "remove_labels", "removed_assignees": "remove_assignees",
}  # fmt: skip
CHANGED: Final = {**AT, **TICKET, **LISTS, **same("state state_reason")}
PULL: Final = same("title body base draft maintainer_can_modify labels assignees milestone")
INLINE: Final = {**ON, **same("path line side start_line")}
REVIEW: Final = {**AT, **same("event body"), "commit": "commit_id"}
BRANCH: Final = {"repository": "repository", "branch": "branch", "target": "{repository}@{branch}"}
PUSHED: Final = {**BRANCH, "commits": "message"}
TAG: Final = {"repository": "repository", **same("tag sha message force"), "target": "{repository}@{tag}"}
RELEASE: Final = {
    "repository": "repository",
    **same("body draft prerelease files"),
    "tag": "tag_name|tag",
    "title": "name",
    "target": "{repository}@{tag_name}|{repository}@{tag}",
}
RUN: Final = {**IN, "workflow": "workflow_id", "run": "run_id", **same("ref inputs")}
MILESTONE: Final = {**IN, **same("title description state"), "due_date": "due_on"}
LABEL: Final = {
    "repository": "repository",
    **same("name color description new_name"),
    "target": "{repository} {name}",
}
CHECK: Final = {"repository": "repository", "description": "description", "target": "{repository}@{sha}"}

ASKED: Final = does("review.requested", {**AT, "reviewers": "reviewers"}, {"reviewers": True})
MOVED: Final = (
    does("pull_request.closed", {**AT, "state": "state"}, {"state": "closed"}),
    does("pull_request.reopened", {**AT, "state": "state"}, {"state": "open"}),
)
GONE: Final = does(
    "branch.deleted",
    {"repository": "repository", "branch": "branch", "target": "{repository}@{branch}|repository"},
    {"delete_branch": True},
)
UPDATED: Final = (
    "title|body|base|draft|maintainer_can_modify|labels|assignees|milestone"
    "|add_labels|remove_labels|add_assignees|remove_assignees"
)
"""What an update of a pull request changes itself; state, reviewers, branch are effects of their own."""
REVIEWED: Final = (
    does("review.approved", REVIEW, {"event": "APPROVE"}),
    {**does("review.submitted", REVIEW, {"event": True}), "not": {"event": "APPROVE"}},
)
SETTINGS: Final = {**IN, **same("name description private visibility organization")}
NO: Final = [False, "false"]


def ticket(**const: Any) -> tuple[Rule, ...]:
    return (does("ticket.updated", CHANGED, **const),)


# --- settings, rights, secrets

_OWNER: Final = {"repository": "repository", "organization": "organization"}
"""For what an organisation has as well as a repository."""
_FIELDS: Final[dict[str, dict[str, str]]] = {
    "protection": {"branch": "branch|pattern", "name": "environment"},
    "ruleset": {**_OWNER, "name": "name", "enforcement": "enforcement", "id": "ruleset_id"},
    "collaborator": {**_OWNER, "name": "username|email", **same("team permission role")},
    "secret": {**_OWNER, "name": "name", "environment": "environment"},
    "variable": {**_OWNER, "name": "name", "environment": "environment"},
    "key": {"title": "title|name"},
    "webhook": {**_OWNER, "id": "hook_id"},
    "workflow": {"workflow": "workflow_id|event_type", "run": "run_id|job_id"},
    "branch": {"branch": "branch|name"},
    "pull_request": {"title": "title", "body": "body"},
    "comment": {"body": "body"},
    "reaction": {"emoji": "content"},
}
_TARGETS: Final = {
    "branch": "{repository}@{branch}",
    "protection": "{repository}@{branch}|{repository} {environment}",
}
_YES: Final = [True, "true"]
PERMITTED: Final[tuple[Rule, ...]] = (
    {"kind": "workflow.disabled", "fields": IN, "not": {"enabled": _YES}},
    {"kind": "workflow.enabled", "fields": IN, "when": {"enabled": _YES}},
)


def setting_rule(kind: str) -> Rule:
    """What an act on a setting attempts."""
    noun = kind.partition(".")[0]
    target = _TARGETS.get(noun, "repository|organization|username")
    where = {} if noun == "reaction" else {"repository": "repository"}  # what it is on names it
    return {"kind": kind, "fields": {**where, **_FIELDS.get(noun, {}), "target": target}}


# --- tools that are known by schema alone

_GIST: Final = {"title": "filename", "body": "content", "path": "path", "id": "gist_id", "target": "gist_id"}
_DISCUSSION: Final = {**IN, "number": "discussionNumber", "body": "body", "id": "commentNodeID"}
_PROJECT: Final = {"title": "title", "name": "name", "body": "body", "id": "item_id", "target": "owner"}
_TO_COPILOT: Final = (does("ticket.updated", AT, assignees=["copilot"]),)
_NAMED: Final = {"name": "name", "target": "name"}

KNOWN: Final[dict[str, tuple[Rule, ...]]] = {
    "request_copilot_review": (does("review.requested", AT, reviewers=["copilot"]),),
    "set_issue_fields": (does("ticket.updated", AT),),
    "assign_copilot_to_issue": _TO_COPILOT,
    "assign_copilot_to_issue_with_intent": _TO_COPILOT,
    "issue_dependency_write": (does("ticket.updated", {**AT, "relations": "related_issue_number"}),),
    "create_gist": (does("gist.created", _GIST),),
    "update_gist": (does("gist.updated", _GIST),),
    "discussion_comment_write": (
        does("comment.created", _DISCUSSION, {"method": ["add", "reply"]}, on_kind="discussion"),
        does(
            "comment.updated", _DISCUSSION, {"method": ["update", "mark_answer", "unmark_answer"]},
            on_kind="discussion",
        ),
        does("comment.deleted", _DISCUSSION, {"method": "delete"}, on_kind="discussion"),
    ),
    "delete_gist": (does("gist.deleted", {"id": "gist_id", "target": "gist_id"}),),
    "delete_cache": (does("infrastructure.deleted", _NAMED),),
    "codespace_create": (does("infrastructure.changed", _NAMED),),
    "codespace_delete": (does("infrastructure.deleted", _NAMED),),
    "project_create": (does("project.created", _PROJECT),),
    "project_update": (does("project.updated", _PROJECT),),
    "project_delete": (does("project.deleted", _PROJECT),),
    "projects_write": (
        does("project.created", _PROJECT, {"method": "create_project"}),
        does("status_update.created", _PROJECT, {"method": "create_project_status_update"}),
        does(
            "project.updated", _PROJECT,
            {"method": [
                "add_project_item", "update_project_item", "update_project_items", "delete_project_item",
                "create_project_view", "update_project_view", "delete_project_view", "create_iteration_field",
            ]},
        ),
    ),
    "dismiss_notification": (does("notification.updated", {"state": "state", "target": "thread"}),),
    "mark_all_notifications_read": (does("notification.updated", {}, state="read"),),
    "manage_notification_subscription": (
        does("notification.updated", {"state": "action", "target": "notificationID"}),
    ),
    "manage_repository_notification_subscription": (
        does("notification.updated", {"state": "action", "target": "{repository}"}),
    ),
}  # fmt: skip
"""Operation of which only a tool's schema or a command is known → what it attempts."""
