"""What a server offers against what recordings call and the model of its connector knows."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from routine_harness.agents.recording import Recording
from routine_harness.finding import Finding, Location, Severity
from routine_harness.live.record.result_shapes import lost_shape, misfits, value_of
from routine_harness.plain import Json
from routine_harness.session.transcript import Call, Result
from routine_harness.verdict.words import counted, shorten
from routine_harness.world.arguments import ArgumentError, check_arguments
from routine_harness.world.registry import Registry
from routine_harness.world.tool import Tool, ToolCall, ToolResult

_SHOWN: Final = 12
"""Names of tools that a message spells out."""


class Expected(msgspec.Struct, frozen=True):
    """A call that a recording makes of a connector, under the connector's own names, and the result that
    it got if that was no error."""

    call: ToolCall
    file: str
    result: ToolResult | None = None


def expected_calls(recordings: Iterable[Recording], registry: Registry) -> tuple[Expected, ...]:
    """The calls of connectors in ``recordings``, each file's once per tool and arguments."""
    found: dict[str, Expected] = {}
    for recording in recordings:
        for entries in recording.runs.values():
            results = {entry.id: entry for entry in entries if isinstance(entry, Result)}
            for entry in entries:
                if isinstance(entry, Call) and "." in entry.tool:
                    connector, _, tool = entry.tool.partition(".")
                    call = registry.canonical(ToolCall(connector, tool, entry.arguments, entry.server))
                    arguments = msgspec.json.encode(call.arguments, order="sorted")
                    key = f"{recording.file} {call.name} {arguments!r}"
                    found.setdefault(key, Expected(call, recording.file, _success(results.get(entry.id))))
    return tuple(found.values())


def _success(result: Result | None) -> ToolResult | None:
    if result is None or result.is_error:
        return None
    return ToolResult(result.text, structured=result.structured)


def compare_results(
    server: str,
    tools: Iterable[Tool],
    expected: Sequence[Expected],
    registry: Registry,
    now: Mapping[int, ToolResult],
) -> Iterator[Finding]:
    """Where recorded results have another shape than the server's of today: by the schema that it states
    for a tool's output, and by what it answered ``now`` to some of the calls (by their place)."""
    schemas = {tool.name: tool.output_schema for tool in tools if tool.output_schema}
    told: set[str] = set()
    for place, one in enumerate(expected):
        if one.result is None or one.call.name in told:
            continue
        model = registry.get(one.call.connector)
        own = next((name for name in schemas if _own_name(model, name) == one.call.tool), "")
        lines = misfits(schemas[own], one.result) if own else []
        answer = now.get(place)
        if not lines and answer is not None and not answer.is_error:
            if one.result.structured is None:  # what was recorded is the text alone
                answer = ToolResult(answer.text)
            lines = lost_shape(value_of(one.result), value_of(answer))
        if lines:
            told.add(one.call.name)
            yield _result_changed(server, one, lines)


def _result_changed(server: str, one: Expected, lines: Sequence[str]) -> Finding:
    return Finding(
        code="doctor.result-changed",
        message=f"{server}: a recorded result of {one.call.name} has another shape than the server's now",
        hint="record the case anew, and look whether the agent reads a field that is gone",
        location=Location(one.file),
        detail=tuple(lines),
        data={"tool": one.call.name},
    )


def compare(
    server: str,
    connector: str,
    listed: Mapping[str, Mapping[str, Json]],
    registry: Registry,
    expected: Sequence[Expected],
) -> Iterator[Finding]:
    """What differs between a server's tools and what recordings and the model expect."""
    model = registry.get(connector)
    own = {_own_name(model, name): name for name in listed}
    gone: set[str] = set()
    for one in expected:
        tool = one.call.tool
        if tool not in own and tool not in gone:
            gone.add(tool)
            yield _tool_gone(server, one.call.name, one.file)
        elif tool in own:
            yield from _refused(server, one, listed[own[tool]])
    absent = []
    for name, known in (model.tools if model is not None else {}).items():
        if name not in own and name not in gone and known.offered:
            absent.append(f"{connector}.{name}")
        elif name in own:
            yield from _required(server, connector, known, listed[own[name]])
    if absent:
        yield _not_offered(server, absent)


def _own_name(model: Json, name: str) -> str:
    return str(model.resolve(name) or name) if model is not None else name


def _refused(server: str, one: Expected, schema: Mapping[str, Json]) -> Iterator[Finding]:
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
            detail=tuple(_fault(fault) for fault in faults[:5]),
            data={"tool": one.call.name},
        )


def _fault(fault: ArgumentError) -> str:
    if fault.kind == "unknown":
        return f"{fault.place}: the tool takes no such argument"
    expected = fault.expected if isinstance(fault.expected, str) else shorten(fault.expected)
    return f"{fault.place}: expected {expected}, found {shorten(fault.found)}"


def _required(server: str, connector: str, known: Tool, schema: Mapping[str, Json]) -> Iterator[Finding]:
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


def _tool_gone(server: str, tool: str, file: str) -> Finding:
    return Finding(
        code="doctor.tool-gone",
        message=f"{server}: the tool {tool} is not listed, and a recording calls it",
        hint="look up its new name in the server's list of tools",
        location=Location(file),
        data={"tool": tool},
    )


def _not_offered(server: str, tools: Sequence[str]) -> Finding:
    """One finding for all that the model has and the server does not list: many offer a part alone."""
    named = ", ".join(tools[:_SHOWN]) + (f" and {len(tools) - _SHOWN} more" if len(tools) > _SHOWN else "")
    number = f"{counted(len(tools), 'tool')} that the model has"
    return Finding(
        code="doctor.tool-gone",
        message=f"{server}: {number} {'is' if len(tools) == 1 else 'are'} not listed",
        severity=Severity.WARNING,
        detail=tuple(textwrap.wrap(named, 72, break_on_hyphens=False)),
        hint="a dry run answers calls of them; deny them to the routine if they are switched off",
        data={"tools": list(tools)},
    )
