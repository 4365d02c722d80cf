"""Files: what a ref holds, and commits that change it.

A branch points at a commit; a commit says what it changed against its first parent, and the first
one known says what there was. Where the chain ends in a commit of which only the id is known,
the world does not know the files, and says so.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from routine_harness.plain import Json, Record
from routine_harness.world.github.operations.operation import Incomplete
from routine_harness.world.github.operations.review_comments import follow_lines
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.patches import apply_patch, compare_trees
from routine_harness.world.state import World

Tree = Record
"""Path → text; for what is not text a mapping with its ``base64``, for what is known only by
name one with its ``sha``."""


def files_at(world: World, repository: str, ref: str | None = None) -> Tree | None:
    """All files of ``repository`` at a branch, tag or commit (default: the default branch).

    None where the world does not know them. A file whose content is unknown is a mapping.
    """
    sha = resolve_ref(world, repository, ref)
    return None if sha is None else tree_of(world, repository, sha)


def resolve_ref(world: World, repository: str, ref: str | None) -> str | None:
    """The commit that ``ref`` names, in any of git's spellings; None if nothing has that name."""
    row = tables.get(world, "repositories", repository) or {}
    name = ref or str(row.get("default_branch") or "main")
    for prefix in ("refs/heads/", "refs/tags/", "heads/", "tags/", "refs/"):
        name = name.removeprefix(prefix)
    if name.startswith("pull/"):
        pull = tables.get(world, "pulls", repository, _number(name.split("/")[1]))
        return None if pull is None else str(pull["head_sha"])
    for table in ("branches", "tags"):
        found = tables.get(world, table, repository, name)
        if found is not None and found.get("sha"):
            return str(found["sha"])
    return _commit_named(world, repository, name)


def changed_files(world: World, repository: str, ref: str) -> frozenset[str]:
    """The files that the pull request whose head ``ref`` names (``refs/pull/42/head``) is known to change."""
    kind, _, rest = ref.removeprefix("refs/").partition("/")
    number = _number(rest.partition("/")[0]) if kind == "pull" else 0
    rows = tables.rows(world, "pull_files", "number", number, repository) if number else []
    return frozenset(str(row["filename"]) for row in rows)


def find_branch(world: World, repository: str, name: str) -> Record | None:
    """A branch; the default one is there in every world, unless its repository is empty."""
    branch = tables.get(world, "branches", repository, name)
    row = tables.get(world, "repositories", repository) or {}
    if branch is None and (name != (row.get("default_branch") or "main") or row.get("empty")):
        return None
    branch = branch or {"repository": repository, "name": name, "protected": False}
    return branch if branch.get("sha") else {**branch, "sha": tables.digest("tip", repository, name)}


def branches_of(world: World, repository: str) -> list[Record]:
    """All branches of a repository, by name."""
    row = tables.get(world, "repositories", repository) or {}
    names = {branch["name"] for branch in tables.of_repository(world, "branches", repository)}
    found = (find_branch(world, repository, name) for name in names | {row.get("default_branch") or "main"})
    return sorted((branch for branch in found if branch is not None), key=lambda row: str(row["name"]))


def _number(text: str) -> int:
    return tables.as_number(text) or 0


def _commit_named(world: World, repository: str, name: str) -> str | None:
    if tables.get(world, "commits", repository, name) is not None:
        return name
    if len(name) == 40 and not set(name) - set("0123456789abcdef"):
        known = any(
            name in (pull["head_sha"], pull["base_sha"])
            for pull in tables.of_repository(world, "pulls", repository)
        )
        refs = (*tables.of_repository(world, "branches", repository),
                *tables.of_repository(world, "tags", repository))  # fmt: skip
        return name if known or any(row.get("sha") == name for row in refs) else None
    if len(name) < 7:
        return None
    commits = tables.of_repository(world, "commits", repository)
    return next((commit["sha"] for commit in commits if commit["sha"].startswith(name)), None)


def tree_of(world: World, repository: str, sha: str) -> Tree | None:
    """The files at a commit; None where the chain of commits ends before all of them are known."""
    changes: list[Mapping[str, Json]] = []
    seen: set[str] = set()
    while sha not in seen:
        seen.add(sha)
        commit = tables.get(world, "commits", repository, sha)
        if commit is None or "tree" not in commit:
            base = _patched(world, repository, sha)
            return None if base is None else _lay(base, changes)
        changes.append(commit["tree"])
        if commit.get("root"):
            return _lay({}, changes)
        if not commit.get("parents"):
            return None
        sha = commit["parents"][0]
    return None


