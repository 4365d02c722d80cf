"""Files of a repository: reading them and folders, and committing changes to them."""

from __future__ import annotations

from routine_harness.plain import Json, Record
from routine_harness.world.github.operations.contents import (
    Tree,
    commit_changes,
    content_bytes,
    content_sha,
    files_at,
    find_branch,
    recorded_folder,
    resolve_ref,
    single_file,
    tree_of,
)
from routine_harness.world.github.operations.operation import (
    Arguments,
    Done,
    Incomplete,
    Refused,
    applied,
    find_repository,
    found,
    full_name,
    not_found,
)
from routine_harness.world.github.operations.refs import check_branch_name, check_paths
from routine_harness.world.github.operations.rules import create_violations, push_violations
from routine_harness.world.github.records import tables
from routine_harness.world.state import World


def _locate(world: World, row: Record, ref: Json) -> str:
    """The commit that ``ref`` names.

    Raises:
        Incomplete: it is the default branch, and the world does not know its files.
        Refused: nothing has that name.
    """
    sha = resolve_ref(world, row["full_name"], ref)
    if sha is not None:
        return sha
    if ref in (None, "", row["default_branch"], f"refs/heads/{row['default_branch']}"):
        raise Incomplete(f"the files of {row['full_name']}")
    said = f"failed to resolve git reference: could not resolve ref {ref!r} as a branch or a tag"
    raise Refused(404, f"No commit found for the ref {ref}", said=said)


def get_contents(world: World, arguments: Arguments) -> Done:
    """A file (with its ``content``), or the entries of a folder."""
    row = find_repository(world, arguments)
    repository, ref = row["full_name"], arguments.get("ref") or row["default_branch"]
    path = str(arguments.get("path") or "").strip("/")
    tree = files_at(world, repository, arguments.get("sha") or ref)
    if tree is not None and path not in tree:
        entries = list_folder(tree, path, repository, ref)
        if entries is None:
            raise _no_such_file(tree, path)
        return found(world, entries)
    listed = recorded_folder(world, repository, ref, path) if tree is None else None
    if listed is not None:
        return found(world, [{**one, "repository": repository, "ref": ref} for one in listed])
    content = tree[path] if tree is not None else _single_file(world, row, arguments, path)
    data = content_bytes(content, f"{path} in {repository}")
    file = entry(repository, ref, path, content_sha(content, path), size=len(data))
    return found(world, {**file, "content": data})


def _single_file(world: World, row: Record, arguments: Arguments, path: str) -> Json:
    ref = arguments.get("sha") or arguments.get("ref") or row["default_branch"]
    try:
        content = single_file(world, row["full_name"], ref, path)
    except Incomplete:
        _locate(world, row, arguments.get("sha") or arguments.get("ref"))
        raise
    if content is None:
        raise _no_such_file({}, path)
    return content


def _no_such_file(tree: Tree, path: str) -> Refused:
    matches = [name for name in tree if name.endswith(path.rsplit("/", 1)[-1])][:3]
    if matches:
        said = (
            f"Failed to get file contents: the path {path} does not point to a file or directory, "
            f"but these do: {', '.join(matches)}"
        )
    else:
        said = (
            "Failed to get file contents. The path does not point to a file or directory, "
            "or the file does not exist in the repository."
        )
    return not_found(said)


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
    entries = []
    for head, file in sorted(names.items()):
        inside = f"{prefix}{head}"
        if file is None:
            entries.append(
                entry(repository, ref, inside, tables.digest("tree", repository, inside), kind="dir")
            )
        else:
            size = _size(tree[file])
            entries.append(entry(repository, ref, inside, content_sha(tree[file], inside), size=size))
    return entries


def _size(content: Json) -> int:
    return len(content.encode()) if isinstance(content, str) else 0


def entry(repository: str, ref: str, path: str, sha: str, *, kind: str = "file", size: int = 0) -> Record:
    """A file or folder as a listing names it; its content is not among the fields."""
    return {
        "repository": repository, "ref": ref, "type": kind, "size": size,
        "name": path.rsplit("/", 1)[-1], "path": path, "sha": sha,
    }  # fmt: skip


def get_tree(world: World, arguments: Arguments) -> Done:
    row = find_repository(world, arguments)
    repository, wanted = row["full_name"], arguments.get("tree_sha")
    sha = _locate(world, row, wanted)
    tree = tree_of(world, repository, sha)
    if tree is None:
        raise Incomplete(f"the files of {repository} at {sha[:7]}")
    folders = {name.rsplit("/", depth)[0] for name in tree for depth in range(1, name.count("/") + 1)}
    paths = sorted({*tree, *folders})
    if not arguments.get("recursive"):
        paths = [path for path in paths if "/" not in path]
    inside = str(arguments.get("path_filter") or "")
    entries = [_tree_entry(tree, path, repository) for path in paths if path.startswith(inside)]
    return found(world, {"repository": repository, "sha": sha, "tree_sha": wanted or sha, "tree": entries})


