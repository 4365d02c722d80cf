"""The parts of a session's lines: content blocks, results, times, the line of conversation.

Envelopes differ (``session_id`` of the stream, ``sessionId`` on disk), content is a text or a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from routine_harness.interop.sessions.session_lines import Line
from routine_harness.plain import Json, Record

_LOCAL: Final = (
    "<command-name>",
    "<local-command-",
    "<bash-input>",
    "<bash-stdout>",
    "Caveat: ",
    "<task-notification>",
)
"""How texts begin that the CLI itself puts in: a command of the user's, news of a task."""
_INTERRUPTED: Final = "[Request interrupted by user"
"""How the CLI writes down that somebody pressed the key that stops it."""


def blocks_of(line: Line) -> list[Record]:
    """The content blocks of a line; a text is one block."""
    message = line.data.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def uuid_of(line: Line) -> str:
    """The line's own id; empty where it has none."""
    found = line.data.get("uuid")
    return str(found) if found else ""


def message_id(line: Line) -> str:
    """What the lines of one turn share; a line without an id is a turn by itself."""
    message = line.data.get("message")
    found = message.get("id") if isinstance(message, dict) else None
    return str(found) if found else f"line {line.number}"


def model_of(line: Line) -> str:
    """The model that wrote a line; empty where none did."""
    message = line.data.get("message")
    found = message.get("model") if isinstance(message, dict) else None
    return found if isinstance(found, str) and found != "<synthetic>" else ""


def is_inner(line: Line) -> bool:
    """Whether a subagent wrote it (a sidechain on disk, a parent tool call in the stream)."""
    return bool(line.data.get("isSidechain")) or line.data.get("parent_tool_use_id") is not None


def user_text(line: Line) -> str:
    """What a person or the platform said in a line of type ``user``; empty for results and the
    CLI's own insertions."""
    data = line.data
    if data.get("isMeta") or data.get("isCompactSummary") or data.get("isSynthetic") or is_inner(line):
        return ""
    text = _text(line)
    return "" if text.lstrip().startswith((*_LOCAL, _INTERRUPTED)) else text


def is_interruption(line: Line) -> bool:
    """Whether the line says that the user stopped the session."""
    return line.data.get("type") == "user" and _text(line).lstrip().startswith(_INTERRUPTED)


def _text(line: Line) -> str:
    texts = [str(block.get("text", "")) for block in blocks_of(line) if block.get("type") == "text"]
    return "\n".join(part for part in texts if part.strip())


def result_text(content: Json) -> str:
    """The text of a tool result: a text, or the texts of its blocks; other blocks by their type."""
    if isinstance(content, str):
        return content
    parts = [
        str(block.get("text", "")) if block.get("type") == "text" else f"[{block.get('type')}]"
        for block in (content if isinstance(content, list) else [])
        if isinstance(block, dict)
    ]
    return "\n".join(parts)


def time_of(line: Line) -> int | None:
    """Seconds since the epoch, where the line says when it was written."""
    stamp = line.data.get("timestamp")
    if not isinstance(stamp, str):
        return None
    try:
        found = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    # A clock outside these years is broken, and no calendar could add a day to it.
    return int(found.timestamp()) if found.tzinfo is not None and 1970 <= found.year < 9999 else None


def abandoned(lines: Sequence[Line]) -> frozenset[str]:
    """The uuids of lines that lie on no way from the last line of the conversation to its first.

    A rewound conversation goes on from an earlier line. Nothing is abandoned where the chain does
    not lead back to the beginning: then the order of the file is all there is.
    """
    main = [line for line in lines if uuid_of(line) and not is_inner(line)]
    spoken = [line for line in main if line.data.get("type") in ("user", "assistant")]
    if not spoken:
        return frozenset()
    parents = {
        uuid_of(line): line.data.get("parentUuid") or line.data.get("logicalParentUuid") for line in main
    }
    chain: list[str] = []
    at: Json = uuid_of(spoken[-1])
    while isinstance(at, str) and at in parents and at not in chain[-1:]:
        chain.append(at)
        at = parents[at]
        if len(chain) > len(parents):
            return frozenset()
    held = frozenset(chain)
    if uuid_of(spoken[0]) not in held:
        return frozenset()
    return frozenset(uuid_of(line) for line in spoken) - held
