"""Pull requests: reading them in all of ``pull_request_read``'s ways, and listing them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import Answer, Arguments, find_pull, find_repository, paged, respond
from routine_harness.world.github.pull_parts import comments_of, commits_of, diff_of, files_of, reviews_of
from routine_harness.world.github.show import commit_author, commit_url, compact, count_of, pick, show_file
from routine_harness.world.github.show_items import show_comment, show_pull, show_review
from routine_harness.world.github.state_of_commits import combined_status, show_checks
from routine_harness.world.github.threads import list_threads
from routine_harness.world.state import Record, World


def _get(world: World, pull: Record, _: Arguments) -> Any:
    return show_pull(world, pull)


def _get_diff(world: World, pull: Record, _: Arguments) -> Any:
    return diff_of(world, pull)


def _get_files(world: World, pull: Record, arguments: Arguments) -> Any:
    return [show_file(file) for file in paged(files_of(world, pull), arguments)]


def _get_commits(world: World, pull: Record, arguments: Arguments) -> Any:
    return [
        {
            "sha": commit["sha"],
            "html_url": commit.get("html_url") or commit_url(pull["repository"], commit["sha"]),
            **compact(message=commit.get("message"), author=commit_author(commit)),
        }
        for commit in paged(commits_of(world, pull), arguments)
    ]


def _get_status(world: World, pull: Record, _: Arguments) -> Any:
    return combined_status(world, pull["repository"], pull["head_sha"])


def _get_checks(world: World, pull: Record, arguments: Arguments) -> Any:
    return show_checks(world, pull["repository"], pull["head_sha"], arguments)


def _get_reviews(world: World, pull: Record, arguments: Arguments) -> Any:
    return [show_review(world, review) for review in paged(reviews_of(world, pull), arguments)]


def _get_comments(world: World, pull: Record, arguments: Arguments) -> Any:
    return [show_comment(world, comment) for comment in paged(comments_of(world, pull), arguments)]


_METHODS: Final[dict[str, Callable[[World, Record, Arguments], Any]]] = {
    "get": _get,
    "get_diff": _get_diff,
    "get_status": _get_status,
    "get_files": _get_files,
    "get_commits": _get_commits,
    "get_review_comments": list_threads,
    "get_reviews": _get_reviews,
    "get_comments": _get_comments,
    "get_check_runs": _get_checks,
}


def pull_request_read(world: World, arguments: Arguments) -> Answer:
    method = arguments["method"]
    pull = find_pull(world, arguments, _DOING.get(method, "failed to get pull request"))
    return respond(world, _METHODS[method](world, pull, arguments))


_DOING: Final = {
    "get_diff": "failed to get pull request diff",
    "get_files": "failed to get pull request files",
    "get_commits": "failed to get pull request commits",
    "get_reviews": "failed to get pull request reviews",
    "get_comments": "failed to get pull request comments",
    "get_review_comments": "failed to get pull request review threads",
}

_SORTS: Final[dict[str, str]] = {
    "created": "created_at",
    "updated": "updated_at",
    "long-running": "created_at",
}


def list_pulls(world: World, repository: str, arguments: Arguments) -> list[Record]:
    """The pull requests that the filters of ``list_pull_requests`` leave, in its order."""
    state, head, base = (arguments.get(name) for name in ("state", "head", "base"))
    found = [
        pull
        for pull in tables.of_repository(world, "pulls", repository)
        if state == "all" or pull["state"] == (state or "open")
    ]
    if base:
        found = [pull for pull in found if pull["base"] == base]
    if head:
        owner, _, name = head.rpartition(":")
        found = [pull for pull in found if pull["head"] == name and _is_from(pull, owner)]
    sort = arguments.get("sort") or "created"
    newest = arguments.get("direction") or ("desc" if sort == "created" else "asc")

    def order(pull: Record) -> tuple[Any, int]:
        if sort == "popularity":
            return count_of(world, "comments", pull, "comments"), pull["number"]
        return pull[_SORTS[sort]], pull["number"]

    return sorted(found, key=order, reverse=newest == "desc")


def _is_from(pull: Record, owner: str) -> bool:
    return not owner or str(pull["head_repository"] or "").partition("/")[0] == owner


_NOT_LISTED: Final = (
    "mergeable_state", "merged_by", "additions", "deletions", "changed_files", "commits", "comments",
)  # fmt: skip
"""What GitHub's list of pull requests leaves out."""


def list_pull_requests(world: World, arguments: Arguments) -> Answer:
    row = find_repository(world, arguments, "failed to list pull requests")
    pulls = paged(list_pulls(world, row["full_name"], arguments), arguments)
    shown = [show_pull(world, pull) for pull in pulls]
    for one in shown:
        one["merged"] = False  # the list does not say
        for field in _NOT_LISTED:
            one.pop(field, None)
    return respond(world, pick(shown, arguments.get("fields")))


OPERATIONS: Final = {
    "pull_request_read": pull_request_read,
    "list_pull_requests": list_pull_requests,
}
