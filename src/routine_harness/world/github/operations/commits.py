"""Commits: listing, reading, comparing them, and what CI says of them: statuses and check runs."""

from __future__ import annotations

from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.github.operations.contents import history, resolve_ref, tree_of
from routine_harness.world.github.operations.operation import (
    Arguments,
    Done,
    Incomplete,
    Refused,
    applied,
    find_pull,
    find_repository,
    find_row,
    found,
)
from routine_harness.world.github.operations.pulls import files_of, knows_branches
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.patches import compare_trees
from routine_harness.world.state import World


def list_commits(world: World, arguments: Arguments) -> Done:
    """The commits from ``sha`` back that the filters leave; ``enough`` of them fill the page."""
    repository, sha = _locate(world, arguments, arguments.get("sha"))
    commits, whole = history(world, repository, sha)
    if not commits or (not whole and not _suffice(commits, arguments)):
        raise Incomplete(f"the commits of {repository}")
    return found(world, [commit for commit in commits if _passes(commit, arguments)])


def _passes(commit: Record, arguments: Arguments) -> bool:
    author, path = arguments.get("author"), arguments.get("path")
    since, until, date = arguments.get("since"), arguments.get("until"), str(commit.get("date") or "")
    people = (commit.get("author"), commit.get("author_email"), commit.get("author_name"))
    return (
        (not author or author in people)
        and (not path or _touches(commit, path.strip("/")))
        and (not since or date >= since)
        and (not until or date <= until)
    )


def _suffice(commits: list[Record], arguments: Arguments) -> bool:
    """Whether the commits that are known fill the page that is asked for."""
    since = arguments.get("since")
    if since and min(str(commit.get("date") or "") for commit in commits) < since:
        return True
    enough = int(arguments.get("per_page") or 30) * int(arguments.get("page") or 1)
    return len(commits) >= enough and not arguments.get("author") and not arguments.get("path")


def _touches(commit: Record, path: str) -> bool:
    names = [*commit.get("tree", {}), *(file["filename"] for file in commit.get("files") or ())]
    return any(name == path or name.startswith(f"{path}/") for name in names)


def _locate(world: World, arguments: Arguments, ref: str | None) -> tuple[str, str]:
    row = find_repository(world, arguments)
    sha = resolve_ref(world, row["full_name"], ref)
    if sha is None and ref in (None, "", row["default_branch"]):
        raise Incomplete(f"the commits of {row['full_name']}")
    if sha is None and _may_be_a_commit(world, row["full_name"], ref):
        raise Incomplete(f"the commit {str(ref)[:7]} of {row['full_name']}")
    if sha is None:
        raise Refused(422, f"No commit found for SHA: {ref}")
    return row["full_name"], sha


def _files_of(world: World, repository: str, commit: Record) -> list[Record] | None:
    """The files that a commit changes; None where the world does not know."""
    if commit.get("files") is not None:
        return list(commit["files"])
    after = tree_of(world, repository, commit["sha"])
    parents = commit.get("parents")
    if after is None or parents is None:
        return None
    before = tree_of(world, repository, parents[0]) if parents else {}
    return None if before is None else compare_trees(before, after)


def get_commit(world: World, arguments: Arguments) -> Done:
    """A commit with its ``files``; without them where ``detail`` is none."""
    repository, sha = _locate(world, arguments, arguments["sha"])
    commit = tables.get(world, "commits", repository, sha)
    if commit is None or "message" not in commit:
        raise Incomplete(f"the commit {sha[:7]} of {repository}")
    if arguments.get("detail") == "none":
        return found(world, commit)
    files = _files_of(world, repository, commit)
    if files is None:
        raise Incomplete(f"the files of the commit {sha[:7]} of {repository}")
    return found(world, {**commit, "files": files, "stats": stats_of(files)})


