"""A call in one line, for whoever watches a run: the tool and what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from routine_harness.plain import Json
from routine_harness.report.text import one_line, short_value
from routine_harness.world.naming import split_tool_name

_SUBJECTS: Final = ("command", "file_path", "notebook_path", "path", "pattern", "url", "query")
"""Arguments of the agent's own tools that say by themselves what a call is about."""


def call_line(tool: str, arguments: Mapping[str, Json]) -> str:
    """``Bash git push origin claude/x`` or ``Linear save_issue title="A thing"``; ``tool`` as the agent
    names it."""
    server, bare, _ = split_tool_name(tool)
    name = f"{server} {bare}" if server else tool
    subject = next((arguments[key] for key in _SUBJECTS if isinstance(arguments.get(key), str)), "")
    if subject and not server:
        return f"{name} {one_line(subject)}"
    return " ".join([name, *(f"{key}={short_value(value)}" for key, value in arguments.items())])
