"""What each writing tool of GitHub attempts, as data: see ``world.rule``."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.world.github.settings import RULES as SETTINGS_RULES
from routine_harness.world.rule import Rule

_REPO: Final = {"repository": "{owner}/{repo}"}
_ON_ISSUE: Final = {**_REPO, "number": "issue_number", "target": "{owner}/{repo}#{issue_number}"}
_ON_PULL: Final = {**_REPO, "number": "pullNumber", "target": "{owner}/{repo}#{pullNumber}"}
_IN_REPO: Final = {**_REPO, "target": "{owner}/{repo}"}


def _rule(
    kind: str,
    fields: dict[str, str],
    when: dict[str, Any] | None = None,
    const: dict[str, Any] | None = None,
) -> Rule:
    rule: dict[str, Any] = {"kind": kind, "fields": fields}
    if when:
        rule["when"] = when
    if const:
        rule["const"] = const
    return rule


def _same(names: str) -> dict[str, str]:
    """Fields that the arguments call by the same names."""
    return {name: name for name in names.split()}


_TICKET: Final = _same("title body labels assignees milestone type")
_UPDATED_TICKET: Final = {**_ON_ISSUE, **_TICKET, **_same("state state_reason")}
_COMMENT_ON_ISSUE: Final = {**_ON_ISSUE, "on": "{owner}/{repo}#{issue_number}", "body": "body"}
_COMMENT_ON_PULL: Final = {**_ON_PULL, "on": "{owner}/{repo}#{pullNumber}", "body": "body"}
_INLINE: Final = {
    **_COMMENT_ON_PULL,
    **_same("path line side"),
    "start_line": "startLine",
}
_PULL_FIELDS: Final = _same("title body base draft maintainer_can_modify")
_PULL_STATES: Final = (
    _rule("pull_request.closed", {**_ON_PULL, "state": "state"}, {"state": "closed"}),
    _rule("pull_request.reopened", {**_ON_PULL, "state": "state"}, {"state": "open"}),
)
_REVIEWERS: Final = _rule("review.requested", {**_ON_PULL, "reviewers": "reviewers"}, {"reviewers": True})
_REVIEW: Final = {**_ON_PULL, **_same("event body"), "commit": "commitID"}
_BRANCH: Final = {**_REPO, "branch": "branch", "target": "{owner}/{repo}@{branch}"}
_PUSHED: Final = {**_BRANCH, "commits": "message"}
_LABEL: Final = {**_REPO, **_same("name color description new_name"), "target": "{owner}/{repo} {name}"}
_CHECK: Final = {"description": "description", "target": "{owner}/{repo}@{sha}"}
_RELEASE: Final = {
    **_REPO,
    **_same("body draft prerelease"),
    "tag": "tag_name",
    "title": "name",
    "target": "{owner}/{repo}@{tag_name}",
}
_MILESTONE: Final = {**_same("title description state"), "due_date": "due_on", "target": "{owner}/{repo}"}
_RUN: Final = {**_IN_REPO, "workflow": "workflow_id", "run": "run_id", **_same("ref inputs")}
_TAG: Final = {**_REPO, **_same("tag sha message force"), "target": "{owner}/{repo}@{tag}"}
_SETTINGS: Final = {**_IN_REPO, **_same("name description private visibility organization")}
_NO: Final = [False, "false"]
_GIST: Final = {"title": "filename", "body": "content", "id": "gist_id", "target": "gist_id"}
_DISCUSSION: Final = {**_IN_REPO, "number": "discussionNumber", "body": "body", "id": "commentNodeID"}
_PROJECT: Final = {**_same("title name body"), "id": "item_id", "target": "owner"}


def _submitted(when: dict[str, Any]) -> tuple[Rule, ...]:
    """A review that approves, or another one."""
    approves = {"not": {"event": "APPROVE"}}
    return (
        _rule("review.approved", _REVIEW, {**when, "event": "APPROVE"}),
        {**_rule("review.submitted", _REVIEW, when), **approves},
    )


def _update_ticket(**names: str) -> tuple[Rule, ...]:
    return (_rule("ticket.updated", {**_ON_ISSUE, **names}),)


RULES: Final[dict[str, tuple[Rule, ...]]] = {
    **SETTINGS_RULES,
    # pull requests
    "create_pull_request": (
        _rule(
            "pull_request.created",
            {**_IN_REPO, **_PULL_FIELDS, "head": "head", "reviewers": "reviewers"},
        ),
    ),
    "update_pull_request": (
        _rule(
            "pull_request.updated",
            {**_ON_PULL, **_PULL_FIELDS},
            {"title|body|base|draft|maintainer_can_modify": True},
        ),
        *_PULL_STATES,
        _REVIEWERS,
    ),
    "update_pull_request_title": (_rule("pull_request.updated", {**_ON_PULL, "title": "title"}),),
    "update_pull_request_body": (_rule("pull_request.updated", {**_ON_PULL, "body": "body"}),),
    "update_pull_request_draft_state": (_rule("pull_request.updated", {**_ON_PULL, "draft": "draft"}),),
    "update_pull_request_state": _PULL_STATES,
    "update_pull_request_branch": (
        _rule("branch.pushed", {**_REPO, "target": "{owner}/{repo}#{pullNumber}"}),
    ),
    "request_pull_request_reviewers": (_REVIEWERS,),
    "request_copilot_review": (_rule("review.requested", _ON_PULL, const={"reviewers": ["copilot"]}),),
    "merge_pull_request": (
        _rule(
            "pull_request.merged",
            {**_ON_PULL, "method": "merge_method", **_same("commit_title commit_message")},
        ),
    ),
    "pull_request_review_write": (
        _rule("review.created", _REVIEW, {"method": "create", "event": False}),
        *_submitted({"method": "create", "event": True}),
        *_submitted({"method": "submit_pending"}),
        _rule("review.deleted", _ON_PULL, {"method": "delete_pending"}),
        _rule("thread.resolved", {**_ON_PULL, "id": "threadId"}, {"method": "resolve_thread"}),
        _rule("thread.unresolved", {**_ON_PULL, "id": "threadId"}, {"method": "unresolve_thread"}),
    ),
    "create_pull_request_review": (
        _rule("review.created", _REVIEW, {"event": False}),
        *_submitted({"event": True}),
    ),
    "submit_pending_pull_request_review": _submitted({}),
    "delete_pending_pull_request_review": (_rule("review.deleted", _ON_PULL),),
    "dismiss_pull_request_review": (
        _rule("review.dismissed", {**_ON_PULL, "id": "review_id", "body": "message"}),
    ),
    "remove_requested_reviewers": (_rule("pull_request.updated", {**_ON_PULL, "reviewers": "reviewers"}),),
    "add_comment_to_pending_review": (_rule("comment.created", _INLINE, const={"on_kind": "pull_request"}),),
    "add_pull_request_review_comment": (
        _rule("comment.created", _INLINE, const={"on_kind": "pull_request"}),
    ),
    "add_reply_to_pull_request_comment": (
        _rule(
            "comment.created",
            {**_COMMENT_ON_PULL, "reply_to": "commentId"},
            {"body": True},
            {"on_kind": "pull_request"},
        ),
        _rule(
            "reaction.added",
            {"on": "commentId", "emoji": "reaction", "target": "{owner}/{repo}"},
            {"reaction": True},
            {"on_kind": "comment"},
        ),
    ),
    "add_pull_request_review_comment_reaction": (
        _rule(
            "reaction.added",
            {"on": "comment_id", "emoji": "content", "target": "{owner}/{repo}"},
            const={"on_kind": "comment"},
        ),
    ),
    "update_review_comment": (_rule("comment.updated", {**_IN_REPO, "id": "comment_id", "body": "body"}),),
    "delete_review_comment": (_rule("comment.deleted", {**_IN_REPO, "id": "comment_id"}),),
    "resolve_review_thread": (_rule("thread.resolved", {"id": "threadID", "target": "threadID"}),),
    "unresolve_review_thread": (_rule("thread.unresolved", {"id": "threadID", "target": "threadID"}),),
    # issues
    "issue_write": (
        _rule("ticket.created", {**_IN_REPO, **_TICKET}, {"method": "create"}),
        _rule("ticket.updated", _UPDATED_TICKET, {"method": "update"}),
    ),
    "create_issue": (_rule("ticket.created", {**_IN_REPO, **_TICKET}),),
    "update_issue_title": _update_ticket(title="title"),
    "update_issue_body": _update_ticket(body="body"),
    "update_issue_assignees": _update_ticket(assignees="assignees"),
    "update_issue_labels": _update_ticket(labels="labels"),
    "update_issue_milestone": _update_ticket(milestone="milestone"),
    "update_issue_type": _update_ticket(type="issue_type"),
    "update_issue_state": _update_ticket(state="state", state_reason="state_reason"),
    "set_issue_fields": _update_ticket(),
    "assign_copilot_to_issue": (_rule("ticket.updated", _ON_ISSUE, const={"assignees": ["copilot"]}),),
    "assign_copilot_to_issue_with_intent": (
        _rule("ticket.updated", _ON_ISSUE, const={"assignees": ["copilot"]}),
    ),
    "add_issue_labels": _update_ticket(labels="labels"),
    "set_issue_labels": _update_ticket(labels="labels"),
    "remove_issue_label": _update_ticket(),
    "add_issue_assignees": _update_ticket(assignees="assignees"),
    "remove_issue_assignees": _update_ticket(),
    "lock_issue": _update_ticket(reason="lock_reason"),
    "unlock_issue": _update_ticket(),
    "add_issue_comment": (
        _rule("comment.created", _COMMENT_ON_ISSUE, {"body": True}),
        _rule(
            "reaction.added",
            {
                "on": "comment_id|{owner}/{repo}#{issue_number}",
                "emoji": "reaction",
                "target": "{owner}/{repo}#{issue_number}",
            },
            {"reaction": True},
        ),
    ),
    "update_issue_comment": (_rule("comment.updated", {**_IN_REPO, "id": "comment_id", "body": "body"}),),
    "delete_issue_comment": (_rule("comment.deleted", {**_IN_REPO, "id": "comment_id"}),),
    "add_issue_reaction": (
        _rule(
            "reaction.added",
            {
                "on": "{owner}/{repo}#{issue_number}",
                "emoji": "content",
                "target": "{owner}/{repo}#{issue_number}",
            },
            const={"on_kind": "issue"},
        ),
    ),
    "add_issue_comment_reaction": (
        _rule(
            "reaction.added",
            {"on": "comment_id", "emoji": "content", "target": "{owner}/{repo}"},
            const={"on_kind": "comment"},
        ),
    ),
    "sub_issue_write": _update_ticket(relations="sub_issue_id"),
    "add_sub_issue": _update_ticket(relations="sub_issue_id"),
    "remove_sub_issue": _update_ticket(relations="sub_issue_id"),
    "reprioritize_sub_issue": _update_ticket(relations="sub_issue_id"),
    "issue_dependency_write": _update_ticket(relations="related_issue_number"),
    "label_write": (
        _rule("label.created", _LABEL, {"method": "create"}),
        _rule("label.updated", _LABEL, {"method": "update"}),
        _rule("label.deleted", _LABEL, {"method": "delete"}),
    ),
    "create_milestone": (_rule("milestone.created", _MILESTONE),),
    "update_milestone": (_rule("milestone.updated", {**_MILESTONE, "id": "milestone_number"}),),
    # repositories
    "create_or_update_file": (_rule("branch.pushed", {**_PUSHED, "files": "path"}),),
    "delete_file": (_rule("branch.pushed", {**_PUSHED, "files": "path"}),),
    "push_files": (_rule("branch.pushed", {**_PUSHED, "files": "files[].path"}),),
    "create_commit_status": (
        _rule("check.created", {**_REPO, "name": "context", **_CHECK, "sha": "sha", "state": "state"}),
    ),
    "create_check_run": (
        _rule("check.created", {**_REPO, "name": "name", "sha": "head_sha", "state": "conclusion|status"}),
    ),
    "create_branch": (_rule("branch.created", {**_BRANCH, "base": "from_branch", "sha": "sha"}),),
    "update_branch": (_rule("branch.pushed", {**_BRANCH, "sha": "sha", "force": "force"}),),
    "delete_branch": (_rule("branch.deleted", _BRANCH),),
    "merge_branch": (
        _rule(
            "branch.pushed",
            {**_REPO, "branch": "base", "commits": "commit_message", "target": "{owner}/{repo}@{base}"},
        ),
    ),
    "create_tag": (_rule("tag.created", _TAG),),
    "update_tag": (_rule("tag.pushed", _TAG),),
    "delete_tag": (_rule("tag.deleted", _TAG),),
    "create_release": (_rule("release.created", _RELEASE),),
    "update_release": (_rule("release.updated", {**_RELEASE, "id": "release_id"}),),
    "delete_release": (_rule("release.deleted", {**_RELEASE, "id": "release_id"}),),
    "upload_release_asset": (
        _rule("file.uploaded", {"title": "name", "parent": "release_id", "target": "{owner}/{repo}"}),
    ),
    "create_repository": (
        _rule("repository.created", _same("name description private organization") | {"target": "name"}),
    ),
    "update_repository": (
        _rule("repository.visibility_changed", _SETTINGS, {"private|visibility": True}),
        {**_rule("repository.archived", _IN_REPO, {"archived": True}), "not": {"archived": _NO}},
        _rule("repository.unarchived", _IN_REPO, {"archived": _NO}),
        {**_rule("repository.updated", _SETTINGS), "not": {"private|visibility|archived": True}},
    ),
    "delete_repository": (_rule("repository.deleted", _IN_REPO),),
    "fork_repository": (_rule("repository.forked", {**_IN_REPO, "organization": "organization"}),),
    "star_repository": (_rule("repository.starred", _IN_REPO),),
    "unstar_repository": (_rule("repository.unstarred", _IN_REPO),),
    "actions_run_trigger": (
        _rule("workflow.started", _RUN, {"method": "run_workflow"}),
        _rule("workflow.rerun", _RUN, {"method": ["rerun_workflow_run", "rerun_failed_jobs"]}),
        _rule("workflow.cancelled", _RUN, {"method": "cancel_workflow_run"}),
        _rule("workflow.deleted", _RUN, {"method": "delete_workflow_run_logs"}),
    ),
    # known by schema only
    "create_gist": (_rule("gist.created", _GIST),),
    "update_gist": (_rule("gist.updated", _GIST),),
    "discussion_comment_write": (
        _rule("comment.created", _DISCUSSION, {"method": ["add", "reply"]}, {"on_kind": "discussion"}),
        _rule(
            "comment.updated",
            _DISCUSSION,
            {"method": ["update", "mark_answer", "unmark_answer"]},
            {"on_kind": "discussion"},
        ),
        _rule("comment.deleted", _DISCUSSION, {"method": "delete"}, {"on_kind": "discussion"}),
    ),
    "projects_write": (
        _rule("project.created", _PROJECT, {"method": "create_project"}),
        _rule("status_update.created", _PROJECT, {"method": "create_project_status_update"}),
        _rule(
            "project.updated",
            _PROJECT,
            {
                "method": [
                    "add_project_item",
                    "update_project_item",
                    "update_project_items",
                    "delete_project_item",
                    "create_project_view",
                    "update_project_view",
                    "delete_project_view",
                    "create_iteration_field",
                ]
            },
        ),
    ),
    "dismiss_notification": (_rule("notification.updated", {"state": "state", "target": "threadID"}),),
    "mark_all_notifications_read": (_rule("notification.updated", {}, const={"state": "read"}),),
    "manage_notification_subscription": (
        _rule("notification.updated", {"state": "action", "target": "notificationID"}),
    ),
    "manage_repository_notification_subscription": (
        _rule("notification.updated", {"state": "action", "target": "{owner}/{repo}"}),
    ),
}
"""Tool → the effects that it attempts."""
