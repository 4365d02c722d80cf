"""Linear's comments and status updates."""

from __future__ import annotations

from typing import Final

from routine_harness.plain import Record
from routine_harness.world.linear import lookup
from routine_harness.world.linear.lists import fits_age, listing
from routine_harness.world.linear.lookup import find_issue, me, missing, refuse, slug
from routine_harness.world.linear.records import WORKSPACE, new_id, put, stamped
from routine_harness.world.simulated import Answer, Arguments, Detail
from routine_harness.world.state import World
from routine_harness.world.times import iso_millis

SUBJECTS: Final = {
    "issueId": "issue",
    "projectId": "project",
    "initiativeId": "initiative",
    "documentId": "document",
    "milestoneId": "milestone",
    "statusUpdateId": "status_update",
}


def list_comments(world: World, arguments: Arguments) -> Answer:
    """The comments of exactly one subject, oldest first."""
    kind, subject = _subject(world, arguments)
    rows = world.table("linear.comments").find("on", subject["id"], lambda one: one["on_kind"] == kind)
    return listing(world, "comments", rows, arguments, _shown)


def save_comment(world: World, arguments: Arguments) -> Answer:
    """Create a comment, or change the text of the one whose id is given."""
    if not arguments["body"].strip():
        raise refuse("body should not be empty")
    if arguments.get("id"):
        return _update_comment(world, arguments)
    parent = _comment(world, arguments["parentId"]) if arguments.get("parentId") else None
    if parent is not None and not any(arguments.get(name) for name in SUBJECTS):
        kind, on = parent["on_kind"], parent["on"]
    else:
        kind, subject = _subject(world, arguments)
        on = subject["id"]
    world, made = new_id(world, "comments")
    record = {
        "id": made,
        "on": on,
        "on_kind": kind,
        "body": arguments["body"],
        "parentId": parent["id"] if parent else None,
        "author": {"id": me(world)["id"], "name": me(world)["name"]},
        "url": _url(world, kind, on, made),
        **stamped(world),
    }
    world = put(world, "comments", record)
    fields = {"id": made, "on": on, "on_kind": kind, "url": record["url"], "author": me(world)["name"]}
    return Answer(world, _shown(record), (Detail(str(on), fields),))


def delete_comment(world: World, arguments: Arguments) -> Answer:
    """Delete a comment with its replies."""
    comment = _comment(world, arguments["id"])
    for other in list(world.table("linear.comments").find("on", comment["on"])):
        if other.get("parentId") == comment["id"]:
            world = world.remove("linear.comments", (other["id"],))
    world = world.remove("linear.comments", (comment["id"],))
    detail = Detail(
        str(comment["on"]), {"on": comment["on"], "on_kind": comment["on_kind"], "body": comment["body"]}
    )
    return Answer(world, {"success": True}, (detail,))


def get_status_updates(world: World, arguments: Arguments) -> Answer:
    """Status updates of a project or initiative, the newest first; or one by id."""
    kind = arguments["type"]
    if arguments.get("id"):
        return Answer(world, _shown_update(_update(world, arguments["id"], kind)))
    tests = fits_age(world, arguments)
    rows = [
        one
        for one in world.table("linear.status_updates")
        if one["type"] == kind
        and (not arguments.get(kind) or one[kind] == _planned(world, kind, arguments[kind])["name"])
        and (not arguments.get("user") or one["user"]["id"] == lookup.user(world, arguments["user"])["id"])
        and (arguments.get("includeArchived") or not one.get("archivedAt"))
        and all(test(one) for test in tests)
    ]
    rows.sort(key=lambda one: one[arguments.get("orderBy", "createdAt")], reverse=True)
    return listing(world, "statusUpdates", rows, arguments, _shown_update)


