"""What a connector sent, as Slack gives it back: a line that says by which app, and links in Slack's form."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from routine_harness.pattern import lazy_pattern
from routine_harness.world.identifiers import base36_id
from routine_harness.world.slack.records import SERVICE
from routine_harness.world.state import Record, World

READ_BACK: Final = "slack_read_back"
"""The setting of the edition that says in which form messages come back."""
_SIGNATURE: Final = SERVICE.point("signature").replace("{app}", base36_id("U", "app", "claude"))
_LINK: Final = lazy_pattern(
    r"<[^<>]*>|`[^`]*`|\[(?P<text>[^\[\]]+)\]\((?P<url>https?://[^\s()]+)\)"
    r"|(?P<bare>https?://[^\s<>()|*]*[^\s<>()|*.,;:!?])"
)


def as_read(world: World, message: Record) -> Record:
    """``message`` with its text as a read of this session shows it."""
    if not message.get("signed") or world.rules.setting(READ_BACK) != "as_captured":
        return message
    return {**message, "text": f"{linked(str(message['text']))}\n{_SIGNATURE}"}


def hangs_on(messages: Iterable[Record]) -> tuple[str, ...]:
    """The settings on which a read of ``messages`` hangs."""
    return (READ_BACK,) if any(message.get("signed") for message in messages) else ()


def linked(text: str) -> str:
    """``text`` with ``[words](url)`` and bare addresses as ``<url|words>``; code is left alone."""

    def link(match: re.Match[str]) -> str:
        url, words, bare = match["url"], match["text"], match["bare"]
        if url:
            return f"<{url}|{words}>"
        return f"<{bare}|{bare.partition('://')[2]}>" if bare else match[0]

    return _LINK.sub(link, text)
