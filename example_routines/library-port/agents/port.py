"""Library port: one issue in the sister repository for every merged change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routine_harness import AgentSession, ToolResult

LIBRARY = {"owner": "acme-platform", "repo": "core-api-go"}


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


def port(session: AgentSession) -> None:
    """Track the port of the merged pull request."""
    try:
        session.say(track(session))
    except CouldNotError as error:
        session.say(f"I could not {error}.")


def track(session: AgentSession) -> str:
    """One issue that links the pull request, unless there is one."""
    payload = session.firing.event.payload
    owner, repo = payload["repository"]["full_name"].split("/")
    where = {"owner": owner, "repo": repo, "pullNumber": payload["pull_request"]["number"]}
    step = "look: the pull request cannot be read"
    merged = read(session, step, "github.pull_request_read", method="get", **where)
    files = read(session, step, "github.pull_request_read", method="get_files", **where)
    query = f'"{merged["html_url"]}" in:body'
    found = read(session, "search the issues", "github.search_issues", query=query, **LIBRARY)
    if found["total_count"]:
        return "The port is tracked."
    listed = "\n".join(f"- `{file['filename']}`" for file in files)
    created = read(
        session,
        "create the issue",
        "github.issue_write",
        **LIBRARY,
        method="create",
        title=f"Port: {merged['title']}",
        body=f"Follow {merged['html_url']}:\n{listed}",
        labels=["port"],
    )
    return f"Tracked as {created['url']}."
