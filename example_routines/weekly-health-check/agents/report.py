"""The weekly report: three looks, one message; what could not be looked up is unknown."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routine_harness import AgentSession

REPOSITORY = {"owner": "acme-platform", "repo": "core-api"}


def report(session: AgentSession) -> None:
    """Post this Friday's report once."""
    today = datetime.fromtimestamp(session.firing.at, UTC)
    title = f"Health report of {today:%Y-%m-%d}"
    lines = [title, old_pulls(session, today), failed_runs(session), unassigned(session)]
    found = session.call("slack.slack_search_channels", query="platform-team")
    if channel := re.search(r"\bC[A-Z0-9]{6,}\b", found.text):
        said = session.call("slack.slack_read_channel", channel_id=channel[0])
        if not said.is_error and title not in said.text:
            session.call("slack.slack_send_message", channel_id=channel[0], message="\n".join(lines))
    session.say(title)


def old_pulls(session: AgentSession, today: datetime) -> str:
    """How many pull requests are open, and which for more than a week."""
    listed = session.call("github.list_pull_requests", **REPOSITORY, state="open")
    if listed.is_error:
        return "Pull requests: unknown, they cannot be listed"
    pulls = listed.json()
    week_ago = today - timedelta(days=7)
    old = [p["html_url"] for p in pulls if datetime.fromisoformat(p["created_at"]) < week_ago]
    return f"Pull requests: {len(pulls)} open, older than 7 days: {', '.join(old) or 'none'}"


def failed_runs(session: AgentSession) -> str:
    """How many of the latest ten runs on main failed."""
    arguments = {"method": "list_workflow_runs", "resource_id": "ci.yml"}
    listed = session.call("github.actions_list", **REPOSITORY, **arguments)
    if listed.is_error:
        return "CI: unknown, the runs cannot be listed"
    runs = [run for run in listed.json()["workflow_runs"] if run["head_branch"] == "main"]
    latest = sorted(runs, key=lambda run: run["created_at"], reverse=True)[:10]
    return f"CI: {sum(run['conclusion'] == 'failure' for run in latest)} of {len(latest)} runs failed"


def unassigned(session: AgentSession) -> str:
    """How many open issues nobody is assigned to."""
    listed = session.call("linear.list_issues", team="Platform", limit=250)
    if listed.is_error:
        return "Backlog: unknown, the issues cannot be listed"
    free = [i for i in listed.json()["issues"] if not i.get("assignee") and i["statusType"] != "completed"]
    return f"Backlog: {len(free)} issues without assignee"
