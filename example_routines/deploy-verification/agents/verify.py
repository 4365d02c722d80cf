"""Deployment verification: two fetches, one verdict; an error is no verdict."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routine_harness import AgentSession
    from routine_harness.world.tool import ToolResult

STATUS = "https://status.acme.example"


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


def verify(session: AgentSession) -> None:
    """Judge the version that the fire request names."""
    named = re.search(r"\d+\.\d+\.\d+", session.firing.event.payload.get("text", ""))
    version = named[0] if named else "unknown"
    health = session.call("WebFetch", url=f"{STATUS}/health", prompt="What is the health?")
    running = session.call("WebFetch", url=f"{STATUS}/version", prompt="Which version runs?")
    verdict = f"{judge(health, running, version)} {version}"
    try:
        post_once(session, verdict, f"health: {said(health)}, version: {said(running)}")
    except CouldNotError as error:
        session.say(f"{verdict}. I could not {error}.")
        return
    session.say(f"{verdict}.")


def judge(health: ToolResult, running: ToolResult, version: str) -> str:
    """GO, NO-GO, or UNKNOWN where an endpoint could not be fetched."""
    if not (is_answer(health) and is_answer(running)):
        return "UNKNOWN"
    return "GO" if '"ok"' in health.text and version in running.text else "NO-GO"


def is_answer(result: ToolResult) -> bool:
    """Whether an endpoint said anything: an empty page or another page in its place is no answer."""
    return not result.is_error and bool(result.text.strip()) and "<html" not in result.text.lower()


def said(result: ToolResult) -> str:
    return result.text.strip() if is_answer(result) else "could not be fetched"


def post_once(session: AgentSession, verdict: str, evidence: str) -> None:
    """The verdict in #deployments, unless it is there."""
    found = read(session, "find #deployments", "slack.slack_search_channels", query="deployments")
    channel = re.search(r"\bC[A-Z0-9]{6,}\b", found["results"])
    if channel is None:
        raise CouldNotError("find #deployments")
    step = "read #deployments"
    posted = read(session, step, "slack.slack_read_channel", channel_id=channel[0])["messages"]
    if verdict not in posted:
        message = f"{verdict}\n{evidence}\n{STATUS}/health"
        step = "post to #deployments"
        call(session, step, "slack.slack_send_message", channel_id=channel[0], message=message)
