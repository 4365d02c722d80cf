"""What GitHub fills in by itself: ids, numbers, links, times, default branches.

Done once over a world whose records have all been merged, so that no default can take the place
of something that a higher layer says. Doing it again changes nothing.
"""

from __future__ import annotations

from routine_harness.plain import Record
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.row_defaults import (
    WEB,
    complete_rows,
    default_branch,
    fill_each,
    tip_of,
)
from routine_harness.world.state import World


def complete_world(world: World) -> World:
    """``world`` with GitHub's defaults in place of what was left out; idempotent."""
    if not any(name.startswith("github.") for name in world.tables):
        return world
    if tables.get(world, "me") is None:
        world = tables.put(world, "me", {"login": tables.DEFAULT_ME})
    world = _complete_repositories(world)
    for complete in (
        _complete_branches,
        _complete_pulls,
        _complete_issues,
        _complete_threads,
        complete_rows,
    ):
        world = complete(world)
    return _complete_people(_complete_counters(world))


def _complete_repositories(world: World) -> World:
    mentioned = {
        record["repository"]: None
        for table, keys in tables.TABLES.items()
        if keys[:1] == ("repository",)
        for record in world.table(f"github.{table}")
    }
    for full_name in mentioned:
        if "/" in str(full_name):
            world = tables.default(world, "repositories", {"full_name": full_name})
    clock = tables.now(world)

    def defaults(record: Record) -> Record:
        owner, _, name = record["full_name"].partition("/")
        return {
            "name": name,
            "owner": owner,
            "private": False,
            "default_branch": "main",
            "html_url": f"{WEB}/{record['full_name']}",
            "id": tables.user_id(record["full_name"]),
            "description": None,
            "fork": False,
            "archived": False,
            "created_at": clock,
            "updated_at": clock,
        }

    return fill_each(world, "repositories", defaults)


def _complete_branches(world: World) -> World:
    for repository in world.table("github.repositories"):
        name, default = repository["full_name"], repository["default_branch"]
        if "files" in repository:
            bare = {k: v for k, v in repository.items() if k != "files"}
            world = tables.put(world, "repositories", bare)
            world = tables.merge(
                world, "branches", {"repository": name, "name": default, "files": repository["files"]}
            )
    world = _name_tips(world)
    defaults = {row["full_name"]: row["default_branch"] for row in world.table("github.repositories")}

    def stands_alone(branch: Record) -> bool:
        return bool(defaults.get(branch["repository"]) == branch["name"])

    # The default branch first: what other branches do not change is as it is there.
    for branch in sorted(world.table("github.branches"), key=stands_alone, reverse=True):
        world = _commit_files(world, branch) if branch.get("files") is not None else world
    return fill_each(world, "branches", lambda _: {"protected": False})


def _name_tips(world: World) -> World:
    """Branches whose commit a pull request names, and nobody else does, are at that commit."""
    for pull in _newest_first(world):
        for side, repository in (("base", pull["repository"]), ("head", pull.get("head_repository"))):
            branch = tables.get(world, "branches", repository or pull["repository"], pull.get(side))
            sha = pull.get(f"{side}_sha")
            if branch is not None and sha and not branch.get("sha"):
                world = tables.change(world, "branches", branch, sha=sha)
    return world


def _newest_first(world: World) -> list[Record]:
    """The pull requests, the one that was opened last first: its base is the latest that anybody tells of."""
    return sorted(world.table("github.pulls"), key=lambda pull: int(pull["number"]), reverse=True)


def _commit_files(world: World, branch: Record) -> World:
    """The files that a world file gives to a branch, as a commit at its tip."""
    repository, files = branch["repository"], branch["files"]
    row = tables.get(world, "repositories", repository) or {}
    base_name = branch.get("base") or row.get("default_branch")
    base = None if base_name == branch["name"] else tables.get(world, "branches", repository, base_name)
    sha, parent = branch.get("sha"), None
    known = tables.get(world, "commits", repository, sha) if sha else None
    if known is not None and "tree" in known:
        parent, sha = sha, None
    elif base is not None and base.get("sha"):
        parent = base["sha"]
    author = tables.get(world, "repositories", repository) or {}
    message = f"Change {', '.join(sorted(files))}" if parent else "Initial commit"
    sha = sha or tables.digest(repository, branch["name"], parent, sorted(files.items()))
    commit: Record = {
        "repository": repository,
        "sha": sha,
        "message": message,
        "author": author.get("owner"),
        "date": author.get("created_at"),
        **(known or {} if known and "tree" not in known else {}),
        "tree": dict(files),
        "parents": [parent] if parent else [],
    }
    if not parent:
        commit["root"] = True
    world = tables.put(world, "commits", commit)
    kept = {k: v for k, v in branch.items() if k not in ("files", "base")}
    return tables.put(world, "branches", {**kept, "sha": sha})


