"""Sentry's part of the effect table; the dispatcher is told apart by its inner name."""

from __future__ import annotations

from typing import Any, Final

_ON_ISSUE: Final = {"on": "issueId|issueUrl", "target": "issueId|issueUrl"}
_PROJECT: Final = {"name": "name", "title": "name", "team": "teamSlug", "target": "projectSlug|slug|name"}
_MONITOR: Final = {
    "name": "name",
    "state": "status",
    "project": "projectSlug",
    "target": "name|uptimeMonitorId",
}

_INNER: Final[dict[str, tuple[dict[str, Any], ...]]] = {
    "update_issue": (
        {
            "kind": "ticket.updated",
            "fields": {
                "id": "issueId|issueUrl",
                "state": "status",
                "assignee": "assignedTo",
                "reason": "reason",
                "target": "issueId|issueUrl",
            },
        },
    ),
    "add_issue_note": (
        {"kind": "comment.created", "fields": {**_ON_ISSUE, "body": "text"}, "const": {"on_kind": "issue"}},
    ),
    "analyze_issue_with_seer": (
        {
            "kind": "analysis.started",
            "fields": {"name": "issueId|issueUrl", "text": "instruction", "target": "issueId|issueUrl"},
        },
    ),
    "create_project": ({"kind": "project.created", "fields": _PROJECT},),
    "update_project": ({"kind": "project.updated", "fields": {**_PROJECT, "id": "projectSlug"}},),
    "create_team": ({"kind": "access.granted", "fields": {"name": "name", "target": "name"}},),
    "add_team_to_project": (
        {
            "kind": "access.granted",
            "fields": {"name": "teamSlug", "project": "projectSlug", "target": "projectSlug"},
        },
    ),
    "remove_team_from_project": (
        {
            "kind": "access.revoked",
            "fields": {"name": "teamSlug", "project": "projectSlug", "target": "projectSlug"},
        },
    ),
    "create_dsn": (
        {"kind": "access.granted", "fields": {"name": "name", "project": "projectSlug", "target": "name"}},
    ),
    "update_dsn": (
        {"kind": "access.granted", "fields": {"name": "keyId", "project": "projectSlug", "target": "keyId"}},
    ),
    "create_uptime_monitor": ({"kind": "monitor.created", "fields": _MONITOR},),
    "update_uptime_monitor": ({"kind": "monitor.updated", "fields": _MONITOR},),
    "delete_uptime_monitor": ({"kind": "monitor.deleted", "fields": _MONITOR},),
    "onboarding_status_update": (
        {"kind": "notification.updated", "fields": {"name": "stage", "state": "status", "text": "eventNote"}},
    ),
}


def _dispatched(tool: str, rule: dict[str, Any]) -> dict[str, Any]:
    """``rule`` for the same call through ``execute_sentry_tool``."""
    fields = {
        name: "|".join(f"arguments.{part}" for part in path.split("|"))
        for name, path in rule["fields"].items()
    }
    return {**rule, "fields": fields, "when": {"name": tool}}


RULES: Final[dict[str, tuple[dict[str, Any], ...]]] = {
    **_INNER,
    "execute_sentry_tool": tuple(_dispatched(tool, rule) for tool, rules in _INNER.items() for rule in rules),
}
