"""The responder by rules: stand down, close, or claim; silent unless it did something."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routine_harness import AgentSession, ToolResult

REPOSITORY = {"owner": "acme-platform", "repo": "core-api"}
CHANNEL = "C0COREAPICI"
MARKER = "Routine: ci-failure-responder"
RECOVERED = "does not recur and is closed"
TAKEN_OVER = re.compile(r"(?i)i(?:'|&#39;)ll (?:handle|take|fix)|i am on it|taking this over")
INFRASTRUCTURE = re.compile(r"(?i)runner|network|timed? ?out|50[234]|connection reset")


class CouldNotError(Exception):
    """A step that came to nothing, in words."""


def respond(session: AgentSession) -> None:
    """Work every open issue labelled ci-failure, tell of them, and close last what is to be closed."""
    touched: list[tuple[dict[str, Any], str]] = []
    trouble = ""
    try:
        step = "list the issues"
        listed = read(session, step, "github.list_issues", state="OPEN", labels=["ci-failure"])
        touched += (each for issue in listed["issues"] if (each := work(session, issue)))
    except CouldNotError as error:
        trouble = f"Could not {error}: the remaining issues were not looked at."
    try:
        if touched or trouble:
            tell(session, touched, trouble)
        for issue, what in touched:
            if what == RECOVERED:
                close(session, issue["number"])
    except CouldNotError as error:
        trouble = f"{trouble} Could not {error}.".lstrip()
    session.say(trouble or f"Touched {len(touched)}.")


def call(session: AgentSession, step: str, tool: str, **arguments: Any) -> ToolResult:
    """The answer of a call; a failed one ends the work, as silence would be a lie."""
    result = session.call(tool, **arguments)
    if result.is_error:
        raise CouldNotError(step)
    return result


def read(session: AgentSession, step: str, tool: str, **arguments: Any) -> Any:
    """The JSON answer of a read of the repository. One that is cut off or empty says nothing, least of all
    that there is nothing."""
    try:
        return call(session, step, tool, **REPOSITORY, **arguments).json()
    except ValueError:
        raise CouldNotError(step) from None


def tell(session: AgentSession, touched: list[tuple[dict[str, Any], str]], trouble: str) -> None:
    """One summary in #core-api-ci of what it does not say yet: a session that died may have posted it."""
    step = "read #core-api-ci"
    said = call(session, step, "slack.slack_read_channel", channel_id=CHANNEL).text
    if "messages" not in said:
        raise CouldNotError(step)
    news = [(issue, f"#{issue['number']} {what}:") for issue, what in touched]
    lines = [f"- {key} {link(issue)} {issue['title']}" for issue, key in news if key not in said]
    if lines or trouble:
        text = "\n".join(["CI failure responder", *lines, *([trouble] if trouble else [])])
        step = "post to #core-api-ci"
        call(session, step, "slack.slack_send_message", channel_id=CHANNEL, message=text)


def work(session: AgentSession, issue: dict[str, Any]) -> tuple[dict[str, Any], str] | None:
    """Work one issue, each step by itself; what has become of it, None where there is nothing to tell."""
    number = issue["number"]
    step = f"read the comments of #{number}"
    comments = read(session, step, "github.issue_read", method="get_comments", issue_number=number)
    mine = [index for index, comment in enumerate(comments) if comment["body"].startswith(MARKER)]
    later = comments[mine[-1] + 1 :] if mine else comments
    if any(TAKEN_OVER.search(comment["body"]) for comment in later):
        return None
    said = "\n".join(comments[index]["body"] for index in mine)
    workflow = re.search(r"workflow: (\S+)", issue["body"])
    if INFRASTRUCTURE.search(issue["body"]) and workflow:
        runs = latest_runs(session, workflow[1])
        if len(runs) == 3 and all(run["conclusion"] == "success" for run in runs):
            checked = ", ".join(str(run["id"]) for run in runs)
            if "Not recurring" not in said:
                comment(session, number, f"Not recurring: runs {checked} succeeded.")
            return issue, RECOVERED
    if not mine:
        comment(session, number, "Looking into this.")
    if "Found: " not in said:
        comment(session, number, f"Found: {diagnosis(session, issue)}")
    return issue, "diagnosed"


def latest_runs(session: AgentSession, workflow: str) -> list[dict[str, Any]]:
    """The three latest finished runs of ``workflow``."""
    found = read(
        session,
        f"list the runs of {workflow}",
        "github.actions_list",
        method="list_workflow_runs",
        resource_id=workflow,
    )
    finished = [run for run in found["workflow_runs"] if run["status"] == "completed"]
    return sorted(finished, key=lambda run: run["created_at"], reverse=True)[:3]


def diagnosis(session: AgentSession, issue: dict[str, Any]) -> str:
    """What the log of the failed run says."""
    failed = re.search(r"run: (\d+)", issue["body"])
    if failed is None:
        return "an observability gap: the issue names no run. A person has to say which run failed."
    step = f"read the log of run {failed[1]}"
    arguments = {"run_id": int(failed[1]), "failed_only": True, "return_content": True}
    log = str(read(session, step, "github.get_job_logs", **arguments))
    if "AssertionError" in log:
        return "a test defect or a product defect: an assertion failed. A person has to decide which."
    return "an infrastructure flake so far; it will be closed after three successful runs."


def close(session: AgentSession, number: int) -> None:
    """Close an issue whose failure of infrastructure did not come back."""
    call(
        session,
        f"close #{number}",
        "github.issue_write",
        **REPOSITORY,
        method="update",
        issue_number=number,
        state="closed",
        state_reason="completed",
    )


def comment(session: AgentSession, number: int, text: str) -> None:
    body = f"{MARKER}\n{text}"
    step = f"comment on #{number}"
    call(session, step, "github.add_issue_comment", **REPOSITORY, issue_number=number, body=body)


def link(issue: dict[str, Any]) -> str:
    return f"https://github.com/acme-platform/core-api/issues/{issue['number']}"
