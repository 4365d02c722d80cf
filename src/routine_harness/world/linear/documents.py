"""Linear's documents and attachments."""

from __future__ import annotations

from routine_harness.plain import Record
from routine_harness.world.identifiers import uuid_of
from routine_harness.world.linear import lookup
from routine_harness.world.linear.lists import fits_age, has_words, listing
from routine_harness.world.linear.lookup import find_issue, me, missing, refuse, slug
from routine_harness.world.linear.records import WORKSPACE, new_id, put, stamped
from routine_harness.world.simulated import Answer, Arguments, Detail
from routine_harness.world.state import World
from routine_harness.world.times import iso_millis


def list_documents(world: World, arguments: Arguments) -> Answer:
    """Documents, the latest change first, without their text."""
    tests = fits_age(world, arguments)
    place = lookup.project(world, arguments["projectId"])["name"] if arguments.get("projectId") else None
    rows = [
        one
        for one in world.table("linear.documents")
        if has_words(arguments.get("query"), one["title"], one.get("content"))
        and (place is None or one.get("project") == place)
        and (not arguments.get("initiativeId") or one.get("initiative") == arguments["initiativeId"])
        and (not arguments.get("creatorId") or one["creator"]["id"] == arguments["creatorId"])
        and (arguments.get("includeArchived") or not one.get("archivedAt"))
        and all(test(one) for test in tests)
    ]
    rows.sort(key=lambda one: one[arguments.get("orderBy", "updatedAt")], reverse=True)
    return listing(
        world, "documents", rows, arguments, lambda one: {k: v for k, v in one.items() if k != "content"}
    )


def get_document(world: World, arguments: Arguments) -> Answer:
    """One document with its text."""
    return Answer(world, _document(world, arguments["id"]))


def save_document(world: World, arguments: Arguments) -> Answer:
    """Create a document, or update the one whose id is given."""
    given: Record = {
        name: arguments[name] for name in ("title", "content", "icon", "color") if name in arguments
    }
    given.update(_parents(world, arguments))
    if arguments.get("id"):
        before = _document(world, arguments["id"])
        record = {**before, **given}
        unchanged = record == before
        record["updatedAt"] = before["updatedAt"] if unchanged else iso_millis(world.clock)
    else:
        if not given.get("title", "").strip():
            raise refuse("title is required when creating a document")
        world, made = new_id(world, "documents")
        default = {"id": made, "content": "", "creator": {"id": me(world)["id"], "name": me(world)["name"]}}
        url = f"{WORKSPACE}/document/{slug(given['title'])}-{made[:12].replace('-', '')}"
        record, unchanged = {**default, **given, "url": url, **stamped(world)}, False
    world = put(world, "documents", record)
    fields = {name: record.get(name) for name in ("id", "url", "title", "project")}
    return Answer(world, record, (Detail(record["title"], fields, unchanged=unchanged),))


def get_attachment(world: World, arguments: Arguments) -> Answer:
    """One attachment."""
    found = world.get("linear.attachments", (arguments["id"],))
    if found is None:
        raise missing("Attachment")
    return Answer(world, found)


def create_attachment(world: World, arguments: Arguments) -> Answer:
    """Attach a file to an issue; its bytes are counted, not kept."""
    issue = find_issue(world, arguments["issue"])
    title = arguments.get("title") or arguments["filename"]
    content = arguments["base64Content"].rstrip("=")
    size = len(content) * 3 // 4
    record = {
        "title": title,
        "subtitle": arguments.get("subtitle"),
        "contentType": arguments["contentType"],
        "size": size,
    }
    return _attach(
        world, issue, record, f"https://uploads.linear.app/{uuid_of(issue['id'], arguments['filename'])}"
    )


def prepare_attachment_upload(world: World, arguments: Arguments) -> Answer:
    """Begin an upload: an address to put the file to, and the one it will have."""
    issue = find_issue(world, arguments["issue"])
    world, made = new_id(world, "uploads")
    asset = f"https://uploads.linear.app/{made}"
    record = {
        "assetUrl": asset,
        "issue": issue["id"],
        "filename": arguments["filename"],
        "size": arguments["size"],
    }
    world = put(world, "uploads", record)
    value = {
        "uploadUrl": f"{asset}?upload=1",
        "assetUrl": asset,
        "headers": {"content-type": arguments["contentType"]},
    }
    return Answer(
        world, value, (Detail(arguments["filename"], {"parent": issue["id"], "path": asset, "url": asset}),)
    )


def create_attachment_from_upload(world: World, arguments: Arguments) -> Answer:
    """Attach an uploaded file to an issue."""
    issue = find_issue(world, arguments["issue"])
    upload = world.get("linear.uploads", (arguments["assetUrl"],))
    if upload is None:
        raise refuse("The uploaded file could not be found.")
    record = {"title": arguments.get("title") or upload["filename"], "subtitle": arguments.get("subtitle")}
    return _attach(world, issue, {**record, "size": upload["size"]}, upload["assetUrl"])


def delete_attachment(world: World, arguments: Arguments) -> Answer:
    """Delete an attachment."""
    found = world.get("linear.attachments", (arguments["id"],))
    if found is None:
        raise missing("Attachment")
    world = world.remove("linear.attachments", (found["id"],))
    return Answer(
        world,
        {"success": True},
        (Detail(found["title"], {"title": found["title"], "parent": found["issue"]}),),
    )


def _attach(world: World, issue: Record, given: Record, url: str) -> Answer:
    world, made = new_id(world, "attachments")
    record: Record = {"id": made, "issue": issue["id"], "url": url, **given, **stamped(world)}
    world = put(world, "attachments", record)
    fields = {"id": made, "url": url, "title": record["title"], "parent": issue["id"]}
    return Answer(world, record, (Detail(f"{record['title']} on {issue['id']}", fields),))


def _parents(world: World, arguments: Arguments) -> Record:
    parents: Record = {}
    if arguments.get("project"):
        parents["project"] = lookup.project(world, arguments["project"])["name"]
    if arguments.get("issue"):
        parents["issue"] = find_issue(world, arguments["issue"])["id"]
    if arguments.get("initiative"):
        parents["initiative"] = arguments["initiative"]
    return parents


def _document(world: World, said: str) -> Record:
    found = next(
        (
            one
            for one in world.table("linear.documents")
            if said in (one["id"], one["url"].rpartition("/")[2])
        ),
        None,
    )
    if found is None:
        raise missing("Document")
    return found
