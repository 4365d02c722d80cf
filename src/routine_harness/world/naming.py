"""How agents write tools and connectors, and what they mean by it.

A connector is known by what its name comes to once case, spaces, hyphens, underscores and the
client's prefixes are gone: ``claude_ai_Google_Drive``, ``Google-Drive`` and ``google_drive`` are one.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection
from typing import Final, NamedTuple

from routine_harness.pattern import lazy_pattern

OWN_SERVER: Final = "/"
"""Stands between server and tool where the repository's own ``.mcp.json`` brings a tool."""

EVERY_TOOL: Final = "*"
"""Stands for all tools of a connector (``slack.*``), or alone for all tools."""

SPELLINGS: Final = {
    "googledrive": "drive",
    "gdrive": "drive",
    "googlemail": "gmail",
    "googlegmail": "gmail",
    "gmailmcp": "gmail",
    "gmailmcpserver": "gmail",
    "googlecalendar": "calendar",
    "gcal": "calendar",
    "googlecalendarmcp": "calendar",
    "atlassian": "jira",
    "atlassianrovo": "jira",
    "atlassianmcp": "jira",
    "atlassianmcpserver": "jira",
    "jiramcp": "jira",
    "gh": "github",
    "githubmcp": "github",
    "githubmcpserver": "github",
    "githubmcpdirect": "github",
    "slackmcp": "slack",
    "slackmcpserver": "slack",
    "linearapp": "linear",
    "linearmcp": "linear",
    "linearserver": "linear",
    "sentrymcp": "sentry",
    "notionmcp": "notion",
    "notionapi": "notion",
}
"""Other names of simulated connectors, as ``connector_key`` writes them."""

_UUID: Final = lazy_pattern(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


class ToolName(NamedTuple):
    """A tool as the agent wrote it: connector, bare tool, and the server's name where it wrote one.

    The connector is empty for the agent's own tools.
    """

    connector: str
    tool: str
    server: str = ""


@functools.lru_cache(maxsize=1024)
def connector_key(name: str) -> str:
    """What spellings of one connector have in common."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def connector_name(server: str, known: Collection[str] = ()) -> str:
    """The connector that the server called ``server`` is.

    ``known`` are connectors by their own names. An unknown name is given in lower case.
    """
    keys = {connector_key(name): name for name in known}
    bare = server.removeprefix("claude_ai_")
    for candidate in _candidates(bare):
        key = connector_key(candidate)
        found = keys.get(key) or keys.get(SPELLINGS.get(key, "")) or SPELLINGS.get(key)
        if found:
            return found
    return _candidates(bare)[-1].lower()


def split_tool_name(name: str) -> ToolName:
    """``name`` cut in two: server and tool; own tools have neither server nor connector.

    The connector is left as it is written; see ``connector_name``.
    """
    if name.startswith("mcp__"):
        server, _, tool = name[5:].partition("__")
        return ToolName(server, tool, server)
    for separator in (".", ":"):
        server, found, tool = name.partition(separator)
        if found and server and tool and "/" not in server:
            return ToolName(server, tool, "" if separator == "." else server)
    return ToolName("", name)


def covers_tool(pattern: str, name: str) -> bool:
    """Whether ``pattern``, a tool or a connector's ``slack.*``, means the tool called ``name``."""
    if pattern in (name, EVERY_TOOL):
        return True
    connector, _, tool = pattern.partition(".")
    return tool == EVERY_TOOL and name.startswith(f"{connector}.")


def is_uuid(server: str) -> bool:
    """Whether the client named the server by an id, which says nothing about the connector."""
    return _UUID.fullmatch(server) is not None


def _candidates(server: str) -> list[str]:
    """The names that a server's name may stand for, likeliest first.

    A plugin's server is ``plugin_<plugin>_<server>`` and both parts may hold underscores.
    """
    if not server.startswith("plugin_"):
        return [server]
    parts = server.split("_")[1:]
    return ["_".join(parts[start:]) for start in range(1, len(parts))] or parts
