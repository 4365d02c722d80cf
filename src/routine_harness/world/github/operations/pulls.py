"""Pull requests: what belongs to one, listing, opening and changing them."""

from __future__ import annotations

from typing import Final

from routine_harness.plain import Record
from routine_harness.world.github.operations.contents import drop_branch, files_at, history, tree_of
from routine_harness.world.github.operations.issue_lists import passes, sort_items
from routine_harness.world.github.operations.issues import comments_of, update_issue
from routine_harness.world.github.operations.labels import (
    check_labels,
    make_labels,
    milestone_number,
    own_names,
)
from routine_harness.world.github.operations.operation import (
    Arguments,
    Detail,
    Done,
    Incomplete,
    applied,
    find_pull,
    find_repository,
    found,
    full_name,
    invalid,
    name_of,
)
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.patches import compare_trees, join_diff
from routine_harness.world.state import World


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


def get_pull(world: World, arguments: Arguments) -> Done:
    return found(world, find_pull(world, arguments))


def get_diff(world: World, arguments: Arguments) -> Done:
    return found(world, diff_of(world, find_pull(world, arguments)))


def list_files(world: World, arguments: Arguments) -> Done:
    return found(world, files_of(world, find_pull(world, arguments)))


def list_commits(world: World, arguments: Arguments) -> Done:
    return found(world, commits_of(world, find_pull(world, arguments)))


def list_conversation(world: World, arguments: Arguments) -> Done:
    return found(world, comments_of(world, find_pull(world, arguments)))


def list_pulls(world: World, arguments: Arguments) -> Done:
    """The pull requests that the filters leave.

    ``head`` counts as ``owner:branch`` alone: without an owner GitHub does not filter by it
    (hub4j/github-api #538, github/docs #16647).
    """
    repository = full_name(world, arguments)
    state, base = arguments.get("state") or "open", arguments.get("base")
    owner, colon, name = str(arguments.get("head") or "").rpartition(":")
    rows = [
        pull
        for pull in tables.of_repository(world, "pulls", repository)
        if _is_in(pull, state)
        and base in (None, "", pull["base"])
        and (not colon or (pull["head"] == name and _is_from(pull, owner)))
        and passes(world, pull, arguments)
    ]
    direction = arguments.get("direction") or (
        "desc" if arguments.get("sort") in (None, "", "created") else "asc"
    )
    return found(world, sort_items(world, rows, {**arguments, "direction": direction}))


def _is_in(pull: Record, state: str) -> bool:
    """``merged`` is gh's own; its ``closed`` (``unmerged``) leaves those out."""
    if state in ("merged", "unmerged"):
        return bool(pull["merged"]) is (state == "merged") and pull["state"] == "closed"
    return state in ("all", pull["state"])


def _is_from(pull: Record, owner: str) -> bool:
    return str(pull["head_repository"] or "").partition("/")[0].lower() == owner.lower()


def list_pulls_of_commit(world: World, arguments: Arguments) -> Done:
    """The pull requests that brought, or would bring, a commit."""
    repository, sha = full_name(world, arguments), arguments["sha"]
    rows = []
    for pull in tables.of_repository(world, "pulls", repository):
        links = tables.rows(world, "pull_commits", "number", pull["number"], repository)
        own = {pull["head_sha"], pull.get("merge_commit_sha"), *(link["sha"] for link in links)}
        if sha in own or sha in {commit["sha"] for commit in _since(world, pull)}:
            rows.append(pull)
    return found(world, rows)


def create_pull(world: World, arguments: Arguments) -> Done:
    row = find_repository(world, arguments)
    check_labels(world, arguments)
    repository, base = row["full_name"], arguments.get("base") or row["default_branch"]
    owner, _, name = str(arguments["head"]).rpartition(":")
    source = _head_repository(world, repository, owner)
    base_sha = _branch_sha(world, repository, base, "base")
    head_sha = _branch_sha(world, source, name, "head")
    _check_new(world, arguments, (repository, base, base_sha), (source, name, head_sha))
    after, number = world.next_id(f"github.number:{repository}")
    after, identity = tables.next_id(after)
    body = tables.with_appended(world, arguments.get("body") or "", "pull_request_footer")
    people = [tables.me(world) if one == "@me" else one for one in arguments.get("assignees") or []]
    pull = {
        "repository": repository, "number": number, "id": identity, "title": arguments["title"],
        "body": body or None, "state": "open",
        "draft": bool(arguments.get("draft")), "merged": False, "user": tables.me(world),
        "labels": own_names(world, repository, list(arguments.get("labels") or [])), "assignees": people,
        "requested_reviewers": list(arguments.get("reviewers") or []),
        "milestone": milestone_number(world, repository, arguments.get("milestone")),
        "head": name, "head_repository": source, "head_sha": head_sha, "base": base, "base_sha": base_sha,
        "maintainer_can_modify": bool(arguments.get("maintainer_can_modify")),
        "html_url": f"https://github.com/{repository}/pull/{number}",
        "created_at": tables.now(world), "updated_at": tables.now(world),
        "closed_at": None, "merged_at": None,
    }  # fmt: skip
    after = make_labels(tables.put(after, "pulls", pull), repository, pull["labels"])
    return applied(
        world, after, pull, target=name_of(pull), id=identity, number=number, url=pull["html_url"],
        head=name, body=pull["body"], draft=pull["draft"],
    )  # fmt: skip


