"""Comments on lines and files of a pull request, their threads, and where a push leaves them.

A comment follows its line for as long as the line is there; once the line was changed its thread is
outdated, and the comment keeps only the line that it had.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Final

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json, Record
from routine_harness.world.github.operations.operation import (
    Arguments,
    Done,
    Incomplete,
    Refused,
    applied,
    find_pull,
    find_row,
    found,
    full_name,
    name_of,
    not_found,
)
from routine_harness.world.github.records import tables
from routine_harness.world.state import World

_SUGGESTION: Final = lazy_pattern(
    r"^(`{3,}|~{3,})suggestion[^\S\n]*\n(.*?)^\1[^\S\n]*$", re.MULTILINE | re.DOTALL
)


def suggestion_in(body: str) -> str | None:
    """The text that a comment's suggested change puts in place of its lines; None without one.

    Several of one comment are one under the other.
    """
    found = [match[2] for match in _SUGGESTION.finditer(body.replace("\r\n", "\n"))]
    return "".join(found) if found else None


def follow_lines(world: World, pull: Record, before: Mapping[str, Json], after: Mapping[str, Json]) -> World:
    """``world`` with the comments of ``pull`` where their lines are after a push; the trees are those of
    its head before and after."""
    moved: dict[str, dict[int, int] | None] = {}
    for comment in tables.rows(world, "review_comments", "number", pull["number"], pull["repository"]):
        path, line = comment.get("path"), comment.get("line")
        if not path or not isinstance(line, int) or comment.get("side") == "LEFT":
            continue
        if path not in moved:
            moved[path] = _moved_lines(before.get(path), after.get(path))
        lines = moved[path]
        if lines is not None:
            world = _follow(world, comment, line, lines)
    return world


def _follow(world: World, comment: Record, line: int, lines: Mapping[int, int]) -> World:
    start = comment.get("start_line")
    first = int(start) if isinstance(start, int) else line
    now = [lines[number] for number in range(first, line + 1) if number in lines]
    if len(now) == line - first + 1 and now[-1] - now[0] == line - first:
        at = {"line": now[-1], **({"start_line": now[0]} if start is not None else {})}
        return tables.change(world, "review_comments", comment, **at)
    original = {"original_line": comment.get("original_line") or line}
    world = tables.change(world, "review_comments", comment, line=None, start_line=None, **original)
    thread = tables.get(world, "threads", comment["repository"], comment["thread"])
    return world if thread is None else tables.change(world, "threads", thread, is_outdated=True)


def _moved_lines(before: Json, after: Json) -> dict[int, int] | None:
    """Old line → new line of those that are still there; None where a text is not known."""
    if not isinstance(before, str) or not (after is None or isinstance(after, str)):
        return None
    if before == after:
        return None
    old, new = before.splitlines(), (after or "").splitlines()
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return {
        a + offset + 1: b + offset + 1
        for a, b, size in matcher.get_matching_blocks()
        for offset in range(size)
    }


def visible_comments(world: World, pull: Record) -> list[Record]:
    """The comments on the lines of a pull request, without those in somebody else's pending review.

    Raises:
        Incomplete: there are more than the world holds.
    """
    me, repository = tables.me(world), pull["repository"]
    rows = tables.rows(world, "review_comments", "number", pull["number"], repository)
    rows = [row for row in rows if not row.get("pending") or row["user"] == me]
    if len(rows) < int(pull.get("review_comments") or 0):
        raise Incomplete(f"the review comments of {name_of(pull)}")
    return rows


def drop_comment(world: World, comment: Record) -> World:
    """``world`` without a comment, and without its thread if it was the last one there."""
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


def _no_such_line(field: str) -> Refused:
    error = {
        "resource": "PullRequestReviewComment",
        "code": "invalid",
        "field": f"pull_request_review_thread.{field}",
    }
    return Refused(422, "Validation Failed", errors=[error], said=_NO_SUCH_LINE)


def put_comment(world: World, pull: Record, given: Arguments, review: Record) -> tuple[World, Record]:
    """``world`` with a comment of ``review`` on a line or a file, in a thread of its own."""
    path, line, side = given["path"], given.get("line"), given.get("side") or "RIGHT"
    if str(given.get("subject_type") or "line").lower() == "line":
        if line is None:
            raise _no_such_line("line")
        _check_line(world, pull, path, int(line), side)
    world, identity = tables.next_id(world)
    comment: Record = {
        "repository": pull["repository"], "number": pull["number"], "id": identity, "review": review["id"],
        "thread": f"PRRT_{identity}", "user": tables.me(world), "body": given["body"], "path": path,
        "line": None if line is None else int(line), "side": side,
        "start_line": given.get("start_line"), "start_side": given.get("start_side"),
        "commit_id": review.get("commit_id") or pull["head_sha"],
        "html_url": f"{pull['html_url']}#discussion_r{identity}",
        "created_at": tables.now(world), "updated_at": tables.now(world),
    }  # fmt: skip
    if review["state"] == "PENDING":
        comment["pending"] = True
    thread = {
        "repository": pull["repository"], "id": comment["thread"], "number": pull["number"], "path": path,
        "line": comment["line"], "is_resolved": False, "is_outdated": False,
    }  # fmt: skip
    return tables.put(tables.put(world, "review_comments", comment), "threads", thread), comment


def _check_line(world: World, pull: Record, path: str, line: int, side: str) -> None:
    """Refuse a line that the diff does not show; what the world does not know is let pass."""
    files = tables.rows(world, "pull_files", "number", pull["number"], pull["repository"])
    if not files or len(files) < int(pull.get("changed_files") or 0):
        return
    file = next((file for file in files if file["filename"] == path), None)
    if file is None or ("patch" in file and line not in lines_of(file["patch"], side)):
        raise _no_such_line("path" if file is None else "line")


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


def comment_applied(before: World, after: World, pull: Record, comment: Record) -> Done:
    """The answer to a comment that was put on a line or file of ``pull``."""
    return applied(
        before, after, comment, target=name_of(pull), id=comment["id"], url=comment["html_url"],
        line=comment.get("line"), suggestion=suggestion_in(comment["body"]),
    )  # fmt: skip


def create_review_comment(world: World, arguments: Arguments) -> Done:
    """A comment that stands at once, outside a review of its own."""
    pull = find_pull(world, arguments)
    review = {"id": None, "state": "COMMENTED", "commit_id": arguments.get("commit_id")}
    after, comment = put_comment(world, pull, arguments, review)
    return comment_applied(world, after, pull, comment)


def list_review_comments(world: World, arguments: Arguments) -> Done:
    return found(world, visible_comments(world, find_pull(world, arguments)))


def list_repository_review_comments(world: World, arguments: Arguments) -> Done:
    me = tables.me(world)
    rows = tables.of_repository(world, "review_comments", full_name(world, arguments))
    return found(world, [row for row in rows if not row.get("pending") or row["user"] == me])


def get_review_comment(world: World, arguments: Arguments) -> Done:
    return found(world, find_row(world, "review_comments", arguments, "comment_id"))


def reply(world: World, arguments: Arguments) -> Done:
    """An answer in a review thread."""
    first = find_row(world, "review_comments", arguments, "comment_id")
    body = arguments["body"]
    after, identity = tables.next_id(world)
    copied = ("repository", "number", "thread", "path", "line", "side", "start_line", "commit_id")
    answer = {
        **{name: first.get(name) for name in copied},
        "id": identity, "in_reply_to_id": first.get("in_reply_to_id") or first["id"],
        "user": tables.me(world), "body": body,
        "html_url": f"{str(first['html_url']).partition('#')[0]}#discussion_r{identity}",
        "created_at": tables.now(world), "updated_at": tables.now(world),
    }  # fmt: skip
    return applied(
        world, tables.put(after, "review_comments", answer), answer, target=name_of(first), id=identity,
        url=answer["html_url"], repository=first["repository"], number=first["number"], on=name_of(first),
        path=first.get("path"), suggestion=suggestion_in(body),
    )  # fmt: skip


def update_review_comment(world: World, arguments: Arguments) -> Done:
    comment, body = find_row(world, "review_comments", arguments, "comment_id"), arguments["body"]
    after = world
    if comment["body"] != body:
        after = tables.change(world, "review_comments", comment, body=body, updated_at=tables.now(world))
    return applied(
        world, after, {**comment, "body": body}, target=name_of(comment), url=comment["html_url"],
        on=name_of(comment), on_kind="pull_request", number=comment["number"], path=comment.get("path"),
        suggestion=suggestion_in(body),
    )  # fmt: skip


def delete_review_comment(world: World, arguments: Arguments) -> Done:
    comment = find_row(world, "review_comments", arguments, "comment_id")
    where = {"on": name_of(comment), "on_kind": "pull_request", "number": comment["number"]}
    return applied(world, drop_comment(world, comment), target=name_of(comment), **where)


def list_threads(world: World, arguments: Arguments) -> Done:
    """Review threads, each with its comments under ``comments``."""
    pull = find_pull(world, arguments)
    comments = visible_comments(world, pull)
    rows = []
    for thread in tables.rows(world, "threads", "number", pull["number"], pull["repository"]):
        own = [comment for comment in comments if comment["thread"] == thread["id"]]
        if own:
            rows.append({**thread, "comments": own})
    return found(world, rows)


def set_resolved(world: World, arguments: Arguments, *, resolved: bool) -> Done:
    thread = _thread(world, arguments)
    by = {"resolved_by": tables.me(world)} if resolved and not thread["is_resolved"] else {}
    after = tables.change(world, "threads", thread, is_resolved=resolved, **by)
    return applied(
        world, after, {**thread, "is_resolved": resolved, **by}, target=name_of(thread), on=name_of(thread),
        on_kind="pull_request", id=thread["id"], repository=thread["repository"], number=thread["number"],
        path=thread.get("path"), line=thread.get("line"),
    )  # fmt: skip


def _thread(world: World, arguments: Arguments) -> Record:
    """The thread with an id, or that of a comment (the ``ccr`` routes name comments)."""
    if "comment_id" in arguments:
        comment = find_row(world, "review_comments", arguments, "comment_id")
        identity = comment["thread"]
    else:
        identity = arguments["thread"]
    rows = tables.rows(world, "threads", "id", identity)
    if not rows:
        raise not_found(f"Could not resolve to a node with the global id of '{identity}'")
    return rows[0]
