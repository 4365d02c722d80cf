"""The file tools: reading files and folders, writing them one by one or many in a commit."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import (
    Answer,
    Arguments,
    Refused,
    api,
    applied,
    find_repository,
    not_found,
)
from routine_harness.world.github.contents import Tree, commit_changes, content_sha, tree_of
from routine_harness.world.github.git_names import check_branch_name, check_paths
from routine_harness.world.github.rules import create_violations, push_violations
from routine_harness.world.github.show import commit_author, commit_url
from routine_harness.world.state import Record, World


def branch_for_push(world: World, repository: str, name: str, message: str, doing: str, path: str) -> Record:
    """The branch that a commit is to go on, if rulesets let it."""
    violations = push_violations(world, repository, name, [message])
    if violations:
        raise api(doing, "PUT", path, 409, violations)
    branch = tables.get(world, "branches", repository, name)
    if branch is None:
        raise api(doing, "PUT", path, 404, f"Branch {name} not found")
    if not branch.get("sha"):
        return {**branch, "sha": tables.digest("tip", repository, name)}
    return branch


def create_or_update_file(world: World, arguments: Arguments) -> Answer:
    doing = "failed to create/update file"
    repository = find_repository(world, arguments, doing)["full_name"]
    path, name, message = arguments["path"].strip("/"), arguments["branch"], arguments["message"]
    url = f"repos/{repository}/contents/{path}"
    check_paths(doing, "PUT", url, [path])
    branch = branch_for_push(world, repository, name, message, doing, url)
    tree = tree_of(world, repository, branch["sha"])
    if tree is not None:
        _check_sha(tree, path, name, arguments.get("sha"))
    after, commit = commit_changes(world, repository, branch, {path: arguments["content"]}, message)
    content = {
        "name": path.rsplit("/", 1)[-1],
        "path": path,
        "sha": content_sha(arguments["content"]),
        "size": len(arguments["content"].encode()),
        "html_url": f"https://github.com/{repository}/blob/{name}/{path}",
    }
    value = {"content": content, "commit": _show_file_commit(repository, commit)}
    return _pushed(world, after, value, repository, name, commit, [path])


def _check_sha(tree: Tree, path: str, branch: str, sha: str | None) -> None:
    if path not in tree:
        if any(name.startswith(f"{path}/") for name in tree):
            raise Refused(f"Path {path} is a directory, not a file. This tool only works with files.")
        return
    current = content_sha(tree[path], path)
    if not sha:
        raise Refused(
            f"File already exists at {path}. You must provide the current file's SHA when updating. "
            f"Use git rev-parse {branch}:{path} to get the blob SHA, then retry with the sha parameter."
        )
    if sha != current:
        raise Refused(
            f"SHA mismatch: provided SHA {sha} is stale. Current file SHA is {current}. "
            f"Pull the latest changes and use git rev-parse {branch}:{path} to get the current SHA."
        )


def _show_file_commit(repository: str, commit: Record) -> Record:
    url = commit_url(repository, commit["sha"])
    return {
        "sha": commit["sha"],
        "message": commit["message"],
        "html_url": url,
        "author": commit_author(commit),
    }


def _pushed(
    before: World, after: World, value: Any, repository: str, branch: str, commit: Record, files: list[str]
) -> Answer:
    fields: Record = {"sha": commit["sha"], "url": commit_url(repository, commit["sha"])}
    fields |= {"commits": [commit["message"]], "files": files}
    return applied(before, after, value, target=f"{repository}@{branch}", **fields)


def delete_file(world: World, arguments: Arguments) -> Answer:
    doing = "failed to delete file"
    repository = find_repository(world, arguments, doing)["full_name"]
    path, name, message = arguments["path"].strip("/"), arguments["branch"], arguments["message"]
    url = f"repos/{repository}/contents/{path}"
    branch = branch_for_push(world, repository, name, message, doing, url)
    tree = tree_of(world, repository, branch["sha"])
    if tree is not None and path not in tree:
        raise not_found(doing, "DELETE", url)
    after, commit = commit_changes(world, repository, branch, {path: None}, message)
    value = {"commit": _show_file_commit(repository, commit), "content": None}
    return _pushed(world, after, value, repository, name, commit, [path])


def push_files(world: World, arguments: Arguments) -> Answer:
    doing = "failed to update reference"
    row = find_repository(world, arguments, doing)
    repository, name, message = row["full_name"], arguments["branch"], arguments["message"]
    after = world
    changes = {file["path"].strip("/"): file["content"] for file in arguments["files"]}
    check_paths("failed to create tree", "POST", f"repos/{repository}/git/trees", changes)
    if tables.get(world, "branches", repository, name) is None:
        check_branch_name(
            "failed to create branch from default", "POST", f"repos/{repository}/git/refs", name
        )
        violations = create_violations(world, repository, "branch", name)
        source = tables.get(world, "branches", repository, row["default_branch"]) or {}
        if violations:
            raise Refused(f"failed to create branch from default: {violations}")
        sha = source.get("sha") or tables.digest("tip", repository, row["default_branch"])
        fresh = {"repository": repository, "name": name, "sha": sha, "protected": False}
        after = tables.put(world, "branches", fresh)
    url = f"repos/{repository}/git/refs/heads/{name}"
    branch = branch_for_push(after, repository, name, message, doing, url)
    after, commit = commit_changes(after, repository, branch, changes, message)
    value = {"ref": f"refs/heads/{name}", "object": {"type": "commit", "sha": commit["sha"]}}
    return _pushed(world, after, value, repository, name, commit, list(changes))


OPERATIONS: Final = {
    "create_or_update_file": create_or_update_file,
    "delete_file": delete_file,
    "push_files": push_files,
}
