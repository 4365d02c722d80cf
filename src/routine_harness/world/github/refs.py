"""Branches, tags and commits."""

from __future__ import annotations

from typing import Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import (
    Answer,
    Arguments,
    api,
    applied,
    find_repository,
    not_found,
    paged,
    respond,
)
from routine_harness.world.github.contents import history, move_branch, resolve_ref, tree_of
from routine_harness.world.github.git_names import check_branch_name
from routine_harness.world.github.rules import create_violations, delete_violations, push_violations
from routine_harness.world.github.show import compact, show_commit
from routine_harness.world.state import Record, World


def list_branches(world: World, arguments: Arguments) -> Answer:
    repository = find_repository(world, arguments, "failed to list branches")["full_name"]
    branches = sorted(tables.of_repository(world, "branches", repository), key=lambda row: str(row["name"]))
    return respond(world, [_show_branch(row) for row in paged(branches, arguments)])


def _show_branch(branch: Record) -> Record:
    return {"name": branch["name"], "sha": branch.get("sha") or "", "protected": bool(branch["protected"])}


def get_branch(world: World, arguments: Arguments) -> Answer:
    repository = find_repository(world, arguments, "failed to get branch")["full_name"]
    branch = tables.get(world, "branches", repository, arguments["branch"])
    if branch is None:
        raise not_found("failed to get branch", "GET", f"repos/{repository}/branches/{arguments['branch']}")
    return respond(world, _show_branch(branch))


def _show_ref(kind: str, name: str, sha: str, repository: str) -> Record:
    ref = f"refs/{kind}/{name}"
    return {
        "ref": ref,
        "url": f"https://api.github.com/repos/{repository}/git/{ref}",
        "object": {
            "type": "commit",
            "sha": sha,
            "url": f"https://api.github.com/repos/{repository}/git/commits/{sha}",
        },
    }


def create_branch(world: World, arguments: Arguments) -> Answer:
    """A branch at the tip of another one, or (by REST) at a commit."""
    doing = "failed to create branch"
    row = find_repository(world, arguments, doing)
    repository, name = row["full_name"], arguments["branch"]
    sha = arguments.get("sha")
    if sha is None:
        source = arguments.get("from_branch") or row["default_branch"]
        base = tables.get(world, "branches", repository, source)
        if base is None and source != row["default_branch"]:
            raise not_found("failed to get reference", "GET", f"repos/{repository}/git/ref/heads/{source}")
        sha = (base or {}).get("sha") or tables.digest("tip", repository, source)
    check_branch_name(doing, "POST", f"repos/{repository}/git/refs", name)
    if tables.get(world, "branches", repository, name) is not None:
        raise api(doing, "POST", f"repos/{repository}/git/refs", 422, "Reference already exists")
    violations = create_violations(world, repository, "branch", name)
    if violations:
        raise api(doing, "POST", f"repos/{repository}/git/refs", 422, violations)
    branch = {"repository": repository, "name": name, "sha": sha, "protected": False}
    after = tables.put(world, "branches", branch)
    value = _show_ref("heads", name, sha, repository)
    url = f"https://github.com/{repository}/tree/{name}"
    return applied(world, after, value, target=f"{repository}@{name}", sha=sha, url=url)


def update_branch(world: World, arguments: Arguments) -> Answer:
    """A branch moved to another commit, as a push does it; it is made if it is not there."""
    doing, name, sha = "failed to update reference", arguments["branch"], arguments["sha"]
    repository = find_repository(world, arguments, doing)["full_name"]
    branch = tables.get(world, "branches", repository, name)
    commits = [
        row for row in history(world, repository, sha)[0] if branch is None or row["sha"] != branch.get("sha")
    ]
    messages = [str(row.get("message") or "") for row in commits[:1]]
    force = bool(arguments.get("force"))
    path = f"repos/{repository}/git/refs/heads/{name}"
    violations = push_violations(world, repository, name, messages, force=force)
    if branch is None:
        check_branch_name(doing, "PATCH", path, name)
        violations = violations or create_violations(world, repository, "branch", name)
    if violations:
        raise api(doing, "PATCH", path, 422, violations)
    old = (branch or {}).get("sha")
    known = tables.get(world, "commits", repository, sha) is not None
    if old and known and not force and old not in {row["sha"] for row in history(world, repository, sha)[0]}:
        raise api(doing, "PATCH", path, 422, "Update is not a fast forward")
    row = {"repository": repository, "name": name, "protected": False, **(branch or {}), "sha": sha}
    after = world if row == branch else move_branch(world, row)
    url = f"https://github.com/{repository}/tree/{name}"
    value = _show_ref("heads", name, sha, repository)
    return applied(world, after, value, target=f"{repository}@{name}", url=url, commits=messages or None)


def delete_branch(world: World, arguments: Arguments) -> Answer:
    doing, name = "failed to delete reference", arguments["branch"]
    repository = find_repository(world, arguments, doing)["full_name"]
    branch, path = (
        tables.get(world, "branches", repository, name),
        f"repos/{repository}/git/refs/heads/{name}",
    )
    if branch is None:
        raise api(doing, "DELETE", path, 422, "Reference does not exist")
    violations = delete_violations(world, repository, "branch", name)
    if violations:
        raise api(doing, "DELETE", path, 422, violations)
    after = tables.remove(world, "branches", branch)
    for pull in tables.rows(world, "pulls", "head", name):
        if pull["head_repository"] == repository and pull["state"] == "open":
            closed = {"state": "closed", "closed_at": tables.now(world), "updated_at": tables.now(world)}
            after = tables.change(after, "pulls", pull, **closed)
    return applied(world, after, "", target=f"{repository}@{name}", sha=branch.get("sha"))


