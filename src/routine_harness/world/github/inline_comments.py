"""Comments on lines and files of a pull request, and answers to them."""

from __future__ import annotations

import re
from typing import Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import (
    Answer,
    Arguments,
    Incomplete,
    Refused,
    applied,
    applied_all,
    find_pull,
    find_repository,
    not_found,
    number,
    paged,
    respond,
)
from routine_harness.world.github.outdated import suggestion_in
from routine_harness.world.github.reactions import put_reaction
from routine_harness.world.github.show import name_of
from routine_harness.world.github.show_items import show_review_comment
from routine_harness.world.modelled import Detail
from routine_harness.world.state import Record, World


def visible_to_agent(world: World, comments: list[Record]) -> list[Record]:
    """Without those that wait in somebody else's pending review."""
    me = tables.me(world)
    return [comment for comment in comments if not comment.get("pending") or comment["user"] == me]


def drop_comment(world: World, comment: Record) -> World:
    world = tables.remove(world, "review_comments", comment)
    if not tables.rows(world, "review_comments", "thread", comment["thread"], comment["repository"]):
        thread = tables.get(world, "threads", comment["repository"], comment["thread"])
        world = tables.remove(world, "threads", thread) if thread is not None else world
    return world


_NO_SUCH_LINE: Final = (
    "Failed to add comment to pending review. Possible reasons:\n"
    "\t- The line number doesn't exist in the pull request diff\n"
    "\t- The file path is incorrect\n"
    "\t- The side (LEFT/RIGHT) is invalid for the specified line\n"
)


def put_comment(world: World, pull: Record, given: Arguments, review: Record) -> tuple[World, Record]:
    path, line, side = given["path"], given.get("line"), given.get("side") or "RIGHT"
    if given.get("subjectType") == "LINE" and line is not None:
        _check_line(world, pull, path, int(line), side)
    elif given.get("subjectType") == "LINE":
        raise Refused(_NO_SUCH_LINE)
    world, identity = tables.next_id(world)
    comment: Record = {
        "repository": pull["repository"],
        "number": pull["number"],
        "id": identity,
        "review": review["id"],
        "thread": f"PRRT_{identity}",
        "user": tables.me(world),
        "body": given["body"],
        "path": path,
        "line": None if line is None else int(line),
        "side": side,
        "start_line": given.get("startLine"),
        "start_side": given.get("startSide"),
        "commit_id": review.get("commit_id") or pull["head_sha"],
        "html_url": f"{pull['html_url']}#discussion_r{identity}",
        "created_at": tables.now(world),
        "updated_at": tables.now(world),
    }
    if review["state"] == "PENDING":
        comment["pending"] = True
    thread = {
        "repository": pull["repository"],
        "id": comment["thread"],
        "number": pull["number"],
        "path": path,
        "line": comment["line"],
        "is_resolved": False,
        "is_outdated": False,
    }
    return tables.put(tables.put(world, "review_comments", comment), "threads", thread), comment


def _check_line(world: World, pull: Record, path: str, line: int, side: str) -> None:
    """Refuse a line that the diff does not show; what the world does not know is let pass."""
    files = tables.rows(world, "pull_files", "number", pull["number"], pull["repository"])
    if not files or len(files) < int(pull.get("changed_files") or 0):
        return
    file = next((file for file in files if file["filename"] == path), None)
    if file is None or ("patch" in file and line not in lines_of(file["patch"], side)):
        raise Refused(_NO_SUCH_LINE)


def lines_of(patch: str, side: str) -> set[int]:
    """The line numbers that a patch shows, of the new text (RIGHT) or the old one (LEFT)."""
    other = "+" if side == "LEFT" else "-"
    shown, line = set(), 0
    for text in patch.split("\n"):
        hunk = re.match(r"@@ -(\d{1,9})(?:,\d{1,9})? \+(\d{1,9})", text)
        if hunk:
            line = int(hunk[1] if side == "LEFT" else hunk[2])
        elif text[:1] not in (other, "\\"):
            shown.add(line)
            line += 1
    return shown