def stats_of(files: list[Record]) -> Record:
    """The lines that ``files`` add and delete, together."""
    added = sum(int(file.get("additions") or 0) for file in files)
    deleted = sum(int(file.get("deletions") or 0) for file in files)
    return {"additions": added, "deletions": deleted, "total": added + deleted}


def compare_commits(world: World, arguments: Arguments) -> Done:
    repository, base = _locate(world, arguments, arguments["base"])
    _, head = _locate(world, arguments, arguments["head"].rpartition(":")[2])
    theirs, _ = history(world, repository, base)
    ours, _ = history(world, repository, head)
    known, mine = {row["sha"] for row in theirs} | {base}, {row["sha"] for row in ours} | {head}
    ahead = [row for row in reversed(ours) if row["sha"] not in known]
    behind = [row for row in theirs if row["sha"] not in mine]
    fork = next((row["sha"] for row in ours if row["sha"] in known), base if head != base else head)
    status = "diverged" if ahead and behind else "ahead" if ahead else "behind" if behind else "identical"
    rows: Record = {
        "repository": repository, "status": status, "ahead_by": len(ahead), "behind_by": len(behind),
        "total_commits": len(ahead), "commits": ahead,
        "files": _difference(world, repository, base, head, arguments), "head_sha": head,
        "base_commit": _known(world, repository, base), "merge_base_commit": _known(world, repository, fork),
    }  # fmt: skip
    return found(world, rows)


def _known(world: World, repository: str, sha: str) -> Record | None:
    commit = tables.get(world, "commits", repository, sha)
    return commit if commit is not None and "message" in commit else None


def _difference(world: World, repository: str, base: str, head: str, arguments: Arguments) -> list[Record]:
    before, after = tree_of(world, repository, base), tree_of(world, repository, head)
    if before is not None and after is not None:
        return compare_trees(before, after)
    pulls = tables.of_repository(world, "pulls", repository)
    pull = next((row for row in pulls if row["head_sha"] == head), None)
    if pull is None:
        raise Incomplete(f"the difference of {arguments['base']} and {arguments['head']} in {repository}")
    return files_of(world, pull)


def latest_statuses(world: World, repository: str, sha: str) -> list[Record]:
    """The last status of each context."""
    latest: dict[str, Record] = {}
    for status in tables.rows(world, "statuses", "sha", sha, repository):
        latest.pop(status["context"], None)
        latest[status["context"]] = status
    return list(latest.values())


def combined_status(world: World, repository: str, sha: str) -> Record:
    """The statuses of a commit and what they come to."""
    statuses = latest_statuses(world, repository, sha)
    states = {status["state"] for status in statuses}
    state = "success" if states == {"success"} else "pending"
    if states & {"failure", "error"}:
        state = "failure"
    return {
        "repository": repository,
        "state": state,
        "sha": sha,
        "total_count": len(statuses),
        "statuses": statuses,
    }


def checks_of(world: World, repository: str, sha: str) -> list[Record]:
    """The check runs of a commit: those that apps made, and every job of its workflow runs."""
    own = tables.rows(world, "checks", "head_sha", sha, repository)
    known = {check["id"] for check in own}
    jobs: list[Record] = []
    for run in tables.rows(world, "workflow_runs", "head_sha", sha, repository):
        for job in tables.rows(world, "jobs", "run_id", run["id"], repository):
            if job["id"] not in known:
                jobs.append({**job, "head_sha": sha, "details_url": job["html_url"], "app": "github-actions"})  # noqa: PERF401
    return own + jobs


def _commit_of(world: World, arguments: Arguments, name: str = "sha") -> tuple[str, str]:
    repository = find_repository(world, arguments)["full_name"]
    sha = resolve_ref(world, repository, arguments[name])
    if sha is None and _may_be_a_commit(world, repository, arguments[name]):
        sha = arguments[name]
    if sha is None:
        raise Refused(422, f"No commit found for SHA: {arguments[name]}")
    return repository, sha


