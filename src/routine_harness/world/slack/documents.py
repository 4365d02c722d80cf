"""Slack's canvases, lists and files."""

from __future__ import annotations

from routine_harness.plain import Record
from routine_harness.world.simulated import Answer, Arguments, Detail, Refused
from routine_harness.world.slack.lookup import posting_channel
from routine_harness.world.slack.messages import post, posted, thread_of
from routine_harness.world.slack.reading import page_by, read_canvas_link
from routine_harness.world.slack.records import WORKSPACE, me, message_link, new_id, put
from routine_harness.world.state import World


def create_canvas(world: World, arguments: Arguments) -> Answer:
    """A new canvas; each heading and paragraph group is a section of its own."""
    world, canvas = new_id(world, "canvases")
    sections = _sections(canvas, arguments["content"], 1)
    record = {"id": canvas, "title": arguments["title"], "user": me(world)["id"], "sections": sections}
    world = put(world, "canvases", record)
    link = read_canvas_link(record)
    return Answer(
        world, {"canvas_id": canvas, "canvas_url": link}, (Detail(fields={"id": canvas, "url": link}),)
    )


def update_canvas(world: World, arguments: Arguments) -> Answer:
    """Edit a canvas by sections, or by the legacy ``action`` and ``content``."""
    canvas = _get(world, "canvases", arguments["canvas_id"], "canvas_not_found")
    edits = list(arguments.get("sections") or [])
    if arguments.get("action"):
        legacy = {"edit_type": arguments["action"], "content": arguments.get("content", "")}
        edits.append(
            {**legacy, **({"section_id": arguments["section_id"]} if arguments.get("section_id") else {})}
        )
    if not edits:
        raise Refused("invalid_arguments: provide sections")
    sections = list(canvas["sections"])
    for edit in edits:
        sections = _edited(canvas["id"], sections, edit)
    detail = Detail(
        canvas["title"],
        {"title": canvas["title"], "url": read_canvas_link(canvas)},
        unchanged=sections == canvas["sections"],
    )
    world = put(world, "canvases", {"id": canvas["id"], "sections": sections})
    return Answer(world, {"canvas_id": canvas["id"], "canvas_url": read_canvas_link(canvas)}, (detail,))


def read_canvas(world: World, arguments: Arguments) -> Answer:
    """A canvas's Markdown and the ids of its sections."""
    canvas = _get(world, "canvases", arguments["canvas_id"], "canvas_not_found")
    markdown = "\n\n".join(section["content"] for section in canvas["sections"])
    mapping = {section["id"]: section["content"] for section in canvas["sections"]}
    return Answer(
        world, {"title": canvas["title"], "markdown_content": markdown, "section_id_mapping": mapping}
    )


def create_list(world: World, arguments: Arguments) -> Answer:
    """A new list."""
    world, made = new_id(world, "lists")
    columns = [_column(number, column) for number, column in enumerate(arguments.get("columns") or [], 1)]
    record = {
        "id": made,
        "name": arguments["name"],
        "description": arguments.get("description", ""),
        "columns": columns,
    }
    world = put(world, "lists", record)
    return Answer(world, {"list_id": made, "list_url": _list_link(made)}, (_list_detail(record),))


def update_list(world: World, arguments: Arguments) -> Answer:
    """Change a list's name, description or columns."""
    found = _get(world, "lists", arguments["list_id"], "list_not_found")
    changed: Record = {name: arguments[name] for name in ("name", "description", "icon") if name in arguments}
    dropped = set(arguments.get("columns_to_delete") or [])
    columns = [column for column in found["columns"] if column["id"] not in dropped]
    for update in arguments.get("columns_to_update") or []:
        columns = [{**column, **update} if column["id"] == update.get("id") else column for column in columns]
    start = len(found["columns"]) + 1
    columns += [
        _column(start + at, column) for at, column in enumerate(arguments.get("columns_to_add") or [])
    ]
    record: Record = {**found, **changed, "columns": columns}
    world = put(world, "lists", record)
    return Answer(world, {"list_id": found["id"]}, (_list_detail(record, unchanged=record == found),))


def add_list_record(world: World, arguments: Arguments) -> Answer:
    """A new record of a list."""
    found = _get(world, "lists", arguments["list_id"], "list_not_found")
    world, made = new_id(world, "list_records")
    world = put(world, "list_records", {"list": found["id"], "id": made, "columns": arguments["columns"]})
    return Answer(world, {"record_id": made}, (_list_detail(found),))


def update_list_record(world: World, arguments: Arguments) -> Answer:
    """Change columns of a record."""
    found = _get(world, "lists", arguments["list_id"], "list_not_found")
    record = world.get("slack.list_records", (found["id"], arguments["record_id"]))
    if record is None:
        raise Refused("record_not_found")
    columns = {**record["columns"], **arguments["updated_columns"]}
    world = put(world, "list_records", {**record, "columns": columns})
    detail = _list_detail(found, unchanged=columns == record["columns"])
    return Answer(world, {"record_id": record["id"]}, (detail,))


