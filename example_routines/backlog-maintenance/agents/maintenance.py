"""Backlog maintenance by rules: it reads comments before it writes one, and tells before it touches."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routine_harness import AgentSession, ToolResult

MARKER = "Routine: backlog-maintenance"
LABELS = (
    ("bug", r"crash|error|fails|broken"),
    ("docs", r"document|readme|typo"),
    ("performance", r"slow|latency"),
)


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


def maintain(session: AgentSession) -> None:
    """Tell the team what is to be touched, and touch it; what could not be done is said last."""
    try:
        labels, forgotten = look(session)
    except CouldNotError as error:
        said = f"Backlog maintenance could not {error}."
        session.say(f"I could not {error}." + told(session, said, said))
        return
    touched = {issue["id"]: issue for issue in [*(issue for issue, _ in labels), *forgotten]}
    failed = told(session, "Backlog maintenance takes these up:", *map(line_of, touched.values()))
    labelled = [session.call("linear.save_issue", id=issue["id"], labels=[name]) for issue, name in labels]
    asked = [ask(session, issue) for issue in forgotten]
    done = [sum(not result.is_error for result in results) for results in (labelled, asked)]
    if done[0] < len(labels):
        failed += f" {len(labels) - done[0]} could not be labelled."
    if done[1] < len(forgotten):
        failed += f" {len(forgotten) - done[1]} could not be commented on."
    session.say(f"Labelled {done[0]}, commented on {done[1]}.{failed}")


def line_of(issue: dict[str, Any]) -> str:
    return f"- <{issue['url']}|{issue['id']}> {issue['title']}"


def look(session: AgentSession) -> tuple[list[tuple[dict[str, Any], str]], list[dict[str, Any]]]:
    """The issues to label, each with its label, and those whose assignee is to be asked."""
    listed = read(session, "list the issues of Platform", "linear.list_issues", team="Platform", limit=100)
    issues = [i for i in listed["issues"] if i["statusType"] not in ("completed", "canceled")]
    labels = [(issue, name) for issue in issues if not issue["labels"] and (name := label_of(issue))]
    return labels, [
        issue for issue in issues if is_forgotten(session, issue) and not was_asked(session, issue)
    ]


def label_of(issue: dict[str, Any]) -> str | None:
    """The one label that the words of ``issue`` call for; None if none does."""
    words = f"{issue['title']} {issue['description']}".lower()
    return next((name for name, pattern in LABELS if re.search(pattern, words)), None)


def is_forgotten(session: AgentSession, issue: dict[str, Any]) -> bool:
    """In progress, and untouched for 14 days."""
    now = datetime.fromtimestamp(session.firing.at, UTC)
    updated = datetime.fromisoformat(issue["updatedAt"])
    return issue["statusType"] == "started" and now - updated > timedelta(days=14)


def was_asked(session: AgentSession, issue: dict[str, Any]) -> bool:
    """Whether a comment has asked already."""
    step = f"read the comments of {issue['id']}"
    comments = read(session, step, "linear.list_comments", issueId=issue["id"])
    return any(MARKER in comment["body"] for comment in comments["comments"])


def ask(session: AgentSession, issue: dict[str, Any]) -> ToolResult:
    """Ask the assignee whether it is still being worked on."""
    body = f"{MARKER}\n@{issue['assignee']}, is this still being worked on?"
    return session.call("linear.save_comment", issueId=issue["id"], body=body)


def told(session: AgentSession, head: str, *lines: str) -> str:
    """Tell #platform-team the lines that are not there yet; why they could not be told, else nothing."""
    if not lines:
        return ""
    try:
        found = read(session, "find #platform-team", "slack.slack_search_channels", query="platform-team")
        channel = re.search(r"\bC[A-Z0-9]{6,}\b", found["results"])
        if channel is None:
            raise CouldNotError("find #platform-team")
        step = "read #platform-team"
        said = read(session, step, "slack.slack_read_channel", channel_id=channel[0])["messages"]
        if news := [line for line in lines if line.removeprefix("- ") not in said]:
            step, text = "post to #platform-team", "\n".join(dict.fromkeys((head, *news)))
            call(session, step, "slack.slack_send_message", channel_id=channel[0], message=text)
    except CouldNotError as error:
        return f" I could not {error}."
    return ""
