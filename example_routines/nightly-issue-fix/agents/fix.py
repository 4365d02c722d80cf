"""The nightly fix: the oldest free issue, one draft pull request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routine_harness import AgentSession

REPOSITORY = {"owner": "acme-platform", "repo": "core-api"}
WANTED = re.compile(r"In `(?P<path>[^`]+)`, replace `(?P<old>[^`]+)` by `(?P<new>[^`]+)`")


def fix(session: AgentSession) -> None:
    """Fix the oldest issue that is free and says plainly what to do."""
    listed = session.call(
        "github.list_issues",
        **REPOSITORY,
        state="OPEN",
        labels=["good-for-claude"],
        orderBy="CREATED_AT",
        direction="ASC",
    )
    pulls = session.call("github.list_pull_requests", **REPOSITORY, state="open")
    if listed.is_error or pulls.is_error:
        session.say("I could not look: issues or pull requests cannot be listed.")
        return
    bodies = "\n".join(pull["body"] or "" for pull in pulls.json())
    free = [issue for issue in listed.json()["issues"] if is_free(issue, bodies)]
    link = propose(session, free[0]) if free else None
    session.say(f"Proposed {link}." if link else "There was nothing to take.")


def is_free(issue: dict[str, Any], bodies: str) -> bool:
    """Nobody is assigned to it and no open pull request fixes it."""
    return not issue.get("assignees") and not re.search(rf"Fixes #{issue['number']}\b", bodies)


def propose(session: AgentSession, issue: dict[str, Any]) -> str | None:
    """The link of the draft; None where the issue does not say plainly what to do."""
    wanted = WANTED.search(issue["body"])
    if wanted is None:
        return None
    source = session.call("github.get_file_contents", **REPOSITORY, path=wanted["path"])
    text = source.text.partition("\n")[2]  # the server puts a line of its own before the file
    if source.is_error or wanted["old"] not in text:
        return None
    branch = f"claude/issue-{issue['number']}"
    session.call("github.create_branch", **REPOSITORY, branch=branch, from_branch="main")
    session.call(
        "github.push_files",
        **REPOSITORY,
        branch=branch,
        files=[{"path": wanted["path"], "content": text.replace(wanted["old"], wanted["new"])}],
        message=f"Fix #{issue['number']}: {issue['title']}",
    )
    pull = session.call(
        "github.create_pull_request",
        **REPOSITORY,
        title=issue["title"],
        head=branch,
        base="main",
        draft=True,
        body=f"Fixes #{issue['number']}\n\nOne replacement in `{wanted['path']}`; not run.",
    )
    return None if pull.is_error else str(pull.json()["url"])
