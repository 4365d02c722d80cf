"""@name@ by rules: looks before it writes, so that a second run adds nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routine_harness import AgentSession

MARKER = "Routine: @name@"


def run(session: AgentSession) -> None:
    """Ask for a description where the pull request of the trigger context has none."""
    told = context_of(session)
    if told is None:
        session.say("There is no trigger context, so that I asked nobody.")
        return
    owner, repo, number = told
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


def context_of(session: AgentSession) -> tuple[str, str, int] | None:
    """Owner, name and number of the pull request; the context may come in a turn of its own."""
    told: str | None = session.prompt
    while told is not None:
        found = re.search(r"Repository: ([^\s/]+)/(\S+)[\s\S]*PR: #(\d+)", told)
        if found:
            return found[1], found[2], int(found[3])
        session.say("There is no trigger context yet.")
        told = session.next_turn()
    return None
