"""The webhook events of GitHub by name, and how a GH Archive type or a body tells which it is.

The names are those of the definitions of octokit/webhooks (14.2.0), and of the requests to bypass,
dismiss and exempt that GitHub sends beside them, whether or not a trigger can listen to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from routine_harness.plain import Json

ARCHIVE_TYPES: Final = {
    "CommitCommentEvent": "commit_comment",
    "CreateEvent": "create",
    "DeleteEvent": "delete",
    "DiscussionEvent": "discussion",
    "DownloadEvent": "download",
    "FollowEvent": "follow",
    "ForkApplyEvent": "fork_apply",
    "ForkEvent": "fork",
    "GistEvent": "gist",
    "GollumEvent": "gollum",
    "IssueCommentEvent": "issue_comment",
    "IssuesEvent": "issues",
    "MemberEvent": "member",
    "PublicEvent": "public",
    "PullRequestEvent": "pull_request",
    "PullRequestReviewCommentEvent": "pull_request_review_comment",
    "PullRequestReviewEvent": "pull_request_review",
    "PullRequestReviewThreadEvent": "pull_request_review_thread",
    "PushEvent": "push",
    "ReleaseEvent": "release",
    "SponsorshipEvent": "sponsorship",
    "TeamAddEvent": "team_add",
    "WatchEvent": "watch",
}
"""GH Archive's ``type`` → the webhook's event; a type that is not here keeps its name.

Downloads, follows, applied forks and gists are of archives before 2015 alone."""

UNTOLD: Final = "unknown"
"""The name of a webhook body that no header names and no key tells."""

_BODY_KINDS: Final = (
    (("pull_request", "review"), "pull_request_review"),
    (("pull_request", "thread"), "pull_request_review_thread"),
    (("pull_request", "comment"), "pull_request_review_comment"),
    (("issue", "comment"), "issue_comment"),
    (("discussion", "comment"), "discussion_comment"),
    (("discussion",), "discussion"),
    (("pull_request",), "pull_request"),
    (("issue",), "issues"),
    (("release",), "release"),
    (("workflow_run",), "workflow_run"),
    (("workflow_job",), "workflow_job"),
    (("check_run",), "check_run"),
    (("check_suite",), "check_suite"),
    (("deployment_status",), "deployment_status"),
    (("deployment",), "deployment"),
    (("comment", "commit_id"), "commit_comment"),
    (("pusher", "commits"), "push"),
    (("ref_type", "master_branch"), "create"),
    (("ref_type", "pusher_type"), "delete"),
    (("forkee",), "fork"),
    (("hook", "zen"), "ping"),
)
"""Keys that a body has → its event, the most telling first."""

_OTHERS: Final = """
    branch_protection_configuration branch_protection_rule bypass_request_push_ruleset
    bypass_request_secret_scanning check_run check_suite code_scanning_alert custom_property
    custom_property_values dependabot_alert deploy_key deployment deployment_protection_rule
    deployment_review deployment_status discussion_comment dismissal_request_code_scanning
    dismissal_request_dependabot dismissal_request_secret_scanning exemption_request_push_ruleset
    exemption_request_secret_scanning github_app_authorization installation
    installation_repositories installation_target issue_dependencies label marketplace_purchase
    membership merge_group meta milestone org_block organization package page_build
    personal_access_token_request ping project project_card project_column projects_v2
    projects_v2_item projects_v2_status_update registry_package repository repository_advisory
    repository_dispatch repository_import repository_ruleset repository_vulnerability_alert
    secret_scanning_alert secret_scanning_alert_location secret_scanning_scan security_advisory
    security_and_analysis star status sub_issues team workflow_dispatch workflow_job workflow_run
"""

WEBHOOKS: Final = frozenset((*ARCHIVE_TYPES.values(), *_OTHERS.split()))
"""Every event that is known; one that is not here is of an unknown type."""


def qualified(name: str, payload: Mapping[str, Json]) -> str:
    """``pull_request`` and its payload → ``pull_request.opened``; without an action, the bare name."""
    action = payload.get("action")
    return f"{name}.{action}" if isinstance(action, str) and action else name


def body_kind(body: Mapping[str, Json]) -> str | None:
    """The event that a webhook body belongs to, told by its keys; headers say it better."""
    for keys, name in _BODY_KINDS:
        if all(key in body for key in keys):
            return name
    return None
