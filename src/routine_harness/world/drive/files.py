"""Google Drive's operations on files."""

from __future__ import annotations

import base64
import re

from routine_harness.plain import Json, Record
from routine_harness.world.drive.query import parse_query
from routine_harness.world.drive.records import (
    CONVERTED,
    DOCUMENT,
    FOLDER,
    ROOT,
    SERVICE,
    file_defaults,
    find_file,
    put,
)
from routine_harness.world.paging import page_of
from routine_harness.world.simulated import Answer, Arguments, Detail, Refused
from routine_harness.world.state import World
from routine_harness.world.times import iso_millis


def create_file(world: World, arguments: Arguments) -> Answer:
    """Create a file or a folder."""
    mime = arguments.get("contentMimeType") or arguments.get("mimeType") or DOCUMENT
    if not arguments.get("disableConversionToGoogleType"):
        mime = CONVERTED.get(mime, mime)
    parent = arguments.get("parentId", ROOT)
    _check_folder(world, parent)
    world, made = SERVICE.new_id(world, "files")
    record = {
        **file_defaults(world, made, mime),
        "title": arguments.get("title", "Untitled"),
        "parentId": parent,
    }
    content = _content(arguments)
    if content is not None:
        record["content"] = content
    world = put(world, "files", record)
    return Answer(world, shown(record), (_detail(record),))


def update_file(world: World, arguments: Arguments) -> Answer:
    """Change a file's title, folder or text."""
    before = find_file(world, arguments["fileId"])
    given: Record = {"title": arguments["title"]} if "title" in arguments else {}
    content = _content(arguments)
    if content is not None:
        given["content"] = content
    moved: Record = {"parentId": arguments["parentId"]} if "parentId" in arguments else {}
    if moved:
        _check_folder(world, str(moved["parentId"]))
    if not given and not moved:
        raise Refused("Request contains an invalid argument: nothing to update.")
    after = {**before, **given, **moved}
    details = (
        _detail(after, "document.updated", unchanged=all(before.get(k) == v for k, v in given.items())),
        _detail(after, "document.moved", unchanged=after["parentId"] == before["parentId"]),
    )
    if after != before:
        after["modifiedTime"] = iso_millis(world.clock)
        world = put(world, "files", after)
    return Answer(world, shown(after), details)


def copy_file(world: World, arguments: Arguments) -> Answer:
    """Copy a file."""
    source = find_file(world, arguments["fileId"])
    if source["mimeType"] == FOLDER:
        raise Refused("Folders cannot be copied.")
    parent = arguments.get("parentId", source["parentId"])
    _check_folder(world, str(parent))
    world, made = SERVICE.new_id(world, "files")
    fresh = file_defaults(world, made, source["mimeType"])
    title = arguments.get("title", f"Copy of {source['title']}")
    record = {**source, **fresh, "title": title, "parentId": parent}
    world = put(world, "files", record)
    return Answer(world, shown(record), (_detail(record),))


def trash_file(world: World, arguments: Arguments) -> Answer:
    """Move a file to the trash."""
    before = find_file(world, arguments["fileId"])
    after = {**before, "trashed": True}
    if not before["trashed"]:
        world = put(world, "files", after)
    return Answer(world, shown(after), (_detail(after, unchanged=before["trashed"]),))


def share_file(world: World, arguments: Arguments) -> Answer:
    """Give someone access to a file."""
    found = find_file(world, arguments["fileId"])
    kind = arguments.get("type", "user")
    user = (
        arguments.get("emailAddress") or arguments.get("domain") or ("anyone" if kind == "anyone" else None)
    )
    if not user:
        raise Refused(
            f"The {'domain' if kind == 'domain' else 'emailAddress'} field is required for the type {kind}."
        )
    before = world.get("drive.permissions", (found["id"], user))
    record = {"file": found["id"], "user": user, "type": kind, "role": arguments["role"]}
    unchanged = before is not None and before["role"] == record["role"]
    world = put(world, "permissions", record)
    fields = {"title": found["title"], "url": found["viewUrl"], "user": user}
    value = {"id": found["id"], "permission": {"type": kind, "role": record["role"], "emailAddress": user}}
    return Answer(world, value, (Detail(found["title"], fields, unchanged=unchanged),))


