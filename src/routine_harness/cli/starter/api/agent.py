"""@name@ by rules: looks before it writes, so that a second run adds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routine_harness import AgentSession

REPOSITORY = {"owner": "@owner@", "repo": "@repo@"}
MARKER = "Routine: @name@"


def run(session: AgentSession) -> None:
    """Comment once on every open incident that names the alert of the payload."""
    alert = session.firing.event.payload.get("text", "").strip().lower()
    listed = session.call("github.list_issues", **REPOSITORY, state="OPEN", labels=["incident"])
    if listed.is_error:
        session.say("I could not read the issues.")
        return
    touched = []
    for issue in listed.json()["issues"]:
        if not alert or alert not in issue["title"].lower():
            continue
        where = {**REPOSITORY, "issue_number": issue["number"]}
        comments = session.call("github.issue_read", method="get_comments", **where)
        if comments.is_error:
            session.say(f"I could not read the comments of #{issue['number']}.")
            return
        if not any(MARKER in comment["body"] for comment in comments.json()):
            session.call("github.add_issue_comment", **where, body=f"{MARKER}\nThe alert came again.")
            touched.append(f"#{issue['number']}")
    session.say(f"Commented on {', '.join(touched) or 'nothing'}.")
