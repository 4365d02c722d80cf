"""@name@ by rules: looks before it writes, so that a second run adds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routine_harness import AgentSession

MARKER = "Routine: @name@"


def run(session: AgentSession) -> None:
    """Ask for a description where the pull request of the firing has none."""
    payload = session.firing.event.payload
    owner, repo = payload["repository"]["full_name"].split("/")
    number = payload["pull_request"]["number"]
    where = {"owner": owner, "repo": repo, "pullNumber": number}
    pull = session.call("github.pull_request_read", method="get", **where)
    comments = session.call("github.pull_request_read", method="get_comments", **where)
    if pull.is_error or comments.is_error:
        session.say("I could not read the pull request.")
    elif (pull.json().get("body") or "").strip():
        session.say("It has a description.")
    elif any(MARKER in comment["body"] for comment in comments.json()):
        session.say("The author has been asked.")
    else:
        body = f"{MARKER}\nWhat is this change for, and how was it tested?"
        session.call("github.add_issue_comment", owner=owner, repo=repo, issue_number=number, body=body)
        session.say("I asked for a description.")