def search_files(world: World, arguments: Arguments) -> Answer:
    """Files that a query finds, the latest change first."""
    query = arguments["query"]
    tests = parse_query(world, query)
    rows = [one for one in world.table("drive.files") if all(test(one) for test in tests)]
    if not re.search(r"\btrashed\b", query):
        rows = [one for one in rows if not one["trashed"]]
    return _listing(world, rows, arguments, ["search", query], "modifiedTime")


def list_recent_files(world: World, arguments: Arguments) -> Answer:
    """Files that are not in the trash, the latest first."""
    rows = [one for one in world.table("drive.files") if not one["trashed"]]
    return _listing(world, rows, arguments, ["recent", arguments.get("orderBy")], "modifiedTime")


def get_file_metadata(world: World, arguments: Arguments) -> Answer:
    """What is known about a file."""
    return Answer(world, shown(find_file(world, arguments["fileId"])))


def read_file_content(world: World, arguments: Arguments) -> Answer:
    """A file as text."""
    found, incomplete = _readable(world, arguments["fileId"])
    if incomplete:
        return Answer(world, "The file's content is not available.", incomplete=incomplete)
    return Answer(world, {"fileContent": found["content"]})


def download_file_content(world: World, arguments: Arguments) -> Answer:
    """A file in base64."""
    found, incomplete = _readable(world, arguments["fileId"])
    if incomplete:
        return Answer(world, "The file's content is not available.", incomplete=incomplete)
    mime = arguments.get("exportMimeType") or (
        "text/plain" if "google-apps" in found["mimeType"] else found["mimeType"]
    )
    content = base64.b64encode(found["content"].encode()).decode()
    return Answer(world, {"id": found["id"], "title": found["title"], "mimeType": mime, "content": content})


def get_file_permissions(world: World, arguments: Arguments) -> Answer:
    """Who has access to a file."""
    found = find_file(world, arguments["fileId"])
    listed = [{"type": "user", "role": "owner", "emailAddress": found["owner"]}]
    listed += [
        {"type": one.get("type", "user"), "role": one["role"], "emailAddress": one["user"]}
        for one in world.table("drive.permissions").find("file", found["id"])
    ]
    return Answer(world, {"permissions": listed})


def shown(record: Record) -> Record:
    """A file as the service answers, without its text."""
    answer = {name: value for name, value in record.items() if name not in ("content", "trashed")}
    if "content" in record:
        answer["fileSize"] = str(len(record["content"].encode()))
        answer["contentSnippet"] = record["content"][:200]
    if record["trashed"]:
        answer["trashed"] = True
    return answer


def _listing(world: World, rows: list[Record], arguments: Arguments, identity: Json, order: str) -> Answer:
    rows.sort(key=lambda one: (one[order], one["id"]), reverse=True)
    token = arguments.get("pageToken") or None
    size, refused = int(arguments.get("pageSize", 10)), Refused("Invalid Value: pageToken")
    page = page_of(rows, lambda one: str(one["id"]), size, token, identity, refused)
    answer: Record = {"files": [shown(one) for one in page.rows]}
    if page.cursor:
        answer["nextPageToken"] = page.cursor
    return Answer(world, answer)


def _readable(world: World, file_id: str) -> tuple[Record, str]:
    found = find_file(world, file_id)
    if found["mimeType"] == FOLDER:
        raise Refused("Folders have no content to read.")
    return found, "" if "content" in found else f"drive.files {found['title']} has no content"


def _content(arguments: Arguments) -> str | None:
    if arguments.get("base64Content") is not None:
        try:
            return base64.b64decode(arguments["base64Content"], validate=True).decode(errors="replace")
        except ValueError:
            raise Refused("Request contains an invalid argument: base64Content.") from None
    text = arguments.get("textContent")
    return None if text is None else str(text)


def _check_folder(world: World, parent: str) -> None:
    if parent != ROOT and find_file(world, parent)["mimeType"] != FOLDER:
        raise Refused("The specified parent is not a folder.")


def _detail(record: Record, kind: str = "", *, unchanged: bool = False) -> Detail:
    fields = {
        "id": record["id"],
        "title": record["title"],
        "url": record["viewUrl"],
        "parent": record["parentId"],
    }
    return Detail(record["title"], fields, kind, unchanged=unchanged)
