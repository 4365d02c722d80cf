"""The responder by rules: stand down, close, or claim; silent unless it did something."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routine_harness import AgentSession

REPOSITORY = {"owner": "acme-platform", "repo": "core-api"}
CHANNEL = "C0COREAPICI"
MARKER = "Routine: ci-failure-responder"
TAKEN_OVER = re.compile(r"(?i)i(?:'|&#39;)ll (?:handle|take|fix)|i am on it|taking this over")
INFRASTRUCTURE = re.compile(r"(?i)runner|network|timed? ?out|50[234]|connection reset")


class CouldNotLookError(Exception):
    """A read failed; the argument says which step."""


def respond(session: AgentSession) -> None:
    """Work every open issue labelled ci-failure."""
    touched: list[dict[str, Any]] = []
    trouble = ""
    try:
        listed = read(session, "list the issues", "github.list_issues", state="OPEN", labels=["ci-failure"])
        touched = [issue for issue in listed["issues"] if work(session, issue)]
    except CouldNotLookError as error:
        trouble = f"Could not {error}: the remaining issues were not looked at."
    if touched or trouble:
        lines = [f"- {link(issue)} {issue['title']}" for issue in touched]
        session.call(
            "slack.slack_send_message",
            channel_id=CHANNEL,
            message="\n".join(["CI failure responder", *lines, *([trouble] if trouble else [])]),
        )
    session.say(trouble or f"Touched {len(touched)}.")


def read(session: AgentSession, step: str, tool: str, **arguments: Any) -> Any:
    """The JSON answer of a read; a failed one ends the work, as silence would be a lie."""
    result = session.call(tool, **REPOSITORY, **arguments)
    if result.is_error:
        raise CouldNotLookError(step)
    return result.json()


def work(session: AgentSession, issue: dict[str, Any]) -> bool:
    """Work one issue; True if it was touched."""
    number = issue["number"]
    step = f"read the comments of #{number}"
    comments = read(session, step, "github.issue_read", method="get_comments", issue_number=number)
    mine = [index for index, comment in enumerate(comments) if comment["body"].startswith(MARKER)]
    later = comments[mine[-1] + 1 :] if mine else comments
    if any(TAKEN_OVER.search(comment["body"]) for comment in later):
        return False
    workflow = re.search(r"workflow: (\S+)", issue["body"])
    if INFRASTRUCTURE.search(issue["body"]) and workflow:
        runs = latest_runs(session, workflow[1])
        if len(runs) == 3 and all(run["conclusion"] == "success" for run in runs):
            close(session, number, runs)
            return True
    if mine:
        return False
    comment(session, number, "Looking into this.")
    comment(session, number, f"Found: {diagnosis(session, issue)}")
    return True


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


def close(session: AgentSession, number: int, runs: list[dict[str, Any]]) -> None:
    """Close an issue whose failure of infrastructure did not come back."""
    checked = ", ".join(str(run["id"]) for run in runs)
    comment(session, number, f"Not recurring: runs {checked} succeeded.")
    session.call(
        "github.issue_write",
        **REPOSITORY,
        method="update",
        issue_number=number,
        state="closed",
        state_reason="completed",
    )


def comment(session: AgentSession, number: int, text: str) -> None:
    session.call("github.add_issue_comment", **REPOSITORY, issue_number=number, body=f"{MARKER}\n{text}")


def link(issue: dict[str, Any]) -> str:
    return f"https://github.com/acme-platform/core-api/issues/{issue['number']}"
