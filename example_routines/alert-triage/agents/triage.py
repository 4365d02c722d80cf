"""Alert triage by rules: from a stack trace to a draft pull request and one message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routine_harness import AgentSession, ToolResult

REPOSITORY = {"owner": "acme-platform", "repo": "core-api"}
FRAME = re.compile(r'File "([^"]+)", line (\d+)')
PAYLOAD = re.compile(r"^<routine-fire-payload>\n.*\n([\s\S]*)\n</routine-fire-payload>$", re.MULTILINE)
ERROR = re.compile(r"^(\w+(?:Error|Exception)): (.+)$", re.MULTILINE)
FIXES = (("NoneType", "user.name", 'user.name if user else "unknown"'),)


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


def triage(session: AgentSession) -> None:
    """Find the line, fix it where the fix is plain, tell #on-call; what could not be done is said last."""
    try:
        session.say(work(session))
    except CouldNotError as error:
        session.say(f"I could not {error}.")


def work(session: AgentSession) -> str:
    """Find the line, fix it where the fix is plain, tell #on-call."""
    alert = alert_of(session)
    if alert is None:
        return "No pull request: there is no alert."
    error, frames = ERROR.search(alert), FRAME.findall(alert)
    if error is None or not frames:
        tell(session, "An alert came in whose text names no error and no line; nothing was done.")
        return "No pull request: the alert names no line."
    path, line = frames[-1]
    source = session.call("github.get_file_contents", **REPOSITORY, path=path)
    if source.is_error:
        tell(session, f"{error[0]}: {path} cannot be read; nothing was done.")
        return f"No pull request: {path} cannot be read."
    cause = f"{error[0]} at {path}:{line}."
    try:
        link = find_or_open(session, error, path, int(line), content_of(source))
    except CouldNotError as failed:
        tell(session, cause, f"I could not {failed}.")
        return f"No pull request: I could not {failed}."
    tell(session, cause, link or "The cause is not plain; a person has to look.")
    return f"Pull request: {link}." if link else "No pull request: the cause is not plain."


def alert_of(session: AgentSession) -> str | None:
    """The text of the payload block, which may come in a turn of its own."""
    told: str | None = session.prompt
    while told is not None:
        if block := PAYLOAD.search(told):
            return block[1]
        session.say("There is no alert yet.")
        told = session.next_turn()
    return None


def content_of(result: ToolResult) -> str:
    """The file itself: the server puts a line of its own before it."""
    return result.text.partition("\n")[2]


def find_or_open(
    session: AgentSession, error: re.Match[str], path: str, line: int, source: str
) -> str | None:
    """The link of the pull request that fixes ``path``; None where there is no plain fix."""
    step = "list the open pull requests"
    for pull in read(session, step, "github.list_pull_requests", **REPOSITORY, state="open"):
        if path in (pull["body"] or "") and error[1] in (pull["body"] or ""):
            return str(pull["html_url"])
    fix = next((fix for fix in FIXES if fix[0] in error[2] and fix[1] in source), None)
    if fix is None:
        return None
    branch = f"claude/fix-{re.sub(r'[^a-z]+', '-', path.lower()).strip('-')}-{line}"
    made = session.call("github.create_branch", **REPOSITORY, branch=branch, from_branch="main")
    if made.is_error and "already exists" not in made.text:  # an earlier session may have died here
        raise CouldNotError(f"create the branch {branch}")
    call(
        session,
        f"push to {branch}",
        "github.push_files",
        **REPOSITORY,
        branch=branch,
        files=[{"path": path, "content": source.replace(fix[1], fix[2])}],
        message=f"Guard against {error[1]} in {path}",
    )
    pull = read(
        session,
        f"open the pull request of {branch}",
        "github.create_pull_request",
        **REPOSITORY,
        title=f"Guard against {error[1]} in {path}",
        head=branch,
        base="main",
        draft=True,
        body=f"`{error[0]}` at {path}:{line}.\n\nNot verified: that no caller relies on the error.",
    )
    return link_of(pull)


def link_of(pull: dict[str, Any]) -> str:
    return str(pull.get("html_url") or pull["url"])


def tell(session: AgentSession, matter: str, rest: str = "") -> None:
    """One message in #on-call, unless the channel says the same of the same pull request: links read back
    otherwise than they were sent, so that the look goes by words."""
    found = read(session, "find #on-call", "slack.slack_search_channels", query="on-call")
    channel = re.search(r"\bC[A-Z0-9]{6,}\b", found["results"])
    if channel is None:
        raise CouldNotError("find #on-call")
    said = read(session, "read #on-call", "slack.slack_read_channel", channel_id=channel[0])["messages"]
    wanted = rest if rest.startswith("https://") else ""
    if matter in said and wanted in said:
        return
    text = f"{matter} {rest}".rstrip()
    call(session, "post to #on-call", "slack.slack_send_message", channel_id=channel[0], message=text)
