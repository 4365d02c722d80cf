"""Sentry's answers as Markdown, in the shape that its server gives them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import quote

from routine_harness.plain import Json, Record
from routine_harness.world.sentry.records import issue_url


def issue_details(issue: Record, event: Record | None) -> str:
    """An issue with its latest event."""
    assigned = issue["assignedTo"]
    lines = [
        f"# Issue {issue['shortId']} in **{issue['organization']}**",
        "",
        f"**Description**: {issue['title']}",
        f"**Culprit**: {issue['culprit']}",
        f"**First Seen**: {issue['firstSeen']}",
        f"**Last Seen**: {issue['lastSeen']}",
        f"**Occurrences**: {issue['count']}",
        f"**Users Impacted**: {issue['userCount']}",
        f"**Status**: {issue['status']}",
        f"**Substatus**: {issue['substatus']}",
        *([f"**Assigned To**: {assigned}"] if assigned else []),
        f"**Issue Type**: {issue['issueType']}",
        f"**Issue Category**: {issue['issueCategory']}",
        f"**Platform**: {issue['platform']}",
        f"**Project**: {issue['project']}",
        f"**URL**: {issue_url(issue)}",
    ]
    if event is not None:
        lines += ["", "## Event Details", "", *_event(event)]
    return "\n".join([*lines, ""])


def stacktrace(event: Record) -> str:
    """The stack trace of an event."""
    return "\n".join([f"# Stacktrace of Event {event['id']}", "", *_event(event), ""])


def issues_found(organization: str, query: str, found: Sequence[Record]) -> str:
    """The result of a search for issues."""
    link = f"https://{organization}.sentry.io/issues/?query={quote(query, safe='')}"
    head = [
        f'# Search Results for "{query}"',
        "",
        "**View these results in Sentry**:",
        link,
        "Please tell the user this dashboard link is available if they want to open the results in Sentry.",
        "",
    ]
    if not found:
        return "\n".join([*head, "No issues found matching your search criteria.", ""])
    count = len(found)
    head += [f"Found **{count}** issue{'s' if count != 1 else ''}:", ""]
    return "\n".join([*head, *(line for at, one in enumerate(found, 1) for line in _found(at, one))])


def events_found(organization: str, dataset: str, query: str, rows: Sequence[Record]) -> str:
    """The result of a search for events, as a JSON block."""
    link = f"https://{organization}.sentry.io/explore/{dataset}/?query={quote(query, safe='')}"
    head = f'# Search Results for "{query}"\n\n**View these results in Sentry**:\n{link}\n\n'
    if not rows:
        return (
            head + "No results found.\n\nTry being more specific or using different terms in your search.\n"
        )
    body = json.dumps(list(rows), indent=2, ensure_ascii=False)
    return f"{head}Found {len(rows)} result{'s' if len(rows) != 1 else ''}:\n\n```json\n{body}\n```\n"


def issue_updated(issue: Record, changes: Sequence[tuple[str, Json, Json]]) -> str:
    """What an update did."""
    changed = [f"**{label}**: {before or 'None'} → **{after}**" for label, before, after in changes]
    return "\n".join(
        [
            f"# Issue {issue['shortId']} Updated in **{issue['organization']}**",
            "",
            f"**Issue**: {issue['title']}",
            f"**URL**: {issue_url(issue)}",
            "",
            "## Changes Made",
            "",
            *(changed or ["No changes were made."]),
            "",
            "## Current Status",
            "",
            f"**Status**: {issue['status']}",
            f"**Assigned To**: {issue['assignedTo'] or 'Unassigned'}",
            "",
        ]
    )


def note_added(issue: Record, note: Record) -> str:
    """What an added note is."""
    return (
        f"# Added Note to Issue {issue['shortId']} in **{issue['organization']}**\n\n"
        f"**Comment ID**: {note['id']}\n**Type**: note\n**Author**: {note['author']}\n"
        f"**Created**: {note['dateCreated']}\n**Text**: {note['text']}\n\n## Response Notes\n\n"
        "- The note is visible in the issue activity feed."
    )


def activity(issue: Record, entries: Sequence[Record], *, comments: bool) -> str:
    """What happened to an issue, and its notes."""
    shown = "\n".join(_entry(entry) for entry in entries) or "No activity found."
    text = (
        f"# Activity for Issue {issue['shortId']} in **{issue['organization']}**\n\n## Activity\n\n{shown}\n"
    )
    notes = [entry for entry in entries if entry["type"] == "note"]
    if comments and notes:
        text += "\n## Comments\n\n" + "\n".join(_entry(entry) for entry in notes) + "\n"
    return text


def _event(event: Record) -> list[str]:
    lines = [
        f"**Event ID**: {event['id']}",
        f"**Type**: {event.get('type', 'error')}",
        f"**Occurred At**: {event['timestamp']}",
        "",
        "### Error",
        "",
        f"```\n{event.get('message') or event['title']}\n```",
    ]
    if event["stacktrace"]:
        frames = event["stacktrace"]
        frames = frames if isinstance(frames, str) else "\n".join(map(str, frames))
        lines += ["", f"**Stacktrace:**\n```\n{frames}\n```"]
    if event["tags"]:
        lines += [
            "",
            "### Tags",
            "",
            *(f"**{name}**: {event['tags'][name]}" for name in sorted(event["tags"])),
        ]
    return lines


def _found(number: int, issue: Record) -> list[str]:
    lines = [
        f"## {number}. [{issue['shortId']}]({issue_url(issue)})",
        "",
        f"**{issue['title']}**",
        "",
        f"- **Status**: {issue['status']}",
        f"- **Users**: {issue['userCount']}",
        f"- **Events**: {issue['count']}",
        *([f"- **Assigned to**: {issue['assignedTo']}"] if issue["assignedTo"] else []),
        f"- **First seen**: {issue['firstSeen'][:10]}",
        f"- **Last seen**: {issue['lastSeen'][:10]}",
        *([f"- **Culprit**: `{issue['culprit']}`"] if issue["culprit"] else []),
    ]
    return [*lines, ""]


def _entry(entry: Record) -> str:
    line = f"- {entry['dateCreated']}: {entry['type']} by {entry['author']} ({entry['id']})"
    return f"{line}\n  - {entry['text']}" if entry.get("text") else line
