"""Configured MCP servers against what recordings and models expect of them.

Each server is started, asked for its tools, and ended. What a recording leans on and is gone is an
error; what only a model knows otherwise is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, Final

import msgspec

from routine_harness.agents.recording import Recording
from routine_harness.finding import Finding, Location, Severity
from routine_harness.live.mcp_client import UNSET_HINT, ServerEntry, connected, fill_in, unset_message
from routine_harness.session.transcript import Call
from routine_harness.world.arguments import check_arguments
from routine_harness.world.registry import Registry
from routine_harness.world.tool import Tool, ToolCall

_AUTH: Final = re.compile(r"\b(401|403)\b|unauthori[sz]ed|forbidden|invalid.token|authenticat", re.IGNORECASE)


class Recorded(msgspec.Struct, frozen=True):
    """A call that a recording makes of a connector, under the connector's own names."""

    call: ToolCall
    file: str


class Examined(msgspec.Struct, frozen=True):
    """What the servers said: tools by server, and what is wrong."""

    tools: dict[str, tuple[str, ...]]
    findings: tuple[Finding, ...]


def recorded_calls(recordings: Iterable[Recording], registry: Registry) -> tuple[Recorded, ...]:
    """The calls of connectors in ``recordings``, each file's once per tool and arguments."""
    found: dict[str, Recorded] = {}
    for recording in recordings:
        for entries in recording.runs.values():
            for entry in entries:
                if isinstance(entry, Call) and "." in entry.tool:
                    connector, _, tool = entry.tool.partition(".")
                    call = registry.canonical(ToolCall(connector, tool, entry.arguments, entry.server))
                    arguments = msgspec.json.encode(call.arguments, order="sorted")
                    key = f"{recording.file} {call.name} {arguments!r}"
                    found.setdefault(key, Recorded(call, recording.file))
    return tuple(found.values())


def examine(
    servers: Mapping[str, ServerEntry],
    registry: Registry,
    recorded: Sequence[Recorded] = (),
    variables: Mapping[str, str] | None = None,
) -> Examined:
    """Start every server, list its tools, and compare. ``variables`` fill in ``${NAME}``."""
    tools: dict[str, tuple[str, ...]] = {}
    findings: list[Finding] = []
    for name, entry in sorted(servers.items()):
        connector = registry.name_of(name)
        expected = [one for one in recorded if registry.name_of(one.call.connector) == connector]
        if entry.untyped:
            findings.append(_untyped(name, entry))
        filled, missing = fill_in(entry, variables or {})
        if missing:
            findings.append(_unset(name, entry, missing))
            continue
        try:
            listed = list_tools(filled)
        except Exception as error:  # noqa: BLE001 - whatever a stranger's server does is a finding
            findings.append(_down(name, filled, error))
            continue
        tools[name] = tuple(listed)
        found = compare(name, connector, listed, registry, expected)
        findings += [_placed(finding, entry) for finding in found]
    return Examined(tools, tuple(findings))


def list_tools(entry: ServerEntry) -> dict[str, dict[str, Any]]:
    """Tool → the schema of its arguments, as the server lists them on all its pages.

    Raises:
        Exception: whatever keeps the server from answering.
    """
    from anyio.from_thread import start_blocking_portal  # comes with the mcp package

    with ExitStack() as stack:
        portal = stack.enter_context(start_blocking_portal())
        session = stack.enter_context(portal.wrap_async_context_manager(connected(entry)))
        found: dict[str, dict[str, Any]] = {}
        cursor: str | None = None
        while True:
            page = portal.call(_page(session, cursor))
            found |= {tool.name: dict(tool.input_schema) for tool in page.tools}
            cursor = page.next_cursor
            if not cursor:
                return found


def _page(session: Any, cursor: str | None) -> Any:
    async def ask() -> Any:
        import mcp_types as types

        return await session.list_tools(params=types.PaginatedRequestParams(cursor=cursor))

    return ask


def compare(
    server: str,
    connector: str,
    listed: Mapping[str, Mapping[str, Any]],
    registry: Registry,
    recorded: Sequence[Recorded],
) -> Iterator[Finding]:
    """What differs between a server's tools and what recordings and the model expect."""
    model = registry.get(connector)
    own = {_own_name(model, name): name for name in listed}
    gone: set[str] = set()
    for one in recorded:
        tool = one.call.tool
        if tool not in own and tool not in gone:
            gone.add(tool)
            yield _tool_gone(server, one.call.name, one.file, Severity.ERROR)
        elif tool in own:
            yield from _refused(server, one, listed[own[tool]])
    for name, known in (model.tools if model is not None else {}).items():
        if name not in own and name not in gone and known.offered:
            yield _tool_gone(server, f"{connector}.{name}", "the model", Severity.WARNING)
        elif name in own:
            yield from _required(server, connector, known, listed[own[name]])