def _check_new(
    world: World, arguments: Arguments, base: tuple[str, str, str], head: tuple[str, str, str]
) -> None:
    """Refuse a second pull request between two branches, and one that would bring nothing."""
    (repository, base_name, base_sha), (source, name, head_sha) = base, head
    for pull in tables.rows(world, "pulls", "head", name):
        same = (pull["repository"], pull["head_repository"], pull["base"]) == (repository, source, base_name)
        if same and pull["state"] == "open":
            owner = arguments["head"].rpartition(":")[0] or repository.partition("/")[0]
            message = f"A pull request already exists for {owner}:{name}."
            raise invalid(resource="PullRequest", code="custom", message=message)
    if head_sha == base_sha:
        message = f"No commits between {base_name} and {name}"
        raise invalid(resource="PullRequest", code="custom", message=message)


def _head_repository(world: World, repository: str, owner: str) -> str:
    if not owner or owner == repository.partition("/")[0]:
        return repository
    name = f"{owner}/{repository.partition('/')[2]}"
    if tables.get(world, "repositories", name) is None:
        raise invalid(resource="PullRequest", field="head", code="invalid")
    return name


def _branch_sha(world: World, repository: str, branch: str, field: str) -> str:
    row = tables.get(world, "branches", repository, branch)
    if row is not None:
        return str(row.get("sha") or tables.digest("tip", repository, branch))
    if knows_branches(world, repository):
        raise invalid(resource="PullRequest", field=field, code="invalid")
    return tables.digest("tip", repository, branch)


def knows_branches(world: World, repository: str) -> bool:
    """Whether the world holds the repository's files, and so its branches, or only its name."""
    row = tables.get(world, "repositories", repository) or {}
    tip = tables.get(world, "branches", repository, row.get("default_branch") or "main")
    return tip is not None and bool(tip.get("sha")) and tree_of(world, repository, tip["sha"]) is not None


_OWN: Final = ("title", "body", "base", "draft", "maintainer_can_modify")
_SHARED: Final = (
    "known_labels",
    "milestone", "labels", "add_labels", "remove_labels", "assignees", "add_assignees", "remove_assignees",
)  # fmt: skip


def update_pull(world: World, arguments: Arguments) -> Done:
    """Change a pull request; what it shares with issues is changed as theirs is."""
    pull = find_pull(world, arguments)
    given: Record = {name: arguments[name] for name in _OWN if name in arguments}
    state = arguments.get("state")
    if pull["merged"] and state == "open":
        message = "state cannot be changed. The pull request was merged"
        raise invalid(resource="PullRequest", code="invalid", field="state", message=message)
    shared: Record = {name: arguments[name] for name in _SHARED if name in arguments}
    after = world
    if shared:
        of: Record = {"repository": pull["repository"], "number": pull["number"]}
        after = update_issue(world, {**of, **shared}).world
    before = tables.get(after, "pulls", pull["repository"], pull["number"]) or pull
    changed = {name: value for name, value in given.items() if (before.get(name) or None) != (value or None)}
    asked = [one for one in arguments.get("reviewers") or [] if one not in before["requested_reviewers"]]
    row = {**before, **changed, "requested_reviewers": [*before["requested_reviewers"], *asked]}
    if "draft" in changed and before.get("mergeable_state") == "draft":
        row["mergeable_state"] = "unknown"  # GitHub looks again
    moved = state is not None and state != pull["state"]
    if moved:
        row |= {"state": state, "closed_at": tables.now(world) if state == "closed" else None}
    if row != before:
        after = tables.put(after, "pulls", {**row, "updated_at": tables.now(world)})
    if arguments.get("delete_branch") and pull["head_repository"] == pull["repository"]:
        after = drop_branch(after, pull["repository"], pull["head"])
    shared_changed = before != pull
    unchanged = not changed and not shared_changed
    return Done(after, row, _details(after, pull, unchanged=unchanged, moved=moved, asked=bool(asked)))


def _details(world: World, pull: Record, *, unchanged: bool, moved: bool, asked: bool) -> tuple[Detail, ...]:
    common = {"id": pull["id"], "url": pull["html_url"], "author": tables.me(world)}
    target = name_of(pull)
    return (
        Detail(target, {**common, "head": pull["head"]}, "pull_request.updated", unchanged=unchanged),
        Detail(target, common, "pull_request.closed", unchanged=not moved),
        Detail(target, common, "pull_request.reopened", unchanged=not moved),
        Detail(target, common, "review.requested", unchanged=not asked),
    )


def request_reviewers(world: World, arguments: Arguments) -> Done:
    """People and teams asked for a review."""
    pull = find_pull(world, arguments)
    people = [*pull["requested_reviewers"], *(arguments.get("reviewers") or [])]
    teams = [
        *(pull.get("requested_teams") or []),
        *({"slug": one} for one in arguments.get("team_reviewers") or []),
    ]
    changed: Record = {"requested_reviewers": list(dict.fromkeys(people))}
    if teams:
        changed["requested_teams"] = [team for at, team in enumerate(teams) if team not in teams[:at]]
    after = tables.change(world, "pulls", pull, **changed)
    row = {**pull, **changed}
    return applied(world, after, row, target=name_of(pull), id=pull["id"], url=pull["html_url"])


def get_reviewers(world: World, arguments: Arguments) -> Done:
    return found(world, find_pull(world, arguments))


def remove_reviewers(world: World, arguments: Arguments) -> Done:
    pull = find_pull(world, arguments)
    kept = [login for login in pull["requested_reviewers"] if login not in arguments["reviewers"]]
    after = tables.change(world, "pulls", pull, requested_reviewers=kept)
    row = {**pull, "requested_reviewers": kept}
    return applied(world, after, row, target=name_of(pull), id=pull["id"])
