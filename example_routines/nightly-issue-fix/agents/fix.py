"""The nightly fix: the oldest free issue, one draft pull request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routine_harness import AgentSession, ToolResult

REPOSITORY = {"owner": "acme-platform", "repo": "core-api"}
WANTED = re.compile(r"In `(?P<path>[^`]+)`, replace `(?P<old>[^`]+)` by `(?P<new>[^`]+)`")


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


def fix(session: AgentSession) -> None:
    """Fix the oldest issue that is free and says plainly what to do."""
    try:
        link = take(session)
    except CouldNotError as error:
        session.say(f"I could not {error}.")
        return
    session.say(f"Proposed {link}." if link else "There was nothing to take.")


def take(session: AgentSession) -> str | None:
    """The link of the draft for the oldest free issue; None where there is none."""
    listed = read(
        session,
        "look: issues cannot be listed",
        "github.list_issues",
        **REPOSITORY,
        state="OPEN",
        labels=["good-for-claude"],
        orderBy="CREATED_AT",
        direction="ASC",
    )
    step = "look: pull requests cannot be listed"
    pulls = read(session, step, "github.list_pull_requests", **REPOSITORY, state="open")
    bodies = "\n".join(pull["body"] or "" for pull in pulls)
    free = [issue for issue in listed["issues"] if is_free(issue, bodies)]
    return propose(session, free[0]) if free else None


def is_free(issue: dict[str, Any], bodies: str) -> bool:
    """Nobody is assigned to it and no open pull request fixes it."""
    return not issue.get("assignees") and not re.search(rf"Fixes #{issue['number']}\b", bodies)


def propose(session: AgentSession, issue: dict[str, Any]) -> str | None:
    """The link of the draft; None where the issue does not say plainly what to do."""
    wanted = WANTED.search(issue["body"])
    if wanted is None:
        return None
    step = f"read {wanted['path']}"
    source = call(session, step, "github.get_file_contents", **REPOSITORY, path=wanted["path"])
    text = source.text.partition("\n")[2]  # the server puts a line of its own before the file
    if wanted["old"] not in text:
        raise CouldNotError(f"find what #{issue['number']} names in {wanted['path']}")
    branch = f"claude/issue-{issue['number']}"
    made = session.call("github.create_branch", **REPOSITORY, branch=branch, from_branch="main")
    if made.is_error and "already exists" not in made.text:  # an earlier session may have died here
        raise CouldNotError(f"create the branch {branch}")
    call(
        session,
        f"push to {branch}",
        "github.push_files",
        **REPOSITORY,
        branch=branch,
        files=[{"path": wanted["path"], "content": text.replace(wanted["old"], wanted["new"])}],
        message=f"Fix #{issue['number']}: {issue['title']}",
    )
    pull = read(
        session,
        f"open the pull request of {branch}",
        "github.create_pull_request",
        **REPOSITORY,
        title=issue["title"],
        head=branch,
        base="main",
        draft=True,
        body=f"Fixes #{issue['number']}\n\nOne replacement in `{wanted['path']}`; not run.",
    )
    return str(pull["url"])
