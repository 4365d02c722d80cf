"""Branches, tags and commits."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import (
    Answer,
    Arguments,
    Incomplete,
    api,
    applied,
    find_repository,
    not_found,
    paged,
    respond,
)
from routine_harness.world.github.contents import history, move_branch, resolve_ref, tree_of
from routine_harness.world.github.patches import compare_trees
from routine_harness.world.github.pulls import files_of
from routine_harness.world.github.rules import create_violations, delete_violations, push_violations
from routine_harness.world.github.show import compact, pick, show_commit, show_file
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
    "list_commits": list_commits,
    "get_commit": get_commit,
    "compare_commits": compare_commits,
    "list_tags": list_tags,
    "get_tag": get_tag,
    "create_tag": create_tag,
    "update_tag": update_tag,
    "delete_tag": delete_tag,
}
