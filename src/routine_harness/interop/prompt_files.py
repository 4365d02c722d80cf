"""Prompts as people keep them: bare Markdown, ``SKILL.md``, ``prompt.md`` beside ``schedule.yaml``.

Such files say little besides the prompt. What is missing is given on the command line, or asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePath
from typing import Final

from routine_harness.errors import SpecError
from routine_harness.interop.routine_draft import Draft, slug
from routine_harness.plain import Json, Record
from routine_harness.routine.document import decode_text

Beside = Callable[[str, str], bytes | None]
"""The content of the file that a file (its name first) names; None where it is not there."""

NAMELESS: Final = ("prompt", "skill", "routine", "schedule", "readme", "index")
"""Names of files that say nothing; the folder's name says what the routine is."""
PROSE: Final = ("", "text", "txt", "markdown", "md", "prompt")
"""Languages of fenced blocks that may hold a prompt."""
PROMPT: Final = "prompt.md"
SCHEDULES: Final = ("schedule.yaml", "schedule.yml")

_PATH: Final = re.compile(r"\S+\.(?:md|markdown|txt|prompt)")
_FENCED: Final = re.compile(
    r"^(?P<fence>```+|~~~+)[ \t]*(?P<language>[\w-]*)[^\n]*\n(?P<content>.*?)^(?P=fence)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_ALIASES: Final = {
    "title": "name",
    "repository": "repositories",
    "repo": "repositories",
    "repos": "repositories",
    "connectors": "mcp_connectors",
    "mcp_servers": "mcp_connectors",
    "mcp-servers": "mcp_connectors",
    "allowed-tools": "allowed_tools",
    "tz": "timezone",
    "time_zone": "timezone",
}
"""Other names of what ``account_routines`` reads."""


def routine_name(file: str) -> str:
    """What a file that names no routine is called: its own name, or that of its folder."""
    path = PurePath(file)
    while path.suffix:
        path = path.with_suffix("")
    nameless = path.name.lower() in NAMELESS and path.parent.name
    return path.parent.name if nameless else path.name


def named(data: Record, file: str) -> tuple[Record, dict[str, str]]:
    """The values by the names that ``account_routines`` reads, with a name, and what each was called."""
    values: Record = {}
    written: dict[str, str] = {}
    for key, value in data.items():
        name = _ALIASES.get(key, key)
        if name in data and name != key:
            name = key
        values[name], written[name] = value, key
    values.setdefault("name", routine_name(file))
    return values, written


def prompt_of(values: Record, file: str, beside: Beside, line: int) -> tuple[str, str]:
    """The prompt that a schedule's file holds or names, and the name of the file that it stands in.

    Raises:
        SpecError: the file that it names is not there.
    """
    given = values.get("prompt")
    path = str(values.get("prompt_file") or (given if _names_file(given) else "") or "")
    if not path and isinstance(given, str) and given.strip():
        return given, ""
    data = beside(file, path or PROMPT)
    if data is None and path:
        raise SpecError.at(file, line, f"the prompt's file {path} is not there", "import where the file lies")
    return ("" if data is None else decode_text(data, path or PROMPT)), path or PROMPT


def names_a_prompt(values: Record) -> bool:
    """Whether the prompt is in a file of its own."""
    return "prompt_file" in values or _names_file(values.get("prompt"))


def fenced_blocks(text: str) -> list[tuple[int, str, str]]:
    """The fenced blocks of Markdown: the line of the fence, its language, the content."""
    return [
        (text.count("\n", 0, found.start()) + 1, found["language"].lower(), found["content"])
        for found in _FENCED.finditer(text)
    ]


def draft_prompt(text: str, file: str) -> Draft:
    """The routine of a bare prompt: everything else is open.

    Raises:
        SpecError: the file is empty.
    """
    if not text.strip():
        raise SpecError.at(file, 1, "expected a prompt, found an empty file")
    title = routine_name(file)
    draft = Draft(slug(title), text.strip("\n") + "\n", title, triggers=[{"type": "api"}])
    for line, language, content in fenced_blocks(text):
        if language in PROSE and content.count("\n") > 1:
            why = "the whole file is taken as the prompt; if this block alone is it, import it by itself"
            draft.lose("fenced block", line, why)
    ask_what_is_missing(draft)
    return draft


def ask_what_is_missing(draft: Draft) -> None:
    """Ask for the trigger, the repositories and the connectors of a draft that has none."""
    if draft.triggers in ([], [{"type": "api"}]) and not draft.asks("--on"):
        draft.ask("--on", "nothing says what starts it: an event, a cron expression, or api?")
    if not draft.repositories:
        draft.ask("--repository", "nothing says in which repositories it works: which ones?")
    if not draft.connectors:
        draft.ask("--connector", "nothing says which connectors it has: which ones?")


def _names_file(value: Json) -> bool:
    return isinstance(value, str) and _PATH.fullmatch(value.strip()) is not None
