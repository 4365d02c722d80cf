"""The file tools: reading files and folders, writing them one by one or many in a commit."""

from __future__ import annotations

import base64
from typing import Any, Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import (
    Answer,
    Arguments,
    Incomplete,
    Refused,
    api,
    applied,
    find_repository,
    not_found,
    respond,
)
from routine_harness.world.github.contents import (
    Tree,
    commit_changes,
    content_bytes,
    content_sha,
    files_at,
    resolve_ref,
    single_file,
    tree_of,
)
from routine_harness.world.github.rules import create_violations, push_violations
from routine_harness.world.github.show import commit_author, commit_url, compact, pick
from routine_harness.world.state import Record, World


def locate(world: World, arguments: Arguments, doing: str) -> tuple[Record, str]:
    """The repository of a call, and the commit that its ``ref`` or ``sha`` names.

    Raises:
        Incomplete: the ref exists and the world does not know its files.
    """
    row = find_repository(world, arguments, doing)
    ref = arguments.get("sha") or arguments.get("ref")
    sha = resolve_ref(world, row["full_name"], ref)
    if sha is not None:
        return row, sha
    if ref in (None, "", row["default_branch"], f"refs/heads/{row['default_branch']}"):
        raise Incomplete(f"the files of {row['full_name']}")
    raise Refused(f"failed to resolve git reference: could not resolve ref {ref!r} as a branch or a tag")


def get_file_contents(world: World, arguments: Arguments) -> Answer:
    row = find_repository(world, arguments, "failed to get file contents")
    repository, ref = row["full_name"], arguments.get("ref") or row["default_branch"]
    path = str(arguments.get("path") or "/").strip("/")
    tree = files_at(world, repository, arguments.get("sha") or ref)
    if tree is not None and path not in tree:
        entries = list_folder(tree, path, repository, ref)
        if entries is None:
            raise _no_such_file(tree, path)
        return respond(world, pick(entries, arguments.get("fields")))
    content = tree[path] if tree is not None else _single_file(world, row, arguments, path)
    data = content_bytes(content, f"{path} in {repository}")
    identity = content_sha(content, path)
    if not data:
        return respond(world, f"successfully downloaded empty file (SHA: {identity})")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        shown = base64.b64encode(data).decode()
        return respond(world, f"successfully downloaded binary file (SHA: {identity})\n{shown}")
    return respond(world, f"successfully downloaded text file (SHA: {identity})\n{text}")


def _single_file(world: World, row: Record, arguments: Arguments, path: str) -> Any:
    repository = row["full_name"]
    ref = arguments.get("sha") or arguments.get("ref") or row["default_branch"]
    try:
        content = single_file(world, repository, ref, path)
    except Incomplete:
        locate(world, arguments, "failed to get file contents")  # a ref that is not there is refused
        raise
    if content is None:
        raise _no_such_file({}, path)
    return content


def _no_such_file(tree: Tree, path: str) -> Refused:
    matches = [name for name in tree if name.endswith(path.rsplit("/", 1)[-1])][:3]
    if matches:
        found = ", ".join(matches)
        return Refused(
            f"Failed to get file contents: the path {path} does not point to a file or directory, "
            f"but these do: {found}"
        )
    return Refused(
        "Failed to get file contents. The path does not point to a file or directory, "
        "or the file does not exist in the repository."
    )


def list_folder(tree: Tree, path: str, repository: str, ref: str) -> list[Record] | None:
    """What a folder holds, one level deep; None if there is no such folder."""
    prefix = f"{path}/" if path else ""
    names: dict[str, str | None] = {}
    for name in tree:
        if name.startswith(prefix):
            head, slash, _ = name[len(prefix) :].partition("/")
            names.setdefault(head, None if slash else name)
    if not names and path:
        return None
    return [_entry(tree, f"{prefix}{head}", file, repository, ref) for head, file in sorted(names.items())]


def _entry(tree: Tree, path: str, file: str | None, repository: str, ref: str) -> Record:
    kind = "dir" if file is None else "file"
    content = None if file is None else tree[file]
    size = len(content.encode()) if isinstance(content, str) else 0
    identity = tables.digest("tree", repository, path) if file is None else content_sha(content, path)
    view = "tree" if file is None else "blob"
    return {
        "type": kind,
        "size": size,
        "name": path.rsplit("/", 1)[-1],
        "path": path,
        "sha": identity,
        "url": f"https://api.github.com/repos/{repository}/contents/{path}?ref={ref}",
        "git_url": f"https://api.github.com/repos/{repository}/git/{view}s/{identity}",
        "html_url": f"https://github.com/{repository}/{view}/{ref}/{path}",
        **compact(
            download_url=file and f"https://raw.githubusercontent.com/{repository}/{ref}/{path}",
        ),
    }


def get_repository_tree(world: World, arguments: Arguments) -> Answer:
    given = {**arguments, "ref": arguments.get("tree_sha")}
    row, sha = locate(world, given, "failed to get repository tree")
    repository = row["full_name"]
    tree = tree_of(world, repository, sha)
    if tree is None:
        raise Incomplete(f"the files of {repository} at {sha[:7]}")
    wanted = str(arguments.get("path_filter") or "")
    folders = {name.rsplit("/", depth)[0] for name in tree for depth in range(1, name.count("/") + 1)}
    paths = sorted({*tree, *folders})
    if not arguments.get("recursive"):
        paths = [path for path in paths if "/" not in path]
    entries = [_tree_entry(tree, path, repository) for path in paths if path.startswith(wanted)]
    return respond(
        world,
        {
            "sha": sha, "truncated": False, "tree": entries, "tree_sha": arguments.get("tree_sha") or sha,
            "owner": arguments["owner"], "repo": arguments["repo"],
            "recursive": bool(arguments.get("recursive")), "count": len(entries),
        },
    )  # fmt: skip


def _tree_entry(tree: Tree, path: str, repository: str) -> Record:
    if path not in tree:
        identity = tables.digest("tree", repository, path)
        return {"path": path, "type": "tree", "mode": "040000", "sha": identity}
    content = tree[path]
    size = len(content.encode()) if isinstance(content, str) else 0
    return {"path": path, "type": "blob", "size": size, "mode": "100644", "sha": content_sha(content, path)}


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
    if tables.get(world, "branches", repository, name) is None:
        violations = create_violations(world, repository, "branch", name)
        source = tables.get(world, "branches", repository, row["default_branch"]) or {}
        if violations:
            raise Refused(f"failed to create branch from default: {violations}")
        sha = source.get("sha") or tables.digest("tip", repository, row["default_branch"])
        fresh = {"repository": repository, "name": name, "sha": sha, "protected": False}
        after = tables.put(world, "branches", fresh)
    url = f"repos/{repository}/git/refs/heads/{name}"
    branch = branch_for_push(after, repository, name, message, doing, url)
    changes = {file["path"].strip("/"): file["content"] for file in arguments["files"]}
    after, commit = commit_changes(after, repository, branch, changes, message)
    value = {"ref": f"refs/heads/{name}", "object": {"type": "commit", "sha": commit["sha"]}}
    return _pushed(world, after, value, repository, name, commit, list(changes))


OPERATIONS: Final = {
    "get_file_contents": get_file_contents,
    "get_repository_tree": get_repository_tree,
    "create_or_update_file": create_or_update_file,
    "delete_file": delete_file,
    "push_files": push_files,
}
