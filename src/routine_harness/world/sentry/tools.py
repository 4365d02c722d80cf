"""The tools of Sentry's official MCP server, with their arguments.

Source: the tool definitions of getsentry/sentry-mcp, August 2026. ``tools/list`` shows nine of them
by default; the others are called through ``execute_sentry_tool`` by their inner name.
"""

# ruff: noqa: E501 - a line is a row of the table

from __future__ import annotations

from typing import Final, Literal

import msgspec

from routine_harness.world.schema import by_name, short, tool
from routine_harness.world.tool import Tool

_ORG: Final = "organizationSlug* regionUrl:? "
_ISSUE: Final = "organizationSlug regionUrl:? issueId issueUrl "
_PAGE: Final = "query:? cursor:? limit:i1-100 "

_ROWS: Final[tuple[tuple[str, Literal["read", "write"], bool, str, str], ...]] = (
    ("whoami", "read", True, "", "Who the current user is."),
    ("find_organizations", "read", True, "query:?", "Lists organizations."),
    ("find_teams", "read", True, _ORG + "query:?", "Lists teams."),
    ("find_projects", "read", True, _ORG + "query:?", "Lists projects."),
    ("find_releases", "read", True, _ORG + "projectSlug:? query:?", "Lists releases."),
    ("search_issues", "read", True, _ORG + "query sort:date|freq|new|user|recommended projectSlugOrId:? limit:i1-100 period:24h|7d|14d|30d|90d includeExplanation:b", "Searches issues by Sentry's query syntax."),
    ("search_events", "read", True, _ORG + "dataset:spans|errors|logs|metrics|profiles|replays query fields:[]? sort:? projectSlug:? environment period limit:i1-100 includeExplanation:b", "Searches events."),
    ("search_issue_events", "read", True, _ISSUE + "query sort period projectSlug:? limit:i1-100 includeExplanation:b", "Searches the events of an issue."),
    ("get_issue_details", "read", True, _ISSUE + "eventId", "Gets an issue with its latest event."),
    ("get_issue_activity", "read", True, _ISSUE + "includeComments:b limit:i1-100", "Lists what happened to an issue."),
    ("get_issue_tag_values", "read", True, _ISSUE + "tagKey*", "Counts the values of a tag of an issue."),
    ("get_event_stacktrace", "read", True, _ORG + "issueId* eventId thread", "Gets the stack trace of an event."),
    ("get_sentry_resource", "read", True, "url resourceType:issue|event|trace|ai_conversation|replay|monitor|snapshot resourceId organizationSlug", "Gets a resource by address, or by type and id."),
    ("get_release_details", "read", True, _ORG + "releaseVersion* projectSlugOrId:? includeHealth:b includeDeploys:b includeCommits:b limit:i1-50", "Gets a release."),
    ("search_sentry_tools", "read", True, "query* limit:i1-20?", "Finds tools that execute_sentry_tool can call."),
    ("execute_sentry_tool", "write", True, "name* arguments:o", "Calls a tool by its inner name."),
    ("update_issue", "write", True, _ISSUE + "status:resolved|resolvedInNextRelease|unresolved|ignored assignedTo ignoreMode:untilEscalating|forever|forDuration|untilOccurrenceCount|untilUserCount ignoreDurationMinutes:i ignoreCount:i ignoreWindowMinutes:i ignoreUserCount:i ignoreUserWindowMinutes:i reason", "Changes an issue's status or assignee."),
    ("add_issue_note", "write", True, _ISSUE + "text*", "Adds a note to an issue's activity."),
    ("create_project", "write", True, _ORG + "teamSlug* name* slug:? platform:? repository:?", "Creates a project."),
    ("update_project", "write", True, _ORG + "projectSlug* name:? slug:? platform:?", "Changes a project."),
    ("create_team", "write", True, _ORG + "name*", "Creates a team."),
    ("add_team_to_project", "write", True, _ORG + "projectSlug* teamSlug*", "Gives a team access to a project."),
    ("remove_team_from_project", "write", True, _ORG + "projectSlug* teamSlug*", "Takes a team's access to a project."),
    ("analyze_issue_with_seer", "write", False, _ISSUE + "instruction", "Starts an analysis of an issue."),
    ("create_dsn", "write", False, _ORG + "projectSlug* name*", "Creates a client key."),
    ("update_dsn", "write", False, _ORG + "projectSlug* keyId* name isActive:b rateLimitWindow:i0-86400 rateLimitCount:i disableRateLimit:b browserSdkVersion", "Changes a client key."),
    ("create_uptime_monitor", "write", False, _ORG + "projectSlug* name* url* intervalSeconds*:i timeoutMs:i1000-60000 method headers:[o] body status:active|disabled owner environment", "Creates an uptime monitor."),
    ("update_uptime_monitor", "write", False, _ORG + "projectSlug* uptimeMonitorId* name url intervalSeconds:i timeoutMs:i1000-60000 method headers:[o] body:? status:active|disabled owner:? environment:?", "Changes an uptime monitor."),
    ("delete_uptime_monitor", "write", False, _ORG + "projectSlug* uptimeMonitorId*", "Deletes an uptime monitor."),
    ("onboarding_status_update", "write", False, _ORG + "runToken* stage* status*:active|waiting|completed|skipped|failed runStatus:completed|failed eventNote projectSlugs:[] issueIds:[]", "Reports progress of an onboarding."),
    ("find_dsns", "read", False, _ORG + "projectSlug*", "Lists client keys."),
    ("find_alert_rules", "read", False, _ORG + "kind:all|issue|metric projectSlug:? " + _PAGE, "Lists alert rules."),
    ("get_alert_rule", "read", False, _ORG + "kind:all|issue|metric projectSlug:? ruleIdOrName*", "Gets an alert rule."),
    ("find_dashboards", "read", False, _ORG + "titleQuery:? sort:? cursor:? limit:i1-100", "Lists dashboards."),
    ("get_dashboard_details", "read", False, _ORG + "dashboardIdOrTitle*", "Gets a dashboard."),
    ("find_monitors", "read", False, _ORG + "projectSlug:? environment:? owner:? query:? limit:i1-99", "Lists cron monitors."),
    ("get_monitor_details", "read", False, _ORG + "projectSlugOrId:? monitorSlug* environment:? period:? start:? end:? checkInLimit:i1-50 includeStats:b rollupSeconds:i?", "Gets a cron monitor."),
    ("find_uptime_monitors", "read", False, _ORG + "projectSlug environment owner query limit:i1-99", "Lists uptime monitors."),
    ("get_uptime_monitor_details", "read", False, _ORG + "projectSlug* uptimeMonitorId* period start end checkLimit:i1-50", "Gets an uptime monitor."),
    ("get_issue_breadcrumbs", "read", False, _ISSUE + "eventId", "Gets the breadcrumbs of an issue."),
    ("get_issue_user_reports", "read", False, _ISSUE + "cursor:? limit:i1-100", "Lists users' reports on an issue."),
    ("get_event_attachment", "read", False, _ORG + "projectSlug* eventId* attachmentId:?", "Gets an event's attachment."),
    ("get_trace_details", "read", False, _ORG + "traceId* spanId", "Gets a trace."),
    ("get_span_details", "read", False, _ORG + "traceId* spanId*", "Gets a span."),
    ("get_profile", "read", False, "profileUrl organizationSlug regionUrl:? projectSlugOrId transactionName period compareAgainstPeriod focusOnUserCode:b maxHotPaths:i1-20", "Gets a profile of a transaction."),
    ("get_profile_details", "read", False, "profileUrl organizationSlug regionUrl:? projectSlugOrId profileId profilerId start end focusOnUserCode:b", "Gets a profile."),
    ("get_replay_details", "read", False, "replayUrl organizationSlug replayId regionUrl:?", "Gets a replay."),
    ("get_snapshot", "read", False, _ORG + "snapshotId* showUnmodified:b", "Gets a snapshot."),
    ("get_snapshot_image", "read", False, _ORG + "snapshotId* imageIdentifier* imageResolution:preview|full", "Gets a snapshot's image."),
    ("get_latest_base_snapshot", "read", False, _ORG + "appId* branch:? project:?", "Gets the latest base snapshot."),
    ("get_ai_conversation_details", "read", False, _ORG + "conversationId* project start end", "Gets a conversation with a model."),
    ("search_ai_conversations", "read", False, _ORG + "query project environment period start end cursor limit:i1-100", "Searches conversations with models."),
    ("search_docs", "read", False, "query* maxResults:i1-10 guide", "Searches Sentry's documentation."),
    ("get_doc", "read", False, "path*", "Gets a page of Sentry's documentation."),
)  # fmt: skip

_DESTRUCTIVE: Final = {
    "execute_sentry_tool",
    "update_issue",
    "update_project",
    "update_dsn",
    "update_uptime_monitor",
    "delete_uptime_monitor",
    "remove_team_from_project",
}


def _tool(
    name: str, access: Literal["read", "write"], modelled: bool, arguments: str, description: str
) -> Tool:
    hints = {"readOnlyHint": access == "read", "destructiveHint": name in _DESTRUCTIVE}
    return tool(name, access, description, short(arguments), modelled=modelled, annotations=hints)


DISPATCHER: Final = "execute_sentry_tool"
_READING: Final = tuple(name for name, access, *_ in _ROWS if access == "read")


def _listed(made: Tool) -> Tool:
    """The dispatcher reads where the tool that it names does."""
    if made.name != DISPATCHER:
        return made
    return msgspec.structs.replace(made, reading_methods=_READING, method_argument="name")


TOOLS: Final = by_name(*(_listed(_tool(*row)) for row in _ROWS))
