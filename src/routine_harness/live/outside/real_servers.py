"""Between the agent and real MCP servers: reads go through and are recorded, writes never do.

What reads is decided by the curated table and the user's list alone; what a server says of itself
counts for nothing, so that a tool nobody has listed is never called.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Final

import msgspec

from routine_harness.errors import AgentError, Problem, UsageError
from routine_harness.live.outside.mcp_client import all_tools, call_tool, connected, why_silent
from routine_harness.live.outside.server_entries import ServerEntry
from routine_harness.plain import Json, Record
from routine_harness.routine.spec import Binding
from routine_harness.world.access import reads_only
from routine_harness.world.registry import Registry
from routine_harness.world.reveals import revealed_records
from routine_harness.world.rule import Rule
from routine_harness.world.state import World
from routine_harness.world.tool import Connector, Outcome, Tool, ToolCall, ToolResult

CAPTURED: Final = "Done."
"""What the agent reads of a write that was captured: as little as a server could say."""


_DOCTOR: Final = "routine-harness doctor looks at each server of the configuration"


class ListedConnector:
    """A connector known by its server's own list of tools; it models nothing."""

    def __init__(self, name: str, tools: Mapping[str, Tool]) -> None:
        self.name = name
        self.tools = tools
        self.tables: Mapping[str, tuple[str, ...]] = {}
        self.rules: Mapping[str, tuple[Rule, ...]] = {}

    def resolve(self, tool: str) -> str | None:
        return tool if tool in self.tools else None

    def canonical(self, call: ToolCall) -> ToolCall:
        return call

    def seed_record(self, world: World, table: str, record: Record) -> World:
        """A server without a model has no tables.

        Raises:
            ValueError: always.
        """
        del world, record
        raise ValueError(f"{self.name} has no table {table}: the harness does not simulate it")

    def seed_binding(self, world: World, binding: Binding) -> World:
        del binding
        return world

    def call(self, world: World, call: ToolCall) -> Outcome:
        """Never asked: none of its tools is simulated."""
        return Outcome(world, ToolResult(f"{call.name} is not simulated", is_error=True))


class RealServers:
    """Open connections to real servers, by connector."""

    def __init__(
        self, portal: Json, sessions: Mapping[str, Json], tools: Mapping[str, tuple[Tool, ...]]
    ) -> None:
        self._portal = portal
        self._sessions = sessions
        self._asked: tuple[ToolCall, ToolResult] | None = None
        self.tools = tools

    def __contains__(self, connector: str) -> bool:
        return connector in self._sessions

    def call(self, call: ToolCall) -> ToolResult:
        """Really call a tool, which has to be a read; an answer that does not come is an error result."""
        return call_tool(self._portal, self._sessions[call.connector], call)

    def reveal(self, world: World, call: ToolCall, registry: Registry) -> World:
        """``world`` with what a really executed read of a simulated connector shows; what the world
        holds already, a write of this run above all, stays as it is. Where no model answers the call,
        ``read`` gives what was said here."""
        tool, connector = registry.tool(call), registry.get(call.connector)
        self._asked = None
        if (
            tool is None
            or connector is None
            or call.connector not in self
            or not reads_only(tool, call.arguments)
        ):
            return world
        answer = self.call(call)
        self._asked = None if tool.simulated else (registry.canonical(call), answer)
        for name, record in revealed_records(registry.canonical(call), answer, registry):
            _, _, table = name.partition(".")
            keys = connector.tables.get(table, ())
            if not keys or world.get(name, tuple(record.get(key) for key in keys)) is None:
                with contextlib.suppress(ValueError):  # what a stranger's server says may make no sense
                    world = connector.seed_record(world, table, record)
        return world

    def read(self, call: ToolCall) -> ToolResult:
        """The server's answer to a read; it is not asked again for what it has said while revealing."""
        said, self._asked = self._asked, None
        if said is not None and _equal(said[0], call):
            return said[1]
        return self.call(call)

    def simulated(self, registry: Registry) -> tuple[str, ...]:
        """The connectors here that the harness simulates."""
        return tuple(sorted(name for name in self._sessions if registry.get(name) is not None))

    def connectors(self, registry: Registry, reads: Collection[str]) -> tuple[Connector, ...]:
        """A connector for every server that is not simulated; ``reads`` are ``connector.tool``."""
        return tuple(
            ListedConnector(
                name,
                {
                    tool.name: msgspec.structs.replace(
                        tool, access="read" if f"{name}.{tool.name}" in reads else "write"
                    )
                    for tool in tools
                },
            )
            for name, tools in self.tools.items()
            if registry.get(name) is None
        )


