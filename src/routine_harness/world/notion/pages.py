"""Notion's operations on pages, databases and comments."""

from __future__ import annotations

import re

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.world.notion.edits import COMMANDS
from routine_harness.world.notion.records import (
    ME,
    WORKSPACE,
    database_defaults,
    failure,
    find_database,
    find_page,
    new_id,
    not_found,
    page_defaults,
    place_of,
    put,
    title_of,
    url_of,
)
from routine_harness.world.simulated import Answer, Arguments, Detail
from routine_harness.world.state import World
from routine_harness.world.times import iso_millis


def create_pages(world: World, arguments: Arguments) -> Answer:
    """Create pages below one parent."""
    parent = _parent(world, arguments.get("parent"))
    database = find_database(world, parent)
    made: list[Record] = []
    for given in arguments["pages"]:
        world, page_id = new_id(world, "pages")
        properties = dict(given.get("properties", {}))
        _check_properties(database, properties)
        content = {"content": given.get("content", ""), "icon": given.get("icon")}
        record = {**page_defaults(world, page_id), "parent": parent, "properties": properties, **content}
        world = put(world, "pages", record)
        made.append(record)
    shown = [{"id": one["id"], "url": url_of(one["id"]), "properties": one["properties"]} for one in made]
    details = tuple(
        Detail(title_of(one), {"id": one["id"], "url": url_of(one["id"]), "parent": parent}) for one in made
    )
    return Answer(world, {"pages": shown}, details)


def update_page(world: World, arguments: Arguments) -> Answer:
    """Change a page by command."""
    before = find_page(world, arguments["page_id"])
    change = COMMANDS.get(arguments["command"])
    if change is None:
        raise failure(
            "validation_error", f"The command {arguments['command']} is not available for this page."
        )
    after = {**before, **change(before, arguments)}
    if "properties" in arguments and arguments["command"] == "update_properties":
        _check_properties(find_database(world, before["parent"]), arguments["properties"])
    if "icon" in arguments:
        after["icon"] = arguments["icon"]
    unchanged = after == before
    if not unchanged:
        after["last_edited_time"] = iso_millis(world.clock)
        world = put(world, "pages", after)
    fields = {"id": after["id"], "url": url_of(after["id"]), "title": title_of(after)}
    return Answer(world, {"page_id": after["id"]}, (Detail(title_of(after), fields, unchanged=unchanged),))


def duplicate_page(world: World, arguments: Arguments) -> Answer:
    """Copy a page beside itself."""
    source = find_page(world, arguments["page_id"])
    world, page_id = new_id(world, "pages")
    properties = {**source["properties"], "title": f"{title_of(source)} (1)"}
    record = {
        **source,
        **page_defaults(world, page_id),
        "parent": source["parent"],
        "content": source["content"],
    }
    world = put(world, "pages", {**record, "properties": properties})
    fields = {"id": page_id, "url": url_of(page_id), "title": properties["title"], "parent": source["parent"]}
    return Answer(
        world, {"page_id": page_id, "page_url": url_of(page_id)}, (Detail(properties["title"], fields),)
    )


def move_pages(world: World, arguments: Arguments) -> Answer:
    """Move pages or databases to another parent."""
    target = arguments["new_parent"]
    parent = WORKSPACE if target.get("type") == WORKSPACE else _parent(world, target)
    moved, titles = False, []
    for said in arguments["page_or_database_ids"]:
        database = find_database(world, said)
        table, found = ("databases", database) if database else ("pages", find_page(world, said))
        if parent == found["id"]:
            raise failure("validation_error", "A page cannot be moved below itself.")
        moved = moved or found["parent"] != parent
        titles.append(title_of(found))
        world = put(world, table, {**found, "parent": parent})
    count = len(titles)
    detail = Detail(", ".join(titles), {"parent": parent, "title": titles}, unchanged=not moved)
    return Answer(
        world, f"Successfully moved {count} item{'s' if count != 1 else ''}: {', '.join(titles)}", (detail,)
    )


def create_database(world: World, arguments: Arguments) -> Answer:
    """Create a database."""
    parent = _parent(world, arguments.get("parent"))
    world, made = new_id(world, "databases")
    title = plain_text(arguments.get("title", "")) or "Untitled"
    record = {
        **database_defaults(world, made, title),
        "parent": parent,
        "description": plain_text(arguments.get("description", "")),
        "schema": arguments.get("properties") or _columns(arguments.get("schema", "")),
    }
    world = put(world, "databases", record)
    fields = {"id": made, "url": url_of(made), "title": title, "parent": parent}
    return Answer(world, database_text(record), (Detail(title, fields),))


