"""The connectors that a session knows: the simulated ones, declared ones, third parties'.

A simulated connector is loaded when it is asked for, not when it is mentioned.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.routine.edition import Edition, load_edition
from routine_harness.routine.edition_rules import OfferedRule, OwnToolTable
from routine_harness.world.access import Access, classify
from routine_harness.world.naming import OWN_SERVER, ToolName, connector_name, is_uuid, split_tool_name
from routine_harness.world.tool import Connector, Tool, ToolCall

OFFERED: Final = "offered_tools"
"""The point of the edition that says whether servers offer their default tools alone."""
SIMULATED: Final = {
    "github": "routine_harness.world.github.connector",
    "slack": "routine_harness.world.slack.connector",
    "linear": "routine_harness.world.linear.connector",
    "notion": "routine_harness.world.notion.connector",
    "sentry": "routine_harness.world.sentry.connector",
    "drive": "routine_harness.world.drive.connector",
    "gmail": "routine_harness.world.gmail.connector",
    "calendar": "routine_harness.world.calendar.connector",
    "jira": "routine_harness.world.jira.connector",
}
"""Connector → the module that holds it as ``CONNECTOR``."""


class Registry:
    """Connectors by name; immutable, ``adding`` gives another one.

    ``own_servers`` are the servers of the repository's own ``.mcp.json``: whatever they are called,
    they are no connectors, and their tools are ``server/tool`` among the agent's own. ``own_tools``
    are the agent's own by the platform's rules of a date, the latest ones where nobody says.
    """

    __slots__ = ("_loaded", "_offered", "_own_servers", "_own_tools")

    def __init__(
        self,
        added: Iterable[Connector] = (),
        own_servers: Collection[str] = (),
        own_tools: OwnToolTable | None = None,
        offered: Mapping[str, OfferedRule] | None = None,
    ) -> None:
        self._loaded: dict[str, Connector] = {connector.name: connector for connector in added}
        self._own_servers = frozenset(own_servers)
        self._own_tools = own_tools
        self._offered: Mapping[str, OfferedRule] = offered or {}

    @property
    def own_tools(self) -> OwnToolTable:
        """What the agent's own tools do, and what their arguments mean."""
        if self._own_tools is None:
            self._own_tools = load_edition().own_tools
        return self._own_tools

    def command_of(self, call: ToolCall) -> str | None:
        """The command that one of the agent's own tools has a shell run; None for any other call."""
        return None if call.connector else self.own_tools.command(call.tool, call.arguments)

    def adding(self, connectors: Iterable[Connector]) -> Registry:
        """This registry and ``connectors``, which take the place of those of the same name."""
        loaded = [*self._loaded.values(), *connectors]
        return Registry(loaded, self._own_servers, self._own_tools, self._offered)

    def with_own_servers(self, servers: Collection[str]) -> Registry:
        """This registry for a repository whose own ``.mcp.json`` names ``servers``."""
        return Registry(self._loaded.values(), servers, self._own_tools, self._offered)

    def of_platform(self, edition: Edition) -> Registry:
        """This registry under the platform's rules of a date."""
        offered = edition.offered if edition.setting(OFFERED) == "default" else {}
        return Registry(self._loaded.values(), self._own_servers, edition.own_tools, offered)

    def tools_of(self, connector: str, names: Iterable[str]) -> frozenset[str]:
        """Tools by their own names: ``names`` are tools, toolsets of the server, or ``default``."""
        model, rule = self.get(connector), self._offered.get(connector)
        sets: Mapping[str, Sequence[str]] = getattr(model, "toolsets", {})
        found: set[str] = set()
        for name in names:
            if name == "default" and rule is not None:
                found |= self.tools_of(connector, (*rule.toolsets, *rule.tools))
            elif name in sets:
                found.update(sets[name])
            else:
                found.add((model.resolve(name) if model is not None else None) or name)
        return frozenset(found)

    def offered(self, connector: str) -> frozenset[str] | None:
        """The tools that the server of ``connector`` offers by itself; None where it offers all it has."""
        return self.tools_of(connector, ("default",)) if connector in self._offered else None

    def names(self) -> list[str]:
        """The connectors' names: the simulated ones first, then the others in order of name."""
        return [*SIMULATED, *sorted(set(self._loaded) - set(SIMULATED))]

    def __iter__(self) -> Iterator[Connector]:
        return (connector for name in self.names() if (connector := self.get(name)) is not None)

    def name_of(self, server: str) -> str:
        """The connector that goes by ``server`` in a routine, a world file or a tool's name."""
        return connector_name(server, self.names())

    def brings(self, server: str) -> bool:
        """Whether ``server`` is one of the repository's own, and so no connector."""
        return server in self._own_servers

    def get(self, name: str) -> Connector | None:
        """The connector called ``name``, in any of its spellings; None if there is no model of it."""
        own = name if name in self._loaded or name in SIMULATED else self.name_of(name)
        if own not in self._loaded and own in SIMULATED:
            self._loaded[own] = importlib.import_module(SIMULATED[own]).CONNECTOR
        return self._loaded.get(own)

    def parse(self, name: str) -> ToolName:
        """The connector and the bare tool that an agent means by ``name``.

        ``mcp__Slack__x``, ``mcp__claude_ai_Slack__x``, ``mcp__plugin_p_slack__x``, ``slack.x`` and
        ``Slack:x`` are the tool x of slack; a bare name is one of the agent's own tools. A server
        that is named by an id is told by its tool.
        """
        connector, tool, server = split_tool_name(name)
        if not connector:
            return ToolName("", tool)
        if server in self._own_servers:
            return ToolName("", f"{server}{OWN_SERVER}{tool}", server)
        if is_uuid(connector):
            return ToolName(self._owner(tool) or connector, tool, server)
        return ToolName(self.name_of(connector), tool, server)

    def tool_call(self, name: str, arguments: Record) -> ToolCall:
        """The call of the tool called ``name``, under the tool's own name where there is a model."""
        connector, tool, server = self.parse(name)
        return self.canonical(ToolCall(connector, tool, arguments, server))

    def canonical(self, call: ToolCall) -> ToolCall:
        """``call`` with connector and tool under their own names, an alias's arguments renamed."""
        connector = self.get(call.connector) if call.connector else None
        if connector is None:
            return call
        return connector.canonical(ToolCall(connector.name, call.tool, call.arguments, call.server))

    def as_asked_by(self, tool: ToolCall, call: ToolCall) -> ToolCall | None:
        """``call`` as ``tool`` (under its own name) would ask for the same operation; None for another."""
        if call.connector != tool.connector or call.tool == tool.tool:
            return call if call.name == tool.name else None
        ask = getattr(self.get(tool.connector), "as_asked_by", None)
        found: ToolCall | None = ask(tool.tool, call) if ask is not None else None
        return found

    def tool(self, call: ToolCall) -> Tool | None:
        """The curated tool that ``call`` means, by its own name or an alias."""
        connector = self.get(call.connector) if call.connector else None
        if connector is None:
            return None
        # Operations that the server does not offer are curated too; requests and commands reach them.
        return connector.tools.get(call.tool) or connector.tools.get(connector.resolve(call.tool) or "")

    def access(self, call: ToolCall, annotations: Mapping[str, Json] | None = None) -> Access:
        """Whether ``call``, under the tool's own name, reads or writes, and why; see ``world.access``."""
        return classify(call.tool, call.arguments, curated=self.tool(call), annotations=annotations)

    def nearest(self, name: str) -> str:
        """The known ``connector.tool`` (or connector, for a name without a dot) nearest to ``name``."""
        if "." not in name:
            known = self.names()
        else:
            known = [f"{connector.name}.{tool}" for connector in self for tool in connector.tools]
        found = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
        return found[0] if found else ""

    def _owner(self, tool: str) -> str | None:
        owners = [connector.name for connector in self if connector.resolve(tool) is not None]
        return owners[0] if len(owners) == 1 else None
