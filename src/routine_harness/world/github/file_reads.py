"""Reading files and folders of a repository."""

from __future__ import annotations

import base64
from typing import Any, Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import (
    Answer,
    Arguments,
    Incomplete,
    Refused,
    find_repository,
    respond,
)
from routine_harness.world.github.contents import (
    Tree,
    content_bytes,
    content_sha,
    files_at,
    resolve_ref,
    single_file,
    tree_of,
)
from routine_harness.world.github.show import compact, pick
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


OPERATIONS: Final = {
    "get_file_contents": get_file_contents,
    "get_repository_tree": get_repository_tree,
}
