"""Comments in the conversation of an issue or pull request, and reactions."""

from __future__ import annotations

from typing import Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import (
    Answer,
    Arguments,
    Refused,
    applied,
    applied_all,
    find_item,
    find_repository,
    not_found,
    number,
    respond,
)
from routine_harness.world.github.reactions import react
from routine_harness.world.github.show import minimal, name_of
from routine_harness.world.github.show_items import show_comment
from routine_harness.world.modelled import Detail
from routine_harness.world.state import Record, World


def add_issue_comment(world: World, arguments: Arguments) -> Answer:
    doing = "failed to create comment"
    body, reaction, on = (arguments.get(name) for name in ("body", "reaction", "comment_id"))
    if on is not None and body is not None:
        raise Refused("comment_id cannot be combined with body")
    if on is not None and reaction is None:
        raise Refused("comment_id can only be provided when reaction is provided")
    if body is None and reaction is None:
        raise Refused("at least one of body or reaction is required")
    table, item = find_item(world, arguments, doing)
    after, details, value = world, [], {}
    if reaction is not None:
        given = {**arguments, "content": reaction}
        answer = add_comment_reaction(world, given) if on is not None else add_reaction(world, given)
        after, value = answer.world, answer.value
        details.append(
            Detail(name_of(item), answer.details[0].fields, "reaction.added", answer.details[0].unchanged)
        )
    if body is not None:
        after, comment = _put_comment(after, table, item, body)
        kind = "issue" if table == "issues" else "pull_request"
        fields = {"id": comment["id"], "url": comment["html_url"], "on_kind": kind, "author": comment["user"]}
        details.append(Detail(name_of(item), {**fields, "body": comment["body"]}, "comment.created"))
        value = minimal(comment)
    return applied_all(after, value, *details)


def _put_comment(world: World, table: str, item: Record, body: str) -> tuple[World, Record]:
    world, identity = tables.next_id(world)
    comment = {
        "repository": item["repository"],
        "number": item["number"],
        "id": identity,
        "user": tables.me(world),
        "body": tables.with_appended(world, body, "comment_suffix"),
        "html_url": f"{item['html_url']}#issuecomment-{identity}",
        "created_at": tables.now(world),
        "updated_at": tables.now(world),
    }
    world = tables.put(world, "comments", comment)
    counted = {"comments": int(item["comments"]) + 1} if "comments" in item else {}
    return tables.change(world, table, item, updated_at=tables.now(world), **counted), comment


def _comment(world: World, arguments: Arguments, doing: str) -> Record:
    repository = find_repository(world, arguments, doing)["full_name"]
    identity = number(arguments, "comment_id")
    comment = tables.get(world, "comments", repository, identity)
    if comment is None:
        raise not_found(doing, "GET", f"repos/{repository}/issues/comments/{identity}")
    return comment


def get_comment(world: World, arguments: Arguments) -> Answer:
    return respond(world, show_comment(world, _comment(world, arguments, "failed to get issue comment")))


def update_comment(world: World, arguments: Arguments) -> Answer:
    comment = _comment(world, arguments, "failed to update comment")
    after = world
    if comment["body"] != arguments["body"]:
        after = tables.change(
            world, "comments", comment, body=arguments["body"], updated_at=tables.now(world)
        )
    shown = show_comment(after, {**comment, "body": arguments["body"]})
    where = {"on": name_of(comment), "number": comment["number"], "url": comment["html_url"]}
    return applied(world, after, shown, target=name_of(comment), **where)


def delete_comment(world: World, arguments: Arguments) -> Answer:
    comment = _comment(world, arguments, "failed to delete comment")
    after = tables.remove(world, "comments", comment)
    for table in ("issues", "pulls"):
        item = tables.get(after, table, comment["repository"], comment["number"])
        if item is not None and item.get("comments"):
            after = tables.change(after, table, item, comments=int(item["comments"]) - 1)
    where = {"on": name_of(comment), "number": comment["number"]}
    return applied(world, after, "", target=name_of(comment), **where)


def add_reaction(world: World, arguments: Arguments) -> Answer:
    _, item = find_item(world, arguments, "failed to add reaction to issue")
    url = f"https://api.github.com/repos/{item['repository']}/issues/{item['number']}"
    return react(world, item["repository"], name_of(item), arguments["content"], url)


def add_comment_reaction(world: World, arguments: Arguments) -> Answer:
    comment = _comment(world, arguments, "failed to get issue comment")
    if "issue_number" in arguments and comment["number"] != number(arguments, "issue_number"):
        raise Refused(f"comment_id does not belong to issue_number {number(arguments, 'issue_number')}")
    url = f"https://api.github.com/repos/{comment['repository']}/issues/comments/{comment['id']}"
    return react(world, comment["repository"], comment["id"], arguments["content"], url)


OPERATIONS: Final = {
    "add_issue_comment": add_issue_comment,
    "get_issue_comment": get_comment,
    "update_issue_comment": update_comment,
    "delete_issue_comment": delete_comment,
    "add_issue_reaction": add_reaction,
    "add_issue_comment_reaction": add_comment_reaction,
}
