"""What the arguments of ``save_issue`` say about an issue, in the issue's own fields."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.linear import lookup, records
from routine_harness.world.linear.lookup import (
    PRIORITIES,
    find_issue,
    find_label,
    find_status,
    missing,
    refuse,
)
from routine_harness.world.linear.records import new_id, put
from routine_harness.world.simulated import Arguments
from routine_harness.world.state import World
from routine_harness.world.times import iso_millis

UNKNOWN_LABEL: Final = "linear_unknown_label"
"""The setting of the edition for labels that do not exist."""
MIRROR: Final = {"blocks": "blockedBy", "blockedBy": "blocks", "relatedTo": "relatedTo"}
_STAMPS: Final = {
    "completed": "completedAt",
    "canceled": "canceledAt",
    "duplicate": "canceledAt",
    "started": "startedAt",
}


def issue_changes(world: World, issue: Record, arguments: Arguments) -> Record:
    """What the arguments say about the issue, in the issue's own fields."""
    changes: Record = {}
    if (
        arguments.get("id")
        and arguments.get("team")
        and lookup.team(world, arguments["team"])["name"] != issue["team"]
    ):
        raise refuse("Moving an issue to another team is not supported by this tool.")
    for name in ("title", "description"):
        if name in arguments:
            changes[name] = arguments[name]
    if "dueDate" in arguments:
        changes["dueDate"] = _day(arguments["dueDate"])
    if "priority" in arguments:
        value = int(arguments["priority"])
        changes["priority"] = {"value": value, "name": PRIORITIES[str(value)]}
    if "estimate" in arguments:
        points = arguments["estimate"]
        changes["estimate"] = None if points is None else {"value": points, "name": f"{points:g} Points"}
    # The given labels replace those of the issue (snapshot of the server's tools, 2026-07-16).
    if "labels" in arguments:
        found = [label for said in arguments["labels"] if (label := _label(world, said)) is not None]
        changes["labels"] = list(dict.fromkeys(found))
    changes.update(_status(world, issue, arguments))
    changes.update(_people(world, arguments))
    changes.update(_places(world, issue, changes, arguments))
    changes.update(_relations(world, issue, arguments))
    return changes


def _status(world: World, issue: Record, arguments: Arguments) -> Record:
    if not arguments.get("state"):
        return {}
    status = find_status(world, issue["team"], arguments["state"])
    if status is None:
        raise missing("WorkflowState")
    changes: Record = {"status": status["name"], "statusType": status["type"]}
    stamp = _STAMPS.get(status["type"])
    if stamp and status["type"] != issue["statusType"]:
        changes[stamp] = iso_millis(world.clock)
    if status["type"] in ("backlog", "unstarted", "started", "triage"):
        changes.update({"completedAt": None, "canceledAt": None})
    return changes


def _people(world: World, arguments: Arguments) -> Record:
    changes: Record = {}
    for name in ("assignee", "delegate"):
        if name in arguments:
            found = lookup.user(world, arguments[name]) if arguments[name] else None
            changes[name] = found["name"] if found else None
            if name == "assignee":
                changes["assigneeId"] = found["id"] if found else None
    return changes


def _places(world: World, issue: Record, changes: Record, arguments: Arguments) -> Record:
    places: Record = {}
    if "project" in arguments:
        found = lookup.project(world, arguments["project"]) if arguments["project"] else None
        places["project"], places["projectId"] = (found["name"], found["id"]) if found else (None, None)
    if "milestone" in arguments:
        name = places.get("project", issue["project"])
        places["projectMilestone"] = _milestone(world, name, arguments["milestone"])
    if "cycle" in arguments:
        places["cycle"] = _cycle(world, issue["team"], arguments["cycle"])
    if "parentId" in arguments:
        places["parentId"] = find_issue(world, arguments["parentId"])["id"] if arguments["parentId"] else None
        if places["parentId"] == issue["id"]:
            raise refuse("An issue cannot be its own parent.")
        if issue["id"] in _ancestors(world, places["parentId"]):
            raise refuse("An issue cannot be a sub-issue of one of its own sub-issues.")
    return places


