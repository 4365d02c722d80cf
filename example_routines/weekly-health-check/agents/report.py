"""The weekly report: three looks, one message; what could not be looked up is unknown."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routine_harness import AgentSession, ToolResult

REPOSITORY = {"owner": "acme-platform", "repo": "core-api"}


class CouldNotError(Exception):
    """A step that came to nothing, in words."""


def call(session: AgentSession, step: str, tool: str, **arguments: Any) -> ToolResult:
    """The answer of a call; a failed one ends the work, and the last message says so."""
    result = session.call(tool, **arguments)
    if result.is_error:
        raise CouldNotError(step)
    return result


def read(session: AgentSession, step: str, tool: str, **arguments: Any) -> Any:
    """The JSON answer of a read. One that is cut off or empty says nothing, least of all that there is
    nothing."""
    try:
        return call(session, step, tool, **arguments).json()
    except ValueError:
        raise CouldNotError(step) from None


def report(session: AgentSession) -> None:
    """Post this Friday's report once."""
    today = datetime.fromtimestamp(session.firing.at, UTC)
    title = f"Health report of {today:%Y-%m-%d}"
    lines = [title, old_pulls(session, today), failed_runs(session), unassigned(session)]
    try:
        post_once(session, title, "\n".join(lines))
    except CouldNotError as error:
        session.say(f"{title}: I could not {error}.")
        return
    session.say(title)


def post_once(session: AgentSession, title: str, text: str) -> None:
    """The report in #platform-team, unless this Friday's is there."""
    found = read(session, "find #platform-team", "slack.slack_search_channels", query="platform-team")
    channel = re.search(r"\bC[A-Z0-9]{6,}\b", found["results"])
    if channel is None:
        raise CouldNotError("find #platform-team")
    step = "read #platform-team"
    said = read(session, step, "slack.slack_read_channel", channel_id=channel[0])["messages"]
    if title not in said:
        step = "post to #platform-team"
        call(session, step, "slack.slack_send_message", channel_id=channel[0], message=text)


def old_pulls(session: AgentSession, today: datetime) -> str:
    """How many pull requests are open, and which for more than a week."""
    try:
        pulls = read(session, "list them", "github.list_pull_requests", **REPOSITORY, state="open")
    except CouldNotError as error:
        return f"Pull requests: unknown, I could not {error}"
    week_ago = today - timedelta(days=7)
    old = [p["html_url"] for p in pulls if datetime.fromisoformat(p["created_at"]) < week_ago]
    return f"Pull requests: {len(pulls)} open, older than 7 days: {', '.join(old) or 'none'}"


def failed_runs(session: AgentSession) -> str:
    """How many of the latest ten runs on main failed."""
    arguments = {"method": "list_workflow_runs", "resource_id": "ci.yml"}
    try:
        listed = read(session, "list the runs", "github.actions_list", **REPOSITORY, **arguments)
    except CouldNotError as error:
        return f"CI: unknown, I could not {error}"
    runs = [run for run in listed["workflow_runs"] if run["head_branch"] == "main"]
    latest = sorted(runs, key=lambda run: run["created_at"], reverse=True)[:10]
    return f"CI: {sum(run['conclusion'] == 'failure' for run in latest)} of {len(latest)} runs failed"


def unassigned(session: AgentSession) -> str:
    """How many open issues nobody is assigned to."""
    try:
        listed = read(session, "list the issues", "linear.list_issues", team="Platform", limit=250)
    except CouldNotError as error:
        return f"Backlog: unknown, I could not {error}"
    free = [i for i in listed["issues"] if not i.get("assignee") and i["statusType"] != "completed"]
    return f"Backlog: {len(free)} issues without assignee"
