"""@name@ by rules: looks before it writes, so that a second run adds nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routine_harness import AgentSession

REPOSITORY = {"owner": "@owner@", "repo": "@repo@"}
PAYLOAD = re.compile(r"^<routine-fire-payload>\n.*\n([\s\S]*)\n</routine-fire-payload>$", re.MULTILINE)
MARKER = "Routine: @name@"


def run(session: AgentSession) -> None:
    """Comment once on every open incident that names the alert of the payload."""
    alert = alert_of(session)
    if alert is None:
        session.say("There is no alert, so that I noted nothing.")
        return
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


def alert_of(session: AgentSession) -> str | None:
    """The name in the payload block, in small letters; the block may come in a turn of its own."""
    told: str | None = session.prompt
    while told is not None:
        if block := PAYLOAD.search(told):
            return block[1].strip().lower()
        session.say("There is no payload yet.")
        told = session.next_turn()
    return None
