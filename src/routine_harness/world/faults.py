"""How servers word arguments that do not fit their schema."""

from __future__ import annotations

from typing import Any

import msgspec

from routine_harness.world.arguments import ArgumentFault, json_type
from routine_harness.world.tool import Tool


def zod_faults(tool: Tool, faults: list[ArgumentFault]) -> str:
    """The message of servers on MCP's TypeScript SDK, which check with zod."""
    issues = [_zod_issue(fault) for fault in faults]
    listed = msgspec.json.format(msgspec.json.encode(issues), indent=2).decode()
    return f"MCP error -32602: Input validation error: Invalid arguments for tool {tool.name}: {listed}"


def _zod_issue(fault: ArgumentFault) -> dict[str, Any]:
    path = list(fault.path)
    if fault.kind in ("required", "type"):
        received = (
            "undefined" if fault.kind == "required" else json_type(fault.found).replace("integer", "number")
        )
        expected = str(fault.expected).replace("integer", "number")
        message = "Required" if received == "undefined" else f"Expected {expected}, received {received}"
        return {
            "code": "invalid_type",
            "expected": expected,
            "received": received,
            "path": path,
            "message": message,
        }
    if fault.kind == "enum":
        options = " | ".join(f"'{one}'" for one in fault.expected)
        message = f"Invalid enum value. Expected {options}, received '{fault.found}'"
        return {
            "received": fault.found,
            "code": "invalid_enum_value",
            "options": fault.expected,
            "path": path,
            "message": message,
        }
    if fault.kind == "unknown":
        return {
            "code": "unrecognized_keys",
            "keys": path[-1:],
            "path": path[:-1],
            "message": f"Unrecognized key(s) in object: '{path[-1]}'",
        }
    small = fault.kind == "too_small"
    kind = json_type(fault.found).replace("integer", "number")
    bound = {
        "minimum" if small else "maximum": fault.expected,
        "type": kind,
        "inclusive": True,
        "exact": False,
    }
    compared = "greater" if small else "less"
    unit = {"string": " character(s)", "array": " element(s)"}.get(kind, "")
    contains = {"string": "String must contain at", "array": "Array must contain at"}.get(kind)
    limit = "least" if small else "most"
    message = (
        f"{contains} {limit} {fault.expected}{unit}"
        if contains
        else f"Number must be {compared} than or equal to {fault.expected}"
    )
    return {"code": fault.kind, **bound, "path": path, "message": message}