def _complete_pulls(world: World) -> World:
    clock = tables.now(world)

    def defaults(pull: Record) -> Record:
        repository, number = pull["repository"], pull["number"]
        base = pull.get("base") or default_branch(world, repository)
        head = pull.get("head") or f"patch-{number}"
        state = "closed" if pull.get("merged") or pull.get("merged_at") else "open"
        return {
            "id": tables.user_id(f"{repository}#{number}"),
            "title": f"Pull request {number}",
            "body": None,
            "state": state,
            "draft": False,
            "merged": bool(pull.get("merged_at")),
            "user": repository.partition("/")[0],
            "labels": [],
            "assignees": [],
            "requested_reviewers": [],
            "milestone": None,
            "head": head,
            "base": base,
            "head_repository": repository,
            "head_sha": tip_of(world, pull.get("head_repository") or repository, head),
            "base_sha": tip_of(world, repository, base),
            "html_url": f"{WEB}/{repository}/pull/{number}",
            "created_at": clock,
            "updated_at": pull.get("created_at") or clock,
            "closed_at": None,
            "merged_at": None,
        }

    world = fill_each(world, "pulls", defaults)
    for pull in _newest_first(world):
        for name, sha, repository in (
            (pull["base"], pull["base_sha"], pull["repository"]),
            (pull["head"], pull["head_sha"], pull["head_repository"]),
        ):
            deleted = name == pull["head"] and pull["state"] == "closed"
            forked = repository and tables.get(world, "repositories", repository) is not None
            if (repository == pull["repository"] or forked) and not deleted:
                row = {"repository": repository, "name": name, "sha": sha, "protected": False}
                world = tables.default(world, "branches", row)
    return world


def _complete_issues(world: World) -> World:
    clock = tables.now(world)

    def defaults(issue: Record) -> Record:
        repository, number = issue["repository"], issue["number"]
        return {
            "id": tables.user_id(f"{repository}#{number}"),
            "title": f"Issue {number}",
            "body": None,
            "state": "open",
            "state_reason": None,
            "user": repository.partition("/")[0],
            "labels": [],
            "assignees": [],
            "milestone": None,
            "locked": False,
            "html_url": f"{WEB}/{repository}/issues/{number}",
            "created_at": clock,
            "updated_at": issue.get("created_at") or clock,
            "closed_at": None,
        }

    return fill_each(world, "issues", defaults)


def _complete_threads(world: World) -> World:
    """A thread for each review comment that answers no other one."""
    for comment in world.table("github.review_comments"):
        if comment.get("thread"):
            continue
        answered = tables.get(world, "review_comments", comment["repository"], comment.get("in_reply_to_id"))
        thread = str((answered or {}).get("thread") or f"PRRT_{comment['id']}")
        world = tables.change(world, "review_comments", comment, thread=thread)
    for comment in world.table("github.review_comments"):
        row = {
            "repository": comment["repository"],
            "id": comment["thread"],
            "number": comment.get("number"),
            "path": comment.get("path"),
            "line": comment.get("line"),
        }
        world = tables.default(world, "threads", row)
    return fill_each(world, "threads", lambda _: {"is_resolved": False, "is_outdated": False})


def _complete_counters(world: World) -> World:
    """The next number of every repository, and ids above those that are taken."""
    counters = dict(world.counters)
    for table in ("issues", "pulls"):
        for record in world.table(f"github.{table}"):
            name = f"github.number:{record['repository']}"
            counters[name] = max(counters.get(name, 1), record["number"] + 1)
    for name in sorted(counters):
        if counters[name] != world.counters.get(name):
            world = world.counting(name, counters[name])
    return world


def _complete_people(world: World) -> World:
    me = tables.me(world)
    world = tables.default(world, "users", {"login": me})

    def defaults(user: Record) -> Record:
        login = user["login"]
        kind = "Bot" if login.endswith("[bot]") else "User"
        return {"id": tables.user_id(login), "type": kind, "html_url": f"{WEB}/{login}"}

    return fill_each(world, "users", defaults)