def _equal(one: ToolCall, other: ToolCall) -> bool:
    """Whether two calls ask the same; the name of the server does not matter."""
    return (one.connector, one.tool, one.arguments) == (other.connector, other.tool, other.arguments)


def check_reads(reads: Collection[str], servers: RealServers, registry: Registry) -> None:
    """Every one of ``reads`` is a tool of a server that is not simulated.

    Raises:
        UsageError: all that are not, with what there is.
    """
    problems = []
    for given in reads:
        server, _, tool = given.partition(".")
        names = {each.name for each in servers.tools.get(server, ())}
        if registry.get(server) is not None:
            hint = "the simulation knows which tools of this connector only read"
            problems.append(Problem("", 0, f"--read {given}: {server} is simulated", hint))
        elif tool not in names:
            there = f"{server} has {', '.join(sorted(names))}" if names else _listed(servers)
            problems.append(Problem("", 0, f"--read {given}: there is no such tool", there))
    if problems:
        raise UsageError(*problems)


def _listed(servers: RealServers) -> str:
    return f"write SERVER.TOOL; the servers are {', '.join(sorted(servers.tools)) or 'none'}"


class Through:
    """Answers what no world answers: reads by the real server, writes by keeping them here."""

    def __init__(self, servers: RealServers, registry: Registry) -> None:
        self._servers = servers
        self._registry = registry

    def answer(self, call: ToolCall) -> ToolResult | None:
        """The real answer to a read; to a write, that it is done. None of a server that is not ours."""
        if call.connector not in self._servers:
            return None
        tool = self._registry.tool(call)
        if tool is not None and reads_only(tool, call.arguments):
            return self._servers.read(call)
        return ToolResult(CAPTURED)

    def explain(self, call: ToolCall) -> Sequence[str]:
        """There is nothing recorded that could be near."""
        del call
        return ()

    def unplayed(self) -> Sequence[Json]:
        return ()


@contextmanager
def real_servers(entries: Mapping[str, ServerEntry], registry: Registry) -> Iterator[RealServers]:
    """Connections to the servers of ``entries``; ended afterwards.

    Raises:
        AgentError: with every server that does not start, or is no MCP server.
    """
    from anyio.from_thread import start_blocking_portal  # comes with the mcp package

    with start_blocking_portal() as portal:
        held: BaseException | None = None
        with ExitStack() as stack:
            # The connections are closed without what goes wrong meanwhile: their task groups would wrap it.
            try:
                yield _start(stack, portal, entries, registry)
            except BaseException as error:  # noqa: BLE001 - raised again below
                held = error
        if held is not None:
            raise held  # within the portal, so that it gives up what has not started yet


def _start(
    stack: ExitStack, portal: Json, entries: Mapping[str, ServerEntry], registry: Registry
) -> RealServers:
    sessions: Record = {}
    tools: dict[str, tuple[Tool, ...]] = {}
    problems = []
    for name, entry in sorted(entries.items()):
        connector = registry.name_of(name)
        try:
            opened: AbstractContextManager[Json] = portal.wrap_async_context_manager(connected(entry))
            session = stack.enter_context(opened)
            listed = portal.call(all_tools, session)
        except Exception as error:  # noqa: BLE001 - a stranger's server may fail in any way
            message = f"the MCP server {name} does not answer: {why_silent(error, entry.secrets)}"
            problems.append(Problem(entry.file, entry.line, message, _DOCTOR))
            continue
        sessions[connector] = session
        tools[connector] = tuple(_tool(tool) for tool in listed)
    if problems:
        raise AgentError(*problems)
    return RealServers(portal, sessions, tools)


def _tool(tool: Json) -> Tool:
    annotations = tool.annotations.model_dump(exclude_none=True, by_alias=True) if tool.annotations else {}
    return Tool(
        tool.name,
        tool.description or "",
        dict(tool.input_schema),
        "write",
        simulated=False,
        annotations=annotations,
    )
