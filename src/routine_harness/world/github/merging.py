"""Merging a pull request, and what that closes."""

from __future__ import annotations

import re
from typing import Final

from routine_harness.pattern import lazy_pattern
from routine_harness.world.github import tables
from routine_harness.world.github.answers import Answer, Arguments, Incomplete, api, applied, find_pull
from routine_harness.world.github.contents import move_branch, tree_of
from routine_harness.world.github.pull_parts import files_of
from routine_harness.world.github.rules import merge_violations
from routine_harness.world.github.show import name_of
from routine_harness.world.state import Record, World


def merge_pull_request(world: World, arguments: Arguments) -> Answer:
    doing = "failed to merge pull request"
    pull = find_pull(world, arguments, doing)
    repository, path = pull["repository"], f"repos/{pull['repository']}/pulls/{pull['number']}/merge"
    if pull["state"] != "open" or pull.get("mergeable") is False or pull.get("mergeable_state") == "dirty":
        raise api(doing, "PUT", path, 405, "Pull Request is not mergeable")
    if pull["draft"]:
        raise api(doing, "PUT", path, 405, "Pull Request is still a draft")
    method = arguments.get("merge_method") or "merge"
    violations = merge_violations(world, pull, method)
    if violations:
        raise api(doing, "PUT", path, 405, violations)
    after, sha = merge_commit(world, pull, method, arguments)
    when = tables.now(world)
    merged = {
        **(tables.get(after, "pulls", repository, pull["number"]) or pull),
        "state": "closed", "merged": True, "merged_at": when, "closed_at": when, "updated_at": when,
        "merged_by": tables.me(world), "merge_commit_sha": sha,
    }  # fmt: skip
    after = _close_mentioned(tables.put(after, "pulls", merged), merged)
    row = tables.get(after, "repositories", repository) or {}
    head = tables.get(after, "branches", repository, pull["head"])
    if row.get("delete_branch_on_merge") and head is not None and pull["head_repository"] == repository:
        after = tables.remove(after, "branches", head)
    value = {"sha": sha, "merged": True, "message": "Pull Request successfully merged"}
    fields = {"title": pull["title"], "head": pull["head"], "base": pull["base"], "method": method}
    return applied(world, after, value, target=name_of(pull), id=sha, url=pull["html_url"], **fields)


def merge_commit(
    world: World, pull: Record, method: str, arguments: Arguments, *, sha: str = "", author: str = ""
) -> tuple[World, str]:
    """``world`` with the commit that merges ``pull`` at the tip of its base, and that commit's id.

    ``sha`` and ``author`` are the commit's where they are known; else it is the agent's own.
    """
    repository = pull["repository"]
    base = tables.get(world, "branches", repository, pull["base"])
    base = base or {
        "repository": repository,
        "name": pull["base"],
        "sha": pull["base_sha"],
        "protected": False,
    }
    title = arguments.get("commit_title") or _title(pull, method)
    text = arguments.get("commit_message")
    message = f"{title}\n\n{text if text is not None else pull['title'] if method == 'merge' else ''}".strip()
    sha = sha or tables.digest(repository, base["sha"], pull["head_sha"], message, tables.now(world))
    commit: Record = {
        "repository": repository, "sha": sha, "message": message, "author": author or tables.me(world),
        "date": tables.now(world),
        "parents": [base["sha"], pull["head_sha"]] if method == "merge" else [base["sha"]],
    }  # fmt: skip
    brought = _brought(world, pull)
    if brought is None:
        commit["unknown_files"] = True  # the merge is known to happen, what it brings is not
    else:
        commit["tree"] = brought
    world = tables.put(world, "commits", commit)
    return move_branch(world, {**base, "sha": sha}), sha


def _brought(world: World, pull: Record) -> Record | None:
    """The files that a merge changes, as they are at the head; None where they are not known."""
    tree = tree_of(world, pull["repository"], pull["head_sha"])
    try:
        files = files_of(world, pull)
    except Incomplete:
        return None
    names = [file[name] for file in files for name in ("filename", "previous_filename") if file.get(name)]
    return None if tree is None and names else {name: (tree or {}).get(name) for name in names}


def _title(pull: Record, method: str) -> str:
    if method == "merge":
        owner = str(pull["head_repository"] or pull["repository"]).partition("/")[0]
        return f"Merge pull request #{pull['number']} from {owner}/{pull['head']}"
    return f"{pull['title']} (#{pull['number']})"


_CLOSING: Final = lazy_pattern(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d{1,9})\b", re.IGNORECASE)


def _close_mentioned(world: World, pull: Record) -> World:
    """A merge into the default branch closes the issues that the description says it closes."""
    row = tables.get(world, "repositories", pull["repository"]) or {}
    if pull["base"] != row.get("default_branch"):
        return world
    for mentioned in _CLOSING.findall(f"{pull['title']}\n{pull['body'] or ''}"):
        issue = tables.get(world, "issues", pull["repository"], int(mentioned))
        if issue is not None and issue["state"] == "open":
            when = tables.now(world)
            closed = {"state": "closed", "state_reason": "completed", "closed_at": when, "updated_at": when}
            world = tables.change(world, "issues", issue, **closed, closed_by=tables.me(world))
    return world


OPERATIONS: Final = {
    "merge_pull_request": merge_pull_request,
}
