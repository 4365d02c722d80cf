"""The repository of GitHub that an imported session is about.

The prompt's context names it, a call does, git or gh printed it, or the working folder is a clone of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from routine_harness.interop.sessions.revealed_trigger import told_repository
from routine_harness.session.transcript import Call, Entry, Result, Turn
from routine_harness.world.git_output import printed_origin, printed_subjects
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolCall

_GH_MAKES: Final = re.compile(r"\bgh (?:pr|issue) (?:create|comment|edit|close|merge|review)\b")
_ELSEWHERE: Final = re.compile(r"(?:^|\s)(?:-R|--repo)\b|\bGH_REPO=")
_SECTION: Final = re.compile(r'^\[remote "origin"\]\s*$(?P<body>(?:\n(?!\[).*)*)', re.MULTILINE)
_URL: Final = re.compile(r"^\s*url\s*=\s*(\S+)\s*$", re.MULTILINE)


def session_repository(prompt: str, entries: Sequence[Entry], registry: Registry) -> str:
    """``owner/name``: the one that the prompt's context names, else a call of GitHub's server, else the one
    whose clone the session worked in. Empty where nothing says so."""
    calls = [entry for entry in entries if isinstance(entry, Call)]
    turns = [entry.text for entry in entries if isinstance(entry, Turn)]
    named = (
        f"{call.arguments['owner']}/{call.arguments['repo']}"
        for call in calls
        if call.arguments.get("owner") and call.arguments.get("repo")
    )
    told = told_repository("\n\n".join([prompt, *turns])) or next(named, "")
    return told or next(_printed(calls, entries, registry), "")


def _printed(calls: Sequence[Call], entries: Sequence[Entry], registry: Registry) -> Iterator[str]:
    """The repositories that commands printed as their own: git's origin, what gh wrote to without -R."""
    results = {entry.id: entry.text for entry in entries if isinstance(entry, Result)}
    commands = [
        (registry.command_of(ToolCall("", call.tool, call.arguments)) or "", results.get(call.id, ""))
        for call in calls
    ]
    origins = (printed_origin(text) for command, text in commands if "git" in command)
    yield from filter(None, origins)
    for command, text in commands:
        if _GH_MAKES.search(command) and not _ELSEWHERE.search(command):
            yield from (subject.repository for subject in printed_subjects(text))


def origin_of(folder: Path) -> str:
    """``owner/name`` of the origin of the clone in ``folder`` or above it.

    Empty without a clone, and where its origin is not on GitHub.
    """
    for place in (folder, *folder.parents) if folder.is_dir() else ():
        config = place / ".git" / "config"
        if not config.is_file():
            continue
        try:
            section = _SECTION.search(config.read_text("utf-8", "replace"))
        except OSError:  # somebody else's folder, which this user cannot read
            return ""
        url = _URL.search(section["body"]) if section is not None else None
        return printed_origin(f"origin\t{url[1]} (fetch)") if url is not None else ""
    return ""
