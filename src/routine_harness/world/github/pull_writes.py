"""Pull requests: opening, changing and merging them."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import (
    Answer,
    Arguments,
    Refused,
    applied,
    applied_all,
    find_pull,
    find_repository,
    validation_failed,
)
from routine_harness.world.github.contents import history, move_branch, tree_of
from routine_harness.world.github.show import minimal, name_of
from routine_harness.world.modelled import Detail
from routine_harness.world.state import Record, World


def create_pull_request(world: World, arguments: Arguments) -> Answer:
    doing = "failed to create pull request"
    repository = find_repository(world, arguments, doing)["full_name"]
    base, head = arguments["base"], arguments["head"]
    owner, _, name = head.rpartition(":")
    source = _head_repository(world, repository, owner)
    base_sha = _branch_sha(world, repository, base, "base")
    head_sha = _branch_sha(world, source, name, "head")
    label = f"{owner or repository.partition('/')[0]}:{name}"
    for pull in tables.rows(world, "pulls", "head", name):
        same = pull["repository"] == repository and pull["head_repository"] == source and pull["base"] == base
        if same and pull["state"] == "open":
            message = f"A pull request already exists for {label}."
            raise validation_failed(doing, resource="PullRequest", code="custom", message=message)
    if head_sha == base_sha:
        message = f"No commits between {base} and {name}"
        raise validation_failed(doing, resource="PullRequest", code="custom", message=message)
    after, number = world.next_id(f"github.number:{repository}")
    after, identity = tables.next_id(after)
    body = tables.with_appended(world, arguments.get("body") or "", "pull_request_footer")
    pull = {
        "repository": repository, "number": number, "id": identity, "title": arguments["title"],
        "body": body or None, "state": "open",
        "draft": bool(arguments.get("draft")), "merged": False, "user": tables.me(world), "labels": [],
        "assignees": [], "requested_reviewers": list(arguments.get("reviewers") or []), "milestone": None,
        "head": name, "head_repository": source, "head_sha": head_sha, "base": base, "base_sha": base_sha,
        "maintainer_can_modify": bool(arguments.get("maintainer_can_modify")),
        "html_url": f"https://github.com/{repository}/pull/{number}",
        "created_at": tables.now(world), "updated_at": tables.now(world),
        "closed_at": None, "merged_at": None,
    }  # fmt: skip
    after = tables.put(after, "pulls", pull)
    return applied(
        world, after, minimal(pull), target=name_of(pull), id=identity, number=number, url=pull["html_url"],
        head=name, body=pull["body"], draft=pull["draft"],
    )  # fmt: skip


def _head_repository(world: World, repository: str, owner: str) -> str:
    if not owner or owner == repository.partition("/")[0]:
        return repository
    name = f"{owner}/{repository.partition('/')[2]}"
    if tables.get(world, "repositories", name) is None:
        raise validation_failed(
            "failed to create pull request", resource="PullRequest", field="head", code="invalid"
        )
    return name


def _branch_sha(world: World, repository: str, branch: str, field: str) -> str:
    row = tables.get(world, "branches", repository, branch)
    if row is not None:
        return str(row.get("sha") or tables.digest("tip", repository, branch))
    if knows_branches(world, repository):
        raise validation_failed(
            "failed to create pull request", resource="PullRequest", field=field, code="invalid"
        )
    return tables.digest("tip", repository, branch)


def knows_branches(world: World, repository: str) -> bool:
    """Whether the world holds the repository's files, and so its branches, or only its name."""
    row = tables.get(world, "repositories", repository) or {}
    tip = tables.get(world, "branches", repository, row.get("default_branch") or "main")
    return tip is not None and bool(tip.get("sha")) and tree_of(world, repository, tip["sha"]) is not None


_FIELDS: Final = ("title", "body", "base", "draft", "maintainer_can_modify")


