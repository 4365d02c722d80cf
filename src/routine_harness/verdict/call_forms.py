"""A call under each of its names: its aliases, and the ``gh``, REST and MCP forms of one operation.

A command counts as the tool calls that it stands for, beside the command itself.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl

import msgspec

from routine_harness.plain import Json
from routine_harness.predicate import parse_predicate
from routine_harness.routine.network import split_url
from routine_harness.routine.regex import compile_regex
from routine_harness.routine.spec import Routine
from routine_harness.session.run import CallRecord
from routine_harness.verdict.where import Condition, Where
from routine_harness.world.naming import EVERY_TOOL
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolCall

CallReader = Callable[[ToolCall], Iterable[ToolCall]]
"""A call → the calls of connectors that it stands for, itself left out (``gh pr view`` in Bash)."""


class Step(NamedTuple):
    """One call under one of its names."""

    number: int
    call: ToolCall


def steps_of(records: Iterable[CallRecord], read: CallReader) -> list[Step]:
    """Every call, a command followed by what it stands for."""
    steps = []
    for record in records:
        steps.append(Step(record.number, record.call))
        steps += [Step(record.number, call) for call in stands_for(record, read)]
    return steps


def stands_for(record: CallRecord, read: CallReader) -> tuple[ToolCall, ...]:
    """The calls that a record stands for; none where a sandbox has captured them as calls of their own."""
    return () if record.captured else tuple(read(record.call))


API_HOST = "api.github.com"


def forms_of(routine: Routine, registry: Registry) -> CallReader:
    """Reads a call for the calls of connectors that it stands for: what a shell's command asks of
    GitHub in the routine's first repository, and a request of its REST interface."""
    repository = routine.repositories[0].full_name if routine.repositories else ""
    variables = tuple(sorted(routine.environment.variables.items()))

    def read(call: ToolCall) -> tuple[ToolCall, ...]:
        if call.connector:
            return ()
        command = registry.command_of(call)
        if command is not None:
            return _read_command(command, repository, variables)
        if call.tool in ("WebFetch", "HttpRequest"):
            return _read_request(call.arguments)
        return ()

    return read


@functools.lru_cache(maxsize=512)
def _read_command(
    command: str, repository: str, variables: tuple[tuple[str, str], ...]
) -> tuple[ToolCall, ...]:
    # Imported here: the shell's grammar costs 20 ms that a run without commands need not pay.
    from routine_harness.world.shell.acts import Context
    from routine_harness.world.shell.command_reading import shell_calls

    return shell_calls(command, dict(variables), Context(repository=repository))


def _read_request(arguments: Mapping[str, Json]) -> tuple[ToolCall, ...]:
    url = str(arguments.get("url") or f"https://{arguments.get('host', '')}{arguments.get('path', '')}")
    parts = split_url(url)
    if parts.hostname != API_HOST:
        return ()
    # Imported here: the routes of the REST interface are for those who use it.
    from routine_harness.world.github.rest.rest_requests import rest_call

    method = str(arguments.get("method", "GET")).upper()
    found = rest_call(method, parts.path, dict(parse_qsl(parts.query)), arguments.get("body"))
    return () if found is None else (found,)


def canonical_tool(
    tool: str, where: Where, registry: Registry, called: Collection[str] = ()
) -> tuple[str, Where]:
    """``tool`` and its conditions as the connector itself names tool and arguments.

    An alias that stands for one method of a tool gains a condition on the method. Connectors that
    are not among ``called`` are left alone, unless it is empty: they need not be loaded.
    """
    connector, dot, bare = tool.partition(".")
    if not dot or (called and connector not in called and registry.name_of(connector) not in called):
        return tool, where
    if bare == EVERY_TOOL:
        return f"{registry.name_of(connector)}.{EVERY_TOOL}", where
    known = registry.get(connector)
    if known is not None and known.name == connector and known.resolve(bare) == bare:
        return tool, where
    call = registry.tool_call(tool, {condition.field: condition for condition in where})
    if call.name == tool:
        return tool, where
    return call.name, tuple(_condition(name, value) for name, value in call.arguments.items())


def _condition(name: str, value: object) -> Condition:
    if isinstance(value, Condition):
        return msgspec.structs.replace(value, field=name)
    return Condition(name, value, parse_predicate(value, compile_regex))