def _relations(world: World, issue: Record, arguments: Arguments) -> Record:
    """blocks, blockedBy and relatedTo are added to; their ``remove`` twins take away."""
    changes: Record = {}
    for name in MIRROR:
        added = [find_issue(world, key)["id"] for key in arguments.get(name, [])]
        taken = {
            find_issue(world, key)["id"] for key in arguments.get(f"remove{name[0].upper()}{name[1:]}", [])
        }
        if added or taken:
            changes[name] = [key for key in dict.fromkeys([*issue[name], *added]) if key not in taken]
    if "duplicateOf" in arguments:
        original = arguments["duplicateOf"]
        changes["duplicateOf"] = find_issue(world, original)["id"] if original else None
        status = find_status(world, issue["team"], "duplicate") if original else None
        if status is not None:
            changes.update({"status": status["name"], "statusType": status["type"]})
    return changes


def mirrored(world: World, before: Record, after: Record) -> World:
    """The world in which the other ends of the relations agree."""
    for name, mirror in MIRROR.items():
        old, new = set(before.get(name, [])), set(after[name])
        for key in [*after[name], *sorted(old - new)]:
            other = world.get("linear.issues", (key,))
            if other is None or (key in old) == (key in new):
                continue
            kept = [one for one in other[mirror] if one != after["id"]]
            world = put(world, "issues", {**other, mirror: [*kept, after["id"]] if key in new else kept})
    return world


def with_links(world: World, issue: Record, arguments: Arguments) -> tuple[World, bool]:
    """Links become attachments; one that is there already is not added again."""
    known = {one["url"] for one in world.table("linear.attachments").find("issue", issue["id"])}
    added = False
    for link in arguments.get("links", []):
        if link["url"] in known:
            continue
        world, made = new_id(world, "attachments")
        record = {"id": made, "issue": issue["id"], "title": link["title"], "url": link["url"]}
        world, added = put(world, "attachments", {**record, **records.stamped(world)}), True
        known.add(link["url"])
    return world, added


def unknown_labels(world: World, arguments: Arguments) -> bool:
    """Whether the arguments name a label that the workspace does not have."""
    return any(find_label(world, said) is None for said in arguments.get("labels") or ())


def _label(world: World, said: str) -> str | None:
    """The label's own name; None for a label that does not exist: the service drops it without a word."""
    label = find_label(world, said)
    if label is None:
        if world.rules.setting(UNKNOWN_LABEL) == "refused":
            raise missing("IssueLabel")
        return None
    return str(label["name"])


def _day(said: str | None) -> str | None:
    """A day such as 2026-05-04, or the service's refusal."""
    if said is None:
        return None
    try:
        return datetime.fromisoformat(said).date().isoformat()
    except ValueError:
        raise refuse(f"dueDate must be a date in ISO 8601 format, found {said!r}") from None


def _ancestors(world: World, key: str | None) -> set[str]:
    """The issue ``key`` and all above it."""
    found: set[str] = set()
    while key is not None and key not in found:
        found.add(key)
        key = (world.get("linear.issues", (key,)) or {}).get("parentId")
    return found


def _milestone(world: World, project: str | None, said: str | None) -> Record | None:
    if not said:
        return None
    found = [
        one
        for one in world.table("linear.milestones").find("project", project)
        if said in (one["name"], one["id"])
    ]
    if not found:
        raise missing("ProjectMilestone")
    return {"id": found[0]["id"], "name": found[0]["name"]}


def _cycle(world: World, team: str, said: Json) -> Record | None:
    if not said:
        return None
    for cycle in world.table("linear.cycles").find("team", team):
        if str(said) in (str(cycle["number"]), cycle.get("name"), cycle["id"]):
            return {"id": cycle["id"], "number": cycle["number"], "name": cycle.get("name")}
    raise missing("Cycle")
