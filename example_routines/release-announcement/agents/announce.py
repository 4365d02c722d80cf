"""Release announcement: the notes are read, the channel is read, one message at most."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routine_harness import AgentSession

REPOSITORY = {"owner": "acme-platform", "repo": "core-api"}


def announce(session: AgentSession) -> None:
    """Tell the channel of the release, unless it was told."""
    tag = session.firing.event.payload["release"]["tag_name"]
    found = session.call("github.get_release_by_tag", **REPOSITORY, tag=tag)
    if found.is_error:
        session.say(f"I could not read the release {tag}, and announced nothing.")
        return
    post_once(session, tag, found.json())
    session.say(f"{tag} is announced.")


def post_once(session: AgentSession, tag: str, release: dict[str, str]) -> None:
    channels = session.call("slack.slack_search_channels", query="releases")
    if not (channel := re.search(r"\bC[A-Z0-9]{6,}\b", channels.text)):
        return
    posted = session.call("slack.slack_read_channel", channel_id=channel[0])
    if not posted.is_error and tag not in posted.text:
        message = f"acme-platform/core-api {tag}\n{release['html_url']}"
        session.call("slack.slack_send_message", channel_id=channel[0], message=message)
