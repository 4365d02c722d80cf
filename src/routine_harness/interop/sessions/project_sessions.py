"""The sessions that Claude Code keeps of a project on this machine, newest first.

The CLI names a project's folder after the working directory, each character but letters and digits a
dash; a long name is cut and gets a hash, whose form is not published [facts: on-disk transcript].
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.errors import Problem, UsageError
from routine_harness.interop.sessions.session_blocks import user_text
from routine_harness.interop.sessions.session_lines import Line
from routine_harness.routine.document import NOT_JSON
from routine_harness.store.files import shown

_ODD: Final = re.compile(r"[^A-Za-z0-9]")
_LONGEST: Final = 200
"""Characters of a project's name before it is cut."""
_HOME: Final = "CLAUDE_CONFIG_DIR"
_NAMED: Final = "CLAUDE_CODE_PROJECT_DIR_NAME"
"""Names the project's folder, since 2.1.234."""
_HEAD: Final = 256 * 1024
"""Bytes of a session in which its first message stands."""


class FoundSession(msgspec.Struct, frozen=True):
    """A session's file, when it was written last (ISO 8601, UTC), its size, and what was asked first."""

    file: str
    written: str
    bytes: int
    prompt: str


def project_sessions(folder: Path, environment: Mapping[str, str]) -> tuple[FoundSession, ...]:
    """The sessions of the project in which ``folder`` lies, newest first.

    A session begins where the CLI was started: in ``folder`` or in one above it, up to the repository's.

    Raises:
        UsageError: there is none.
    """
    config = environment.get(_HOME) or str(Path(environment.get("HOME") or Path.home()) / ".claude")
    projects = Path(config) / "projects"
    looked = _candidates(folder, environment, projects)
    files = next((found for each in looked if (found := _files(each))), [])
    if not files:
        places = ", ".join(shown(place) for place in looked[:1])
        hint = "run it where the session was started, or name its file; CLAUDE_CONFIG_DIR moves the folder"
        raise UsageError(Problem(places or shown(projects), 0, "no session of this project is there", hint))
    return tuple(_found(file) for file in files)


def _candidates(folder: Path, environment: Mapping[str, str], projects: Path) -> list[Path]:
    if named := environment.get(_NAMED):
        return [projects / named]
    found: list[Path] = []
    for place in (folder, *folder.parents):
        found += _named_after(place, projects)
        if (place / ".git").exists():
            break
    return found


def _named_after(place: Path, projects: Path) -> list[Path]:
    name = _ODD.sub("-", str(place))
    if len(name) <= _LONGEST:
        return [projects / name]
    return sorted(projects.glob(f"{name[:_LONGEST]}*"))


def _files(project: Path) -> list[Path]:
    """The session files of a project's folder, the one that was written last first."""
    files = [file for file in project.glob("*.jsonl") if file.is_file()]
    return sorted(files, key=lambda file: (-file.stat().st_mtime_ns, file.name))


def _found(file: Path) -> FoundSession:
    stat = file.stat()
    written = datetime.fromtimestamp(stat.st_mtime, UTC).isoformat(timespec="seconds")
    return FoundSession(str(file), written, stat.st_size, _first_prompt(file))


def _first_prompt(file: Path) -> str:
    """The first line of what a person asked; empty where the head of the file does not hold it."""
    with file.open("rb") as held:
        head = held.read(_HEAD)
    for number, piece in enumerate(head.split(b"\n"), 1):
        try:
            data = msgspec.json.decode(piece)
        except NOT_JSON:
            continue
        if isinstance(data, dict) and data.get("type") == "user":
            text = user_text(Line(number, data)).strip()
            if text:
                return text.partition("\n")[0]
    return ""
