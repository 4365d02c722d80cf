"""How servers word arguments that do not fit their schema."""

from __future__ import annotations

import msgspec

from routine_harness.plain import Record
from routine_harness.world.arguments import ArgumentError, json_type
from routine_harness.world.tool import Tool


def zod_errors(tool: Tool, errors: list[ArgumentError]) -> str:
    """The message of servers on MCP's TypeScript SDK, which check with zod."""
    issues = [_zod_issue(error) for error in errors]
    listed = msgspec.json.format(msgspec.json.encode(issues), indent=2).decode()
    return f"MCP error -32602: Input validation error: Invalid arguments for tool {tool.name}: {listed}"


def _zod_issue(error: ArgumentError) -> Record:
    path = list(error.path)
    if error.kind in ("required", "type"):
        received = (
            "undefined" if error.kind == "required" else json_type(error.found).replace("integer", "number")
        )
        expected = str(error.expected).replace("integer", "number")
        message = "Required" if received == "undefined" else f"Expected {expected}, received {received}"
        return {
            "code": "invalid_type",
            "expected": expected,
            "received": received,
            "path": path,
            "message": message,
        }
    if error.kind == "enum":
        options = " | ".join(f"'{one}'" for one in error.expected)
        message = f"Invalid enum value. Expected {options}, received '{error.found}'"
        return {
            "received": error.found,
            "code": "invalid_enum_value",
            "options": error.expected,
            "path": path,
            "message": message,
        }
    if error.kind == "unknown":
        return {
            "code": "unrecognized_keys",
            "keys": path[-1:],
            "path": path[:-1],
            "message": f"Unrecognized key(s) in object: '{path[-1]}'",
        }
    small = error.kind == "too_small"
    kind = json_type(error.found).replace("integer", "number")
    bound = {
        "minimum" if small else "maximum": error.expected,
        "type": kind,
        "inclusive": True,
        "exact": False,
    }
    compared = "greater" if small else "less"
    unit = {"string": " character(s)", "array": " element(s)"}.get(kind, "")
    contains = {"string": "String must contain at", "array": "Array must contain at"}.get(kind)
    limit = "least" if small else "most"
    message = (
        f"{contains} {limit} {error.expected}{unit}"
        if contains
        else f"Number must be {compared} than or equal to {error.expected}"
    )
    return {"code": error.kind, **bound, "path": path, "message": message}


def google_errors(_: Tool, errors: list[ArgumentError]) -> str:
    """The message of Google's APIs: one line for what is wrong with the request."""
    return "Request contains an invalid argument. " + " ".join(
        f"{error.place}: {_plain(error)}." for error in errors
    )


def notion_errors(_: Tool, errors: list[ArgumentError]) -> str:
    """The message of Notion's API: a validation error that names the part of the body."""
    listed = " ".join(f"body.{error.place} {_notion(error)}." for error in errors)
    body = {"status": 400, "code": "validation_error", "message": f"body failed validation: {listed}"}
    return msgspec.json.encode({"object": "error", **body}).decode()


def _plain(error: ArgumentError) -> str:
    if error.kind == "required":
        return "this field is required"
    if error.kind == "type":
        return f"expected {error.expected}, found {json_type(error.found)}"
    if error.kind == "enum":
        return f"expected one of {', '.join(map(str, error.expected))}"
    if error.kind == "unknown":
        return "unknown name"
    return f"expected {'at least' if error.kind == 'too_small' else 'at most'} {error.expected}"


def _notion(error: ArgumentError) -> str:
    if error.kind == "required":
        return "should be defined, instead was `undefined`"
    if error.kind == "type":
        return f"should be a {error.expected}, instead was `{json_type(error.found)}`"
    if error.kind == "enum":
        return (
            f"should be one of {', '.join(f'`{one}`' for one in error.expected)}, instead was `{error.found}`"
        )
    if error.kind == "unknown":
        return "should be not present"
    return f"should be {'≥' if error.kind == 'too_small' else '≤'} {error.expected}"
