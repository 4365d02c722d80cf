"""Merging: a pull request into its base, at once or when it can be; its base into its head."""

from __future__ import annotations

import re
from typing import Final

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Record
from routine_harness.world.github.operations.commits import checks_of
from routine_harness.world.github.operations.contents import drop_branch, history, move_branch, tree_of
from routine_harness.world.github.operations.operation import (
    Arguments,
    Done,
    Incomplete,
    Refused,
    applied,
    find_pull,
    found,
    invalid,
    name_of,
)
from routine_harness.world.github.operations.pulls import files_of, knows_branches
from routine_harness.world.github.operations.rules import checks_expected, merge_violations
from routine_harness.world.github.records import tables
from routine_harness.world.state import World

_BLOCKED: Final = {
    "blocked": "At least 1 required status check is expected.",
    "dirty": "Pull Request is not mergeable",
    "draft": "Pull Request is still a draft",
}
"""``mergeable_state`` → why GitHub does not merge (405), as recorded; ``unstable`` merges unless a rule says
otherwise. ``behind`` is there under a strict rule alone, and then every required check of the head is
expected anew (seen in RakuenSoftware/aimee #2460)."""


def get_merged(world: World, arguments: Arguments) -> Done:
    pull = find_pull(world, arguments)
    if not pull["merged"]:
        raise Refused(404, "Not Found")
    return found(world, None)


def merge_pull(world: World, arguments: Arguments) -> Done:
    pull = find_pull(world, arguments)
    _check_mergeable(world, pull, arguments)
    method = arguments.get("merge_method") or "merge"
    after, sha = merge_commit(world, pull, method, arguments)
    when, repository = tables.now(world), pull["repository"]
    merged = {
        **(tables.get(after, "pulls", repository, pull["number"]) or pull),
        "state": "closed", "merged": True, "merged_at": when, "closed_at": when, "updated_at": when,
        "merged_by": tables.me(world), "merge_commit_sha": sha, "auto_merge": None,
    }  # fmt: skip
    after = _close_mentioned(tables.put(after, "pulls", merged), merged)
    row = tables.get(after, "repositories", repository) or {}
    gone = arguments.get("delete_branch") or row.get("delete_branch_on_merge")
    if gone and pull["head_repository"] == repository:
        after = drop_branch(after, repository, pull["head"])
    rows = {"sha": sha, "merged": True, "message": "Pull Request successfully merged"}
    fields = {"title": pull["title"], "head": pull["head"], "base": pull["base"], "method": method}
    return applied(world, after, rows, target=name_of(pull), id=sha, url=pull["html_url"], **fields)


def _check_mergeable(world: World, pull: Record, arguments: Arguments) -> None:
    if pull["state"] != "open" or pull.get("mergeable") is False:
        raise Refused(405, "Pull Request is not mergeable")
    expected = arguments.get("sha")
    if expected and expected != pull["head_sha"]:
        raise Refused(409, "Head branch was modified. Review and try the merge again.")
    state = "draft" if pull["draft"] else str(pull.get("mergeable_state") or "")
    violations = merge_violations(world, pull, arguments.get("merge_method") or "merge")
    if violations:
        raise Refused(405, violations)
    if state == "behind":
        checks = len(checks_of(world, pull["repository"], pull["head_sha"]))
        raise Refused(405, checks_expected(max(checks, 1)))
    if state in _BLOCKED:
        raise Refused(405, _BLOCKED[state])


def set_auto_merge(world: World, arguments: Arguments) -> Done:
    """The wish to merge once every condition holds; a pull request that can be merged is refused."""
    pull = find_pull(world, arguments)
    if pull["state"] != "open":
        raise invalid(message="Can't enable auto-merge for this pull request: it is closed")
    wish = {"merge_method": arguments.get("merge_method") or "merge", "enabled_by": tables.me(world)}
    after = tables.change(world, "pulls", pull, auto_merge=wish)
    method = wish["merge_method"]
    return applied(
        world, after, {**pull, "auto_merge": wish}, target=name_of(pull), id=pull["id"], url=pull["html_url"],
        title=pull["title"], head=pull["head"], base=pull["base"], method=method,
    )  # fmt: skip


def unset_auto_merge(world: World, arguments: Arguments) -> Done:
    pull = find_pull(world, arguments)
    after = tables.change(world, "pulls", pull, auto_merge=None) if pull.get("auto_merge") else world
    return applied(world, after, {**pull, "auto_merge": None}, target=name_of(pull), id=pull["id"])


def update_pull_branch(world: World, arguments: Arguments) -> Done:
    """Base merged into head. What a tip known from the pull request alone has not, nobody can say: GitHub
    answered 202 in 22 of 22 recordings."""
    pull = find_pull(world, arguments)
    repository = pull["repository"]
    expected = arguments.get("expected_head_sha")
    if expected and expected != pull["head_sha"]:
        raise invalid(message=f"expected_head_sha was {expected} but the head is {pull['head_sha']}")
    base = tables.get(world, "branches", repository, pull["base"]) or {}
    ours, _ = history(world, repository, pull["head_sha"])
    behind = base.get("sha") and base["sha"] not in {commit["sha"] for commit in ours}
    if not behind or (base["sha"] == pull["base_sha"] and knows_branches(world, repository)):
        raise invalid(message="There are no new commits on the base branch.")
    return _merge_base(world, pull, str(base["sha"]))


