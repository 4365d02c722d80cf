"""Review threads: inline comments, replies, reactions, and whether they are resolved."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import Answer, Arguments, Incomplete, Refused, applied
from routine_harness.world.github.inline_comments import visible_to_agent
from routine_harness.world.github.show import compact, name_of
from routine_harness.world.github.show_items import show_review_comment
from routine_harness.world.paging import InvalidCursor, page_of
from routine_harness.world.state import Record, World


def list_threads(world: World, pull: Record, arguments: Arguments) -> Any:
    """Review threads with their comments, a cursor's page at a time."""
    repository = pull["repository"]
    comments = visible_to_agent(
        world, tables.rows(world, "review_comments", "number", pull["number"], repository)
    )
    if len(comments) < int(pull.get("review_comments") or 0):
        raise Incomplete(f"the review comments of {name_of(pull)}")
    shown = {comment["thread"] for comment in comments}
    threads = [
        t for t in tables.rows(world, "threads", "number", pull["number"], repository) if t["id"] in shown
    ]
    try:
        size = int(arguments.get("perPage") or 30)
        page = page_of(
            threads, lambda t: str(t["id"]), size, arguments.get("after"), ["threads", name_of(pull)]
        )
    except InvalidCursor as error:
        cursor = f"`{error}` does not appear to be a valid cursor."
        raise Refused(f"failed to get pull request review threads: {cursor}") from error
    return {
        "review_threads": [_show_thread(thread, comments) for thread in page.rows],
        "totalCount": len(threads),
        "pageInfo": {
            "hasNextPage": page.cursor is not None,
            "hasPreviousPage": bool(arguments.get("after")),
            **compact(endCursor=page.cursor),
        },
    }


def _show_thread(thread: Record, comments: list[Record]) -> Record:
    own = [comment for comment in comments if comment["thread"] == thread["id"]]
    return {
        "id": thread["id"],
        "is_resolved": bool(thread["is_resolved"]),
        "is_outdated": bool(thread["is_outdated"]),
        "is_collapsed": bool(thread["is_resolved"]),
        "comments": [show_review_comment(comment) for comment in own],
        "total_count": len(own),
    }


def set_resolved(world: World, identity: str, resolved: bool) -> Answer:
    found = tables.rows(world, "threads", "id", identity)
    if not found:
        verb = "resolve" if resolved else "unresolve"
        missing = f"Could not resolve to a node with the global id of '{identity}'"
        raise Refused(f"failed to {verb} review thread: {missing}")
    thread = found[0]
    by = {"resolved_by": tables.me(world)} if resolved and not thread["is_resolved"] else {}
    after = tables.change(world, "threads", thread, is_resolved=resolved, **by)
    text = f"review thread {'resolved' if resolved else 'unresolved'} successfully"
    return applied(
        world, after, text, target=name_of(thread), on=name_of(thread), on_kind="pull_request", id=identity,
        repository=thread["repository"], number=thread["number"], path=thread.get("path"),
        line=thread.get("line"),
    )  # fmt: skip


def resolve_thread(world: World, arguments: Arguments) -> Answer:
    return set_resolved(world, arguments["threadID"], resolved=True)


def unresolve_thread(world: World, arguments: Arguments) -> Answer:
    return set_resolved(world, arguments["threadID"], resolved=False)


OPERATIONS: Final = {
    "resolve_review_thread": resolve_thread,
    "unresolve_review_thread": unresolve_thread,
}
