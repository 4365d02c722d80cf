"""Notion's tables: pages, databases, comments, users, teamspaces."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.routine.spec import Binding
from routine_harness.world.identifiers import uuid_of
from routine_harness.world.service import Service
from routine_harness.world.simulated import Refused
from routine_harness.world.state import World
from routine_harness.world.times import iso_millis

SERVICE: Final = Service("notion", lambda table, number: uuid_of(f"notion.{table}", number))
put, new_id = SERVICE.put, SERVICE.new_id
ME: Final[Record] = {
    "id": uuid_of("notion.users", "routine-owner"),
    "type": "person",
    "name": "Routine Owner",
    "email": "routine-owner@example.com",
}
WORKSPACE: Final = "workspace"


def seed_record(world: World, table: str, record: Record) -> World:
    """A record of a world file, merged in; ValueError where it makes no sense."""
    given = SERVICE.dated(record)
    if "id" in given:
        given["id"] = dashed(str(given["id"])) or str(given["id"])
    else:
        world, given["id"] = new_id(world, table)
    if table == "users":
        return put(world, table, given, {"type": "person", "name": given["id"]})
    if table == "teams":
        return put(world, table, given, {"name": given["id"]})
    if table == "comments":
        return _seed_comment(world, given)
    fresh = world.get(f"notion.{table}", (given["id"],)) is None
    if fresh and "title" not in given and "title" not in given.get("properties", {}):
        raise ValueError(f"expected {table} with a title")
    if given.get("parent"):
        given["parent"] = place_of(world, str(given["parent"])) or str(given["parent"])
    if table == "databases":
        return put(world, table, given, database_defaults(world, given["id"], given.get("title", "")))
    properties = dict(given.pop("properties", {}))
    if "title" in given:
        properties["title"] = given.pop("title")
    default = page_defaults(world, given["id"])
    before = world.get("notion.pages", (given["id"],)) or default
    return put(world, table, {**given, "properties": {**before["properties"], **properties}}, default)


def seed_binding(world: World, binding: Binding) -> World:
    """``notion:X`` makes a page X in the workspace."""
    if any(title_of(one) == binding.name for one in world.table("notion.pages")):
        return world
    return seed_record(world, "pages", {"title": binding.name, **({"id": binding.id} if binding.id else {})})


def page_defaults(world: World, page_id: str) -> Record:
    """A new page before anything is said about it."""
    now = iso_millis(world.clock)
    return {
        "id": page_id,
        "parent": WORKSPACE,
        "properties": {},
        "content": "",
        "icon": None,
        "created_time": now,
        "last_edited_time": now,
        "created_by": ME["id"],
    }


def database_defaults(world: World, database_id: str, title: str) -> Record:
    """A new database with its data source."""
    return {
        "id": database_id,
        "title": title,
        "description": "",
        "parent": WORKSPACE,
        "data_source": uuid_of("notion.data_source", database_id),
        "schema": {},
        "in_trash": False,
        "last_edited_time": iso_millis(world.clock),
    }


def find_page(world: World, said: str) -> Record:
    """The page by id or address, or the service's refusal."""
    found = world.get("notion.pages", (dashed(said) or said,))
    if found is None:
        raise not_found("page", said)
    return found


def find_database(world: World, said: str) -> Record | None:
    """A database by its id, its address, or that of its data source."""
    key = dashed(said) or said
    by_source = world.table("notion.databases").find("data_source", key)
    return world.get("notion.databases", (key,)) or next(iter(by_source), None)


def place_of(world: World, said: str) -> str | None:
    """The id of the page, or of the database's data source, that ``said`` names by id or title."""
    key = dashed(said) or said
    if world.get("notion.pages", (key,)) is not None:
        return key
    database = find_database(world, said)
    if database is not None:
        return str(database["data_source"])
    titled = [one for one in world.table("notion.pages") if title_of(one) == said]
    return str(titled[0]["id"]) if titled else None


def title_of(record: Record) -> str:
    """The title of a page or database."""
    return str(record.get("title") or record.get("properties", {}).get("title") or "")


def url_of(page_id: str) -> str:
    """Where people open a page."""
    return f"https://app.notion.com/p/{page_id.replace('-', '')}"


def dashed(said: str) -> str | None:
    """The id in an address or an id with or without dashes; None if there is none in it."""
    found = re.findall(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", said.lower())
    if not found:
        return None
    plain = found[-1].replace("-", "")
    return f"{plain[:8]}-{plain[8:12]}-{plain[12:16]}-{plain[16:20]}-{plain[20:]}"


def failure(code: str, message: str, status: int = 400) -> Refused:
    """The refusal in the shape of Notion's API."""
    body = {"object": "error", "status": status, "code": code, "message": message}
    return Refused(msgspec.json.encode(body).decode())


def not_found(kind: str, said: str) -> Refused:
    """What the service says of what is not there, or not shared with the connection."""
    message = (
        f"Could not find {kind} with ID: {said}. Make sure the relevant pages and databases are shared "
        "with your integration."
    )
    return failure("object_not_found", message, 404)


def _seed_comment(world: World, given: Record) -> World:
    page: Json = place_of(world, str(given.get("page", "")))
    if page is None or "text" not in given:
        raise ValueError("expected a comment with a text on a page that is there")
    default = {"discussion": given["id"], "user": ME["id"], "created_time": iso_millis(world.clock)}
    return put(world, "comments", {**given, "page": page}, default)
