"""The connector sentry, put together; ``execute_sentry_tool`` is the tool that it names."""

from __future__ import annotations

import re
from typing import Final

from routine_harness.world.faults import zod_faults
from routine_harness.world.modelled import Answer, Arguments, ModelledConnector, Operation
from routine_harness.world.seeded import checked
from routine_harness.world.sentry import issues, records, workspace
from routine_harness.world.sentry.effects import RULES
from routine_harness.world.sentry.records import input_error
from routine_harness.world.sentry.shapes import NAMES, SHAPES
from routine_harness.world.sentry.tools import DISPATCHER, TOOLS
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall


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
        for tool in TOOLS.values()
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
    if call.tool != DISPATCHER or name not in TOOLS or name == DISPATCHER or not isinstance(inner, dict):
        return call
    return ToolCall(call.connector, name, inner, call.server)


OPERATIONS: Final[dict[str, Operation]] = {
    "whoami": workspace.whoami,
    "find_organizations": workspace.find_organizations,
    "find_teams": workspace.find_teams,
    "find_projects": workspace.find_projects,
    "find_releases": workspace.find_releases,
    "get_release_details": workspace.get_release_details,
    "create_team": workspace.create_team,
    "create_project": workspace.create_project,
    "update_project": workspace.update_project,
    "add_team_to_project": workspace.add_team_to_project,
    "remove_team_from_project": workspace.remove_team_from_project,
    "search_issues": issues.search_issues,
    "search_events": issues.search_events,
    "search_issue_events": issues.search_issue_events,
    "get_issue_details": issues.get_issue_details,
    "get_issue_activity": issues.get_issue_activity,
    "get_issue_tag_values": issues.get_issue_tag_values,
    "get_event_stacktrace": issues.get_event_stacktrace,
    "update_issue": issues.update_issue,
    "add_issue_note": issues.add_issue_note,
    "get_sentry_resource": get_sentry_resource,
    "search_sentry_tools": search_sentry_tools,
    "execute_sentry_tool": execute_sentry_tool,
}

CONNECTOR: Final = ModelledConnector(
    name="sentry",
    title="Sentry",
    source="tool definitions and answers of getsentry/sentry-mcp, August 2026",
    tools=TOOLS,
    tables=records.TABLES,
    rules=RULES,
    operations=OPERATIONS,
    word_faults=zod_faults,
    seed_record=checked(SHAPES, NAMES, records.seed_record),
    bind=records.seed_binding,
    unwrap=unwrap,
    limits=(
        "Questions in plain words are read as words of a query; there is no model behind the search.",
        "Traces, profiles, replays, monitors, alerts, dashboards and client keys are known and not modelled.",
        "Events of other datasets than errors are those that a world file gives.",
        "An analysis by Seer is an effect; its answer comes from a recording.",
    ),
)
