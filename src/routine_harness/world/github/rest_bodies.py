"""The bodies of REST answers: the record that an operation read or wrote, as REST shows it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, Final

import msgspec

from routine_harness.world.github import tables
from routine_harness.world.github.answers import find_item, repository_of
from routine_harness.world.github.contents import content_bytes, content_sha, files_at
from routine_harness.world.github.rest_show import (
    rest_comment,
    rest_commit,
    rest_item,
    rest_release,
    rest_repository,
    rest_review,
    rest_review_comment,
    rest_row,
)
from routine_harness.world.state import Record, World
from routine_harness.world.tool import Outcome, ToolCall, ToolResult


def rest_body(before: World, outcome: Outcome, call: ToolCall) -> Any:
    """The answer's body: the record that was read or written, as REST shows it."""
    world, given = outcome.world, call.arguments
    show = _SHOWN.get((call.tool, given.get("method", ""))) or _SHOWN.get((call.tool, ""))
    value = _decoded(outcome.result)
    if show is not None:
        return show(world, given, value)
    return None if value == "" else value


def _decoded(result: ToolResult) -> Any:
    try:
        return result.json()
    except msgspec.DecodeError:
        return result.text


Show = Callable[[World, dict[str, Any], Any], Any]


def _row(table: str, *names: str) -> Callable[[World, dict[str, Any]], Record]:
    def find(world: World, given: dict[str, Any]) -> Record:
        key = (given[name] for name in names)
        return tables.get(world, table, repository_of(given), *key) or {}

    return find


def _made(table: str, value: Any, given: dict[str, Any], world: World) -> Record:
    return tables.get(world, table, repository_of(given), int(value["id"])) or {}


def _pull(world: World, given: dict[str, Any], _: Any) -> Any:
    return rest_item(world, _row("pulls", "pullNumber")(world, given))


def _item(world: World, given: dict[str, Any], _: Any) -> Any:
    return rest_item(world, find_item(world, given, "")[1])


def _created_pull(world: World, given: dict[str, Any], value: Any) -> Any:
    number = int(str(value["url"]).rpartition("/")[2])
    return _pull(world, {**given, "pullNumber": number}, value)


def _created_issue(world: World, given: dict[str, Any], value: Any) -> Any:
    number = int(str(value["url"]).rpartition("/")[2])
    return _item(world, {**given, "issue_number": number}, value)


def _pulls(world: World, given: dict[str, Any], value: Any) -> Any:
    return [_pull(world, {**given, "pullNumber": one["number"]}, one) for one in value]


def _issues(world: World, given: dict[str, Any], value: Any) -> Any:
    return [_item(world, {**given, "issue_number": one["number"]}, one) for one in value["issues"]]


def _comments(world: World, given: dict[str, Any], value: Any) -> Any:
    return [rest_comment(world, _made("comments", one, given, world)) for one in value]


def _comment(world: World, given: dict[str, Any], value: Any) -> Any:
    identity = value["id"] if isinstance(value, dict) else given["comment_id"]
    return rest_comment(world, _made("comments", {"id": identity}, given, world))


def _reviews(world: World, given: dict[str, Any], value: Any) -> Any:
    return [rest_review(world, _made("reviews", one, given, world)) for one in value]


def _review(world: World, given: dict[str, Any], _: Any) -> Any:
    """The agent's review: the one that is named, else its latest."""
    rows = tables.rows(world, "reviews", "number", given["pullNumber"], repository_of(given))
    mine = [row for row in rows if row["user"] == tables.me(world)]
    named = [row for row in rows if row["id"] == given.get("review_id")]
    return rest_review(world, (named or mine)[-1])


def _review_comments(world: World, given: dict[str, Any], value: Any) -> Any:
    return [_review_comment(world, given, one) for one in value]


def _review_comment(world: World, given: dict[str, Any], value: Any) -> Any:
    return rest_review_comment(world, _made("review_comments", value, given, world))


def _inner(field: str) -> Show:
    return lambda _, __, value: value[field]


def _branches(world: World, given: dict[str, Any], value: Any) -> Any:
    return [_branch(world, given, one) for one in value]