def _lay(base: Tree, changes: list[Mapping[str, Json]]) -> Tree:
    tree = dict(base)
    for change in reversed(changes):
        tree.update(change)
    return {path: tree[path] for path in sorted(tree) if tree[path] is not None}


def _patched(world: World, repository: str, sha: str) -> Tree | None:
    """The files at the head of a pull request, from those of its base and its patches."""
    pulls = [pull for pull in tables.of_repository(world, "pulls", repository) if pull["head_sha"] == sha]
    if not pulls or pulls[0]["base_sha"] == sha:
        return None
    pull = pulls[0]
    files = tables.rows(world, "pull_files", "number", pull["number"], repository)
    if not files or len(files) < int(pull.get("changed_files") or 0):
        return None
    tree = tree_of(world, repository, pull["base_sha"])
    if tree is None:
        tree = files_at(world, repository, pull["base"])
    if tree is None:
        return None
    for file in files:
        tree = _patch_file(tree, file)
    return tree


def _patch_file(tree: Tree, file: Record) -> Tree:
    path, old = file["filename"], file.get("previous_filename") or file["filename"]
    kept = {name: content for name, content in tree.items() if name != old}
    if file.get("status") == "removed":
        return kept
    before = tree.get(old, "")
    told = "patch" in file or not file.get("changes")  # GitHub leaves out the patch of what changed a lot
    patched = apply_patch(before, file.get("patch") or "") if isinstance(before, str) and told else None
    return {**kept, path: {"sha": str(file.get("sha") or "")} if patched is None else patched}


def single_file(world: World, repository: str, ref: str, path: str) -> Json:
    """One file of a branch or commit whose files are not known as a whole.

    A commit on top may have changed it, or a recording may hold it by itself; None means that the
    last commit that touched it deleted it.

    Raises:
        Incomplete: the world does not know that file.
    """
    row = tables.get(world, "repositories", repository) or {}
    sha = resolve_ref(world, repository, ref)
    seen: set[str] = set()  # a world's file may name a commit among its own parents
    while sha is not None and sha not in seen:
        seen.add(sha)
        commit = tables.get(world, "commits", repository, sha) or {}
        if commit.get("unknown_files"):
            raise Incomplete(f"the file {path} of {repository} at {ref}")
        if path in commit.get("tree", {}):
            return commit["tree"][path]
        sha = next(iter(commit.get("parents") or ()), None)
    for name in _names_of_files(world, row, ref):
        found = tables.get(world, "files", repository, name, path)
        if found is not None:
            return found["content"]
    raise Incomplete(f"the file {path} of {repository} at {ref}")


def _names_of_files(world: World, row: Record, ref: str) -> list[str]:
    """The refs under which files that are known by themselves stand: a request without one means the
    default branch, and a branch and the commit at its tip are one place."""
    default, repository = row.get("default_branch") or "main", row.get("full_name", "")
    short = ref.removeprefix("refs/heads/")
    names = [*dict.fromkeys((ref, short)), *([""] if short == default else [])]
    sha = resolve_ref(world, repository, ref)
    if sha is None:
        return names
    branches = tables.of_repository(world, "branches", repository)
    others = [str(branch["name"]) for branch in branches if branch.get("sha") == sha]
    return list(dict.fromkeys([*names, sha, *others, *([""] if default in others else [])]))


def known_files(world: World, repository: str, ref: str) -> tuple[Tree, bool]:
    """The files of a branch as far as the world holds them, and whether that is all of them.

    Where the tree is not known as a whole, those that the commits on top changed and those that the table
    ``files`` holds by themselves are.
    """
    whole = files_at(world, repository, ref)
    if whole is not None:
        return whole, True
    row = tables.get(world, "repositories", repository) or {}
    names = _names_of_files(world, row, ref)
    held = [one for one in tables.of_repository(world, "files", repository) if one["ref"] in names]
    tree = {one["path"]: one["content"] for one in held if not one["path"].endswith("/")}
    changes: list[Mapping[str, Json]] = []
    sha = resolve_ref(world, repository, ref)
    seen: set[str] = set()
    while sha is not None and sha not in seen:
        seen.add(sha)
        commit = tables.get(world, "commits", repository, sha) or {}
        changes.append(commit.get("tree", {}))
        sha = next(iter(commit.get("parents") or ()), None)
    return _lay(tree, changes), False


