"""A review by checklist: one pending review, its inline comments, one submission."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routine_harness import AgentSession, ToolResult

WRITE = "github.pull_request_review_write"
CHECKLIST = (
    ("no print in library code", re.compile(r"^\+\s*print\(")),
    ("no bare except", re.compile(r"^\+\s*except\s*:")),
    ("no TODO without an issue", re.compile(r"^\+.*TODO(?!.*#\d)")),
)


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


def review(session: AgentSession) -> None:
    """Review the pull request of the trigger context, once a head commit; what could not be done is said."""
    where = pull_request_of(session)
    if where is None:
        session.say("There is no trigger context, so that nothing was reviewed.")
        return
    try:
        session.say(work(session, where))
    except CouldNotError as error:
        session.say(f"I could not {error}.")


def work(session: AgentSession, where: dict[str, Any]) -> str:
    """Read, judge, submit one review."""
    pull, files, reviews = (
        read(session, f"look: {method} failed", "github.pull_request_read", method=method, **where)
        for method in ("get", "get_files", "get_reviews")
    )
    me = read(session, "look: get_me failed", "github.get_me")["login"]
    mine = [each for each in reviews if each["user"]["login"] == me]
    head = pull["head"]["sha"]
    if any(each["commit_id"] == head and each["state"] != "PENDING" for each in mine):
        return "This commit has been reviewed."
    if any(each["state"] == "PENDING" for each in mine):  # a session died before it submitted it
        call(session, "delete the pending review", WRITE, method="delete_pending", **where)
    broken = [found for file in files for found in broken_rules(file)]
    submit(session, where, broken)
    return f"{len(broken)} lines break a rule."


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
    step = "submit the review"
    if not broken:
        call(session, step, WRITE, method="create", event="COMMENT", body="The checklist is met.", **where)
        return
    call(session, "begin the review", WRITE, method="create", **where)
    for path, line, rule in broken:
        call(
            session,
            f"comment on {path}, so that no review was submitted",
            "github.add_comment_to_pending_review",
            path=path,
            line=line,
            side="RIGHT",
            subjectType="LINE",
            body=f"House rule: {rule}.",
            **where,
        )
    body = f"{len(broken)} to mend."
    call(session, step, WRITE, method="submit_pending", event="COMMENT", body=body, **where)
