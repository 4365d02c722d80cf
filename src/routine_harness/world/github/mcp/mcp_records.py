"""Records as GitHub's MCP server shows them: small objects without empty fields, and pages of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.github.mcp.mcp_calls import ToolRefused
from routine_harness.world.github.mcp.mcp_texts import any_text, item_text
from routine_harness.world.github.operations.labels import milestone_title
from routine_harness.world.github.operations.operation import Arguments
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.derived import DERIVED, git_author, user_row
from routine_harness.world.github.records.fields import Kind, show_row
from routine_harness.world.paging import InvalidCursor, page_of
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall


def _user(world: World, _: Record, login: Json) -> Json:
    return None if not login else show_row("mcp", KINDS, "user", world, user_row(world, login))


def _tip(world: World, pull: Record, ref: Json) -> Json:
    side = "head" if ref == pull.get("head") else "base"
    return _tip_of(world, pull, side)


def _tip_of(world: World, pull: Record, side: str) -> Record:
    repository = pull["head_repository"] if side == "head" else pull["repository"]
    shown: Record = {"ref": pull[side], "sha": pull[f"{side}_sha"]}
    if repository is None:
        return shown
    row = tables.get(world, "repositories", repository) or {}
    described = {"description": row["description"]} if row.get("description") else {}
    return {**shown, "repo": {"full_name": repository, **described}}


REACTIONS: Final = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


def _reactions(world: World, row: Record, _: Json) -> Json:
    on = row["id"] if "number" not in row or "title" not in row else f"{row['repository']}#{row['number']}"
    contents = [one["content"] for one in tables.rows(world, "reactions", "on", on)]
    if not contents:
        return None
    return {"total_count": len(contents), **{name: contents.count(name) for name in REACTIONS}}


def _git_commit(world: World, row: Record, message: Json) -> Record:
    author = git_author(row)
    return {
        "message": any_text(world, row, message or ""),
        **({"author": author, "committer": author} if author else {}),
    }


def _found_user(world: World, _: Record, login: Json) -> Record:
    row = user_row(world, login)
    return {"login": login, "id": row["id"], "html_url": row["html_url"]}


KINDS: Final[dict[str, Kind]] = {
    **DERIVED,
    "item_text": item_text,
    "any_text": any_text,
    "person": _user,
    "name": lambda _, __, value: value,
    "names": lambda _, __, value: value,
    "milestone": lambda world, row, _: milestone_title(world, row),
    "tip": _tip,
    "reactions": _reactions,
    "git_commit": _git_commit,
    "label_id": lambda _, row, value: str(row.get("node_id") or value or ""),
    "found_user": _found_user,
    "found_people": lambda world, row, people: [_found_user(world, row, login) for login in people],
}
"""How the server spells the kinds of fields."""


def show(record: str, world: World, row: Record) -> Record:
    """``row`` as the server shows a ``record``."""
    return show_row("mcp", KINDS, record, world, row)


def paged(rows: list[Record], arguments: Arguments, default: int = 30) -> list[Record]:
    """The page of ``rows`` that the arguments ask for; empty beyond the end."""
    page, size = int(arguments.get("page") or 1), int(arguments.get("per_page") or default)
    return rows[(page - 1) * size : page * size]


def pick(items: list[Record], fields: list[str] | None) -> list[Record]:
    """``items`` with the chosen ``fields`` alone, where any are chosen."""
    if not fields:
        return items
    return [{name: item[name] for name in fields if name in item} for item in items]


def minimal(row: Record) -> Record:
    """What the server answers to a write: an id and a link."""
    return {"id": str(row["id"]), "url": row["html_url"]}


Write = Callable[[World, ToolCall, Arguments, Json], Json]


def cursor_page(
    rows: list[Record], key: str, given: Arguments, identity: list[Json], doing: str
) -> tuple[list[Record], Record]:
    """A page behind a cursor, and what the server says of the pages around it."""
    size = int(given.get("per_page") or 30)
    try:
        page = page_of(rows, lambda row: str(row[key]), size, given.get("after"), identity)
    except InvalidCursor as error:
        raise ToolRefused(f"{doing}: `{error}` does not appear to be a valid cursor.") from error
    ends = {"endCursor": page.cursor} if page.cursor is not None else {}
    info = {"hasNextPage": page.cursor is not None, "hasPreviousPage": bool(given.get("after")), **ends}
    return list(page.rows), info
