"""Records that the REST API shows with more than their fields."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.github.operations.operation import Arguments
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.derived import (
    API,
    WEB,
)
from routine_harness.world.github.rest.addresses import addresses_of
from routine_harness.world.github.rest.rest_access import (
    collaborator,
    installation,
    invitation,
    organization,
    permission,
    protection_of,
    simple_user,
    team_of,
)
from routine_harness.world.github.rest.rest_kinds import (
    git_commit,
    head_of,
    labels_of,
    parents_of,
    repository_named,
    show,
    tip,
    user,
)
from routine_harness.world.state import World


def _issue(world: World, _: Arguments, item: Record) -> Record:
    shown = show("issue", world, item)
    assignees = shown["assignees"]
    number, place = item["number"], f"{API}/repos/{item['repository']}"
    shown |= {
        "assignee": assignees[0] if assignees else None,
        "author_association": author_association(world, item),
    }
    if "head" in item:
        links = {name: f"{item['html_url']}.{name.partition('_')[0]}" for name in ("diff_url", "patch_url")}
        pull = {
            "url": f"{place}/pulls/{number}",
            "html_url": item["html_url"],
            **links,
            "merged_at": item["merged_at"],
        }
        shown |= {"draft": bool(item["draft"]), "pull_request": pull, "state_reason": None}
    return shown


def _pull(world: World, _: Arguments, pull: Record) -> Record:
    shown = show("pull", world, pull)
    assignees = shown["assignees"]
    return {
        **shown,
        "head": tip(world, pull, "head"),
        "base": tip(world, pull, "base"),
        "assignee": assignees[0] if assignees else None,
        "mergeable": pull.get("mergeable"),
        "author_association": author_association(world, pull),
        "_links": {name: {"href": shown[field]} for name, field in _PULL_LINKS.items()},
    }


_PULL_LINKS: Final = {
    "self": "url", "html": "html_url", "issue": "issue_url", "comments": "comments_url",
    "review_comments": "review_comments_url", "review_comment": "review_comment_url",
    "commits": "commits_url", "statuses": "statuses_url",
}  # fmt: skip


def author_association(world: World, row: Record) -> str:
    """Who the author is to the repository: as recorded, the owner, a collaborator, who merged something."""
    if row.get("author_association"):
        return str(row["author_association"])
    repository, login = row["repository"], row["user"]
    if login == repository.partition("/")[0]:
        return "OWNER"
    if tables.get(world, "collaborators", repository, login) is not None:
        return "COLLABORATOR"
    pulls = tables.of_repository(world, "pulls", repository)
    return "CONTRIBUTOR" if any(pull["merged"] and pull["user"] == login for pull in pulls) else "NONE"


def _comment(world: World, _: Arguments, comment: Record) -> Record:
    return {
        **show("comment", world, comment), "author_association": author_association(world, comment),
    }  # fmt: skip


def _review(world: World, _: Arguments, review: Record) -> Record:
    shown = show("review", world, review)
    if shown["submitted_at"] is None:  # a pending review has none
        del shown["submitted_at"]
    links = {"html": {"href": shown["html_url"]}, "pull_request": {"href": shown["pull_request_url"]}}
    return {**shown, "author_association": author_association(world, review), "_links": links}


def _review_comment(world: World, _: Arguments, comment: Record) -> Record:
    shown = show("review_comment", world, comment)
    names = {"self": "url", "html": "html_url", "pull_request": "pull_request_url"}
    links = {name: {"href": shown[field]} for name, field in names.items()}
    return {**shown, "author_association": author_association(world, comment), "_links": links}


def _thread(world: World, given: Arguments, thread: Record) -> Record:
    comments = [_review_comment(world, given, comment) for comment in thread.get("comments") or ()]
    kept = {name: thread.get(name) for name in ("id", "is_resolved", "is_outdated", "path", "line")}
    return {**kept, "comments": comments}


def _commit(world: World, _: Arguments, commit: Record) -> Record:
    shown = show("commit", world, commit)
    shown["committer"] = shown["author"]
    if "stats" in commit:
        shown["files"] = _files(world, commit["repository"], commit["sha"], commit["files"])
    else:
        shown.pop("stats", None)
    return shown


def _files(world: World, repository: str, sha: Json, files: Json) -> list[Record]:
    """Changed files, as they are at a commit."""
    return [_file(world, {}, {"repository": repository, "ref": sha, **file}) for file in files]


def _file(world: World, given: Arguments, file: Record) -> Record:
    if "ref" not in file:  # a pull request's, as it is at its head
        file = {"repository": given["repository"], "number": given["number"], **file}
        file["ref"] = head_of(world, file, None)
    shown = show("file", world, file)
    if shown["previous_filename"] is None:
        del shown["previous_filename"]
    return shown


def _entry(world: World, _: Arguments, entry: Record) -> Record:
    shown = show("entry", world, entry)
    links = {"self": shown["url"], "git": shown["git_url"], "html": shown["html_url"]}
    return {**shown, "_links": links}


def _content(world: World, given: Arguments, rows: Json) -> Json:
    """A file with its content in base64; the entries of a folder as they are."""
    if isinstance(rows, list):
        return [_entry(world, given, row) for row in rows]
    content = base64.encodebytes(rows["content"]).decode()
    return {**_entry(world, given, rows), "encoding": "base64", "content": content}


def _tree(_: World, __: Arguments, rows: Record) -> Json:
    url = f"{API}/repos/{rows['repository']}/git/trees/{rows['sha']}"
    return {"sha": rows["sha"], "url": url, "tree": rows["tree"], "truncated": False}


def _file_commit(world: World, _: Arguments, rows: Record) -> Json:
    commit, file = rows["commit"], rows["content"]
    git = {
        **git_commit(world, commit, commit["message"]),
        "parents": parents_of(world, commit, commit.get("parents")),
    }
    shown = {"sha": commit["sha"], "html_url": f"{WEB}/{commit['repository']}/commit/{commit['sha']}", **git}
    return {"content": None if file is None else _entry(world, {}, file), "commit": shown}


def _combined(world: World, _: Arguments, rows: Record) -> Json:
    place = f"{API}/repos/{rows['repository']}/commits/{rows['sha']}"
    statuses = [show("status", world, row) for row in rows["statuses"]]
    kept = {name: rows[name] for name in ("state", "sha", "total_count")}
    repository = repository_named(world, rows, rows["repository"])
    links = {"commit_url": place, "url": f"{place}/status"}
    return {**kept, "statuses": statuses, "repository": repository, **links}


def _comparison(world: World, given: Arguments, rows: Record) -> Json:
    kept = {name: rows[name] for name in ("status", "ahead_by", "behind_by", "total_commits")}
    bases = {"base_commit": rows["base_commit"], "merge_base_commit": rows["merge_base_commit"]}
    whole = {name: _commit(world, given, row) for name, row in bases.items() if row is not None}
    commits = [_commit(world, given, row) for row in rows["commits"]]
    files = _files(world, rows["repository"], rows["head_sha"], rows["files"])
    named = {"repository": rows["repository"], "base": given["base"], "head": given["head"]}
    return {**addresses_of("comparison", named), **whole, **kept, "commits": commits, "files": files}


def _reviewers(world: World, _: Arguments, pull: Record) -> Json:
    people = [user(world, pull, login) for login in pull["requested_reviewers"]]
    return {"users": people, "teams": pull.get("requested_teams") or []}


def _labels_of(world: World, _: Arguments, item: Record) -> Json:
    return labels_of(world, item, item["labels"])


def _usage(_: World, __: Arguments, run: Record) -> Json:
    return {"billable": {}, "run_duration_ms": run.get("run_duration_ms") or 0}


def _alone_branch(world: World, given: Arguments, branch: Record) -> Record:
    """A branch asked for by name: with its commit, as far as the world holds it, and its protection."""
    shown = show("branch", world, branch)
    place = f"{API}/repos/{branch['repository']}/branches/{branch['name']}"
    commit = tables.get(world, "commits", branch["repository"], branch.get("sha"))
    if commit is not None and "message" in commit:
        bare = {name: value for name, value in commit.items() if name != "stats"}
        shown["commit"] = _commit(world, given, bare)
    links = {"self": place, "html": f"{WEB}/{branch['repository']}/tree/{branch['name']}"}
    protection = branch.get("protection") or {"enabled": bool(branch.get("protected"))}
    shown |= {"_links": links, "protection": protection, "protection_url": f"{place}/protection"}
    return shown


def _found(world: World, given: Arguments, item: Record) -> Json:
    return {**_issue(world, given, item), "score": 1.0}


ALONE: Final[dict[str, Callable[[World, Arguments, Json], Json]]] = {
    "branch": _alone_branch,
    "user": lambda world, _, row: show("user", world, row),
}
"""Records that REST shows with more where they are asked for alone than in a list."""

BODIES: Final[dict[str, Callable[[World, Arguments, Json], Json]]] = {
    "issue": _issue,
    "pull": _pull,
    "found": _found,
    "comment": _comment,
    "review": _review,
    "review_comment": _review_comment,
    "thread": _thread,
    "commit": _commit,
    "contents": _content,
    "tree": _tree,
    "file_commit": _file_commit,
    "combined": _combined,
    "comparison": _comparison,
    "reviewers": _reviewers,
    "permission": permission,
    "labels": _labels_of,
    "collaborator": collaborator,
    "team": team_of,
    "usage": _usage,
    "protection": protection_of,
    "organization": organization,
    "installation": installation,
    "logs": lambda _, __, run: None,
    "file": _file,
    "user": simple_user,
    "invitation": invitation,
    "entry": _entry,
    "event": lambda _, __, event: event,
}
"""Records that REST shows with more than their fields."""
