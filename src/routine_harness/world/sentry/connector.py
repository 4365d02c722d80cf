"""The connector sentry, put together; ``execute_sentry_tool`` is the tool that it names."""

from __future__ import annotations

import re
import sys
from typing import Final

import msgspec

from routine_harness.world.argument_errors import zod_errors
from routine_harness.world.rule import Rule
from routine_harness.world.sentry import issues, records, workspace
from routine_harness.world.sentry.records import SERVICE, input_error
from routine_harness.world.service import Service
from routine_harness.world.simulated import Answer, Arguments
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall

DISPATCHER: Final = "execute_sentry_tool"


def get_sentry_resource(world: World, arguments: Arguments) -> Answer:
    """An issue or event by its address, or by type and id."""
    url, kind = arguments.get("url"), arguments.get("resourceType")
    if not url and not (kind and arguments.get("resourceId") and arguments.get("organizationSlug")):
        raise input_error("Provide either `url`, or `resourceType`, `resourceId` and `organizationSlug`.")
    if url:
        event = re.search(r"/issues/[\w-]+/events/(\w+)", url)
        named = {"issueUrl": url, **({"eventId": event[1]} if event else {})}
        return issues.get_issue_details(world, named)
    if kind == "issue":
        named = {"organizationSlug": arguments["organizationSlug"], "issueId": arguments["resourceId"]}
        return issues.get_issue_details(world, named)
    if kind == "event":
        found = world.get("sentry.events", (arguments["resourceId"],))
        if found is None:
            raise records.not_found(arguments, "organizationSlug", "resourceId")
        named = {
            "organizationSlug": arguments["organizationSlug"],
            "issueId": found["issue"],
            "eventId": found["id"],
        }
        return issues.get_issue_details(world, named)
    raise input_error(f"No {kind} with the id '{arguments['resourceId']}' is known.")


def search_sentry_tools(world: World, arguments: Arguments) -> Answer:
    """The tools whose name or description holds the words."""
    words = arguments["query"].lower().split()
    ranked = [
        (sum(word in f"{tool.name} {tool.description}".lower() for word in words), tool)
        for tool in SERVICE.tools.values()
    ]
    found = [tool for hits, tool in sorted(ranked, key=lambda one: -one[0]) if hits]
    shown = [
        {"name": tool.name, "description": tool.description, "inputSchema": tool.input_schema}
        for tool in found[: int(arguments.get("limit") or 10)]
    ]
    return Answer(world, {"tools": shown})


def execute_sentry_tool(world: World, arguments: Arguments) -> Answer:
    """A call of the dispatcher itself: only what names no tool comes here, see ``unwrap``."""
    del world
    name = arguments["name"]
    raise input_error(f"Unknown tool '{name}'. Use search_sentry_tools to find available tools.")


def unwrap(call: ToolCall) -> ToolCall:
    """``execute_sentry_tool`` with a known inner name as the call of that tool."""
    name, inner = call.arguments.get("name"), call.arguments.get("arguments", {})
    if (
        call.tool != DISPATCHER
        or name not in SERVICE.tools
        or name == DISPATCHER
        or not isinstance(inner, dict)
    ):
        return call
    return ToolCall(call.connector, name, inner, call.server, DISPATCHER)


def _dispatching(service: Service) -> Service:
    """``service`` whose dispatcher reads where the tool that it names does, and attempts the same."""
    dispatcher = service.tools[DISPATCHER]
    reading = tuple(name for name, tool in service.tools.items() if tool.access == "read")
    service.tools[DISPATCHER] = msgspec.structs.replace(
        dispatcher, reading_methods=reading, method_argument="name"
    )
    service.rules[DISPATCHER] = tuple(
        _dispatched(name, rule) for name, rules in service.rules.items() for rule in rules
    )
    return service


def _dispatched(tool: str, rule: Rule) -> Rule:
    fields = {
        name: "|".join(f"arguments.{part}" for part in path.split("|"))
        for name, path in rule["fields"].items()
    }
    return {**rule, "fields": fields, "when": {"name": tool}}


CONNECTOR: Final = _dispatching(SERVICE).connector(
    workspace, issues, sys.modules[__name__], seed=records.seed_record, bind=records.seed_binding,
    word_errors=zod_errors, unwrap=unwrap,
)  # fmt: skip
