"""The other forms of a call: the ``gh``, REST and MCP forms of one operation are one."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from routine_harness.routine.network import split_url
from routine_harness.routine.spec import Routine
from routine_harness.verdict.expectations.judge_calls import CallReader
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolCall

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
    from routine_harness.world.shell.reading import shell_calls

    return shell_calls(command, dict(variables), Context(repository=repository))


def _read_request(arguments: Mapping[str, Any]) -> tuple[ToolCall, ...]:
    url = str(arguments.get("url") or f"https://{arguments.get('host', '')}{arguments.get('path', '')}")
    parts = split_url(url)
    if parts.hostname != API_HOST:
        return ()
    # Imported here: the routes of the REST interface are for those who use it.
    from routine_harness.world.github.rest.rest_requests import rest_call

    method = str(arguments.get("method", "GET")).upper()
    found = rest_call(method, parts.path, dict(parse_qsl(parts.query)), arguments.get("body"))
    return () if found is None else (found,)
