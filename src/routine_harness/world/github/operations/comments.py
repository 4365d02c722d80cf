"""Comments in the conversation of an issue or pull request, and reactions to anything."""

from __future__ import annotations

from routine_harness.plain import Json, Record
from routine_harness.world.github.operations.issues import comments_of
from routine_harness.world.github.operations.operation import (
    Arguments,
    Done,
    Refused,
    applied,
    find_item,
    find_row,
    found,
    full_name,
    name_of,
    not_found,
)
from routine_harness.world.github.records import tables
from routine_harness.world.state import World


def list_comments(world: World, arguments: Arguments) -> Done:
    return found(world, comments_of(world, find_item(world, arguments)[1]))


def list_repository_comments(world: World, arguments: Arguments) -> Done:
    rows = tables.of_repository(world, "comments", full_name(world, arguments))
    since = arguments.get("since") or ""
    return found(
        world, sorted((row for row in rows if row["updated_at"] >= since), key=lambda row: int(row["id"]))
    )


def get_comment(world: World, arguments: Arguments) -> Done:
    return found(world, find_row(world, "comments", arguments, "comment_id"))


def create_comment(world: World, arguments: Arguments) -> Done:
    table, item = find_item(world, arguments)
    after, identity = tables.next_id(world)
    comment = {
        "repository": item["repository"], "number": item["number"], "id": identity, "user": tables.me(world),
        "body": tables.with_appended(world, arguments["body"], "comment_suffix"),
        "html_url": f"{item['html_url']}#issuecomment-{identity}",
        "created_at": tables.now(world), "updated_at": tables.now(world),
    }  # fmt: skip
    after = tables.put(after, "comments", comment)
    counted = {"comments": int(item["comments"]) + 1} if "comments" in item else {}
    after = tables.change(after, table, item, updated_at=tables.now(world), **counted)
    kind = "issue" if table == "issues" else "pull_request"
    return applied(
        world, after, comment, target=name_of(item), id=identity, url=comment["html_url"], on_kind=kind,
        body=comment["body"],
    )  # fmt: skip


def _named(world: World, arguments: Arguments) -> Record | None:
    """The comment with an id; with ``last`` the agent's latest one on the issue, if there is one."""
    if not arguments.get("last"):
        return find_row(world, "comments", arguments, "comment_id")
    _, item = find_item(world, arguments)
    rows = tables.rows(world, "comments", "number", item["number"], item["repository"])
    mine = [row for row in rows if row["user"] == tables.me(world)]
    return max(mine, key=lambda row: int(row["id"])) if mine else None


def _no_comment() -> Refused:
    message = "no comments found for current user"
    return Refused(404, message, said=message)


def update_comment(world: World, arguments: Arguments) -> Done:
    comment, body = _named(world, arguments), arguments["body"]
    if comment is None and arguments.get("create_if_none"):
        return create_comment(world, arguments)
    if comment is None:
        raise _no_comment()
    after = world
    if comment["body"] != body:
        after = tables.change(world, "comments", comment, body=body, updated_at=tables.now(world))
    where = {"on": name_of(comment), "number": comment["number"], "url": comment["html_url"]}
    return applied(world, after, {**comment, "body": body}, target=name_of(comment), **where)


def delete_comment(world: World, arguments: Arguments) -> Done:
    comment = _named(world, arguments)
    if comment is None:
        raise _no_comment()
    after = tables.remove(world, "comments", comment)
    for table in ("issues", "pulls"):
        item = tables.get(after, table, comment["repository"], comment["number"])
        if item is not None and item.get("comments"):
            after = tables.change(after, table, item, comments=int(item["comments"]) - 1)
    where = {"on": name_of(comment), "number": comment["number"]}
    return applied(world, after, target=name_of(comment), **where)


def minimize_comment(world: World, arguments: Arguments) -> Done:
    """Hide a comment on an issue, a pull request or a line, for a reason (``OUTDATED``)."""
    return _set_minimized(world, arguments, str(arguments["classifier"]).lower().replace("_", "-"))


def unminimize_comment(world: World, arguments: Arguments) -> Done:
    return _set_minimized(world, arguments, None)


def _set_minimized(world: World, arguments: Arguments, reason: str | None) -> Done:
    repository, identity = full_name(world, arguments), arguments["comment_id"]
    for table in ("comments", "review_comments"):
        comment = tables.get(world, table, repository, identity)
        if comment is not None:
            row = {**comment, "minimized": reason}
            after = tables.change(world, table, comment, minimized=reason)
            after = world if comment.get("minimized") == reason else after
            return applied(world, after, row, target=name_of(comment), id=identity)
    raise not_found()


def put_reaction(world: World, repository: str, on: Json, content: str) -> tuple[World, Record]:
    """The agent's reaction; the one that is there already, if it is: one of a kind a person."""
    me = tables.me(world)
    for row in tables.rows(world, "reactions", "on", on, repository):
        if (row["user"], row["content"]) == (me, content):
            return world, row
    world, identity = tables.next_id(world)
    said = {"content": content, "user": me, "created_at": tables.now(world)}
    row = {"repository": repository, "id": identity, "on": on, **said}
    return tables.put(world, "reactions", row), row


def _react(world: World, repository: str, on: Json, content: str, target: str) -> Done:
    after, row = put_reaction(world, repository, on, content)
    return applied(world, after, row, target=target, id=row["id"])


def react_to_item(world: World, arguments: Arguments) -> Done:
    _, item = find_item(world, arguments)
    return _react(world, item["repository"], name_of(item), arguments["content"], name_of(item))


def react_to_comment(world: World, arguments: Arguments) -> Done:
    comment = find_row(world, "comments", arguments, "comment_id")
    if "number" in arguments and comment["number"] != int(arguments["number"]):
        raise not_found(f"comment_id does not belong to issue_number {arguments['number']}")
    target = name_of(comment) if "number" in arguments else comment["repository"]
    return _react(world, comment["repository"], comment["id"], arguments["content"], target)


def react_to_review_comment(world: World, arguments: Arguments) -> Done:
    comment = find_row(world, "review_comments", arguments, "comment_id")
    repository = comment["repository"]
    return _react(world, repository, comment["id"], arguments["content"], repository)


def list_reactions(world: World, arguments: Arguments) -> Done:
    repository = full_name(world, arguments)
    on = arguments["comment_id"] if "comment_id" in arguments else f"{repository}#{arguments['number']}"
    return found(world, tables.rows(world, "reactions", "on", on, repository))