def read_list(world: World, arguments: Arguments) -> Answer:
    """A list by id or title, with its records."""
    wanted = arguments.get("list_id")
    titled = [one for one in world.table("slack.lists") if one["name"] == arguments.get("list_title")]
    found = world.get("slack.lists", (wanted,)) if wanted else next(iter(titled), None)
    if found is None:
        raise Refused("list_not_found")
    records = world.table("slack.list_records").find("list", found["id"])
    page = page_by(records, lambda row: str(row["id"]), arguments, found["id"], 100, 100)
    shown = {name: found[name] for name in ("id", "name", "description", "columns") if name in found}
    rows = [{"id": row["id"], "columns": row["columns"]} for row in page.rows]
    return Answer(world, {"list": shown, "records": rows, "next_cursor": page.cursor})


def get_file_upload_url(world: World, arguments: Arguments) -> Answer:
    """Begin an upload: the file exists from here on, not yet shared."""
    world, made = new_id(world, "files")
    record = {
        "id": made,
        "name": arguments["filename"],
        "title": arguments["filename"],
        "size": arguments["content_length"],
        "user": me(world)["id"],
        "complete": False,
    }
    world = put(world, "files", record)
    value = {"file_id": made, "upload_url": f"https://files.slack.com/upload/v1/{made}"}
    return Answer(world, value, (Detail(fields={"id": made}),))


def complete_file_upload(world: World, arguments: Arguments) -> Answer:
    """End an upload, and share the file where a channel is named."""
    found = _get(world, "files", arguments["file_id"], "file_not_found")
    title = str(arguments.get("title", found["title"]))
    world = put(world, "files", {"id": found["id"], "title": title, "complete": True})
    details = [Detail(title, {"id": found["id"], "title": title}, "file.uploaded")]
    value: Record = {"file_id": found["id"], "permalink": f"{WORKSPACE}/files/{found['id']}"}
    if arguments.get("channel_id"):
        world, channel = posting_channel(world, arguments["channel_id"])
        comment = arguments.get("initial_comment") or title
        world, message = post(world, channel, comment, thread_of(world, channel, arguments.get("thread_ts")))
        world = put(world, "messages", {**message, "files": [found["id"]]})
        link = message_link(channel, message["ts"])
        value["message_link"] = link
        details.append(posted(world, channel, message["ts"], link))
    return Answer(world, value, tuple(details))


def read_file(world: World, arguments: Arguments) -> Answer:
    """A file's data and its text, where the world has it."""
    found = _get(world, "files", arguments["file_id"], "file_not_found")
    if "content" not in found:
        return Answer(
            world, "file_content_unavailable", incomplete=f"slack.files {found['id']} has no content"
        )
    shown = {
        name: found[name] for name in ("id", "name", "title", "mimetype", "size", "content") if name in found
    }
    return Answer(world, shown)


def _get(world: World, table: str, key: str, missing: str) -> Record:
    found = world.get(f"slack.{table}", (key,))
    if found is None:
        raise Refused(missing)
    return found


def _sections(canvas: str, content: str, first: int) -> list[Record]:
    blocks = [block for block in content.split("\n\n") if block.strip()]
    return [
        {"id": f"temp:C:{canvas}{number:04d}", "content": block} for number, block in enumerate(blocks, first)
    ]


def _edited(canvas: str, sections: list[Record], edit: Record) -> list[Record]:
    following = 1 + max(
        (int(section["id"][-4:]) for section in sections if section["id"][-4:].isdigit()), default=0
    )
    made = _sections(canvas, edit.get("content", ""), following)
    wanted = edit.get("section_id")
    if wanted is None:
        whole = {"append": [*sections, *made], "prepend": [*made, *sections], "replace": made}
        if edit["edit_type"] not in whole:
            raise Refused("section_not_found")
        return whole[edit["edit_type"]]
    at = next((index for index, section in enumerate(sections) if section["id"] == wanted), None)
    if at is None:
        raise Refused("section_not_found")
    kept = sections[at]
    middle = {
        "append": [kept, *made],
        "prepend": [*made, kept],
        "replace": [{**kept, "content": edit.get("content", "")}],
        "delete": [],
    }[edit["edit_type"]]
    return [*sections[:at], *middle, *sections[at + 1 :]]


def _column(number: int, column: Record) -> Record:
    return {"id": f"Col{number:02d}", **column}


def _list_link(list_id: str) -> str:
    return f"{WORKSPACE}/lists/{list_id}"


def _list_detail(record: Record, *, unchanged: bool = False) -> Detail:
    fields = {"id": record["id"], "name": record["name"], "url": _list_link(record["id"])}
    return Detail(record["name"], fields, unchanged=unchanged)