def add_reply(world: World, arguments: Arguments) -> Answer:
    """An answer in a review thread, a reaction to a comment of it, or both."""
    repository = find_repository(world, arguments, "failed to add reply to pull request comment")["full_name"]
    body, reaction = arguments.get("body"), arguments.get("reaction")
    if body is None and reaction is None:
        raise Refused("at least one of body or reaction is required")
    if body is not None and not body:
        raise Refused("body cannot be empty when provided")
    identity = number(arguments, "commentId")
    first = tables.get(world, "review_comments", repository, identity)
    if first is None:
        path = f"repos/{repository}/pulls/{arguments.get('pullNumber')}/comments/{identity}/replies"
        raise not_found("failed to add reply to pull request comment", "POST", path)
    after, details, value = world, [], {}
    if reaction is not None:
        after, reacted = put_reaction(after, repository, identity, reaction)
        unchanged = after is world
        details.append(Detail(repository, {"id": reacted["id"]}, "reaction.added", unchanged=unchanged))
        value = {"id": str(reacted["id"]), "url": f"{first['html_url']}/reactions/{reacted['id']}"}
    if body is not None:
        after, reply = _put_reply(after, first, body)
        where = {
            "repository": repository,
            "number": first["number"],
            "on": name_of(first),
            "path": first.get("path"),
            "suggestion": suggestion_in(body),
        }
        fields = {"id": reply["id"], "url": reply["html_url"], "author": reply["user"], **where}
        details.append(Detail(name_of(first), fields, "comment.created"))
        value = {"id": str(reply["id"]), "url": reply["html_url"]}
    return applied_all(after, value, *details)


def _put_reply(world: World, first: Record, body: str) -> tuple[World, Record]:
    world, identity = tables.next_id(world)
    copied = ("repository", "number", "thread", "path", "line", "side", "start_line", "commit_id")
    reply = {
        **{name: first.get(name) for name in copied},
        "id": identity,
        "in_reply_to_id": first.get("in_reply_to_id") or first["id"],
        "user": tables.me(world),
        "body": body,
        "html_url": f"{str(first['html_url']).partition('#')[0]}#discussion_r{identity}",
        "created_at": tables.now(world),
        "updated_at": tables.now(world),
    }
    return tables.put(world, "review_comments", reply), reply


def list_review_comments(world: World, arguments: Arguments) -> Answer:
    pull = find_pull(world, arguments, "failed to list review comments")
    rows = visible_to_agent(
        world, tables.rows(world, "review_comments", "number", pull["number"], pull["repository"])
    )
    if len(rows) < int(pull.get("review_comments") or 0):
        raise Incomplete(f"the review comments of {name_of(pull)}")
    return respond(world, [show_review_comment(row) for row in paged(rows, arguments)])


def _review_comment(world: World, arguments: Arguments, doing: str) -> Record:
    repository = find_repository(world, arguments, doing)["full_name"]
    comment = tables.get(world, "review_comments", repository, number(arguments, "comment_id"))
    if comment is None:
        raise not_found(doing, "GET", f"repos/{repository}/pulls/comments/{number(arguments, 'comment_id')}")
    return comment


def update_review_comment(world: World, arguments: Arguments) -> Answer:
    comment = _review_comment(world, arguments, "failed to update review comment")
    after = world
    if comment["body"] != arguments["body"]:
        after = tables.change(
            world, "review_comments", comment, body=arguments["body"], updated_at=tables.now(world)
        )
    where = {
        "on": name_of(comment),
        "on_kind": "pull_request",
        "number": comment["number"],
        "path": comment.get("path"),
        "suggestion": suggestion_in(arguments["body"]),
    }
    return applied(
        world, after, {"id": comment["id"]}, target=name_of(comment), url=comment["html_url"], **where
    )


def delete_review_comment(world: World, arguments: Arguments) -> Answer:
    comment = _review_comment(world, arguments, "failed to delete review comment")
    where = {"on": name_of(comment), "on_kind": "pull_request", "number": comment["number"]}
    return applied(world, drop_comment(world, comment), "", target=name_of(comment), **where)


OPERATIONS: Final = {
    "add_reply_to_pull_request_comment": add_reply,
    "list_review_comments": list_review_comments,
    "update_review_comment": update_review_comment,
    "delete_review_comment": delete_review_comment,
}