def merge_branch(world: World, arguments: Arguments) -> Answer:
    doing = "failed to merge"
    repository = find_repository(world, arguments, doing)["full_name"]
    base = tables.get(world, "branches", repository, arguments["base"])
    head = resolve_ref(world, repository, arguments["head"])
    if base is None or head is None:
        missing = "Base" if base is None else "Head"
        raise api(doing, "POST", f"repos/{repository}/merges", 404, f"{missing} does not exist")
    message = arguments.get("commit_message") or f"Merge {arguments['head']} into {base['name']}"
    violations = push_violations(world, repository, base["name"], [message])
    if violations:
        raise api(doing, "POST", f"repos/{repository}/merges", 409, violations)
    sha = tables.digest(repository, base.get("sha"), head, message, tables.now(world))
    commit = {
        "repository": repository, "sha": sha, "message": message, "author": tables.me(world),
        "date": tables.now(world), "parents": [base.get("sha"), head],
    }  # fmt: skip
    ours, theirs = tree_of(world, repository, str(base.get("sha"))), tree_of(world, repository, head)
    if ours is not None and theirs is not None:
        commit["tree"] = {path: text for path, text in theirs.items() if ours.get(path) != text}
    after = move_branch(tables.put(world, "commits", commit), {**base, "sha": sha})
    value = show_commit(after, commit)
    return applied(world, after, value, target=f"{repository}@{base['name']}", sha=sha, commits=[message])


def list_tags(world: World, arguments: Arguments) -> Answer:
    repository = find_repository(world, arguments, "failed to list tags")["full_name"]
    tags = paged(tables.of_repository(world, "tags", repository), arguments)
    return respond(world, [{"name": tag["name"], "sha": tag.get("sha") or ""} for tag in tags])


def get_tag(world: World, arguments: Arguments) -> Answer:
    repository = find_repository(world, arguments, "failed to get tag reference")["full_name"]
    tag = tables.get(world, "tags", repository, arguments["tag"])
    if tag is None:
        path = f"repos/{repository}/git/ref/tags/{arguments['tag']}"
        raise not_found("failed to get tag reference", "GET", path)
    return respond(
        world,
        {
            "sha": tag.get("sha") or "", "tag": tag["name"], "message": tag.get("message") or "",
            "object": {"type": "commit", "sha": tag.get("sha") or ""},
        },
    )  # fmt: skip


def create_tag(world: World, arguments: Arguments) -> Answer:
    doing, name = "failed to create tag", arguments["tag"]
    repository = find_repository(world, arguments, doing)["full_name"]
    if tables.get(world, "tags", repository, name) is not None:
        raise api(doing, "POST", f"repos/{repository}/git/refs", 422, "Reference already exists")
    violations = create_violations(world, repository, "tag", name)
    if violations:
        raise api(doing, "POST", f"repos/{repository}/git/refs", 422, violations)
    row = {
        "repository": repository,
        "name": name,
        "sha": arguments["sha"],
        **compact(message=arguments.get("message")),
    }
    after = tables.put(world, "tags", row)
    return applied(
        world, after, _show_ref("tags", name, row["sha"], repository), target=f"{repository}@{name}"
    )


def _tag(world: World, arguments: Arguments, doing: str, method: str) -> Record:
    repository = find_repository(world, arguments, doing)["full_name"]
    tag = tables.get(world, "tags", repository, arguments["tag"])
    if tag is None:
        path = f"repos/{repository}/git/refs/tags/{arguments['tag']}"
        raise api(doing, method, path, 422, "Reference does not exist")
    return tag


def update_tag(world: World, arguments: Arguments) -> Answer:
    tag = _tag(world, arguments, "failed to update tag", "PATCH")
    after = tables.change(world, "tags", tag, sha=arguments["sha"])
    value = _show_ref("tags", tag["name"], arguments["sha"], tag["repository"])
    return applied(world, after, value, target=f"{tag['repository']}@{tag['name']}")


def delete_tag(world: World, arguments: Arguments) -> Answer:
    doing = "failed to delete tag"
    tag = _tag(world, arguments, doing, "DELETE")
    violations = delete_violations(world, tag["repository"], "tag", tag["name"])
    if violations:
        path = f"repos/{tag['repository']}/git/refs/tags/{tag['name']}"
        raise api(doing, "DELETE", path, 422, violations)
    return applied(world, tables.remove(world, "tags", tag), "", target=f"{tag['repository']}@{tag['name']}")


OPERATIONS: Final = {
    "list_branches": list_branches,
    "get_branch": get_branch,
    "create_branch": create_branch,
    "update_branch": update_branch,
    "delete_branch": delete_branch,
    "merge_branch": merge_branch,
    "list_tags": list_tags,
    "get_tag": get_tag,
    "create_tag": create_tag,
    "update_tag": update_tag,
    "delete_tag": delete_tag,
}
