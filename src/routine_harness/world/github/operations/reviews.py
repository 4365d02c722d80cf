"""Reviews of pull requests: pending, submitted, dismissed."""

from __future__ import annotations

from typing import Final

from routine_harness.plain import Record
from routine_harness.world.github.operations.operation import (
    Arguments,
    Done,
    Incomplete,
    Refused,
    applied,
    find_pull,
    found,
    name_of,
    not_found,
)
from routine_harness.world.github.operations.review_comments import comment_applied, drop_comment, put_comment
from routine_harness.world.github.records import tables
from routine_harness.world.state import World

_STATES: Final = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


def reviews_of(world: World, pull: Record) -> list[Record]:
    """The reviews that the agent can see.

    Raises:
        Incomplete: there are review comments, so there are reviews, and the world holds none.
    """
    rows = tables.rows(world, "reviews", "number", pull["number"], pull["repository"])
    comments = tables.rows(world, "review_comments", "number", pull["number"], pull["repository"])
    if not rows and not comments and int(pull.get("review_comments") or 0):
        raise Incomplete(f"the reviews of {name_of(pull)}")
    me = tables.me(world)
    return [row for row in rows if row["state"] != "PENDING" or row["user"] == me]


def list_reviews(world: World, arguments: Arguments) -> Done:
    return found(world, reviews_of(world, find_pull(world, arguments)))


def _mine(world: World, pull: Record) -> list[Record]:
    rows = tables.rows(world, "reviews", "number", pull["number"], pull["repository"])
    return [row for row in rows if row["user"] == tables.me(world)]


def _pending(world: World, pull: Record) -> Record | None:
    return next((row for row in _mine(world, pull) if row["state"] == "PENDING"), None)


def _need_pending(world: World, pull: Record, arguments: Arguments) -> Record:
    if "review_id" in arguments:
        return _review(world, pull, arguments)
    pending, mine = _pending(world, pull), _mine(world, pull)
    if pending is not None:
        return pending
    if mine:
        raise Refused(422, f"The latest review, found at {mine[-1]['html_url']} is not pending")
    raise Refused(
        404, "No pending review found for the viewer", said="No pending review found for the viewer"
    )


def _check_event(world: World, pull: Record, event: str, body: str, comments: int) -> None:
    if event in ("APPROVE", "REQUEST_CHANGES") and pull["user"] == tables.me(world):
        verb = "approve" if event == "APPROVE" else "request changes on"
        message = f"Review Can not {verb} your own pull request"
        raise Refused(422, "Unprocessable Entity", errors=[message], said=message)
    if (event == "REQUEST_CHANGES" and not body) or (event == "COMMENT" and not body and not comments):
        raise Refused(422, "Unprocessable Entity", errors=["Body can't be blank"], said="Body can't be blank")


def create_review(world: World, arguments: Arguments) -> Done:
    """A review, submitted at once if it has an event, else pending."""
    pull = find_pull(world, arguments)
    event, body = arguments.get("event") or "", arguments.get("body") or ""
    comments = arguments.get("comments") or []
    if event:
        _check_event(world, pull, event, body, len(comments))
    elif _pending(world, pull) is not None:
        message = "User can only have one pending review per pull request"
        raise Refused(422, "Unprocessable Entity", errors=[message], said=message)
    after, review = _put_review(world, pull, event, body, arguments.get("commit_id") or pull["head_sha"])
    for comment in comments:
        after, _ = put_comment(after, pull, comment, review)
    after = _asked_no_more(after, pull) if event else after
    return applied(
        world, after, review, target=name_of(pull), id=review["id"], url=review["html_url"],
        comments=[comment.get("body") for comment in comments] or None,
    )  # fmt: skip


def _put_review(world: World, pull: Record, event: str, body: str, commit: str) -> tuple[World, Record]:
    world, identity = tables.next_id(world)
    review: Record = {
        "repository": pull["repository"], "number": pull["number"], "id": identity,
        "user": tables.me(world), "body": body, "state": _STATES.get(event, "PENDING"), "commit_id": commit,
        "html_url": f"{pull['html_url']}#pullrequestreview-{identity}",
    }  # fmt: skip
    if event:
        review["submitted_at"] = tables.now(world)
    return tables.put(world, "reviews", review), review


def _asked_no_more(world: World, pull: Record) -> World:
    """A review answers the request for it."""
    current = tables.get(world, "pulls", pull["repository"], pull["number"]) or pull
    asked = [login for login in current["requested_reviewers"] if login != tables.me(world)]
    changed = {**current, "requested_reviewers": asked, "updated_at": tables.now(world)}
    return tables.put(world, "pulls", changed)


def submit_review(world: World, arguments: Arguments) -> Done:
    """The pending review, and all comments in it, for everyone to see."""
    pull = find_pull(world, arguments)
    review = _need_pending(world, pull, arguments)
    event = arguments.get("event") or "COMMENT"
    body = arguments.get("body") or review["body"]
    comments = _comments_of(world, review)
    _check_event(world, pull, event, body, len(comments))
    submitted = {"state": _STATES[event], "body": body, "submitted_at": tables.now(world)}
    after = tables.change(world, "reviews", review, **submitted)
    for comment in comments:
        shown = {name: value for name, value in comment.items() if name != "pending"}
        after = tables.put(after, "review_comments", shown)
    after = _asked_no_more(after, pull)
    return applied(
        world, after, {**review, **submitted}, target=name_of(pull), id=review["id"],
        url=review["html_url"], body=body or None,
        comments=[comment["body"] for comment in comments] or None,
    )  # fmt: skip


def _comments_of(world: World, review: Record) -> list[Record]:
    rows = tables.rows(world, "review_comments", "number", review["number"], review["repository"])
    return [comment for comment in rows if comment.get("review") == review["id"]]


def delete_review(world: World, arguments: Arguments) -> Done:
    pull = find_pull(world, arguments)
    review = _need_pending(world, pull, arguments)
    after = tables.remove(world, "reviews", review)
    for comment in _comments_of(world, review):
        after = drop_comment(after, comment)
    return applied(world, after, review, target=name_of(pull), id=review["id"])


def add_pending_comment(world: World, arguments: Arguments) -> Done:
    """A comment on a line or file in the agent's pending review."""
    pull = find_pull(world, arguments)
    after, comment = put_comment(world, pull, arguments, _need_pending(world, pull, {}))
    return comment_applied(world, after, pull, comment)


def get_review(world: World, arguments: Arguments) -> Done:
    return found(world, _review(world, find_pull(world, arguments), arguments))


def _review(world: World, pull: Record, arguments: Arguments) -> Record:
    review = tables.get(world, "reviews", pull["repository"], int(arguments["review_id"]))
    if review is None:
        raise not_found()
    return review


def dismiss_review(world: World, arguments: Arguments) -> Done:
    pull = find_pull(world, arguments)
    review = _review(world, pull, arguments)
    if review["state"] not in ("APPROVED", "CHANGES_REQUESTED"):
        raise Refused(422, f"Can not dismiss a {review['state'].lower()} pull request review")
    changed = {"state": "DISMISSED", "dismissal_message": arguments["message"]}
    after = tables.change(world, "reviews", review, **changed)
    return applied(world, after, {**review, **changed}, target=name_of(pull), id=review["id"])