def _own_name(model: Any, name: str) -> str:
    return str(model.resolve(name) or name) if model is not None else name


def _refused(server: str, one: Recorded, schema: Mapping[str, Any]) -> Iterator[Finding]:
    given = one.call.arguments
    lacking = [name for name in schema.get("required", []) if name not in given]
    if lacking:
        yield Finding(
            code="doctor.argument-required",
            message=f"{server}: {one.call.name} now requires {', '.join(lacking)}; a recorded call lacks it",
            hint="record the case anew",
            location=Location(one.file),
            data={"tool": one.call.name, "arguments": lacking},
        )
        return
    faults = check_arguments(dict(schema), given)
    if faults:
        yield Finding(
            code="doctor.call-refused",
            message=f"{server}: the arguments of a recorded call of {one.call.name} no longer fit its schema",
            hint="record the case anew",
            location=Location(one.file),
            detail=tuple(str(fault) for fault in faults[:5]),
            data={"tool": one.call.name},
        )


def _required(server: str, connector: str, known: Tool, schema: Mapping[str, Any]) -> Iterator[Finding]:
    before = set(known.input_schema.get("required", []))
    new = [name for name in schema.get("required", []) if name not in before]
    if new:
        yield Finding(
            code="doctor.argument-required",
            message=f"{server}: {connector}.{known.name} now requires {', '.join(new)}, unlike the model",
            severity=Severity.WARNING,
            hint="a dry run answers calls that the real server would refuse",
            data={"tool": f"{connector}.{known.name}", "arguments": new},
        )


def _tool_gone(server: str, tool: str, where: str, severity: Severity) -> Finding:
    by = "a recording calls it" if severity is Severity.ERROR else "the model has it"
    return Finding(
        code="doctor.tool-gone",
        message=f"{server}: the tool {tool} is not listed, and {by}",
        severity=severity,
        hint="look up its new name in the server's list of tools",
        location=Location(where) if severity is Severity.ERROR else None,
        data={"tool": tool},
    )


def _unset(server: str, entry: ServerEntry, names: Sequence[str]) -> Finding:
    return Finding(
        code="doctor.server-down",
        message=unset_message(server, names),
        hint=UNSET_HINT,
        location=_place(entry),
        data={"server": server},
    )


def _untyped(server: str, entry: ServerEntry) -> Finding:
    return Finding(
        code="doctor.type-missing",
        message=f"{server}: it has a url and no type, and Claude Code skips such a server",
        hint='write "type": "http" beside the url',
        location=_place(entry),
        data={"server": server},
    )


def _down(server: str, entry: ServerEntry, error: BaseException) -> Finding:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    said = str(error) or type(error).__name__
    status = _http_status(entry) if entry.type == "http" else 0
    if status in (401, 403) or _AUTH.search(said):
        return Finding(
            code="doctor.auth-refused",
            message=f"{server}: the server refuses us{f' ({status})' if status else ''}: {said}",
            hint="connect it again, or renew the token that its configuration names",
            location=_place(entry),
            data={"server": server},
        )
    return Finding(
        code="doctor.server-down",
        message=f"{server}: the server does not answer: {said}",
        hint="start its command by hand to see what it complains of"
        if entry.type == "stdio"
        else "see whether its url is right and answers",
        location=_place(entry),
        data={"server": server},
    )


def _place(entry: ServerEntry) -> Location | None:
    """Where the configuration names the server."""
    return Location(entry.file, entry.line) if entry.file else None


def _placed(finding: Finding, entry: ServerEntry) -> Finding:
    """``finding``, which stands in the configuration where it stands in no recording."""
    return finding if finding.location else msgspec.structs.replace(finding, location=_place(entry))


def _http_status(entry: ServerEntry) -> int:
    """The status that the server gives a client without a session, which the mcp client does not tell."""
    import httpx2

    client = {"name": "routine-harness", "version": "1"}
    about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client}
    body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": about}
    accept = {"accept": "application/json, text/event-stream"}
    try:
        return httpx2.post(entry.url, json=body, headers={**accept, **entry.headers}, timeout=10).status_code
    except httpx2.HTTPError:
        return 0
