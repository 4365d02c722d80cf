"""Commits: listing, reading and comparing them."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import (
    Answer,
    Arguments,
    Incomplete,
    api,
    find_repository,
    paged,
    respond,
)
from routine_harness.world.github.contents import history, resolve_ref, tree_of
from routine_harness.world.github.patches import compare_trees
from routine_harness.world.github.pull_parts import files_of
from routine_harness.world.github.show import compact, pick, show_commit, show_file
from routine_harness.world.state import Record, World


def list_commits(world: World, arguments: Arguments) -> Answer:
    repository, sha = _locate(world, arguments.get("sha"), arguments, "failed to list commits")
    commits, whole = history(world, repository, sha)
    if not commits or (not whole and not _enough(commits, arguments)):
        raise Incomplete(f"the commits of {repository}")
    author, path = arguments.get("author"), arguments.get("path")
    since, until = arguments.get("since"), arguments.get("until")
    if author:
        commits = [
            c for c in commits if author in (c.get("author"), c.get("author_email"), c.get("author_name"))
        ]
    if path:
        commits = [commit for commit in commits if _touches(commit, path.strip("/"))]
    if since:
        commits = [commit for commit in commits if str(commit.get("date") or "") >= since]
    if until:
        commits = [commit for commit in commits if str(commit.get("date") or "") <= until]
    shown = [show_commit(world, commit) for commit in paged(commits, arguments)]
    return respond(world, pick(shown, arguments.get("fields")))


def _enough(commits: list[Record], arguments: Arguments) -> bool:
    """Whether the commits that are known fill the page that is asked for."""
    size = int(arguments.get("perPage") or 30) * int(arguments.get("page") or 1)
    since = arguments.get("since")
    if since and min(str(commit.get("date") or "") for commit in commits) < since:
        return True
    return len(commits) >= size and not arguments.get("author") and not arguments.get("path")


def _touches(commit: Record, path: str) -> bool:
    names = [*commit.get("tree", {}), *(file["filename"] for file in commit.get("files") or ())]
    return any(name == path or name.startswith(f"{path}/") for name in names)


def _locate(world: World, ref: str | None, arguments: Arguments, doing: str) -> tuple[str, str]:
    row = find_repository(world, arguments, doing)
    sha = resolve_ref(world, row["full_name"], ref)
    if sha is None and ref in (None, "", row["default_branch"]):
        raise Incomplete(f"the commits of {row['full_name']}")
    if sha is None:
        path = f"repos/{row['full_name']}/commits/{ref}"
        raise api(doing, "GET", path, 422, f"No commit found for SHA: {ref}")
    return row["full_name"], sha


def commit_files(world: World, repository: str, commit: Record) -> list[Record] | None:
    """The files that a commit changes; None where the world does not know."""
    if commit.get("files") is not None:
        return list(commit["files"])
    after = tree_of(world, repository, commit["sha"])
    parents = commit.get("parents")
    if after is None or parents is None:
        return None
    before = tree_of(world, repository, parents[0]) if parents else {}
    return None if before is None else compare_trees(before, after)


def get_commit(world: World, arguments: Arguments) -> Answer:
    repository, sha = _locate(world, arguments["sha"], arguments, f"failed to get commit: {arguments['sha']}")
    commit = tables.get(world, "commits", repository, sha)
    if commit is None or "message" not in commit:
        raise Incomplete(f"the commit {sha[:7]} of {repository}")
    shown = show_commit(world, commit)
    detail = arguments.get("detail") or "stats"
    if detail != "none":
        files = commit_files(world, repository, commit)
        if files is None:
            raise Incomplete(f"the files of the commit {sha[:7]} of {repository}")
        added = sum(int(file.get("additions") or 0) for file in files)
        deleted = sum(int(file.get("deletions") or 0) for file in files)
        shown["stats"] = compact(additions=added, deletions=deleted, total=added + deleted)
        shown["files"] = [show_file(f, patch=detail == "full_patch") for f in paged(files, arguments)]
    return respond(world, shown)


def compare_commits(world: World, arguments: Arguments) -> Answer:
    repository, base = _locate(world, arguments["base"], arguments, "failed to compare commits")
    _, head = _locate(world, arguments["head"].rpartition(":")[2], arguments, "failed to compare commits")
    before, after = tree_of(world, repository, base), tree_of(world, repository, head)
    theirs, _ = history(world, repository, base)
    ours, _ = history(world, repository, head)
    known, mine = {row["sha"] for row in theirs} | {base}, {row["sha"] for row in ours} | {head}
    if before is None or after is None:
        pulls = tables.of_repository(world, "pulls", repository)
        pull = next((row for row in pulls if row["head_sha"] == head), None)
        if pull is None:
            raise Incomplete(f"the difference of {arguments['base']} and {arguments['head']} in {repository}")
        files = files_of(world, pull)
    else:
        files = compare_trees(before, after)
    ahead = [row for row in reversed(ours) if row["sha"] not in known]
    behind = [row for row in theirs if row["sha"] not in mine]
    status = "diverged" if ahead and behind else "ahead" if ahead else "behind" if behind else "identical"
    value: dict[str, Any] = {
        "status": status, "ahead_by": len(ahead), "behind_by": len(behind), "total_commits": len(ahead),
        "commits": [show_commit(world, row) for row in ahead], "files": [show_file(file) for file in files],
    }  # fmt: skip
    return respond(world, value)


OPERATIONS: Final = {
    "list_commits": list_commits,
    "get_commit": get_commit,
    "compare_commits": compare_commits,
}