def _tree_entry(tree: Tree, path: str, repository: str) -> Record:
    if path not in tree:
        identity = tables.digest("tree", repository, path)
        return {"path": path, "type": "tree", "mode": "040000", "sha": identity}
    sha = content_sha(tree[path], path)
    return {"path": path, "type": "blob", "size": _size(tree[path]), "mode": "100644", "sha": sha}


def branch_for_push(world: World, row: Record, name: str, message: str) -> Record:
    """The branch that a commit is to go on, if rulesets let it; the default one is there in every world."""
    repository = row["full_name"]
    violations = push_violations(world, repository, name, [message])
    if violations:
        raise Refused(409, violations)
    if row.get("empty"):
        return {"repository": repository, "name": name, "protected": False, "sha": None}
    branch = find_branch(world, repository, name)
    if branch is None:
        raise Refused(404, f"Branch {name} not found")
    return branch


def put_file(world: World, arguments: Arguments) -> Done:
    row = find_repository(world, arguments)
    path, message = arguments["path"].strip("/"), arguments["message"]
    name = arguments.get("branch") or row["default_branch"]
    check_paths([path])
    branch = branch_for_push(world, row, name, message)
    tree = tree_of(world, row["full_name"], branch["sha"]) if branch["sha"] else {}
    if tree is not None:
        _check_sha(tree, path, name, arguments.get("sha"))
    after, commit = commit_changes(world, row["full_name"], branch, {path: arguments["content"]}, message)
    identity = content_sha(arguments["content"])
    file = entry(row["full_name"], name, path, identity, size=_size(arguments["content"]))
    return _pushed(world, after, {"content": file, "commit": commit}, name, commit, [path])


def _check_sha(tree: Tree, path: str, branch: str, sha: str | None) -> None:
    if path not in tree:
        if any(name.startswith(f"{path}/") for name in tree):
            said = f"Path {path} is a directory, not a file. This tool only works with files."
            raise Refused(422, f"{path} is a directory", said=said)
        return
    current = content_sha(tree[path], path)
    if not sha:
        raise Refused(
            422,
            'Invalid request.\n\n"sha" wasn\'t supplied.',
            said=f"File already exists at {path}. You must provide the current file's SHA when updating. "
            f"Use git rev-parse {branch}:{path} to get the blob SHA, then retry with the sha parameter.",
        )
    if sha != current:
        raise Refused(
            409,
            f"{path} does not match {sha}",
            said=f"SHA mismatch: provided SHA {sha} is stale. Current file SHA is {current}. "
            f"Pull the latest changes and use git rev-parse {branch}:{path} to get the current SHA.",
        )


def delete_file(world: World, arguments: Arguments) -> Done:
    row = find_repository(world, arguments)
    path, message = arguments["path"].strip("/"), arguments["message"]
    name = arguments.get("branch") or row["default_branch"]
    branch = branch_for_push(world, row, name, message)
    tree = tree_of(world, row["full_name"], branch["sha"]) if branch["sha"] else {}
    if tree is not None and path not in tree:
        raise not_found()
    after, commit = commit_changes(world, row["full_name"], branch, {path: None}, message)
    return _pushed(world, after, {"content": None, "commit": commit}, name, commit, [path])


def push_files(world: World, arguments: Arguments) -> Done:
    """Several files in one commit, on a branch that is made from the default one where it is not there."""
    row = find_repository(world, arguments)
    repository, name, message = row["full_name"], arguments["branch"], arguments["message"]
    after = world
    changes = {file["path"].strip("/"): file["content"] for file in arguments["files"]}
    check_paths(changes)
    if tables.get(world, "branches", repository, name) is None:
        check_branch_name(name)
        violations = create_violations(world, repository, "branch", name)
        if violations:
            raise Refused(422, violations, said=f"failed to create branch from default: {violations}")
        source = tables.get(world, "branches", repository, row["default_branch"]) or {}
        sha = source.get("sha") or tables.digest("tip", repository, row["default_branch"])
        fresh = {"repository": repository, "name": name, "sha": sha, "protected": False}
        after = tables.put(world, "branches", fresh)
    branch = branch_for_push(after, row, name, message)
    after, commit = commit_changes(after, repository, branch, changes, message)
    ref = {"repository": repository, "ref": f"refs/heads/{name}", "sha": commit["sha"]}
    return _pushed(world, after, ref, name, commit, list(changes))


def _pushed(before: World, after: World, rows: Json, branch: str, commit: Record, files: list[str]) -> Done:
    repository = commit["repository"]
    url = f"https://github.com/{repository}/commit/{commit['sha']}"
    return applied(
        before, after, rows, target=f"{repository}@{branch}", branch=branch, sha=commit["sha"], url=url,
        commits=[commit["message"]], files=files,
    )  # fmt: skip


def get_readme(world: World, arguments: Arguments) -> Done:
    row = find_repository(world, arguments)
    tree = files_at(world, full_name(world, arguments), arguments.get("ref"))
    if tree is None:
        raise Incomplete(f"the files of {row['full_name']}")
    name = next((path for path in tree if path.lower().partition(".")[0] == "readme"), None)
    if name is None:
        raise not_found()
    return get_contents(world, {**arguments, "path": name})
