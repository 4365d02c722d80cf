"""The toolsets of GitHub's MCP server: which tools come together (github/github-mcp-server @64a49f34).

A tool that stands in none of them is behind a feature flag of the server, and nobody is offered it.
"""

from __future__ import annotations

from typing import Final, Literal

from routine_harness.plain import Json, Record
from routine_harness.world.tool import Tool


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TOOLSETS: Final[dict[str, tuple[str, ...]]] = {
    "context": _names("get_me get_team_members get_teams"),
    "repos": _names(
        "create_branch create_or_update_file create_repository delete_file fork_repository get_commit "
        "get_file_contents get_latest_release get_release_by_tag get_tag list_branches list_commits "
        "list_releases list_repository_collaborators list_tags push_files search_code search_commits "
        "search_repositories"
    ),
    "issues": _names(
        "add_issue_comment get_label issue_read issue_write list_issue_fields list_issue_types list_issues "
        "search_issues sub_issue_write"
    ),
    "pull_requests": _names(
        "add_comment_to_pending_review add_reply_to_pull_request_comment create_pull_request "
        "list_pull_requests merge_pull_request pull_request_read pull_request_review_write "
        "search_pull_requests update_pull_request update_pull_request_branch"
    ),
    "users": _names("search_users"),
    "actions": _names("actions_get actions_list actions_run_trigger get_job_logs"),
    "labels": _names("get_label label_write list_label"),
    "orgs": _names("search_orgs"),
    "git": _names("get_repository_tree"),
    "gists": _names("create_gist get_gist list_gists update_gist"),
    "copilot": _names("assign_copilot_to_issue request_copilot_review"),
    "code_quality": _names("get_code_quality_finding"),
    "code_security": _names("get_code_scanning_alert list_code_scanning_alerts"),
    "secret_protection": _names("get_secret_scanning_alert list_secret_scanning_alerts"),
    "dependabot": _names("get_dependabot_alert list_dependabot_alerts"),
    "discussions": _names(
        "discussion_comment_write get_discussion get_discussion_comments list_discussion_categories "
        "list_discussions"
    ),
    "notifications": _names(
        "dismiss_notification get_notification_details list_notifications manage_notification_subscription "
        "manage_repository_notification_subscription mark_all_notifications_read"
    ),
    "projects": _names("projects_get projects_list projects_write"),
    "security_advisories": _names(
        "get_global_security_advisory list_global_security_advisories "
        "list_org_repository_security_advisories list_repository_security_advisories"
    ),
    "stargazers": _names("list_starred_repositories star_repository unstar_repository"),
}

_PULL: Final[Record] = {
    "owner": {"type": "string"}, "repo": {"type": "string"}, "pullNumber": {"type": "number"},
}  # fmt: skip


def _on_pull(name: str, about: str, access: Literal["read", "write"] = "write", **more: Json) -> Tool:
    schema = {"type": "object", "properties": {**_PULL, **more}, "required": list(_PULL)}
    return Tool(name, about, schema, access)


OWN: Final = {
    tool.name: tool
    for tool in (
        _on_pull(
            "enable_pr_auto_merge",
            "Merge a pull request by itself as soon as everything required has passed.",
            merge_method={"type": "string", "enum": ["merge", "squash", "rebase"]},
        ),
        _on_pull("disable_pr_auto_merge", "Take auto-merge back."),
        _on_pull(
            "subscribe_pr_activity", "Be told in this session of what happens on a pull request.", "read"
        ),
        _on_pull("unsubscribe_pr_activity", "Hear of a pull request no more.", "read"),
    )
}
"""Tools that the platform adds to the server; their schemas are unpublished, and these are ours. A
subscription wakes this very session and changes nothing outside."""
