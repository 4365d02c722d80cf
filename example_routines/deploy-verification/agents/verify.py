"""Deployment verification: two fetches, one verdict; an error is no verdict."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routine_harness import AgentSession
    from routine_harness.world.tool import ToolResult

STATUS = "https://status.acme.example"


def verify(session: AgentSession) -> None:
    """Judge the version that the fire request names."""
    named = re.search(r"\d+\.\d+\.\d+", session.firing.event.payload.get("text", ""))
    version = named[0] if named else "unknown"
    health = session.call("WebFetch", url=f"{STATUS}/health", prompt="What is the health?")
    running = session.call("WebFetch", url=f"{STATUS}/version", prompt="Which version runs?")
    verdict = f"{judge(health, running, version)} {version}"
    post_once(session, verdict, f"health: {said(health)}, version: {said(running)}")
    session.say(f"{verdict}.")


def judge(health: ToolResult, running: ToolResult, version: str) -> str:
    """GO, NO-GO, or UNKNOWN where an endpoint could not be fetched."""
    if health.is_error or running.is_error:
        return "UNKNOWN"
    return "GO" if '"ok"' in health.text and version in running.text else "NO-GO"


def said(result: ToolResult) -> str:
    return "could not be fetched" if result.is_error else result.text.strip()


def post_once(session: AgentSession, verdict: str, evidence: str) -> None:
    """The verdict in #deployments, unless it is there."""
    found = session.call("slack.slack_search_channels", query="deployments")
    if not (channel := re.search(r"\bC[A-Z0-9]{6,}\b", found.text)):
        return
    posted = session.call("slack.slack_read_channel", channel_id=channel[0])
    if not posted.is_error and verdict not in posted.text:
        message = f"{verdict}\n{evidence}\n{STATUS}/health"
        session.call("slack.slack_send_message", channel_id=channel[0], message=message)
