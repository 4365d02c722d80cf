"""Sentry's issues and events: search, read, update, note."""

from __future__ import annotations

import re
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.sentry import text
from routine_harness.world.sentry.query import fits_query, query_test
from routine_harness.world.sentry.records import (
    ME,
    input_error,
    issue,
    issue_url,
    new_id,
    not_found,
    organization,
    put,
)
from routine_harness.world.simulated import Answer, Arguments, Detail
from routine_harness.world.state import World
from routine_harness.world.times import iso_millis, parse_instant

_PERIODS: Final = {"h": 3600, "d": 86400, "w": 604800, "m": 60, "s": 1}
_SORTS: Final = {
    "date": "lastSeen",
    "new": "firstSeen",
    "freq": "count",
    "user": "userCount",
    "recommended": "lastSeen",
}


def search_issues(world: World, arguments: Arguments) -> Answer:
    """Issues by Sentry's query syntax, the last seen first."""
    owner = organization(world, arguments)
    query = arguments.get("query", "is:unresolved")
    edge = _edge(world, arguments.get("period"))
    fits = query_test(query)
    rows = [
        one
        for one in world.table("sentry.issues")
        if one["organization"] == owner["slug"]
        and arguments.get("projectSlugOrId") in (None, one["project"])
        and (edge is None or parse_instant(one["lastSeen"]) >= edge)
        and fits(one)
    ]
    field = _SORTS[arguments.get("sort", "date")]
    rows.sort(key=lambda one: (one[field], one["shortId"]), reverse=True)
    return Answer(world, text.issues_found(owner["slug"], query, rows[: int(arguments.get("limit", 10))]))


def get_issue_details(world: World, arguments: Arguments) -> Answer:
    """One issue with the event asked for, or the latest one."""
    found = issue(world, arguments)
    events = _events(world, found)
    wanted = arguments.get("eventId")
    if wanted and wanted not in ("latest", "recommended", "oldest"):
        event = next((one for one in events if one["id"] == wanted), None)
        if event is None:
            raise not_found(arguments, "organizationSlug", "issueId", "eventId")
    else:
        event = (events[-1] if wanted == "oldest" else events[0]) if events else None
    return Answer(world, text.issue_details(found, event))


def search_events(world: World, arguments: Arguments) -> Answer:
    """Errors by words and tags; other datasets are answered from ``events`` of that ``dataset``."""
    owner = organization(world, arguments)
    dataset, query = arguments.get("dataset", "errors"), arguments.get("query", "")
    edge = _edge(world, arguments.get("period", "14d"))
    rows = []
    for event in _newest(world.table("sentry.events")):
        parent = world.get("sentry.issues", (event["issue"],)) or {}
        if (
            parent.get("organization") == owner["slug"]
            and event.get("dataset", "errors") == dataset
            and arguments.get("projectSlug") in (None, parent["project"])
            and (edge is None or parse_instant(event["timestamp"]) >= edge)
            and fits_query({**parent, **event, **event["tags"], "project": parent["project"]}, query)
        ):
            rows.append(_event_row(parent, event, arguments.get("fields")))
    return Answer(
        world, text.events_found(owner["slug"], dataset, query, rows[: int(arguments.get("limit", 10))])
    )


def search_issue_events(world: World, arguments: Arguments) -> Answer:
    """The events of one issue, the latest first."""
    found = issue(world, arguments)
    query = arguments.get("query", "")
    rows = [
        _event_row(found, event, None)
        for event in _events(world, found)
        if fits_query({**found, **event, **event["tags"]}, query)
    ]
    return Answer(
        world,
        text.events_found(found["organization"], "errors", query, rows[: int(arguments.get("limit", 50))]),
    )


def get_issue_activity(world: World, arguments: Arguments) -> Answer:
    """What happened to an issue, the latest first."""
    found = issue(world, arguments)
    entries = [*world.table("sentry.activity").find("issue", found["shortId"])]
    entries += [
        {**note, "type": "note"} for note in world.table("sentry.notes").find("issue", found["shortId"])
    ]
    entries.sort(key=lambda one: (one["dateCreated"], int(one["id"])), reverse=True)
    shown = entries[: int(arguments.get("limit", 25))]
    return Answer(world, text.activity(found, shown, comments=arguments.get("includeComments", True)))


