"""Reviews of pull requests: pending and submitted, inline comments, threads, replies, dismissals."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import (
    Answer,
    Arguments,
    Refused,
    api,
    applied,
    find_pull,
    not_found,
    number,
    respond,
)
from routine_harness.world.github.inline_comments import drop_comment, put_comment
from routine_harness.world.github.outdated import suggestion_in
from routine_harness.world.github.show import name_of
from routine_harness.world.github.show_items import show_review
from routine_harness.world.github.threads import set_resolved
from routine_harness.world.state import Record, World

_STATES: Final = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


def _pending(world: World, pull: Record) -> Record | None:
    rows = tables.rows(world, "reviews", "number", pull["number"], pull["repository"])
    mine = [row for row in rows if row["user"] == tables.me(world)]
    return next((row for row in mine if row["state"] == "PENDING"), None)


def _need_pending(world: World, pull: Record) -> Record:
    pending = _pending(world, pull)
    if pending is not None:
        return pending
    rows = tables.rows(world, "reviews", "number", pull["number"], pull["repository"])
    mine = [row for row in rows if row["user"] == tables.me(world)]
    if mine:
        raise Refused(f"The latest review, found at {mine[-1]['html_url']} is not pending")
    raise Refused("No pending review found for the viewer")


def _check_event(world: World, pull: Record, event: str, body: str, comments: int) -> None:
    if event in ("APPROVE", "REQUEST_CHANGES") and pull["user"] == tables.me(world):
        verb = "approve" if event == "APPROVE" else "request changes on"
        raise Refused(f"Review Can not {verb} your own pull request")
    if (event == "REQUEST_CHANGES" and not body) or (event == "COMMENT" and not body and not comments):
        raise Refused("Body can't be blank")


def create_review(world: World, arguments: Arguments) -> Answer:
    """A review, submitted at once if it has an event, else pending."""
    pull = find_pull(world, arguments, "failed to get pull request")
    event, body = arguments.get("event") or "", arguments.get("body") or ""
    comments = arguments.get("comments") or []
    if event:
        _check_event(world, pull, event, body, len(comments))
    elif _pending(world, pull) is not None:
        raise Refused("User can only have one pending review per pull request")
    after, review = _put_review(world, pull, event, body, arguments.get("commitID") or pull["head_sha"])
    for comment in comments:
        after, _ = put_comment(after, pull, {"subjectType": "LINE", **comment}, review)
    after = _asked_no_more(after, pull) if event else after
    text = "pull request review submitted successfully" if event else "pending pull request created"
    return applied(
        world, after, text, target=name_of(pull), id=review["id"], url=review["html_url"],
        comments=[comment.get("body") for comment in comments] or None,
    )  # fmt: skip


def _put_review(world: World, pull: Record, event: str, body: str, commit: str) -> tuple[World, Record]:
    world, identity = tables.next_id(world)
    review: Record = {
        "repository": pull["repository"],
        "number": pull["number"],
        "id": identity,
        "user": tables.me(world),
        "body": body,
        "state": _STATES.get(event, "PENDING"),
        "commit_id": commit,
        "html_url": f"{pull['html_url']}#pullrequestreview-{identity}",
    }
    if event:
        review["submitted_at"] = tables.now(world)
    return tables.put(world, "reviews", review), review


def _asked_no_more(world: World, pull: Record) -> World:
    """A review answers the request for it."""
    current = tables.get(world, "pulls", pull["repository"], pull["number"]) or pull
    asked = [login for login in current["requested_reviewers"] if login != tables.me(world)]
    return tables.put(
        world, "pulls", {**current, "requested_reviewers": asked, "updated_at": tables.now(world)}
    )


def submit_review(world: World, arguments: Arguments) -> Answer:
    """The pending review, and all comments in it, for everyone to see."""
    pull = find_pull(world, arguments, "failed to get latest review for current user")
    review = _need_pending(world, pull)
    event = arguments.get("event") or "COMMENT"
    body = arguments.get("body") or review["body"]
    rows = tables.rows(world, "review_comments", "number", pull["number"], pull["repository"])
    comments = [comment for comment in rows if comment.get("review") == review["id"]]
    _check_event(world, pull, event, body, len(comments))
    submitted = {"state": _STATES[event], "body": body, "submitted_at": tables.now(world)}
    after = tables.change(world, "reviews", review, **submitted)
    for comment in comments:
        shown = {name: value for name, value in comment.items() if name != "pending"}
        after = tables.put(after, "review_comments", shown)
    after = _asked_no_more(after, pull)
    text = "pending pull request review successfully submitted"
    return applied(
        world, after, text, target=name_of(pull), id=review["id"], url=review["html_url"], body=body or None,
        comments=[comment["body"] for comment in comments] or None,
    )  # fmt: skip


def delete_review(world: World, arguments: Arguments) -> Answer:
    pull = find_pull(world, arguments, "failed to get latest review for current user")
    review = _need_pending(world, pull)
    after = tables.remove(world, "reviews", review)
    for comment in tables.rows(world, "review_comments", "number", pull["number"], pull["repository"]):
        if comment.get("review") == review["id"]:
            after = drop_comment(after, comment)
    text = "pending pull request review successfully deleted"
    return applied(world, after, text, target=name_of(pull), id=review["id"])


def pull_request_review_write(world: World, arguments: Arguments) -> Answer:
    method = arguments["method"]
    if method == "create":
        return create_review(world, arguments)
    if method == "submit_pending":
        return submit_review(world, arguments)
    if method == "delete_pending":
        return delete_review(world, arguments)
    if not arguments.get("threadId"):
        raise Refused("threadId is required for resolve_thread and unresolve_thread methods")
    return set_resolved(world, arguments["threadId"], resolved=method == "resolve_thread")


def add_comment_to_pending_review(world: World, arguments: Arguments) -> Answer:
    pull = find_pull(world, arguments, "failed to get latest review for current user")
    review = _need_pending(world, pull)
    after, comment = put_comment(world, pull, arguments, review)
    text = "pull request review comment successfully added to pending review"
    return _commented(world, after, pull, comment, text)


def add_pull_request_review_comment(world: World, arguments: Arguments) -> Answer:
    """An inline comment: into the pending review if there is one, else a review of its own."""
    pull = find_pull(world, arguments, "failed to get pull request")
    review = _pending(world, pull)
    after = world
    if review is None:
        after, review = _put_review(after, pull, "COMMENT", "", arguments.get("commitID") or pull["head_sha"])
    after, comment = put_comment(after, pull, arguments, review)
    return _commented(world, after, pull, comment, {"id": str(comment["id"]), "url": comment["html_url"]})


def _commented(before: World, after: World, pull: Record, comment: Record, value: Any) -> Answer:
    fields = {
        "id": comment["id"],
        "url": comment["html_url"],
        "line": comment.get("line"),
        "suggestion": suggestion_in(comment["body"]),
    }
    return applied(before, after, value, target=name_of(pull), **fields)


def get_review(world: World, arguments: Arguments) -> Answer:
    pull = find_pull(world, arguments, "failed to get review")
    return respond(world, show_review(world, _review(world, pull, arguments)))


def _review(world: World, pull: Record, arguments: Arguments) -> Record:
    identity = number(arguments, "review_id")
    review = tables.get(world, "reviews", pull["repository"], identity)
    if review is None:
        path = f"repos/{pull['repository']}/pulls/{pull['number']}/reviews/{identity}"
        raise not_found("failed to get review", "GET", path)
    return review


def dismiss_review(world: World, arguments: Arguments) -> Answer:
    pull = find_pull(world, arguments, "failed to dismiss review")
    review = _review(world, pull, arguments)
    if review["state"] not in ("APPROVED", "CHANGES_REQUESTED"):
        path = f"repos/{pull['repository']}/pulls/{pull['number']}/reviews/{review['id']}/dismissals"
        raise api(
            "failed to dismiss review",
            "PUT",
            path,
            422,
            "Can not dismiss a " + review["state"].lower() + " pull request review",
        )
    after = tables.change(world, "reviews", review, state="DISMISSED", dismissal_message=arguments["message"])
    return applied(
        world,
        after,
        show_review(after, {**review, "state": "DISMISSED"}),
        target=name_of(pull),
        id=review["id"],
    )


OPERATIONS: Final = {
    "pull_request_review_write": pull_request_review_write,
    "create_pull_request_review": create_review,
    "submit_pending_pull_request_review": submit_review,
    "delete_pending_pull_request_review": delete_review,
    "add_comment_to_pending_review": add_comment_to_pending_review,
    "add_pull_request_review_comment": add_pull_request_review_comment,
    "get_pull_request_review": get_review,
    "dismiss_pull_request_review": dismiss_review,
}
