"""Library port: one issue in the sister repository for every merged change."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routine_harness import AgentSession

LIBRARY = {"owner": "acme-platform", "repo": "core-api-go"}


def port(session: AgentSession) -> None:
    """Track the port of the merged pull request."""
    payload = session.firing.event.payload
    owner, repo = payload["repository"]["full_name"].split("/")
    where = {"owner": owner, "repo": repo, "pullNumber": payload["pull_request"]["number"]}
    pull = session.call("github.pull_request_read", method="get", **where)
    files = session.call("github.pull_request_read", method="get_files", **where)
    if pull.is_error or files.is_error:
        session.say("I could not look: the pull request cannot be read.")
        return
    merged = pull.json()
    found = session.call("github.search_issues", query=f'"{merged["html_url"]}" in:body', **LIBRARY)
    if found.is_error or found.json()["total_count"]:
        session.say("The port is tracked.")
        return
    listed = "\n".join(f"- `{file['filename']}`" for file in files.json())
    created = session.call(
        "github.issue_write",
        **LIBRARY,
        method="create",
        title=f"Port: {merged['title']}",
        body=f"Follow {merged['html_url']}:\n{listed}",
        labels=["port"],
    )
    session.say(f"Tracked as {created.json()['url']}.")