def update_pull_request(world: World, arguments: Arguments) -> Answer:
    pull = find_pull(world, arguments, "failed to update pull request")
    given: Record = {name: arguments[name] for name in _FIELDS if name in arguments}
    reviewers = arguments.get("reviewers") or []
    state = arguments.get("state")
    if not given and not reviewers and state is None:
        raise Refused("No update parameters provided.")
    if pull["merged"] and state == "open":
        message = "state cannot be changed. The pull request was merged"
        raise validation_failed(
            "failed to update pull request",
            resource="PullRequest",
            code="invalid",
            field="state",
            message=message,
        )
    changed = {name: value for name, value in given.items() if _differs(pull.get(name), value)}
    asked = [login for login in reviewers if login not in pull["requested_reviewers"]]
    row = {**pull, **changed, "requested_reviewers": [*pull["requested_reviewers"], *asked]}
    moved = state is not None and state != pull["state"]
    if moved:
        row |= {"state": state, "closed_at": tables.now(world) if state == "closed" else None}
    after = world
    if row != pull:
        after = tables.put(world, "pulls", {**row, "updated_at": tables.now(world)})
    common = {"id": pull["id"], "url": pull["html_url"], "author": tables.me(world)}
    target = name_of(pull)
    return applied_all(
        after,
        minimal(pull),
        Detail(target, {**common, "head": pull["head"]}, "pull_request.updated", unchanged=not changed),
        Detail(target, common, "pull_request.closed", unchanged=not moved),
        Detail(target, common, "pull_request.reopened", unchanged=not moved),
        Detail(target, common, "review.requested", unchanged=not asked),
    )


def _differs(before: Any, after: Any) -> bool:
    return (before or None) != (after or None)


def request_reviewers(world: World, arguments: Arguments) -> Answer:
    if not arguments["reviewers"]:
        raise Refused("missing required parameter: reviewers")
    return update_pull_request(world, arguments)


def remove_reviewers(world: World, arguments: Arguments) -> Answer:
    pull = find_pull(world, arguments, "failed to remove requested reviewers")
    kept = [login for login in pull["requested_reviewers"] if login not in arguments["reviewers"]]
    after = tables.change(world, "pulls", pull, requested_reviewers=kept)
    return applied(world, after, minimal(pull), target=name_of(pull), id=pull["id"])


def update_branch(world: World, arguments: Arguments) -> Answer:
    """Base merged into head."""
    doing = "failed to update pull request branch"
    pull = find_pull(world, arguments, doing)
    repository = pull["repository"]
    expected = arguments.get("expectedHeadSha")
    if expected and expected != pull["head_sha"]:
        message = f"expected_head_sha was {expected} but the head is {pull['head_sha']}"
        raise validation_failed(doing, message=message)
    base = tables.get(world, "branches", repository, pull["base"]) or {}
    ours, _ = history(world, repository, pull["head_sha"])
    known = {pull["base_sha"], *(commit["sha"] for commit in ours)}
    if base.get("sha") in known or not base.get("sha"):
        raise validation_failed(doing, message="There are no new commits on the base branch.")
    head_tree, base_tree = (
        tree_of(world, repository, pull["head_sha"]),
        tree_of(world, repository, base["sha"]),
    )
    message = f"Merge branch '{pull['base']}' into {pull['head']}"
    sha = tables.digest(repository, pull["head_sha"], base["sha"], tables.now(world))
    commit = {
        "repository": repository, "sha": sha, "message": message, "author": tables.me(world),
        "date": tables.now(world), "parents": [pull["head_sha"], base["sha"]],
    }  # fmt: skip
    if head_tree is not None and base_tree is not None:
        commit["tree"] = {path: text for path, text in base_tree.items() if path not in head_tree}
    else:
        commit["unknown_files"] = True
    after = tables.put(world, "commits", commit)
    row = tables.get(after, "branches", pull["head_repository"] or repository, pull["head"]) or {}
    after = move_branch(
        after, {"repository": repository, "name": pull["head"], "protected": False, **row, "sha": sha}
    )
    after = tables.change(
        after, "pulls", tables.get(after, "pulls", repository, pull["number"]) or pull, base_sha=base["sha"]
    )
    return applied(
        world, after, "Pull request branch update is in progress", target=name_of(pull),
        branch=pull["head"], sha=sha, commits=[message],
    )  # fmt: skip


OPERATIONS: Final = {
    "create_pull_request": create_pull_request,
    "update_pull_request": update_pull_request,
    "update_pull_request_title": update_pull_request,
    "update_pull_request_body": update_pull_request,
    "update_pull_request_state": update_pull_request,
    "update_pull_request_draft_state": update_pull_request,
    "request_pull_request_reviewers": request_reviewers,
    "remove_requested_reviewers": remove_reviewers,
    "update_pull_request_branch": update_branch,
}
