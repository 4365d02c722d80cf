"""Release announcement: the notes are read, the channel is read, one message at most."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routine_harness import AgentSession, ToolResult

REPOSITORY = {"owner": "acme-platform", "repo": "core-api"}


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


def announce(session: AgentSession) -> None:
    """Tell the channel of the release, unless it was told."""
    tag = session.firing.event.payload["release"]["tag_name"]
    try:
        step = f"read the release {tag}"
        post_once(session, tag, read(session, step, "github.get_release_by_tag", **REPOSITORY, tag=tag))
    except CouldNotError as error:
        session.say(f"I could not {error}, and announced nothing.")
        return
    session.say(f"{tag} is announced.")


def post_once(session: AgentSession, tag: str, release: dict[str, str]) -> None:
    found = read(session, "find #releases", "slack.slack_search_channels", query="releases")
    channel = re.search(r"\bC[A-Z0-9]{6,}\b", found["results"])
    if channel is None:
        raise CouldNotError("find #releases")
    posted = read(session, "read #releases", "slack.slack_read_channel", channel_id=channel[0])["messages"]
    if tag not in posted:
        message = f"acme-platform/core-api {tag}\n{release['html_url']}"
        step = "post to #releases"
        call(session, step, "slack.slack_send_message", channel_id=channel[0], message=message)