def _branch(_: World, given: dict[str, Any], value: Any) -> Any:
    url = f"https://api.github.com/repos/{repository_of(given)}/commits/{value['sha']}"
    return {
        "name": value["name"],
        "commit": {"sha": value["sha"], "url": url},
        "protected": value["protected"],
    }


def _commits(world: World, given: dict[str, Any], value: Any) -> Any:
    return [_commit(world, given, one) for one in value]


def _commit(world: World, given: dict[str, Any], value: Any) -> Any:
    row = tables.get(world, "commits", repository_of(given), value["sha"]) or value
    return {**rest_commit(world, row), **{k: value[k] for k in ("stats", "files") if k in value}}


def _releases(world: World, given: dict[str, Any], value: Any) -> Any:
    return [_release(world, given, one) for one in value]


def _release(world: World, given: dict[str, Any], value: Any) -> Any:
    return rest_release(world, _made("releases", value, given, world))


def _repository(world: World, given: dict[str, Any], value: Any) -> Any:
    name = value.get("full_name") or "/".join(str(value.get("url", "")).split("/")[-2:])
    return rest_repository(world, tables.get(world, "repositories", name) or {})


def _content(world: World, given: dict[str, Any], value: Any) -> Any:
    """A file with its content in base64; the list of a folder as it is."""
    if isinstance(value, list):
        return value
    repository, path = repository_of(given), str(given["path"]).strip("/")
    text = str(value).partition("\n")[2]
    tree = files_at(world, repository, given.get("ref"))
    data = content_bytes(tree[path], path) if tree is not None else text.encode()
    return {
        "type": "file",
        "name": path.rsplit("/", 1)[-1],
        "path": path,
        "sha": content_sha(tree[path], path) if tree is not None else tables.blob_sha(data),
        "size": len(data),
        "encoding": "base64",
        "content": base64.encodebytes(data).decode(),
        "url": f"https://api.github.com/repos/{repository}/contents/{path}",
    }


def _me(world: World, _: dict[str, Any], value: Any) -> Any:
    return rest_row(tables.get(world, "users", value["login"]) or value)


_SHOWN: Final[dict[tuple[str, str], Show]] = {
    ("get_me", ""): _me,
    ("get_repository", ""): _repository,
    ("create_repository", ""): _repository,
    ("fork_repository", ""): _repository,
    ("update_repository", ""): _repository,
    ("pull_request_read", "get"): _pull,
    ("pull_request_read", "get_commits"): _commits,
    ("pull_request_read", "get_reviews"): _reviews,
    ("list_pull_requests", ""): _pulls,
    ("create_pull_request", ""): _created_pull,
    ("update_pull_request", ""): _pull,
    ("request_pull_request_reviewers", ""): _pull,
    ("remove_requested_reviewers", ""): _pull,
    ("list_review_comments", ""): _review_comments,
    ("add_pull_request_review_comment", ""): _review_comment,
    ("add_reply_to_pull_request_comment", ""): _review_comment,
    ("update_review_comment", ""): _review_comment,
    ("create_pull_request_review", ""): _review,
    ("submit_pending_pull_request_review", ""): _review,
    ("dismiss_pull_request_review", ""): _review,
    ("issue_read", "get"): _item,
    ("issue_read", "get_comments"): _comments,
    ("issue_read", "get_labels"): _inner("labels"),
    ("list_issues", ""): _issues,
    ("issue_write", "create"): _created_issue,
    ("issue_write", "update"): _item,
    ("add_issue_comment", ""): _comment,
    ("get_issue_comment", ""): _comment,
    ("update_issue_comment", ""): _comment,
    ("add_issue_assignees", ""): _item,
    ("remove_issue_assignees", ""): _item,
    ("list_label", ""): _inner("labels"),
    ("list_branches", ""): _branches,
    ("get_branch", ""): _branch,
    ("list_commits", ""): _commits,
    ("get_commit", ""): _commit,
    ("list_releases", ""): _releases,
    ("get_latest_release", ""): _release,
    ("get_release_by_tag", ""): _release,
    ("create_release", ""): _release,
    ("update_release", ""): _release,
    ("get_file_contents", ""): _content,
}
"""Tool and method → how REST shows the answer; what is not here is shown as the tool gives it."""
