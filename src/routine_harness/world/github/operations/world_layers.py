"""Layers of a world file over another world: commits of others, merges, files that a prompt follows.

A layer says only what is there afterwards. Here it becomes what git makes of it: commits lie on top of each
other, and pull requests follow their branches.
"""

from __future__ import annotations

from collections.abc import Iterable

from routine_harness.plain import Json, Record
from routine_harness.routine.spec import FollowedFile
from routine_harness.world.github.operations.contents import known_files, move_branch, tree_of
from routine_harness.world.github.operations.merging import merge_commit
from routine_harness.world.github.records import tables
from routine_harness.world.state import World


def commit_files(before: World, world: World) -> World:
    """``world``, into which a layer has been merged over ``before``, before it is completed: files given
    to a branch that was there are a commit on top of it."""
    for branch in world.table("github.branches"):
        if branch.get("files") is not None:
            world = _commit_on_top(before, world, branch)
    return world


def settle_branches(before: World, world: World) -> World:
    """The completed ``world``: pull requests follow the branches that have moved since ``before``, a
    branch the head that a pull request names anew, and a base what has been merged into it."""
    for branch in world.table("github.branches"):
        old = tables.get(before, "branches", branch["repository"], branch["name"])
        tip = old["sha"] if old is not None and old.get("sha") else _head_before(before, branch)
        if tip and branch.get("sha") != tip:
            world = move_branch(world, branch)
    for pull in world.table("github.pulls"):
        known = tables.get(before, "pulls", pull["repository"], pull["number"])
        if known is not None:
            world = _follow_head(world, known, pull)
            world = _merge(world, known, pull)
    return world


def _head_before(before: World, branch: Record) -> str:
    """Where a branch was that the world knew by its pull request alone; empty for a new one."""
    pull = _pull_of(before, branch["repository"], branch["name"])
    return str(pull["head_sha"]) if pull is not None else ""


def _commit_on_top(before: World, world: World, branch: Record) -> World:
    """The files of ``branch`` as a commit onto what it was; a new branch is left to be completed."""
    repository, name = branch["repository"], branch["name"]
    pull = _pull_of(before, repository, name)
    row = tables.get(before, "branches", repository, name) or {}
    parent = row.get("sha") or _head_before(before, branch)
    if not parent:
        return world
    world = _keep_files(before, world, repository, str(parent))
    files = dict(branch["files"])
    sha = _named_sha(world, branch, str(parent), pull)
    sha = sha or tables.digest(repository, name, parent, sorted(files.items(), key=str))
    commit: Record = {
        "repository": repository, "sha": sha, "message": f"Change {', '.join(sorted(files))}",
        "author": (pull or {}).get("user") or repository.partition("/")[0], "date": tables.now(world),
        **(tables.get(world, "commits", repository, sha) or {}),
        "parents": [parent], "tree": files,
    }  # fmt: skip
    kept = {field: value for field, value in branch.items() if field not in ("files", "base")}
    world = tables.put(world, "commits", commit)
    return tables.put(world, "branches", {"protected": False, **kept, "sha": sha})


def _named_sha(world: World, branch: Record, parent: str, pull: Record | None) -> str | None:
    """The id that the layer gives to the commit: that of the branch, or of the pull request's head."""
    if branch.get("sha") and branch["sha"] != parent:
        return str(branch["sha"])
    now = pull and tables.get(world, "pulls", pull["repository"], pull["number"])
    return str(now["head_sha"]) if now and pull and now["head_sha"] != pull["head_sha"] else None


def _keep_files(before: World, world: World, repository: str, sha: str) -> World:
    """A commit known only from a pull request keeps its files when the head moves on."""
    known: Json = tables.get(world, "commits", repository, sha) or {}
    if "tree" in known:
        return world
    tree = tree_of(before, repository, sha)
    if tree is None:
        return world
    return tables.put(
        world, "commits", {**known, "repository": repository, "sha": sha, "tree": tree, "root": True}
    )


def _pull_of(world: World, repository: str, head: str) -> Record | None:
    """The pull request whose head is that branch; the open one, if there is one."""
    found = [row for row in tables.rows(world, "pulls", "head", head) if row["head_repository"] == repository]
    return next((row for row in found if row["state"] == "open"), found[0] if found else None)


def _follow_head(world: World, known: Record, pull: Record) -> World:
    """The branch of a head that has moved, where it stood at the head."""
    branch = tables.get(world, "branches", pull["head_repository"], pull["head"])
    if branch is None or branch.get("sha") != known["head_sha"] or pull["head_sha"] == known["head_sha"]:
        return world
    return tables.put(world, "branches", {**branch, "sha": pull["head_sha"]})


def _merge(world: World, known: Record, pull: Record) -> World:
    """The base of a pull request that has been merged, unless the layer says itself where it is."""
    merged = pull.get("merged") or pull.get("merged_at")
    base = tables.get(world, "branches", pull["repository"], pull["base"])
    if not merged or known.get("merged") or base is None or not base.get("sha"):
        return world
    sha = pull.get("merge_commit_sha")
    if sha and (base["sha"] == sha or tables.get(world, "commits", pull["repository"], sha) is not None):
        return world
    world, sha = merge_commit(
        world, pull, "merge", {}, sha=str(sha or ""), author=str(pull.get("merged_by") or "")
    )
    when = pull.get("merged_at") or tables.now(world)
    done = {"state": "closed", "merged": True, "merged_at": when, "closed_at": when, "merge_commit_sha": sha}
    return tables.change(world, "pulls", pull, **{**done, "closed_at": pull.get("closed_at") or when})


def lay_followed(world: World, files: Iterable[FollowedFile]) -> World:
    """``world``, whose layers are merged and not completed yet, with ``files`` on the default branches.

    Where a layer gives all files of a default branch, each joins them unless the layer names its path;
    else it is known by itself, and of the repository's other files the world goes on to know nothing.
    """
    for file in files:
        world = _lay(world, file)
    return world


def _lay(world: World, file: FollowedFile) -> World:
    row = tables.get(world, "repositories", file.repository) or {"full_name": file.repository}
    default = str(row.get("default_branch") or "main")
    branch = tables.get(world, "branches", file.repository, default)
    given = False
    if isinstance(row.get("files"), dict):
        world, given = tables.merge(world, "repositories", _joined(row, file)), True
    if branch is not None and isinstance(branch.get("files"), dict):
        world, given = tables.merge(world, "branches", _joined(branch, file)), True
    if given:
        return world
    known, whole = known_files(world, file.repository, default)
    if whole or file.path in known:
        return world
    single: Record = {"repository": file.repository, "ref": "", "path": file.path, "content": file.text}
    return tables.put(world, "files", single)


def _joined(record: Record, file: FollowedFile) -> Record:
    return {**record, "files": {file.path: file.text, **record["files"]}}
