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


def google_faults(_: Tool, faults: list[ArgumentFault]) -> str:
    """The message of Google's APIs: one line for what is wrong with the request."""
    return "Request contains an invalid argument. " + " ".join(
        f"{fault.place}: {_plain(fault)}." for fault in faults
    )


def notion_faults(_: Tool, faults: list[ArgumentFault]) -> str:
    """The message of Notion's API: a validation error that names the part of the body."""
    listed = " ".join(f"body.{fault.place} {_notion(fault)}." for fault in faults)
    body = {"status": 400, "code": "validation_error", "message": f"body failed validation: {listed}"}
    return msgspec.json.encode({"object": "error", **body}).decode()


def _plain(fault: ArgumentFault) -> str:
    if fault.kind == "required":
        return "this field is required"
    if fault.kind == "type":
        return f"expected {fault.expected}, found {json_type(fault.found)}"
    if fault.kind == "enum":
        return f"expected one of {', '.join(map(str, fault.expected))}"
    if fault.kind == "unknown":
        return "unknown name"
    return f"expected {'at least' if fault.kind == 'too_small' else 'at most'} {fault.expected}"


def _notion(fault: ArgumentFault) -> str:
    if fault.kind == "required":
        return "should be defined, instead was `undefined`"
    if fault.kind == "type":
        return f"should be a {fault.expected}, instead was `{json_type(fault.found)}`"
    if fault.kind == "enum":
        return (
            f"should be one of {', '.join(f'`{one}`' for one in fault.expected)}, instead was `{fault.found}`"
        )
    if fault.kind == "unknown":
        return "should be not present"
    return f"should be {'≥' if fault.kind == 'too_small' else '≤'} {fault.expected}"
