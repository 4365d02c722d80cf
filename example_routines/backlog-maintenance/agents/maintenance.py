"""Backlog maintenance by rules; it reads comments before it writes one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routine_harness import AgentSession

MARKER = "Routine: backlog-maintenance"
LABELS = (
    ("bug", r"crash|error|fails|broken"),
    ("docs", r"document|readme|typo"),
    ("performance", r"slow|latency"),
)


def maintain(session: AgentSession) -> None:
    """Label, ask, and tell the team if anything was touched."""
    listed = session.call("linear.list_issues", team="Platform", limit=100)
    if listed.is_error:
        post(session, "Backlog maintenance could not list the issues of Platform.")
        session.say("I could not look: the issues cannot be listed.")
        return
    issues = [i for i in listed.json()["issues"] if i["statusType"] not in ("completed", "canceled")]
    labelled = [issue for issue in issues if not issue["labels"] and label(session, issue)]
    asked = [issue for issue in issues if is_forgotten(session, issue) and ask(session, issue)]
    touched = {issue["id"]: issue for issue in labelled + asked}
    if touched:
        links = "\n".join(f"- <{issue['url']}|{key}> {issue['title']}" for key, issue in touched.items())
        post(session, f"Backlog maintenance touched {len(touched)}:\n{links}")
    session.say(f"Labelled {len(labelled)}, commented on {len(asked)}.")


def label(session: AgentSession, issue: dict[str, Any]) -> bool:
    """Give ``issue`` the one label its words call for; False if none does."""
    words = f"{issue['title']} {issue['description']}".lower()
    fitting = next((name for name, pattern in LABELS if re.search(pattern, words)), None)
    if fitting is None:
        return False
    return not session.call("linear.save_issue", id=issue["id"], labels=[fitting]).is_error


def is_forgotten(session: AgentSession, issue: dict[str, Any]) -> bool:
    """In progress, and untouched for 14 days."""
    now = datetime.fromtimestamp(session.firing.at, UTC)
    updated = datetime.fromisoformat(issue["updatedAt"])
    return issue["statusType"] == "started" and now - updated > timedelta(days=14)


def ask(session: AgentSession, issue: dict[str, Any]) -> bool:
    """Ask once whether it is still being worked on; False if that was asked before."""
    comments = session.call("linear.list_comments", issueId=issue["id"])
    if comments.is_error or MARKER in comments.text:
        return False
    body = f"{MARKER}\n@{issue['assignee']}, is this still being worked on?"
    return not session.call("linear.save_comment", issueId=issue["id"], body=body).is_error


def post(session: AgentSession, text: str) -> None:
    """Tell #platform-team."""
    found = session.call("slack.slack_search_channels", query="platform-team")
    if channel := re.search(r"\bC[A-Z0-9]{6,}\b", found.text):
        session.call("slack.slack_send_message", channel_id=channel[0], message=text)
