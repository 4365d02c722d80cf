"""Records that the REST API shows with more than their fields."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, Final

from routine_harness.world.github.operations.operation import Arguments
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.derived import (
    API,
    WEB,
    user_row,
)
from routine_harness.world.github.rest.addresses import addresses_of
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
from routine_harness.world.state import Record, World


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


def _files(world: World, repository: str, sha: Any, files: Any) -> list[Record]:
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


def _content(world: World, given: Arguments, rows: Any) -> Any:
    """A file with its content in base64; the entries of a folder as they are."""
    if isinstance(rows, list):
        return [_entry(world, given, row) for row in rows]
    content = base64.encodebytes(rows["content"]).decode()
    return {**_entry(world, given, rows), "encoding": "base64", "content": content}


def _tree(_: World, __: Arguments, rows: Record) -> Any:
    url = f"{API}/repos/{rows['repository']}/git/trees/{rows['sha']}"
    return {"sha": rows["sha"], "url": url, "tree": rows["tree"], "truncated": False}


def _file_commit(world: World, _: Arguments, rows: Record) -> Any:
    commit, file = rows["commit"], rows["content"]
    git = {
        **git_commit(world, commit, commit["message"]),
        "parents": parents_of(world, commit, commit.get("parents")),
    }
    shown = {"sha": commit["sha"], "html_url": f"{WEB}/{commit['repository']}/commit/{commit['sha']}", **git}
    return {"content": None if file is None else _entry(world, {}, file), "commit": shown}


def _combined(world: World, _: Arguments, rows: Record) -> Any:
    place = f"{API}/repos/{rows['repository']}/commits/{rows['sha']}"
    statuses = [show("status", world, row) for row in rows["statuses"]]
    kept = {name: rows[name] for name in ("state", "sha", "total_count")}
    repository = repository_named(world, rows, rows["repository"])
    links = {"commit_url": place, "url": f"{place}/status"}
    return {**kept, "statuses": statuses, "repository": repository, **links}


def _comparison(world: World, given: Arguments, rows: Record) -> Any:
    kept = {name: rows[name] for name in ("status", "ahead_by", "behind_by", "total_commits")}
    bases = {"base_commit": rows["base_commit"], "merge_base_commit": rows["merge_base_commit"]}
    whole = {name: _commit(world, given, row) for name, row in bases.items() if row is not None}
    commits = [_commit(world, given, row) for row in rows["commits"]]
    files = _files(world, rows["repository"], rows["head_sha"], rows["files"])
    named = {"repository": rows["repository"], "base": given["base"], "head": given["head"]}
    return {**addresses_of("comparison", named), **whole, **kept, "commits": commits, "files": files}


def _reviewers(world: World, _: Arguments, pull: Record) -> Any:
    people = [user(world, pull, login) for login in pull["requested_reviewers"]]
    return {"users": people, "teams": pull.get("requested_teams") or []}


def _permission(world: World, given: Arguments, rows: Record) -> Any:
    kept = {name: rows[name] for name in ("permission", "role_name")}
    return {**kept, "user": _collaborator(world, given, rows)}


_ROLES: Final = ("pull", "triage", "push", "maintain", "admin")
_AS_RIGHT: Final = {"read": "pull", "write": "push", "none": ""}


def _permissions(role: str) -> dict[str, bool]:
    """The rights of a role: its own and all below it."""
    right = _AS_RIGHT.get(role, role)
    most = _ROLES.index(right) if right in _ROLES else -1
    return {name: at <= most for at, name in enumerate(_ROLES)}


def _invitation(world: World, _: Arguments, row: Record) -> Any:
    """The invitation that GitHub answers with; the world counts it as taken at once."""
    identity = tables.user_id(f"{row['repository']}/invitations/{row['login']}")
    return {
        "id": identity, "node_id": str(identity), "permissions": row["role_name"], "expired": False,
        "inviter": user(world, row, tables.me(world)), "invitee": user(world, row, row["login"]),
        "repository": repository_named(world, row, row["repository"]), "created_at": tables.now(world),
        "url": f"{API}/user/repository_invitations/{identity}",
        "html_url": f"{WEB}/{row['repository']}/invitations",
    }  # fmt: skip


def _labels_of(world: World, _: Arguments, item: Record) -> Any:
    return labels_of(world, item, item["labels"])


def _collaborator(world: World, _: Arguments, row: Record) -> Any:
    role = row.get("role_name") or "write"
    return {**user(world, row, row["login"]), "role_name": role, "permissions": _permissions(role)}


def _team(world: World, _: Arguments, team: Record) -> Any:
    identity = team.get("id") or tables.user_id(f"{team['organization']}/{team['slug']}")
    row = {"id": identity, "name": team["slug"], "privacy": "closed", **team}
    kept = ("id", "name", "slug", "description", "privacy", "created_at", "updated_at")
    return {
        **{name: row.get(name) for name in kept}, "node_id": row.get("node_id") or str(identity),
        "permission": row.get("permission") or "pull", "type": "organization", "parent": None,
        "members_count": len(row.get("members") or ()), "repos_count": row.get("repos_count") or 0,
        **addresses_of("team", row), "organization": _owner_of_team(world, team["organization"]),
    }  # fmt: skip


def _owner_of_team(world: World, login: str) -> Record:
    row = user_row(world, login)
    counts = ("public_repos", "public_gists", "followers", "following")
    kept = {name: row.get(name) for name in ("login", "id", "description", "created_at", "updated_at")}
    kept |= {"archived_at": row.get("archived_at")}
    kept |= {name: row[name] for name in ("name", "company", "email") if row.get(name)}
    return {
        **kept, "node_id": row.get("node_id") or str(row["id"]), "type": "Organization",
        **{name: row.get(name) or 0 for name in counts}, **addresses_of("organization", row),
        "has_organization_projects": True, "has_repository_projects": True,
    }  # fmt: skip


def _usage(_: World, __: Arguments, run: Record) -> Any:
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


def _simple_user(world: World, given: Arguments, row: Record) -> Record:
    return {**user(world, row, row["login"]), **_named_only(row)}


def _named_only(row: Record) -> Record:
    return {name: row[name] for name in ("name", "email") if row.get(name)}


def _found(world: World, given: Arguments, item: Record) -> Any:
    return {**_issue(world, given, item), "score": 1.0}


_FLAGS: Final = (
    "required_linear_history", "allow_force_pushes", "allow_deletions", "block_creations",
    "required_conversation_resolution", "lock_branch", "allow_fork_syncing",
)  # fmt: skip


def _protection(world: World, given: Arguments, rows: Any) -> Any:
    """The rules of a protected branch; a switch is an object, people are objects."""
    place = f"{API}/repos/{given['repository']}/branches/{given['branch']}/protection"
    shown: Record = {"url": place}
    for name, value in (rows or {}).items():
        if name in _FLAGS:
            shown[name] = value if isinstance(value, dict) else {"enabled": bool(value)}
        elif name in ("enforce_admins", "required_signatures"):
            on = value.get("enabled") if isinstance(value, dict) else value
            shown[name] = {"url": f"{place}/{name}", "enabled": bool(on)}
        elif name in _RULES and isinstance(value, dict):
            shown[name] = {"url": f"{place}/{name}", **_RULES[name], **_named(world, value)}
        elif value is not None:
            shown[name] = value
    if isinstance(checks := shown.get("required_status_checks"), dict):
        contexts = checks.get("contexts") or [check["context"] for check in checks.get("checks") or ()]
        checks |= {"contexts": contexts, "contexts_url": f"{checks['url']}/contexts"}
        checks.setdefault("checks", [{"context": name, "app_id": None} for name in contexts])
    off = {name: {"enabled": False} for name in _FLAGS[:5]}
    return {**off, "enforce_admins": {"url": f"{place}/enforce_admins", "enabled": False}, **shown}


_RULES: Final[dict[str, Record]] = {
    "required_status_checks": {"strict": False},
    "required_pull_request_reviews": {
        "dismiss_stale_reviews": False, "require_code_owner_reviews": False,
        "required_approving_review_count": 1,
    },
    "restrictions": {},
}  # fmt: skip
"""Part of a protection → what GitHub fills in."""


def _named(world: World, rule: Record) -> Record:
    """``rule`` with people, teams and apps as objects where they were given by name."""
    shown = dict(rule)
    for name, value in rule.items():
        if isinstance(value, dict):
            shown[name] = _named(world, value)
        elif name == "users":
            shown[name] = [user(world, rule, one) if isinstance(one, str) else one for one in value or ()]
        elif name in ("teams", "apps"):
            shown[name] = [{"slug": one} if isinstance(one, str) else one for one in value or ()]
    return shown


def _organization(world: World, _: Arguments, row: Record) -> Any:
    """An organisation as it was recorded; else what a login tells."""
    shown = {**_owner_of_team(world, row["login"]), **row}
    return {"public_members_count": 0, **shown}


def _installation(world: World, _: Arguments, row: Record) -> Any:
    account = user(world, row, row.get("account"))
    target = {} if account is None else {"target_id": account["id"], "target_type": account["type"]}
    return {
        "repository_selection": "all", "permissions": {}, "events": [], "single_file_name": None,
        "suspended_by": None, "suspended_at": None, "created_at": None, "updated_at": None, **target,
        **addresses_of("installation", row), **row, "account": account,
    }  # fmt: skip


ALONE: Final[dict[str, Callable[[World, Arguments, Any], Any]]] = {
    "branch": _alone_branch,
    "user": lambda world, _, row: show("user", world, row),
}
"""Records that REST shows with more where they are asked for alone than in a list."""

BODIES: Final[dict[str, Callable[[World, Arguments, Any], Any]]] = {
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
    "permission": _permission,
    "labels": _labels_of,
    "collaborator": _collaborator,
    "team": _team,
    "usage": _usage,
    "protection": _protection,
    "organization": _organization,
    "installation": _installation,
    "logs": lambda _, __, run: None,
    "file": _file,
    "user": _simple_user,
    "invitation": _invitation,
    "entry": _entry,
    "event": lambda _, __, event: event,
}
"""Records that REST shows with more than their fields."""
