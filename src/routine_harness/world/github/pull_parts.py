"""What belongs to a pull request: files, commits, comments, reviews, its diff."""

from __future__ import annotations

from routine_harness.world.github import tables
from routine_harness.world.github.answers import Incomplete
from routine_harness.world.github.contents import files_at, history, tree_of
from routine_harness.world.github.patches import compare_trees, join_diff
from routine_harness.world.github.show import name_of
from routine_harness.world.state import Record, World


def files_of(world: World, pull: Record) -> list[Record]:
    """The files that a pull request changes.

    Raises:
        Incomplete: the world holds the pull request without them.
    """
    rows = tables.rows(world, "pull_files", "number", pull["number"], pull["repository"])
    repository = pull["repository"]
    tip = tables.get(world, "commits", repository, pull["head_sha"])
    if tip is not None and "tree" in tip:
        head = tree_of(world, repository, pull["head_sha"])
        base = tree_of(world, repository, _base_of(world, pull))
        base = files_at(world, repository, pull["base"]) if base is None else base
        if head is not None and base is not None:
            return compare_trees(base, head)
    counted = pull.get("changed_files")
    if counted == 0 or (rows and len(rows) >= int(counted or 0)):
        return rows
    raise Incomplete(f"the files of {name_of(pull)}")


def _base_of(world: World, pull: Record) -> str:
    """The commit that head and base have in common: the newest of head's that base has too."""
    ours, _ = history(world, pull["repository"], pull["head_sha"])
    theirs, _ = history(world, pull["repository"], _base_tip(world, pull))
    known = {commit["sha"] for commit in theirs} | {pull["base_sha"]}
    for commit in ours:
        if commit["sha"] in known:
            return str(commit["sha"])
        parents = commit.get("parents") or []
        shared = next((parent for parent in parents if parent in known), None)
        if shared is not None:
            return str(shared)
    return str(pull["base_sha"])


def _base_tip(world: World, pull: Record) -> str:
    if pull["merged"]:  # its base has its commits by now
        return str(pull["base_sha"])
    branch = tables.get(world, "branches", pull["repository"], pull["base"])
    return str((branch or {}).get("sha") or pull["base_sha"])


def commits_of(world: World, pull: Record) -> list[Record]:
    """The commits of a pull request, oldest first.

    Raises:
        Incomplete: the world holds the pull request without them.
    """
    repository = pull["repository"]
    links = tables.rows(world, "pull_commits", "number", pull["number"], repository)
    counted = pull.get("commits")
    if counted == 0 or (links and len(links) >= int(counted or 0)):
        rows = (tables.get(world, "commits", repository, link["sha"]) for link in links)
        listed = [row for row in rows if row is not None]
        later = [c for c in _since(world, pull) if c["sha"] not in {row["sha"] for row in listed}]
        return listed + (
            later if links and tables.get(world, "commits", repository, pull["head_sha"]) else []
        )
    ours = _since(world, pull)
    if ours and len(ours) >= int(counted or 0):
        return ours
    raise Incomplete(f"the commits of {name_of(pull)}")


def _since(world: World, pull: Record) -> list[Record]:
    """The commits of head that base has not, as far as they are known, oldest first."""
    theirs, _ = history(world, pull["repository"], _base_tip(world, pull))
    ours, _ = history(world, pull["repository"], pull["head_sha"])
    known = {commit["sha"] for commit in theirs} | {pull["base_sha"]}
    return [commit for commit in reversed(ours) if commit["sha"] not in known]


def comments_of(world: World, item: Record) -> list[Record]:
    """The comments in the conversation of a pull request or issue, oldest first.

    Raises:
        Incomplete: there are more than the world holds.
    """
    rows = tables.rows(world, "comments", "number", item["number"], item["repository"])
    if len(rows) < int(item.get("comments") or 0):
        raise Incomplete(f"the comments of {name_of(item)}")
    return sorted(rows, key=lambda comment: str(comment["created_at"]))


def reviews_of(world: World, pull: Record) -> list[Record]:
    """The reviews that others can see.

    Raises:
        Incomplete: there are review comments, so there are reviews, and the world holds none.
    """
    rows = tables.rows(world, "reviews", "number", pull["number"], pull["repository"])
    comments = tables.rows(world, "review_comments", "number", pull["number"], pull["repository"])
    if not rows and not comments and int(pull.get("review_comments") or 0):
        raise Incomplete(f"the reviews of {name_of(pull)}")
    me = tables.me(world)
    return [row for row in rows if row["state"] != "PENDING" or row["user"] == me]


def diff_of(world: World, pull: Record) -> str:
    """The diff of a pull request, as ``git diff`` prints it.

    Raises:
        Incomplete: the world holds the pull request, or a file of it, without its patch.
    """
    if isinstance(pull.get("diff"), str) and pull.get("diff_sha") in (None, pull["head_sha"]):
        return str(pull["diff"])
    files = files_of(world, pull)
    for file in files:
        unknown = "patch" not in file and ("changes" not in file or file["changes"])
        if unknown and file.get("status") != "renamed":
            raise Incomplete(f"the patch of {file['filename']} in {name_of(pull)}")
    return join_diff(files)
