"""Does a call read or write? A curated table first, then the server's hints, then the name.

A server's hints are asked only about tools that nobody has curated, never trusted over the table,
and a contradiction is named. A tool that nothing decides counts as a write.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from routine_harness.plain import Json
from routine_harness.world.tool import Tool

AccessKind = Literal["read", "write"]
Ground = Literal["curated", "hints", "name", "unknown"]

READING_VERBS: Final = frozenset({
    "get", "list", "search", "query", "find", "analyze", "fetch", "read", "lookup", "describe",
    "show", "view", "count", "check", "download", "echo",
})  # fmt: skip
WRITING_VERBS: Final = frozenset({
    "add", "append", "apply", "approve", "archive", "assign", "attach", "cancel", "clear", "close",
    "comment", "complete", "copy", "create", "delete", "disable", "dismiss", "draft", "edit",
    "enable", "execute", "forward", "fork", "insert", "invite", "kick", "label", "link", "lock", "mark",
    "merge", "move", "mute", "pin", "post", "prepare", "publish", "push", "put", "react", "remove",
    "rename", "reopen", "reply", "request", "rerun", "resolve", "respond", "restore", "revoke",
    "run", "save", "schedule", "send", "set", "share", "star", "start", "stop", "submit", "sync",
    "transfer", "trash", "trigger", "unarchive", "unassign", "uninstall", "unlabel", "unlock",
    "unmark", "unpin", "unshare", "unstar", "untrash", "update", "upload", "upsert", "write",
})  # fmt: skip

ABOUT_ITSELF: Final = frozenset({
    "get_me", "whoami", "get_viewer", "get_authenticated_user", "get_current_user", "list_teams", "get_teams",
    "get_team", "get_team_members",
})  # fmt: skip
"""Reads that tell an agent who it is and where it belongs, and nothing of what it is to look at."""
NOUNS_TOO: Final = frozenset({
    "comment", "draft", "fork", "label", "link", "lock", "pin", "post", "request", "run", "share", "star",
})  # fmt: skip
"""Words that are things as often as deeds; after a reading verb they are things."""


class Access(msgspec.Struct, frozen=True):
    """Whether a tool reads or writes, on what ground, and what spoke against it."""

    kind: AccessKind
    ground: Ground
    reason: str
    conflict: str = ""


def classify(
    name: str,
    arguments: Mapping[str, Json] | None = None,
    *,
    curated: Tool | None = None,
    annotations: Mapping[str, Json] | None = None,
) -> Access:
    """Classify the bare tool ``name``.

    ``curated`` is the tool as a connector of ours knows it; ``arguments`` decide the method of a
    multiplexed one; ``annotations`` are the server's hints.
    """
    hints = dict(annotations or {})
    if curated is not None:
        kind: AccessKind = "read" if reads_only(curated, arguments or {}) else "write"
        method = (arguments or {}).get(curated.method_argument)
        by = f" by its {curated.method_argument} {method!r}" if curated.reading_methods and method else ""
        return Access(kind, "curated", f"the simulation says {kind}{by}", _conflict(kind, hints))
    if isinstance(hints.get("readOnlyHint"), bool):
        return _by_hints(name, hints)
    return _by_name(name, hints)


def reads_only(tool: Tool, arguments: Mapping[str, Json]) -> bool:
    """Whether a call of a curated ``tool`` with ``arguments`` reads."""
    if tool.access == "read":
        return True
    return bool(tool.reading_methods) and arguments.get(tool.method_argument) in tool.reading_methods


def name_words(name: str) -> list[str]:
    """The words of a tool name: ``slack_getUser-info`` → slack, get, user, info."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", spaced) if word]


def _by_hints(name: str, hints: Mapping[str, Json]) -> Access:
    contradiction = _hints_conflict(hints)
    if contradiction:
        named = _by_name(name, {})
        return msgspec.structs.replace(named, conflict=contradiction)
    named = _by_name(name, {})
    kind: AccessKind = "read" if hints["readOnlyHint"] else "write"
    hint = f"readOnlyHint is {str(hints['readOnlyHint']).lower()}"
    against = named.ground == "name" and named.kind != kind
    conflict = f"{hint}, but the name has {named.reason}" if against else ""
    return Access(kind, "hints", f"the server's {hint}", conflict)


def _by_name(name: str, hints: Mapping[str, Json]) -> Access:
    written = _written_word(name)
    read = next((word for word in name_words(name) if word in READING_VERBS), None)
    conflict = "destructiveHint is true" if hints.get("destructiveHint") is True and read else ""
    if written:
        both = f"the name says {read!r} and {written!r}" if read else ""
        return Access("write", "name", f"the verb {written!r}", both or conflict)
    if read and not conflict:
        return Access("read", "name", f"the verb {read!r}")
    if read:
        return Access("write", "name", "a hint against the name counts as a write", conflict)
    return Access("write", "unknown", "nothing says that it reads; unknown counts as a write")


def _written_word(name: str) -> str | None:
    reading = False
    for word in name_words(name):
        if word in WRITING_VERBS and not (reading and word in NOUNS_TOO):
            return word
        reading = reading or word in READING_VERBS
    return None


def _conflict(kind: AccessKind, hints: Mapping[str, Json]) -> str:
    inner = _hints_conflict(hints)
    if inner:
        return inner
    hinted = hints.get("readOnlyHint")
    if isinstance(hinted, bool) and hinted is not (kind == "read"):
        return f"readOnlyHint is {str(hinted).lower()}, the table says {kind}"
    if kind == "read" and hints.get("destructiveHint") is True:
        return "destructiveHint is true, the table says read"
    return ""


def _hints_conflict(hints: Mapping[str, Json]) -> str:
    if hints.get("readOnlyHint") is True and hints.get("destructiveHint") is True:
        return "readOnlyHint and destructiveHint are both true"
    return ""