def save_status_update(world: World, arguments: Arguments) -> Answer:
    """Post a status update, or change the one whose id is given."""
    kind = arguments["type"]
    given: Record = {name: arguments[name] for name in ("body", "health") if name in arguments}
    if arguments.get("id"):
        before = _update(world, arguments["id"], kind)
        record, unchanged = {**before, **given}, {**before, **given} == before
        record["updatedAt"] = before["updatedAt"] if unchanged else iso_millis(world.clock)
    else:
        if not arguments.get(kind):
            raise refuse(f"{kind} is required when creating a status update")
        place = _planned(world, kind, arguments[kind])
        world, made = new_id(world, "status_updates")
        author = {"id": me(world)["id"], "name": me(world)["name"]}
        url = f"{WORKSPACE}/{kind}/{slug(place['name'])}/updates#{made[:8]}"
        default = {
            "id": made,
            "type": kind,
            kind: place["name"],
            "body": "",
            "health": "onTrack",
            "user": author,
        }
        record, unchanged = {**default, "url": url, **stamped(world), **given}, False
    world = put(world, "status_updates", record)
    fields = {name: record.get(name) for name in ("id", "url", "body", "health")}
    detail = Detail(
        record[kind], {**fields, "project": record[kind], "title": record[kind]}, unchanged=unchanged
    )
    return Answer(world, _shown_update(record), (detail,))


def delete_status_update(world: World, arguments: Arguments) -> Answer:
    """Delete a status update."""
    update = _update(world, arguments["id"], arguments["type"])
    world = world.remove("linear.status_updates", (update["id"],))
    return Answer(world, {"success": True}, (Detail(update[update["type"]], {"body": update["body"]}),))


def _update_comment(world: World, arguments: Arguments) -> Answer:
    before = _comment(world, arguments["id"])
    unchanged = before["body"] == arguments["body"]
    record = {**before, "body": arguments["body"]}
    if not unchanged:
        record["updatedAt"] = iso_millis(world.clock)
        world = put(world, "comments", record)
    fields = {"on": record["on"], "on_kind": record["on_kind"], "url": record.get("url")}
    return Answer(world, _shown(record), (Detail(str(record["on"]), fields, unchanged=unchanged),))


def _subject(world: World, arguments: Arguments) -> tuple[str, Record]:
    # The server takes exactly one subject (schema of list_comments, snapshot of its tools, 2026-07-16).
    given = [name for name in SUBJECTS if arguments.get(name)]
    if len(given) != 1:
        names = ", ".join(SUBJECTS)
        raise refuse(f"Exactly one of {names} must be provided")
    kind, said = SUBJECTS[given[0]], arguments[given[0]]
    if kind == "issue":
        return kind, find_issue(world, said)
    if kind in ("project", "initiative"):
        return kind, _planned(world, kind, said)
    found = next((one for one in world.table(f"linear.{kind}s") if one["id"] == said), None)
    if found is None:
        raise missing({"document": "Document", "milestone": "ProjectMilestone"}.get(kind, "StatusUpdate"))
    return kind, found


def _planned(world: World, kind: str, said: str) -> Record:
    if kind == "project":
        return lookup.project(world, said)
    found = next((one for one in world.table("linear.initiatives") if said in (one["id"], one["name"])), None)
    if found is None:
        raise missing("Initiative")
    return found


def _comment(world: World, said: str) -> Record:
    found = world.get("linear.comments", (said,))
    if found is None:
        raise missing("Comment")
    return found


def _update(world: World, said: str, kind: str) -> Record:
    found = world.get("linear.status_updates", (said,))
    if found is None or found["type"] != kind:
        raise missing("ProjectUpdate" if kind == "project" else "InitiativeUpdate")
    return found


def _url(world: World, kind: str, on: str, made: str) -> str:
    issue = world.get("linear.issues", (on,)) if kind == "issue" else None
    return f"{issue['url'] if issue else f'{WORKSPACE}/{kind}/{on}'}#comment-{made[:8]}"


def _shown(comment: Record) -> Record:
    names = ("id", "body", "createdAt", "updatedAt", "author", "parentId", "url")
    return {name: comment[name] for name in names if comment.get(name) is not None}


def _shown_update(update: Record) -> Record:
    return {name: value for name, value in update.items() if value is not None}