def _merge_base(world: World, pull: Record, base_sha: str) -> Done:
    repository, message = pull["repository"], f"Merge branch '{pull['base']}' into {pull['head']}"
    sha = tables.digest(repository, pull["head_sha"], base_sha, tables.now(world))
    commit: Record = {
        "repository": repository, "sha": sha, "message": message, "author": tables.me(world),
        "date": tables.now(world), "parents": [pull["head_sha"], base_sha],
    }  # fmt: skip
    head_tree, base_tree = (tree_of(world, repository, tip) for tip in (pull["head_sha"], base_sha))
    if head_tree is not None and base_tree is not None:
        commit["tree"] = {path: text for path, text in base_tree.items() if path not in head_tree}
    else:
        commit["unknown_files"] = True
    after = tables.put(world, "commits", commit)
    row = tables.get(after, "branches", pull["head_repository"] or repository, pull["head"]) or {}
    branch = {"repository": repository, "name": pull["head"], "protected": False, **row, "sha": sha}
    after = move_branch(after, branch)
    moved = tables.get(after, "pulls", repository, pull["number"]) or pull
    after = tables.change(after, "pulls", moved, base_sha=base_sha)
    return applied(
        world, after, {"message": "Updating pull request branch.", "url": pull["html_url"]},
        target=name_of(pull), branch=pull["head"], sha=sha, commits=[message],
    )  # fmt: skip


def merge_commit(
    world: World, pull: Record, method: str, arguments: Arguments, *, sha: str = "", author: str = ""
) -> tuple[World, str]:
    """``world`` with the commit that merges ``pull`` at the tip of its base, and that commit's id.

    ``sha`` and ``author`` are the commit's where they are known; else it is the agent's own.
    """
    repository = pull["repository"]
    known = tables.get(world, "branches", repository, pull["base"])
    tip = {"repository": repository, "name": pull["base"], "sha": pull["base_sha"], "protected": False}
    base = known or tip
    message = _message(pull, method, arguments)
    sha = sha or tables.digest(repository, base["sha"], pull["head_sha"], message, tables.now(world))
    commit: Record = {
        "repository": repository, "sha": sha, "message": message, "author": author or tables.me(world),
        "date": tables.now(world),
        "parents": [base["sha"], pull["head_sha"]] if method == "merge" else [base["sha"]],
    }  # fmt: skip
    files = _files(world, pull)
    brought = _brought(world, pull, files)
    if brought is None:
        commit["unknown_files"] = True  # the merge is known to happen, what it brings is not
    else:
        commit["tree"] = brought
    if files is not None:
        commit["files"] = files
    world = tables.put(world, "commits", commit)
    return move_branch(world, {**base, "sha": sha}), sha


def _message(pull: Record, method: str, arguments: Arguments) -> str:
    title = arguments.get("commit_title") or _title(pull, method)
    text = arguments.get("commit_message")
    body = text if text is not None else pull["title"] if method == "merge" else ""
    return f"{title}\n\n{body}".strip()


def _title(pull: Record, method: str) -> str:
    if method == "merge":
        owner = str(pull["head_repository"] or pull["repository"]).partition("/")[0]
        return f"Merge pull request #{pull['number']} from {owner}/{pull['head']}"
    return f"{pull['title']} (#{pull['number']})"


def _files(world: World, pull: Record) -> list[Record] | None:
    try:
        return files_of(world, pull)
    except Incomplete:
        return None


def _brought(world: World, pull: Record, files: list[Record] | None) -> Record | None:
    """The files that a merge changes, as they are at the head; None where they are not known."""
    if files is None:
        return None
    tree = tree_of(world, pull["repository"], pull["head_sha"])
    names = [file[name] for file in files for name in ("filename", "previous_filename") if file.get(name)]
    return None if tree is None and names else {name: (tree or {}).get(name) for name in names}


CLOSING: Final = lazy_pattern(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d{1,9})\b", re.IGNORECASE)
"""How a title or a body says which issue its merge closes."""


def _close_mentioned(world: World, pull: Record) -> World:
    """A merge into the default branch closes the issues that the description says it closes."""
    row = tables.get(world, "repositories", pull["repository"]) or {}
    if pull["base"] != row.get("default_branch"):
        return world
    for mentioned in CLOSING.findall(f"{pull['title']}\n{pull['body'] or ''}"):
        issue = tables.get(world, "issues", pull["repository"], int(mentioned))
        if issue is not None and issue["state"] == "open":
            when = tables.now(world)
            closed = {"state": "closed", "state_reason": "completed", "closed_at": when, "updated_at": when}
            world = tables.change(world, "issues", issue, **closed, closed_by=tables.me(world))
    return world
