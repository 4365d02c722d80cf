"""Branches and tags: reading, making, moving, deleting them, and merging one branch into another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Record
from routine_harness.world.github.operations.contents import (
    branches_of,
    drop_branch,
    find_branch,
    history,
    move_branch,
    resolve_ref,
    tree_of,
)
from routine_harness.world.github.operations.operation import (
    Arguments,
    Done,
    Refused,
    applied,
    find_repository,
    found,
    full_name,
)
from routine_harness.world.github.operations.rules import (
    create_violations,
    delete_violations,
    push_violations,
)
from routine_harness.world.github.records import tables
from routine_harness.world.state import World


def list_branches(world: World, arguments: Arguments) -> Done:
    rows = branches_of(world, full_name(world, arguments))
    wanted = arguments.get("protected")
    return found(world, [row for row in rows if wanted is None or bool(row["protected"]) is wanted])


def get_branch(world: World, arguments: Arguments) -> Done:
    branch = find_branch(world, full_name(world, arguments), arguments["branch"])
    if branch is None:
        raise Refused(404, "Branch not found")
    return found(world, branch)


def get_branch_ref(world: World, arguments: Arguments) -> Done:
    return found(world, _ref(world, "heads", arguments))


def get_tag_ref(world: World, arguments: Arguments) -> Done:
    return found(world, _ref(world, "tags", arguments))


def list_refs(world: World, arguments: Arguments) -> Done:
    """Branches and tags whose ref begins with ``prefix`` (``heads/claude/``), as refs."""
    repository, prefix = full_name(world, arguments), str(arguments.get("prefix") or "")
    refs = [
        _as_ref(kind, row)
        for kind, rows in (
            ("heads", branches_of(world, repository)),
            ("tags", tables.of_repository(world, "tags", repository)),
        )
        for row in rows
        if f"{kind}/{row['name']}".startswith(prefix)
    ]
    return found(world, sorted(refs, key=lambda ref: str(ref["ref"])))


def _as_ref(kind: str, row: Record) -> Record:
    sha = row.get("sha") or tables.digest("tip", row["repository"], row["name"])
    return {"repository": row["repository"], "ref": f"refs/{kind}/{row['name']}", "sha": sha}


def _ref(world: World, kind: str, arguments: Arguments) -> Record:
    repository = full_name(world, arguments)
    if kind == "heads":
        row = find_branch(world, repository, arguments["branch"])
    else:
        row = tables.get(world, "tags", repository, arguments["tag"])
    if row is None:
        raise Refused(404, "Not Found")
    return _as_ref(kind, row)


def create_branch(world: World, arguments: Arguments) -> Done:
    """A branch at the tip of another one, or at a commit (``sha``)."""
    row = find_repository(world, arguments)
    repository, name = row["full_name"], arguments["branch"]
    sha = arguments.get("sha")
    if sha is None:
        source = arguments.get("from") or row["default_branch"]
        base = tables.get(world, "branches", repository, source)
        if base is None and source != row["default_branch"]:
            raise Refused(404, "Not Found")
        sha = (base or {}).get("sha") or tables.digest("tip", repository, source)
    check_branch_name(name)
    if tables.get(world, "branches", repository, name) is not None:
        raise Refused(422, "Reference already exists", code="already_exists")
    violations = create_violations(world, repository, "branch", name)
    if violations:
        raise Refused(422, violations)
    branch = {"repository": repository, "name": name, "sha": sha, "protected": False}
    after = tables.put(world, "branches", branch)
    url = f"https://github.com/{repository}/tree/{name}"
    return applied(world, after, _as_ref("heads", branch), target=f"{repository}@{name}", sha=sha, url=url)


def move_ref(world: World, arguments: Arguments) -> Done:
    """A branch moved to another commit, as a push does it; it is made if it is not there."""
    name, sha, force = arguments["branch"], arguments["sha"], bool(arguments.get("force"))
    repository = full_name(world, arguments)
    branch = tables.get(world, "branches", repository, name)
    line = history(world, repository, sha)[0]
    commits = [row for row in line if branch is None or row["sha"] != branch.get("sha")]
    messages = [str(row.get("message") or "") for row in commits[:1]]
    violations = push_violations(world, repository, name, messages, force=force)
    if branch is None:
        check_branch_name(name)
        violations = violations or create_violations(world, repository, "branch", name)
    if violations:
        raise Refused(422, violations)
    old = (branch or {}).get("sha")
    known = tables.get(world, "commits", repository, sha) is not None
    if old and known and not force and old not in {row["sha"] for row in line}:
        raise Refused(422, "Update is not a fast forward")
    row = {"repository": repository, "name": name, "protected": False, **(branch or {}), "sha": sha}
    after = world if row == branch else move_branch(world, row)
    url = f"https://github.com/{repository}/tree/{name}"
    return applied(
        world, after, _as_ref("heads", row), target=f"{repository}@{name}", url=url, commits=messages or None
    )


def delete_branch(world: World, arguments: Arguments) -> Done:
    repository, name = full_name(world, arguments), arguments["branch"]
    branch = tables.get(world, "branches", repository, name)
    if branch is None:
        raise Refused(422, "Reference does not exist")
    violations = delete_violations(world, repository, "branch", name)
    if violations:
        raise Refused(422, violations)
    after = drop_branch(world, repository, name)
    return applied(world, after, target=f"{repository}@{name}", sha=branch.get("sha"))


def rename_branch(world: World, arguments: Arguments) -> Done:
    repository, new = full_name(world, arguments), arguments["new_name"]
    branch = tables.get(world, "branches", repository, arguments["branch"])
    if branch is None:
        raise Refused(404, "Branch not found")
    row = {**branch, "name": new}
    after = tables.put(tables.remove(world, "branches", branch), "branches", row)
    for table, field in (("pulls", "head"), ("pulls", "base")):
        for pull in tables.of_repository(after, table, repository):
            if pull[field] == branch["name"]:
                after = tables.change(after, table, pull, **{field: new})
    return applied(world, after, row, target=f"{repository}@{new}", sha=branch.get("sha"))


def merge_branch(world: World, arguments: Arguments) -> Done:
    repository = full_name(world, arguments)
    base = tables.get(world, "branches", repository, arguments["base"])
    head = resolve_ref(world, repository, arguments["head"])
    if base is None or head is None:
        raise Refused(404, f"{'Base' if base is None else 'Head'} does not exist")
    message = arguments.get("commit_message") or f"Merge {arguments['head']} into {base['name']}"
    violations = push_violations(world, repository, base["name"], [message])
    if violations:
        raise Refused(409, violations)
    sha = tables.digest(repository, base.get("sha"), head, message, tables.now(world))
    commit: Record = {
        "repository": repository, "sha": sha, "message": message, "author": tables.me(world),
        "date": tables.now(world), "parents": [base.get("sha"), head],
    }  # fmt: skip
    ours, theirs = tree_of(world, repository, str(base.get("sha"))), tree_of(world, repository, head)
    if ours is not None and theirs is not None:
        commit["tree"] = {path: text for path, text in theirs.items() if ours.get(path) != text}
    after = move_branch(tables.put(world, "commits", commit), {**base, "sha": sha})
    return applied(world, after, commit, target=f"{repository}@{base['name']}", sha=sha, commits=[message])


def list_tags(world: World, arguments: Arguments) -> Done:
    return found(world, tables.of_repository(world, "tags", full_name(world, arguments)))


def get_tag(world: World, arguments: Arguments) -> Done:
    tag = tables.get(world, "tags", full_name(world, arguments), arguments["tag"])
    if tag is None:
        raise Refused(404, "Not Found")
    return found(world, tag)


def create_tag(world: World, arguments: Arguments) -> Done:
    repository, name = full_name(world, arguments), arguments["tag"]
    if tables.get(world, "tags", repository, name) is not None:
        raise Refused(422, "Reference already exists", code="already_exists")
    violations = create_violations(world, repository, "tag", name)
    if violations:
        raise Refused(422, violations)
    message = {"message": arguments["message"]} if arguments.get("message") else {}
    row = {"repository": repository, "name": name, "sha": arguments["sha"], **message}
    after = tables.put(world, "tags", row)
    return applied(world, after, _as_ref("tags", row), target=f"{repository}@{name}")


def _need_tag(world: World, arguments: Arguments) -> Record:
    tag = tables.get(world, "tags", full_name(world, arguments), arguments["tag"])
    if tag is None:
        raise Refused(422, "Reference does not exist")
    return tag


def move_tag(world: World, arguments: Arguments) -> Done:
    tag = _need_tag(world, arguments)
    after = tables.change(world, "tags", tag, sha=arguments["sha"])
    row = {**tag, "sha": arguments["sha"]}
    return applied(world, after, _as_ref("tags", row), target=f"{tag['repository']}@{tag['name']}")


def delete_tag(world: World, arguments: Arguments) -> Done:
    tag = _need_tag(world, arguments)
    violations = delete_violations(world, tag["repository"], "tag", tag["name"])
    if violations:
        raise Refused(422, violations)
    return applied(world, tables.remove(world, "tags", tag), target=f"{tag['repository']}@{tag['name']}")


MAXIMUM: Final = 255
"""The bytes of a ref's name, as GitHub has it."""

_NONE: Final = lazy_pattern(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|\Z)|[./]\Z")
_NO_PART: Final = ("", ".", "..", ".git")


def is_ref(name: str) -> bool:
    """Whether git takes ``name`` for the full name of a ref (``git check-ref-format``)."""
    plain = name.startswith("refs/") and len(name.encode(errors="replace")) <= MAXIMUM
    return plain and _NONE.search(name) is None


def is_path(name: str) -> bool:
    """Whether git takes ``name`` for a file of a tree."""
    return "\0" not in name and all(part.lower() not in _NO_PART for part in name.split("/"))


def check_branch_name(name: str) -> None:
    """Refuse a branch whose name git does not take, as GitHub does."""
    if not is_ref(f"refs/heads/{name}"):
        raise Refused(422, f"refs/heads/{name} is not a valid ref name.")


def check_paths(paths: Iterable[str]) -> None:
    """Refuse files whose names git does not take, as GitHub does."""
    if not all(map(is_path, paths)):
        raise Refused(422, "path contains a malformed path component")