def get_issue_tag_values(world: World, arguments: Arguments) -> Answer:
    """How often each value of a tag occurs."""
    found, key = issue(world, arguments), arguments["tagKey"]
    counts: dict[str, int] = dict(found["tags"].get(key, {}))
    for event in _events(world, found):
        if key in event["tags"]:
            value = str(event["tags"][key])
            counts[value] = counts.get(value, 0) + 1
    if not counts:
        raise input_error(f"Tag '{key}' not found for issue {found['shortId']}")
    ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    lines = "\n".join(f"- {value}: {count}" for value, count in ranked)
    return Answer(world, f"# Tag Distribution: {key}\n\n**Issue**: {found['shortId']}\n\n{lines}\n")


def get_event_stacktrace(world: World, arguments: Arguments) -> Answer:
    """The stack trace of an event of an issue."""
    found = issue(world, arguments)
    wanted = arguments.get("eventId", "latest")
    events = _events(world, found)
    event = next((one for one in events if wanted in ("latest", "recommended", one["id"])), None)
    if event is None:
        raise not_found(arguments, "organizationSlug", "issueId", "eventId")
    return Answer(world, text.stacktrace(event))


def update_issue(world: World, arguments: Arguments) -> Answer:
    """Change an issue's status or assignee."""
    found = issue(world, arguments)
    if not any(arguments.get(name) for name in ("status", "assignedTo", "ignoreMode")):
        raise input_error("At least one of `status` or `assignedTo` must be provided to update the issue")
    wanted: Record = {}
    if arguments.get("status"):
        wanted["status"] = {"resolvedInNextRelease": "resolved"}.get(arguments["status"], arguments["status"])
    elif arguments.get("ignoreMode"):
        wanted["status"] = "ignored"
    if arguments.get("assignedTo"):
        wanted["assignedTo"] = ME["name"] if arguments["assignedTo"] == "me" else arguments["assignedTo"]
    labels = {"status": "Status", "assignedTo": "Assigned To"}
    changes = [(labels[name], found[name], value) for name, value in wanted.items() if found[name] != value]
    after = {**found, **wanted}
    if changes:
        world = _note_activity(put(world, "issues", after), found["shortId"], f"set_{after['status']}")
    detail = Detail(found["shortId"], _fields(after), unchanged=not changes)
    return Answer(world, text.issue_updated(after, changes), (detail,))


def add_issue_note(world: World, arguments: Arguments) -> Answer:
    """Add a note to an issue's activity."""
    if not arguments["text"].strip():
        raise input_error("`text` must not be empty")
    found = issue(world, arguments)
    world, number = new_id(world, "activity", 5_000_001)
    note = {
        "id": number,
        "issue": found["shortId"],
        "text": arguments["text"],
        "author": ME["name"],
        "dateCreated": iso_millis(world.clock),
    }
    world = put(world, "notes", note)
    fields = {"id": number, "on": found["shortId"], "url": issue_url(found), "author": ME["name"]}
    return Answer(world, text.note_added(found, note), (Detail(found["shortId"], fields),))


def _edge(world: World, period: str | None) -> float | None:
    match = re.fullmatch(r"(\d+)([smhdw])", period or "")
    return world.clock - int(match[1]) * _PERIODS[match[2]] if match else None


def _events(world: World, found: Record) -> list[Record]:
    return _newest(world.table("sentry.events").find("issue", found["shortId"]))


def _newest(events: Json) -> list[Record]:
    return sorted(events, key=lambda one: (one["timestamp"], one["id"]), reverse=True)


def _event_row(parent: Record, event: Record, fields: list[str] | None) -> Record:
    row = {
        "id": event["id"],
        "issue": parent["shortId"],
        "title": event["title"],
        "project": parent["project"],
    }
    row["timestamp"] = event["timestamp"]
    source = {**event["tags"], **row, "message": event.get("message", event["title"])}
    return {name: source.get(name) for name in fields} if fields else row


def _note_activity(world: World, short: str, kind: str) -> World:
    world, number = new_id(world, "activity", 5_000_001)
    entry = {
        "id": number,
        "issue": short,
        "type": kind,
        "author": ME["name"],
        "dateCreated": iso_millis(world.clock),
    }
    return put(world, "activity", entry)


def _fields(found: Record) -> Record:
    names = {
        "id": "shortId",
        "title": "title",
        "state": "status",
        "assignee": "assignedTo",
        "project": "project",
    }
    return {**{name: found[field] for name, field in names.items()}, "url": issue_url(found)}
