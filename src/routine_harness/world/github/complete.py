"""What GitHub fills in by itself: ids, numbers, links, times, default branches.

Done once over a world whose records have all been merged, so that no default can take the place
of something that a higher layer says. Doing it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from routine_harness.world.github import tables
from routine_harness.world.state import Record, World

WEB: Final = "https://github.com"


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
        _complete_rows,
    ):
        world = complete(world)
    return _complete_people(_complete_counters(world))


def _each(world: World, table: str, defaults: Callable[[Record], Record]) -> World:
    """``table`` with ``defaults`` of each record where the record lacks them."""
    name = f"github.{table}"
    rows = world.tables.get(name)
    if rows is None:
        return world
    for key, record in rows.items():
        given = defaults(record)
        if not given.keys() <= record.keys():
            rows = rows.put(key, {**given, **record})
    return world.with_table(name, rows)


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

    return _each(world, "repositories", defaults)


def _complete_branches(world: World) -> World:
    for repository in world.table("github.repositories"):
        name, default = repository["full_name"], repository["default_branch"]
        if "files" in repository:
            bare = {k: v for k, v in repository.items() if k != "files"}
            world = tables.put(world, "repositories", bare)
            world = tables.merge(
                world, "branches", {"repository": name, "name": default, "files": repository["files"]}
            )
    defaults = {row["full_name"]: row["default_branch"] for row in world.table("github.repositories")}

    def stands_alone(branch: Record) -> bool:
        return bool(defaults.get(branch["repository"]) == branch["name"])

    # The default branch first: what other branches do not change is as it is there.
    for branch in sorted(world.table("github.branches"), key=stands_alone, reverse=True):
        world = _commit_files(world, branch) if branch.get("files") is not None else world
    return _each(world, "branches", lambda _: {"protected": False})


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
        base = pull.get("base") or _default_branch(world, repository)
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
            "head_sha": _tip(world, pull.get("head_repository") or repository, head),
            "base_sha": _tip(world, repository, base),
            "html_url": f"{WEB}/{repository}/pull/{number}",
            "created_at": clock,
            "updated_at": pull.get("created_at") or clock,
            "closed_at": None,
            "merged_at": None,
        }

    world = _each(world, "pulls", defaults)
    for pull in world.table("github.pulls"):
        for name, sha, repository in (
            (pull["base"], pull["base_sha"], pull["repository"]),
            (pull["head"], pull["head_sha"], pull["head_repository"]),
        ):
            deleted = name == pull["head"] and pull["state"] == "closed"
            if repository == pull["repository"] and not deleted:
                row = {"repository": repository, "name": name, "sha": sha, "protected": False}
                world = tables.default(world, "branches", row)
    return world


def _tip(world: World, repository: str, branch: str) -> str:
    row = tables.get(world, "branches", repository, branch) or {}
    return str(row.get("sha") or tables.digest("tip", repository, branch))


def _default_branch(world: World, repository: str) -> str:
    row = tables.get(world, "repositories", repository) or {}
    return str(row.get("default_branch") or "main")


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

    return _each(world, "issues", defaults)


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
    return _each(world, "threads", lambda _: {"is_resolved": False, "is_outdated": False})


def _complete_rows(world: World) -> World:
    clock = tables.now(world)

    def author(record: Record) -> str:
        return str(record["repository"].partition("/")[0])

    def comment(record: Record) -> Record:
        address = f"{WEB}/{record['repository']}/issues/{record.get('number')}#issuecomment-{record['id']}"
        return {"user": author(record), "body": "", "html_url": address, **times(record)}

    def times(record: Record) -> Record:
        return {"created_at": clock, "updated_at": record.get("created_at") or clock}

    def review(record: Record) -> Record:
        address = f"{WEB}/{record['repository']}/pull/{record.get('number')}#pullrequestreview-{record['id']}"
        submitted = {} if record.get("state") == "PENDING" else {"submitted_at": clock}
        return {"user": author(record), "body": "", "state": "COMMENTED", "html_url": address, **submitted}

    def inline(record: Record) -> Record:
        address = f"{WEB}/{record['repository']}/pull/{record.get('number')}#discussion_r{record['id']}"
        return {"user": author(record), "body": "", "html_url": address, **times(record)}

    def release(record: Record) -> Record:
        address = f"{WEB}/{record['repository']}/releases/tag/{record['tag_name']}"
        published = {} if record.get("draft") else {"published_at": record.get("created_at") or clock}
        drafted: Record = {"draft": False, "prerelease": False, "assets": [], "body": "", **published}
        return {
            **drafted, "name": record["tag_name"], "author": author(record), "html_url": address,
            "target_commitish": _default_branch(world, record["repository"]), "created_at": clock,
        }  # fmt: skip

    def run(record: Record) -> Record:
        finished = "completed" if record.get("conclusion") else "queued"
        number = len(tables.of_repository(world, "workflow_runs", record["repository"]))
        return {
            "name": record.get("workflow") or record.get("path") or "CI", "status": finished,
            "conclusion": None, "event": "push", "run_number": number, "run_attempt": 1,
            "head_branch": _default_branch(world, record["repository"]), "workflow_id": workflow_id(record),
            "head_sha": _tip(world, record["repository"], record.get("head_branch") or "main"),
            "html_url": f"{WEB}/{record['repository']}/actions/runs/{record['id']}",
            "path": _workflow_path(record), **times(record),
        }  # fmt: skip

    def workflow_id(record: Record) -> int:
        known = tables.of_repository(world, "workflows", record["repository"])
        path = _workflow_path(record)
        found = next((one["id"] for one in known if one.get("path") == path), None)
        return int(found) if found else tables.user_id(f"{record['repository']}/{path}")

    def job(record: Record) -> Record:
        finished = "completed" if record.get("conclusion") else "queued"
        address = f"{WEB}/{record['repository']}/actions/runs/{record['run_id']}/job/{record['id']}"
        return {"status": finished, "conclusion": None, "html_url": address, "steps": []}

    def check(record: Record) -> Record:
        finished = "completed" if record.get("conclusion") else "queued"
        return {"status": finished, "conclusion": None, "head_sha": _sha_of(world, record), "name": "check"}

    def status(record: Record) -> Record:
        return {"sha": _sha_of(world, record), "context": "default", "state": "pending", **times(record)}

    def label(record: Record) -> Record:
        given = f"{record['repository']}/{record['name']}"
        return {"color": "ededed", "description": "", "id": tables.user_id(given)}

    def milestone(record: Record) -> Record:
        return {"title": f"Milestone {record['number']}", "state": "open", "description": ""}

    def ruleset(record: Record) -> Record:
        return {"name": "ruleset", "target": "branch", "enforcement": "active", "conditions": {}, "rules": []}

    plan: dict[str, Callable[[Record], Record]] = {
        "comments": comment, "reviews": review, "review_comments": inline, "releases": release,
        "workflow_runs": run, "jobs": job, "checks": check, "statuses": status, "labels": label,
        "milestones": milestone, "rulesets": ruleset,
    }  # fmt: skip
    for table, defaults in plan.items():
        world = _each(world, table, defaults)
    return _complete_workflows(world)


def _workflow_path(run: Record) -> str:
    named = str(run.get("path") or run.get("workflow") or run.get("name") or "ci.yml")
    return named if "/" in named else f".github/workflows/{named}"


def _complete_workflows(world: World) -> World:
    for run in world.table("github.workflow_runs"):
        row = {
            "repository": run["repository"], "id": run["workflow_id"], "name": run["name"],
            "path": run["path"], "state": "active",
        }  # fmt: skip
        world = tables.default(world, "workflows", row)
    return world


def _sha_of(world: World, record: Record) -> str:
    """The commit that a check or status is about: given, or the head of a pull request or branch."""
    for field in ("head_sha", "sha", "commit"):
        if record.get(field):
            return str(record[field])
    pull = tables.get(world, "pulls", record["repository"], record.get("number"))
    if pull is not None:
        return str(pull["head_sha"])
    branch = record.get("branch") or record.get("ref") or _default_branch(world, record["repository"])
    return _tip(world, record["repository"], str(branch))


def _complete_counters(world: World) -> World:
    """The next number of every repository, and ids above those that are taken."""
    counters = dict(world.counters)
    for table in ("issues", "pulls"):
        for record in world.table(f"github.{table}"):
            name = f"github.number:{record['repository']}"
            counters[name] = max(counters.get(name, 1), record["number"] + 1)
    for name in sorted(counters):
        if counters[name] != world.counters.get(name):
            world = World(world.tables, world.clock, world.counters.set(name, counters[name]))
    return world


def _complete_people(world: World) -> World:
    me = tables.me(world)
    world = tables.default(world, "users", {"login": me})

    def defaults(user: Record) -> Record:
        login = user["login"]
        kind = "Bot" if login.endswith("[bot]") else "User"
        return {"id": tables.user_id(login), "type": kind, "html_url": f"{WEB}/{login}"}

    return _each(world, "users", defaults)