def recorded_folder(world: World, repository: str, ref: str, path: str) -> list[Record] | None:
    """The entries of a folder as a recording holds them; None where none does."""
    row = tables.get(world, "repositories", repository) or {}
    for name in _names_of_files(world, row, ref):
        found = tables.get(world, "files", repository, name, f"{path}/")
        if found is not None:
            return list(found["content"]["entries"])
    return None


def content_bytes(content: Json, place: str) -> bytes:
    """The bytes of a file.

    Raises:
        Incomplete: only its name is known.
    """
    if isinstance(content, str):
        return content.encode()
    if isinstance(content, dict) and "base64" in content:
        try:
            return base64.b64decode(content["base64"])
        except binascii.Error as error:
            raise Incomplete(f"the content of {place}") from error
    raise Incomplete(f"the content of {place}")


def content_sha(content: Json, place: str = "a file") -> str:
    """The blob id of a file's content."""
    if isinstance(content, dict) and content.get("sha"):
        return str(content["sha"])
    return tables.blob_sha(content_bytes(content, place))


def commit_changes(
    world: World, repository: str, branch: Record, changes: Tree, message: str, **fields: Json
) -> tuple[World, Record]:
    """A commit on ``branch`` that changes files (None deletes one), and the world that has it."""
    message = tables.with_appended(world, message, "commit_trailer")
    parent = branch.get("sha")
    before = tree_of(world, repository, parent) if parent else {}
    date = tables.now(world)
    sha = tables.digest(repository, parent, message, sorted(changes.items(), key=str), date)
    commit: Record = {
        "repository": repository,
        "sha": sha,
        "message": message,
        "author": tables.me(world),
        "date": date,
        "parents": [parent] if parent else [],
        "tree": changes,
        **({} if parent else {"root": True}),
        **fields,
    }
    row = tables.get(world, "repositories", repository) or {}
    if row.get("empty"):
        filled = {name: value for name, value in row.items() if name != "empty"}
        world = tables.put(world, "repositories", filled)
    if before is not None:
        commit["files"] = compare_trees({path: before.get(path) for path in changes}, changes)
        if parent and tables.get(world, "commits", repository, parent) is None:
            # The files were known from a pull request whose head is about to move.
            row = {"repository": repository, "sha": parent, "tree": before, "root": True}
            world = tables.put(world, "commits", row)
    world = tables.put(world, "commits", commit)
    return move_branch(world, {**branch, "sha": sha}), commit


def move_branch(world: World, branch: Record) -> World:
    """``world`` with ``branch`` at its new commit, and its open pull requests likewise."""
    world = tables.put(world, "branches", branch)
    for pull in tables.rows(world, "pulls", "head", branch["name"]):
        if pull["head_repository"] == branch["repository"] and pull["state"] == "open":
            world = _follow(world, pull, str(branch["sha"]))
            world = tables.put(
                world, "pulls", {**pull, "head_sha": branch["sha"], "updated_at": tables.now(world)}
            )
    return world


def drop_branch(world: World, repository: str, name: str) -> World:
    """``world`` without a branch; open pull requests from it are closed."""
    branch = tables.get(world, "branches", repository, name)
    after = world if branch is None else tables.remove(world, "branches", branch)
    for pull in tables.rows(world, "pulls", "head", name):
        if pull["head_repository"] == repository and pull["state"] == "open":
            closed = {"state": "closed", "closed_at": tables.now(world), "updated_at": tables.now(world)}
            after = tables.change(after, "pulls", pull, **closed)
    return after


def _follow(world: World, pull: Record, sha: str) -> World:
    """``world`` with the comments of ``pull`` moved along, where both heads' files are known."""
    if not tables.rows(world, "review_comments", "number", pull["number"], pull["repository"]):
        return world
    before, after = (tree_of(world, pull["repository"], head) for head in (str(pull["head_sha"]), sha))
    return world if before is None or after is None else follow_lines(world, pull, before, after)


def history(world: World, repository: str, sha: str) -> tuple[list[Record], bool]:
    """The commits from ``sha`` back, newest first, and whether the first one of all is among them."""
    found: dict[str, Record] = {}
    queue, whole = [sha], True
    while queue:
        current = queue.pop(0)
        if current in found:
            continue
        commit = tables.get(world, "commits", repository, current)
        if commit is None or "message" not in commit:
            whole = False
            continue
        found[current] = commit
        whole = whole and ("parents" in commit)
        queue += commit.get("parents") or []
    return sorted(found.values(), key=lambda commit: str(commit.get("date") or ""), reverse=True), whole
