"""The words in which GitHub's MCP server refuses: arguments that do not fit, and GitHub's own no.

They are those of github/github-mcp-server @64a49f34."""

from __future__ import annotations

from collections.abc import Mapping

from routine_harness.plain import Json
from routine_harness.world.arguments import ArgumentError
from routine_harness.world.github.mcp.mcp_calls import filled, request_of
from routine_harness.world.github.operations.operation import Arguments, Refused
from routine_harness.world.github.operations.operation_table import Operation
from routine_harness.world.github.records.derived import API


def word_refusal(operation: Operation, arguments: Arguments, refused: Refused) -> str:
    """What the server says where GitHub's API refuses: its own words, or what it was doing and the answer."""
    if refused.said:
        return refused.said
    doing = filled(operation.doing or f"failed to {operation.name}", arguments)
    if refused.status == 422:
        details = [part if isinstance(part, str) else _detail(part) for part in refused.errors]
        return "\n".join([f"{doing}: {refused.message}", *details])
    method, path = request_of(operation, arguments)
    return f"{doing}: {method} {API}{path}: {refused.status} {refused.message} []"


def _detail(error: Mapping[str, str]) -> str:
    place = ".".join(error[part] for part in ("resource", "field") if error.get(part))
    place = f"{place} ({error['code']})" if error.get("code") else place
    return ": ".join(part for part in (place, error.get("message", "")) if part)


def word_errors(errors: list[ArgumentError]) -> str:
    """What the server says of arguments that do not fit; it stops at the first."""
    error = errors[0]
    if error.kind == "required":
        return f"missing required parameter: {error.place}"
    if error.kind == "type" and error.expected == "number":
        return f"parameter {error.place} is not a valid number: expected number, got {_go(error.found)}"
    if error.kind == "type":
        return f"parameter {error.place} is not of type {error.expected}, is {_go(error.found)}"
    if error.kind == "enum" and error.place == "method":
        return f"unknown method: {error.found}"
    if error.kind == "enum":
        return f"parameter {error.place} must be one of {', '.join(map(str, error.expected))}"
    if error.kind == "too_small":
        return f"{error.place} must be at least {error.expected}"
    if error.kind == "too_big":
        return f"{error.place} value {error.found} exceeds maximum of {error.expected}"
    return f"unknown parameter: {error.place}"


def _go(value: Json) -> str:
    """The type of ``value`` as Go prints it."""
    if value is None:
        return "<nil>"
    names = {str: "string", bool: "bool", list: "[]interface {}", dict: "map[string]interface {}"}
    return names.get(type(value), "float64")
