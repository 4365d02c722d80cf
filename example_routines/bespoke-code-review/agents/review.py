"""A review by checklist: one pending review, its inline comments, one submission."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routine_harness import AgentSession

CHECKLIST = (
    ("no print in library code", re.compile(r"^\+\s*print\(")),
    ("no bare except", re.compile(r"^\+\s*except\s*:")),
    ("no TODO without an issue", re.compile(r"^\+.*TODO(?!.*#\d)")),
)


def review(session: AgentSession) -> None:
    """Review the pull request of the trigger context, once a head commit."""
    where = pull_request_of(session)
    if where is None:
        session.say("There is no trigger context, so that nothing was reviewed.")
        return
    read = {
        method: session.call("github.pull_request_read", method=method, **where)
        for method in ("get", "get_files", "get_reviews")
    }
    if failed := [method for method, result in read.items() if result.is_error]:
        session.say(f"I could not look: {', '.join(failed)} failed.")
        return
    head = read["get"].json()["head"]["sha"]
    me = session.call("github.get_me").json()["login"]
    if any(r["commit_id"] == head and r["user"]["login"] == me for r in read["get_reviews"].json()):
        session.say("This commit has been reviewed.")
        return
    broken = [found for file in read["get_files"].json() for found in broken_rules(file)]
    submit(session, where, broken)
    session.say(f"{len(broken)} lines break a rule.")


def pull_request_of(session: AgentSession) -> dict[str, Any] | None:
    """The pull request that the trigger context names, which may come in a turn of its own."""
    told: str | None = session.prompt
    while told is not None and "<github-trigger-context>" not in told:
        session.say("There is no trigger context yet.")
        told = session.next_turn()
    if told is None:
        return None
    repository, number = re.search(r"Repository: (\S+)", told), re.search(r"PR: #(\d+)", told)
    if repository is None or number is None:
        return None
    owner, _, repo = repository[1].partition("/")
    return {"owner": owner, "repo": repo, "pullNumber": int(number[1])}


def broken_rules(file: dict[str, Any]) -> list[tuple[str, int, str]]:
    """(file, line, rule) for every added line that breaks one."""
    broken, line = [], 0
    for text in file.get("patch", "").splitlines():
        if hunk := re.match(r"@@ -\S+ \+(\d+)", text):
            line = int(hunk[1]) - 1
            continue
        line += not text.startswith("-")
        broken += [(file["filename"], line, rule) for rule, pattern in CHECKLIST if pattern.search(text)]
    return broken


def submit(session: AgentSession, where: dict[str, Any], broken: list[tuple[str, int, str]]) -> None:
    """One review: inline comments where a rule is broken, a sentence where none is."""
    write = "github.pull_request_review_write"
    if not broken:
        session.call(write, method="create", event="COMMENT", body="The checklist is met.", **where)
        return
    session.call(write, method="create", **where)
    for path, line, rule in broken:
        session.call(
            "github.add_comment_to_pending_review",
            path=path,
            line=line,
            side="RIGHT",
            subjectType="LINE",
            body=f"House rule: {rule}.",
            **where,
        )
    session.call(write, method="submit_pending", event="COMMENT", body=f"{len(broken)} to mend.", **where)
