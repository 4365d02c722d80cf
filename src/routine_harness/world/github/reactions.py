"""Reactions: one of a kind a person."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import (
    Answer,
    Arguments,
    applied,
    find_repository,
    not_found,
    number,
)
from routine_harness.world.state import Record, World


def put_reaction(world: World, repository: str, on: Any, content: str) -> tuple[World, Record]:
    """The agent's reaction; the one that is there already, if it is."""
    me = tables.me(world)
    for row in tables.rows(world, "reactions", "on", on, repository):
        if (row["user"], row["content"]) == (me, content):
            return world, row
    world, identity = tables.next_id(world)
    row = {"repository": repository, "id": identity, "on": on, "content": content, "user": me}
    return tables.put(world, "reactions", row), row


def react(world: World, repository: str, on: Any, content: str, url: str) -> Answer:
    """The answer to a reaction to something of ``repository``."""
    after, row = put_reaction(world, repository, on, content)
    value = {"id": str(row["id"]), "url": f"{url}/reactions/{row['id']}"}
    return applied(world, after, value, target=on if isinstance(on, str) else repository, id=row["id"])


def add_review_comment_reaction(world: World, arguments: Arguments) -> Answer:
    repository = find_repository(world, arguments, "failed to add reaction")["full_name"]
    identity = number(arguments, "comment_id")
    url = f"repos/{repository}/pulls/comments/{identity}"
    if tables.get(world, "review_comments", repository, identity) is None:
        raise not_found("failed to add reaction to pull request review comment", "POST", f"{url}/reactions")
    return react(world, repository, identity, arguments["content"], f"https://api.github.com/{url}")


OPERATIONS: Final = {
    "add_pull_request_review_comment_reaction": add_review_comment_reaction,
}