def update_data_source(world: World, arguments: Arguments) -> Answer:
    """Change a data source's title, description or columns, or put it in the trash."""
    before = find_database(world, arguments["data_source_id"])
    if before is None:
        raise not_found("data source", arguments["data_source_id"])
    after = dict(before)
    for name in ("title", "description"):
        if name in arguments:
            after[name] = plain_text(arguments[name])
    if "properties" in arguments:
        after["schema"] = {
            k: v for k, v in {**before["schema"], **arguments["properties"]}.items() if v is not None
        }
    if "statements" in arguments:
        after["schema"] = {**before["schema"], **_columns(arguments["statements"])}
    if "in_trash" in arguments:
        after["in_trash"] = arguments["in_trash"]
    unchanged = after == before
    world = world if unchanged else put(world, "databases", after)
    fields = {"id": after["data_source"], "url": url_of(after["id"]), "title": after["title"]}
    return Answer(world, database_text(after), (Detail(after["title"], fields, unchanged=unchanged),))


def create_comment(world: World, arguments: Arguments) -> Answer:
    """Comment on a page, or reply in a discussion."""
    text = arguments.get("markdown") or plain_text(arguments.get("rich_text", []))
    if not text.strip():
        raise failure("validation_error", "body failed validation: body.rich_text should be not empty.")
    discussion = arguments.get("discussion_id")
    said = arguments.get("page_id") or (arguments.get("parent") or {}).get("page_id")
    if discussion:
        first = next(
            (one for one in world.table("notion.comments") if discussion in (one["discussion"], one["id"])),
            None,
        )
        if first is None:
            raise not_found("discussion", discussion)
        page, thread = find_page(world, first["page"]), first["discussion"]
    elif said:
        page, thread = find_page(world, said), None
    else:
        raise failure("validation_error", "Either page_id or discussion_id must be provided.")
    world, made = new_id(world, "comments")
    record = {"id": made, "page": page["id"], "discussion": thread or made, "text": text, "user": ME["id"]}
    world = put(world, "comments", {**record, "created_time": iso_millis(world.clock)})
    fields = {"id": made, "on": page["id"], "url": url_of(page["id"]), "body": text, "author": ME["name"]}
    value = {"result": {"status": "success", "id": made, "discussion_id": record["discussion"]}}
    return Answer(world, value, (Detail(title_of(page), fields),))


def plain_text(said: Json) -> str:
    """The words of a title or rich text, however it is given."""
    if isinstance(said, str):
        return said
    parts = (one.get("text", {}) for one in said if isinstance(one, dict))
    return "".join(str(part.get("content", "") if isinstance(part, dict) else part) for part in parts)


def database_text(database: Record) -> Record:
    """A database as the service shows it."""
    url = url_of(database["id"])
    state = msgspec.json.encode({"name": database["title"], "schema": database["schema"]}).decode()
    text = (
        f'<database url="{url}">\nThe title of this Database is: {database["title"]}\n'
        f'<data-sources>\n<data-source url="collection://{database["data_source"]}">\n'
        f"<data-source-state>\n{state}\n</data-source-state>\n</data-source>\n</data-sources>\n</database>"
    )
    return {"metadata": {"type": "database"}, "title": database["title"], "url": url, "text": text}


def _parent(world: World, parent: Record | None) -> str:
    said = (
        next(
            (parent[name] for name in ("page_id", "data_source_id", "database_id") if parent.get(name)), None
        )
        if parent
        else None
    )
    if said is None:
        return WORKSPACE
    found = place_of(world, said)
    if found is None:
        raise not_found("page" if (parent or {}).get("page_id") else "data source", said)
    return found


def _check_properties(database: Record | None, properties: Record) -> None:
    """Only properties that the database has, where the page is a row of one with columns."""
    schema = (database or {}).get("schema")
    if not schema:
        return
    allowed = {*schema, "title"}
    for name in properties:
        column = name.split(":")[1] if name.startswith(("date:", "place:", "userDefined:")) else name
        if column not in allowed:
            raise failure(
                "validation_error",
                f'Property "{name}" not found in data source. Available: {", ".join(sorted(allowed))}',
            )


def _columns(statements: str) -> Record:
    """Columns of ``CREATE TABLE`` and ``ADD COLUMN`` statements: name → type."""
    return {
        name: {"type": kind.lower()} for name, kind in re.findall(r'"([^"]+)"\s+([A-Za-z_]+)', statements)
    }
