"""@name@ by rules: looks before it writes, so that a second run adds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routine_harness import AgentSession

REPOSITORY = {"owner": "@owner@", "repo": "@repo@"}
MARKER = "Routine: @name@"


def run(session: AgentSession) -> None:
    """Comment once on every open issue labelled needs-info."""
    listed = session.call("github.list_issues", **REPOSITORY, state="OPEN", labels=["needs-info"])
    if listed.is_error:
        session.say("I could not read the issues.")
        return
    commented = 0
    for issue in listed.json()["issues"]:
        where = {**REPOSITORY, "issue_number": issue["number"]}
        comments = session.call("github.issue_read", method="get_comments", **where)
        if comments.is_error:
            session.say(f"I could not read the comments of #{issue['number']}.")
            return
        if not any(MARKER in comment["body"] for comment in comments.json()):
            body = f"{MARKER}\nWhich version is it, what did you expect, and what happened?"
            session.call("github.add_issue_comment", **where, body=body)
            commented += 1
    session.say(f"Commented on {commented}.")
