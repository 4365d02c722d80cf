"""Notion's reads: search, fetch, comments, people."""

from __future__ import annotations

import msgspec

from routine_harness.plain import Record
from routine_harness.world.notion.pages import database_text
from routine_harness.world.notion.records import (
    ME,
    WORKSPACE,
    failure,
    find_database,
    find_page,
    not_found,
    place_of,
    title_of,
    url_of,
)
from routine_harness.world.paging import page_of
from routine_harness.world.simulated import Answer, Arguments
from routine_harness.world.state import World
from routine_harness.world.times import iso_millis


def search(world: World, arguments: Arguments) -> Answer:
    """Pages and databases (or users) that hold the words, the last edited first."""
    limit, words = arguments.get("page_size", 10), _words(arguments)
    if arguments.get("query_type") == "user":
        users = [one for one in _users(world) if _has(words, one["name"], one.get("email"))]
        return Answer(world, {"results": [{**one, "type": "user"} for one in users[:limit]], "type": "user"})
    place = arguments.get("data_source_url") or arguments.get("page_url")
    parent = place_of(world, place) if place else None
    if place and parent is None:
        raise not_found("page", place)
    rows = [
        ("page", one, one["content"])
        for one in world.table("notion.pages")
        if parent in (None, one["parent"]) and _has(words, title_of(one), one["content"])
    ]
    rows += [
        ("database", one, one["description"])
        for one in world.table("notion.databases")
        if parent in (None, one["parent"]) and not one["in_trash"] and _has(words, one["title"])
    ]
    rows.sort(key=lambda row: (row[1]["last_edited_time"], row[1]["id"]), reverse=True)
    length = arguments.get("max_highlight_length", 200)
    results = [
        {
            "id": one["id"],
            "title": title_of(one),
            "url": url_of(one["id"]),
            "type": kind,
            "highlight": text[:length],
            "timestamp": one["last_edited_time"],
        }
        for kind, one, text in rows[:limit]
    ]
    return Answer(world, {"results": results, "type": "workspace_search"})


def fetch(world: World, arguments: Arguments) -> Answer:
    """A page with its content, or a database with its columns, by id or address."""
    database = find_database(world, arguments["id"])
    if database is not None:
        return Answer(world, database_text(database))
    page = find_page(world, arguments["id"])
    url = url_of(page["id"])
    comments = world.table("notion.comments").find("page", page["id"])
    lines = [
        f'Here is the result of "view" for the Page with URL {url} as of {iso_millis(world.clock)}:',
        f'<page url="{url}"' + (f' icon="{page["icon"]}">' if page["icon"] else ">"),
        _ancestors(world, page),
        "<properties>",
        msgspec.json.encode({**page["properties"], "title": title_of(page)}, order="sorted").decode(),
        "</properties>",
        *([f'<page-discussions count="{len(comments)}"/>'] if arguments.get("include_discussions") else []),
        "<content>",
        _content(world, page),
        "</content>",
        "</page>",
    ]
    value = {"metadata": {"type": "page"}, "title": title_of(page), "url": url, "text": "\n".join(lines)}
    return Answer(world, value)


def get_comments(world: World, arguments: Arguments) -> Answer:
    """A page's discussions with their comments."""
    page = find_page(world, arguments["page_id"])
    threads: dict[str, list[Record]] = {}
    for one in world.table("notion.comments").find("page", page["id"]):
        if arguments.get("discussion_id") in (None, one["discussion"]):
            threads.setdefault(one["discussion"], []).append(one)
    shown = [
        f'<discussion id="discussion://{thread}">\n'
        + "\n".join(
            f'<comment id="{one["id"]}" user-url="user://{one["user"]}" datetime="{one["created_time"]}">\n'
            f"{one['text']}\n</comment>"
            for one in comments
        )
        + "\n</discussion>"
        for thread, comments in threads.items()
    ]
    body = "\n".join(shown)
    return Answer(
        world, f'<discussions page-url="{url_of(page["id"])}" count="{len(threads)}">\n{body}\n</discussions>'
    )


def get_users(world: World, arguments: Arguments) -> Answer:
    """The workspace's users."""
    if arguments.get("user_id"):
        return get_user(world, arguments)
    words = _words(arguments)
    rows = [one for one in _users(world) if _has(words, one["name"], one.get("email"))]
    size, cursor = arguments.get("page_size", 100), arguments.get("start_cursor") or None
    refused = failure("validation_error", "The start_cursor provided is invalid.")
    page = page_of(rows, lambda one: str(one["id"]), size, cursor, arguments.get("query"), refused)
    return Answer(
        world, {"results": page.rows, "has_more": page.cursor is not None, "next_cursor": page.cursor}
    )


def get_user(world: World, arguments: Arguments) -> Answer:
    """One user, or the current one for ``self``."""
    said = ME["id"] if arguments["user_id"] == "self" else arguments["user_id"]
    found = next((one for one in _users(world) if one["id"] == said), None)
    if found is None:
        raise not_found("user", said)
    return Answer(world, {"results": [found], "has_more": False})


def get_self(world: World, arguments: Arguments) -> Answer:
    """The current user."""
    del arguments
    return Answer(world, dict(ME))


def get_teams(world: World, arguments: Arguments) -> Answer:
    """Teamspaces."""
    words = _words(arguments)
    rows = [one for one in world.table("notion.teams") if _has(words, one["name"])]
    return Answer(world, {"joinedTeams": rows, "otherTeams": [], "hasMore": False})


def _users(world: World) -> list[Record]:
    return [*world.table("notion.users"), ME]


def _has(words: list[str], *texts: str | None) -> bool:
    low = " ".join(text or "" for text in texts).lower()
    return all(word in low for word in words)


def _words(arguments: Arguments) -> list[str]:
    return str(arguments.get("query", "")).lower().split()


def _ancestors(world: World, page: Record) -> str:
    lines, parent, level = [], page["parent"], 1
    while parent != WORKSPACE and level < 20:
        prefix = "parent" if level == 1 else f"ancestor-{level}"
        database = find_database(world, parent)
        if database is not None:
            source = database["data_source"]
            lines.append(f'<{prefix}-data-source url="collection://{source}" name="{database["title"]}"/>')
            parent = database["parent"]
        else:
            above = world.get("notion.pages", (parent,))
            if above is None:
                break
            lines.append(f'<{prefix}-page url="{url_of(parent)}" title="{title_of(above)}"/>')
            parent = above["parent"]
        level += 1
    return "\n".join(["<ancestor-path>", *lines, "</ancestor-path>"])


def _content(world: World, page: Record) -> str:
    """The page's own text, and a link to each page below it."""
    below = [
        f'<page url="{url_of(one["id"])}">{title_of(one)}</page>'
        for one in world.table("notion.pages").find("parent", page["id"])
    ]
    return "\n".join([*([page["content"]] if page["content"] else []), *below]) or "<empty-block/>"
