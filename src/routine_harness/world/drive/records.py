"""Google Drive's tables: files (folders are files) and who has access to them."""

from __future__ import annotations

from typing import Final

from routine_harness.plain import Record
from routine_harness.routine.spec import Binding
from routine_harness.world.identifiers import base36_id
from routine_harness.world.service import Service
from routine_harness.world.simulated import Refused
from routine_harness.world.state import World
from routine_harness.world.times import iso_millis

SERVICE: Final = Service("drive", lambda table, number: base36_id("1", f"drive.{table}", number, length=32))
put = SERVICE.put
ME: Final = "routine-owner@example.com"
ROOT: Final = "root"
DOCUMENT: Final = "application/vnd.google-apps.document"
FOLDER: Final = "application/vnd.google-apps.folder"
SHEET: Final = "application/vnd.google-apps.spreadsheet"
CONVERTED: Final = {
    "text/plain": DOCUMENT,
    "text/markdown": DOCUMENT,
    "text/html": DOCUMENT,
    "text/csv": SHEET,
}


def file_defaults(world: World, file_id: str, mime: str) -> Record:
    """A new file before anything is said about it."""
    now = iso_millis(world.clock)
    return {
        "id": file_id,
        "title": "Untitled",
        "mimeType": mime,
        "parentId": ROOT,
        "owner": ME,
        "createdTime": now,
        "modifiedTime": now,
        "viewUrl": view_url(file_id, mime),
        "trashed": False,
    }


def seed_record(world: World, table: str, record: Record) -> World:
    """A record of a world file, merged in; ValueError where it makes no sense."""
    given = SERVICE.dated(record)
    if table == "permissions":
        world, given = SERVICE.identified(world, table, given)
        return put(world, table, {"role": "reader", **given})
    if "name" in given:
        given["title"] = given.pop("name")
    if "title" not in given and world.get("drive.files", (given.get("id"),)) is None:
        raise ValueError("expected a file with a title")
    if "parent" in given:
        world, given["parentId"] = _folder(world, str(given.pop("parent")))
    if "id" not in given:
        world, given["id"] = SERVICE.new_id(world, "files")
    mime = given.get("mimeType", DOCUMENT if "content" in given else FOLDER)
    return put(world, "files", given, file_defaults(world, given["id"], mime))


def seed_binding(world: World, binding: Binding) -> World:
    """``drive:X`` makes a folder X."""
    world, _ = _folder(world, binding.name, binding.id)
    return world


def find_file(world: World, file_id: str) -> Record:
    """The file, or the service's refusal."""
    found = world.get("drive.files", (file_id,))
    if found is None:
        raise Refused(f"File not found: {file_id}.")
    return found


def view_url(file_id: str, mime: str) -> str:
    """Where people open a file."""
    if mime == FOLDER:
        return f"https://drive.google.com/drive/folders/{file_id}"
    kinds = {DOCUMENT: "document", SHEET: "spreadsheets"}
    if mime in kinds:
        return f"https://docs.google.com/{kinds[mime]}/d/{file_id}/edit"
    return f"https://drive.google.com/file/d/{file_id}/view"


def _folder(world: World, said: str, given_id: str | None = None) -> tuple[World, str]:
    if said == ROOT or world.get("drive.files", (said,)) is not None:
        return world, said
    for one in world.table("drive.files").find("title", said):
        if one["mimeType"] == FOLDER:
            return world, str(one["id"])
    if given_id is None:
        world, given_id = SERVICE.new_id(world, "files")
    return put(
        world, "files", {"id": given_id, "title": said}, file_defaults(world, given_id, FOLDER)
    ), given_id