def _may_be_a_commit(world: World, repository: str, ref: Json) -> bool:
    """Whether a full id can be that of a commit which the world does not hold: where it has no history."""
    full = isinstance(ref, str) and len(ref) == 40 and not set(ref) - set("0123456789abcdef")
    return full and not knows_branches(world, repository)


def get_commit_status(world: World, arguments: Arguments) -> Done:
    return found(world, combined_status(world, *_commit_of(world, arguments)))


def get_pull_status(world: World, arguments: Arguments) -> Done:
    pull = find_pull(world, arguments)
    return found(world, combined_status(world, pull["repository"], pull["head_sha"]))


def list_statuses(world: World, arguments: Arguments) -> Done:
    repository, sha = _commit_of(world, arguments)
    rows = tables.rows(world, "statuses", "sha", sha, repository)
    return found(world, sorted(rows, key=lambda row: int(row["id"]), reverse=True))


def list_checks(world: World, arguments: Arguments) -> Done:
    """The check runs of a commit, newest first, as recorded."""
    repository, sha = _commit_of(world, arguments)
    wanted = {name: arguments[name] for name in ("status", "check_name") if arguments.get(name)}
    rows = sorted(checks_of(world, repository, sha), key=lambda row: int(row["id"]), reverse=True)
    names = {"check_name": "name"}
    return found(
        world, [row for row in rows if all(row.get(names.get(n, n)) == v for n, v in wanted.items())]
    )


def list_pull_checks(world: World, arguments: Arguments) -> Done:
    pull = find_pull(world, arguments)
    return found(world, checks_of(world, pull["repository"], pull["head_sha"]))


def create_status(world: World, arguments: Arguments) -> Done:
    repository, sha = _commit_of(world, arguments)
    after, identity = tables.next_id(world)
    status = {
        "repository": repository, "id": identity, "sha": sha, "state": arguments["state"],
        "context": arguments.get("context") or "default", "description": arguments.get("description"),
        "target_url": arguments.get("target_url"), "creator": tables.me(world),
        "created_at": tables.now(world), "updated_at": tables.now(world),
    }  # fmt: skip
    after = tables.put(after, "statuses", status)
    return applied(world, after, status, target=f"{repository}@{sha[:7]}")


_OUTPUT: Final = ("details_url", "output")


def create_check(world: World, arguments: Arguments) -> Done:
    repository, sha = _commit_of(world, arguments, "head_sha")
    after, identity = tables.next_id(world)
    conclusion = arguments.get("conclusion")
    check = {
        "repository": repository, "id": identity, "name": arguments["name"], "head_sha": sha,
        "status": "completed" if conclusion else arguments.get("status") or "queued",
        "conclusion": conclusion, "started_at": tables.now(world),
        "completed_at": tables.now(world) if conclusion else None,
        "html_url": f"https://github.com/{repository}/runs/{identity}",
        **{name: arguments[name] for name in _OUTPUT if arguments.get(name)},
    }  # fmt: skip
    after = tables.put(after, "checks", check)
    return applied(world, after, check, target=f"{repository}@{sha[:7]}")


def update_check(world: World, arguments: Arguments) -> Done:
    check = find_row(world, "checks", arguments, "check_run_id")
    changed: Record = {
        name: arguments[name] for name in ("name", "status", "conclusion", *_OUTPUT) if arguments.get(name)
    }
    if changed.get("conclusion"):
        changed |= {"status": "completed", "completed_at": tables.now(world)}
    after = tables.change(world, "checks", check, **changed)
    row = {**check, **changed}
    return applied(
        world, after, row, target=f"{check['repository']}@{check['head_sha'][:7]}", name=row["name"],
        sha=check["head_sha"], state=row.get("conclusion") or row["status"],
    )  # fmt: skip


def get_check(world: World, arguments: Arguments) -> Done:
    return found(world, find_row(world, "checks", arguments, "check_run_id"))
