"""GitHub's REST API, answering: rows as its objects, statuses, pages with ``Link``, and its errors."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.world.github import tables
from routine_harness.world.github.derived import API, DERIVED, WEB, git_author, rest_labels, user_row
from routine_harness.world.github.fields import Kind, fields_of, show_row
from routine_harness.world.github.operation import Arguments, Done, Incomplete, Refused, renamed
from routine_harness.world.github.table import Operation
from routine_harness.world.state import Record, World

DOCUMENTATION: Final = "https://docs.github.com/rest"


class Reply(msgspec.Struct, frozen=True):
    """What the API answers: a JSON value, or a text (a diff, a log); ``headers`` by lower-case names.

    ``sent`` is the body of a recorded answer, byte for byte. ``incomplete`` names what the world
    does not hold.
    """

    status: int
    value: Any = None
    headers: dict[str, str] = {}
    sent: bytes | None = None
    incomplete: str = ""

    @property
    def failed(self) -> bool:
        return self.status >= 400

    @property
    def data(self) -> bytes:
        """The body as it is sent; empty where there is none."""
        if self.sent is not None:
            return self.sent
        if self.value is None:
            return b""
        return self.value.encode() if isinstance(self.value, str) else msgspec.json.encode(self.value)


def refused_reply(refused: Refused) -> Reply:
    """GitHub's error object."""
    errors = {"errors": list(refused.errors)} if refused.errors else {}
    return said_reply(refused.status, refused.message, **errors)


def said_reply(status: int, message: str, **more: Any) -> Reply:
    """An answer that is a message."""
    value = {"message": message, **more, "documentation_url": DOCUMENTATION, "status": str(status)}
    return Reply(status, value)


UNKNOWN_PATH: Final = said_reply(404, "Not Found")
"""What the API answers on a path that stands for nothing."""


def incomplete_reply(gap: Incomplete | str) -> Reply:
    what = gap if isinstance(gap, str) else gap.what
    message = f"the simulated world does not hold {what}; it knows of it by name only"
    return msgspec.structs.replace(said_reply(501, message), incomplete=what)


def write_reply(world: World, operation: Operation, given: Arguments, done: Done, path: str = "") -> Reply:
    """What the API answers where ``operation`` gave ``done``; ``path`` is that of the request."""
    status = _STATUS[operation.name](given) if operation.name in _STATUS else operation.status
    if status == 204 or not operation.rows:
        return Reply(status)
    record, many = operation.rows.removesuffix("*"), operation.rows.endswith("*")
    if many:
        return _page(world, operation, given, done.rows, path)
    if record in ("text", "said", "merge"):
        return Reply(status, done.rows)
    write = _BODIES.get(record) or (lambda world, given, row: show(record, world, row))
    value = write(world, given, done.rows)
    headers = {} if status >= 300 or not operation.reads else {"etag": _etag(value)}
    return Reply(status, value, headers)


def _etag(value: Any) -> str:
    return f'W/"{hashlib.sha256(msgspec.json.encode(value)).hexdigest()}"'


_STATUS: Final[dict[str, Callable[[Arguments], int]]] = {
    "file.put": lambda given: 200 if given.get("sha") else 201,
}

# --- pages

DEFAULT: Final = 30
MAXIMUM: Final = 100
_UNPAGED: Final = frozenset({"ref.list", "pull.threads", "repository.rulesets"})
"""What GitHub lists as a whole."""
_NAMED: Final = lazy_pattern(r"/repos/([^/]+/[^/]+)(?=/|\Z)")
_NUMBERED: Final = lazy_pattern(r"/repositories/(\d{1,18})(?=/|\Z)")
_ENVELOPES: Final = {
    "check": "check_runs", "run": "workflow_runs", "job": "jobs", "workflow": "workflows",
    "artifact": "artifacts",
}  # fmt: skip
"""Lists that stand beside their ``total_count`` → under which name."""


def named_path(world: World, path: str) -> str:
    """``path`` with the repository's name where it has its number."""

    def name(match: re.Match[str]) -> str:
        rows = world.table("github.repositories")
        found = next((row["full_name"] for row in rows if str(row.get("id")) == match[1]), None)
        return match[0] if found is None else f"/repos/{found}"

    return _NUMBERED.sub(name, path, count=1)


def moved_reply(world: World, method: str, path: str) -> Reply | None:
    """The way to a repository that has another name now: 301 for a read, 307 for a write, as recorded."""
    match = _NAMED.match(path)
    row = renamed(world, match[1]) if match is not None else None
    if match is None or row is None:
        return None
    status, said = (
        (301, "Moved Permanently") if method.upper() in ("GET", "HEAD") else (307, "Temporary Redirect")
    )
    place = f"{API}/repositories/{row['id']}{path[match.end() :]}"
    value = {"message": said, "url": place, "documentation_url": DOCUMENTATION}
    return Reply(status, value, {"location": place})


def _page(world: World, operation: Operation, given: Arguments, rows: list[Record], path: str) -> Reply:
    record = operation.rows.removesuffix("*")
    number, size = _bounds(given)
    listed = rows if operation.name in _UNPAGED else rows[(number - 1) * size : number * size]
    shown = [
        _BODIES[record](world, given, row) if record in _BODIES else show(record, world, row)
        for row in listed
    ]
    headers = {}
    if operation.name not in _UNPAGED and (link := _link(world, path, given, number, size, len(rows))):
        headers["link"] = link
    value: Any = shown
    if operation.name.startswith("search."):
        value = {"total_count": len(rows), "incomplete_results": False, "items": shown}
    elif record in _ENVELOPES:
        value = {"total_count": len(rows), _ENVELOPES[record]: shown}
    return Reply(200, value, {**headers, "etag": _etag(value)})


def _bounds(given: Arguments) -> tuple[int, int]:
    """Page and size; GitHub takes what is out of bounds for the bound or the default."""
    page = tables.as_number(str(given.get("page", "")))
    size = tables.as_number(str(given.get("per_page", "")))
    return max(page or 1, 1), min(size, MAXIMUM) if size is not None and size > 0 else DEFAULT


def _link(world: World, path: str, given: Arguments, page: int, size: int, total: int) -> str:
    """The pages around this one, in GitHub's order; nothing where there is one page."""
    last = max(1, -(-total // size))
    more = page < last
    pages = {
        "prev": min(page - 1, last) if page > 1 else None,
        "next": page + 1 if more else None,
        "last": last if more else None,
        "first": 1 if page > 1 else None,
    }
    address, _, query = path.partition("?")
    kept = {name: value for name, value in parse_qsl(query, keep_blank_values=True) if name != "page"}
    return ", ".join(
        f'<{_address(world, address)}?{urlencode({**kept, "page": number})}>; rel="{name}"'
        for name, number in pages.items()
        if number is not None
    )


def _address(world: World, path: str) -> str:
    """The API's address of ``path``, the repository by its number."""

    def number(match: re.Match[str]) -> str:
        row = tables.get(world, "repositories", match[1]) or {}
        return f"/repositories/{row['id']}" if row.get("id") else match[0]

    return API + _NAMED.sub(number, path, count=1)


# --- objects


def show(record: str, world: World, row: Record) -> Record:
    """``row`` as REST shows a ``record``: fields that the table does not know as they were recorded."""
    known = {field.row for field in fields_of(record, "rest")}
    hidden = _HIDDEN.get(record, frozenset())
    kept = {name: value for name, value in row.items() if name not in known and name not in hidden}
    return {**kept, **show_row("rest", KINDS, record, world, row)}


_OWN: Final = frozenset(
    {"repository", "files", "tree", "root", "unknown_files", "diff", "diff_sha", "events"}
)
"""Fields that only the world's rows have."""
_HIDDEN: Final[dict[str, frozenset[str]]] = {
    "pull": _OWN | {"head_sha", "head_repository", "base_sha", "sub_issues", "field_values"},
    "issue": _OWN | {"sub_issues", "field_values", "pinned", "head", "base", "head_sha", "base_sha",
                     "head_repository", "merged", "mergeable", "mergeable_state", "requested_reviewers",
                     "requested_teams", "maintainer_can_modify", "auto_merge", "merged_by", "merged_at",
                     "merge_commit_sha", "changed_files", "commits", "review_comments", "additions",
                     "deletions", "draft"},
    "found": _OWN | {"head", "base", "head_sha", "base_sha", "head_repository", "sub_issues", "merged",
                     "field_values", "requested_reviewers"},
    "comment": _OWN | {"number"},
    "review": _OWN | {"number"},
    "review_comment": _OWN | {"number", "thread", "pending", "review"},
    "commit": _OWN | {"author_name", "author_email", "date", "message", "tree_sha", "number"},
    "file": _OWN | {"number"},
    "repository": frozenset({"files", "starred", "empty", "former_names"}),
    "branch": _OWN | {"sha", "protection", "base"},
    "tag": _OWN | {"sha", "message"},
    "ref": _OWN | {"sha"},
    "job": _OWN | {"logs"},
    "check": _OWN | {"run_id", "steps", "logs", "workflow_name", "head_branch", "number", "branch"},
    "entry": frozenset({"repository", "ref", "content"}),
    **dict.fromkeys(("label", "milestone", "status", "workflow", "run", "artifact", "release", "asset",
                     "ruleset", "collaborator", "issue_type", "reaction", "user"), _OWN),
}  # fmt: skip
"""Record → the fields that REST does not show."""


def user(world: World, _: Record, login: Any) -> Any:
    """A user as REST nests one; None where there is none."""
    if not login:
        return None
    row = user_row(world, login)
    kind = row.get("type") or ("Bot" if str(login).endswith("[bot]") else "User")
    avatar = {"avatar_url": row["avatar_url"]} if row.get("avatar_url") else {}
    return {
        "login": login,
        "id": row["id"],
        **({"node_id": row["node_id"]} if row.get("node_id") else {}),
        **avatar,
        "type": kind,
        "site_admin": bool(row.get("site_admin")),
        "html_url": row["html_url"],
        "url": f"{API}/users/{login}",
    }


def _milestone(world: World, row: Record, number: Any) -> Any:
    found = tables.get(world, "milestones", row["repository"], number) if number else None
    return None if found is None else show("milestone", world, found)


def _tip(world: World, pull: Record, ref: Any) -> Record:
    side = "head" if ref == pull["head"] and pull["head"] != pull["base"] else "base"
    return tip(world, pull, side)


def tip(world: World, pull: Record, side: str) -> Record:
    """The head or base of a pull request."""
    name = pull["head_repository"] if side == "head" else pull["repository"]
    row = tables.get(world, "repositories", name) if name else None
    owner = str(name or "").partition("/")[0]
    return {
        "label": f"{owner}:{pull[side]}" if owner else pull[side],
        "ref": pull[side], "sha": pull[f"{side}_sha"], "user": user(world, pull, owner),
        "repo": show("repository", world, row) if row and "owner" in row else None,
    }  # fmt: skip


def _git_commit(_: World, row: Record, message: Any) -> Record:
    author = git_author(row)
    tree = row.get("tree_sha") or tables.digest("tree of", row["sha"])
    return {
        "message": message or "", "author": author, "committer": author,
        "tree": {"sha": tree, "url": f"{API}/repos/{row['repository']}/git/trees/{tree}"},
        "url": f"{API}/repos/{row['repository']}/git/commits/{row['sha']}", "comment_count": 0,
    }  # fmt: skip


def _parents(_: World, row: Record, shas: Any) -> list[Record]:
    place = f"/repos/{row['repository']}/commits"
    web = f"{WEB}/{row['repository']}/commit"
    return [{"sha": sha, "url": f"{API}{place}/{sha}", "html_url": f"{web}/{sha}"} for sha in shas or ()]


def _assets(world: World, release: Record, assets: Any) -> list[Record]:
    return [show("asset", world, {"repository": release["repository"], **asset}) for asset in assets or ()]


def _reactions(world: World, row: Record, value: Any) -> Any:
    return value if value is not None else {"total_count": 0}


def _merge_state(_: World, pull: Record, value: Any) -> str:
    return "draft" if pull["draft"] and not value else str(value or "unknown")


KINDS: Final[dict[str, Kind]] = {
    **DERIVED,
    "person": user,
    "people": lambda world, row, people: [user(world, row, login) for login in people or ()],
    "labels": rest_labels,
    "milestone": _milestone,
    "tip": _tip,
    "merge_state": _merge_state,
    "reactions": _reactions,
    "git_commit": _git_commit,
    "shas": _parents,
    "assets": _assets,
    "label_url": lambda _, row, name: f"{API}/repos/{row['repository']}/labels/{name}",
    "license": lambda _, __, value: {"spdx_id": value} if isinstance(value, str) else value,
    "visibility": lambda _, __, private: "private" if private else "public",
    "user_type": lambda _, row, value: value or ("Bot" if row["login"].endswith("[bot]") else "User"),
    "user_link": lambda _, row, value: value or f"{WEB}/{row['login']}",
    "commit_link": lambda _, row, sha: {
        "sha": sha or "",
        "url": f"{API}/repos/{row['repository']}/commits/{sha}",
    },
    "run_title": lambda _, row, value: value or row["name"],
    "run_pulls": lambda _, __, value: [{"number": number} for number in value or ()],
    "type": lambda _, __, value: {"name": value} if value else None,
    "check_output": lambda _, __, value: (
        value or {"title": None, "summary": None, "text": None, "annotations_count": 0}
    ),
}
"""How REST spells the kinds of fields."""


def _issue(world: World, _: Arguments, item: Record) -> Record:
    shown = show("issue", world, item)
    assignees = shown["assignees"]
    number, place = item["number"], f"{API}/repos/{item['repository']}"
    shown |= {
        "assignee": assignees[0] if assignees else None,
        "url": f"{place}/issues/{number}",
        "repository_url": place,
        "comments_url": f"{place}/issues/{number}/comments",
        "labels_url": f"{place}/issues/{number}/labels{{/name}}",
        "events_url": f"{place}/issues/{number}/events",
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
    assignees, place = shown["assignees"], f"{API}/repos/{pull['repository']}"
    number, web = pull["number"], pull["html_url"]
    return {
        **shown,
        "head": tip(world, pull, "head"),
        "base": tip(world, pull, "base"),
        "assignee": assignees[0] if assignees else None,
        "mergeable": pull.get("mergeable"),
        "author_association": author_association(world, pull),
        "url": f"{place}/pulls/{number}",
        "issue_url": f"{place}/issues/{number}",
        "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch",
        "commits_url": f"{place}/pulls/{number}/commits",
        "review_comments_url": f"{place}/pulls/{number}/comments",
        "comments_url": f"{place}/issues/{number}/comments",
        "statuses_url": f"{place}/statuses/{pull['head_sha']}",
    }


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
    place = f"{API}/repos/{comment['repository']}/issues"
    return {
        **show("comment", world, comment), "author_association": author_association(world, comment),
        "url": f"{place}/comments/{comment['id']}", "issue_url": f"{place}/{comment['number']}",
    }  # fmt: skip


def _review(world: World, _: Arguments, review: Record) -> Record:
    place = f"{API}/repos/{review['repository']}/pulls/{review['number']}"
    return {
        **show("review", world, review), "author_association": author_association(world, review),
        "pull_request_url": place,
    }  # fmt: skip


def _review_comment(world: World, _: Arguments, comment: Record) -> Record:
    place = f"{API}/repos/{comment['repository']}/pulls"
    return {
        **show("review_comment", world, comment), "author_association": author_association(world, comment),
        "url": f"{place}/comments/{comment['id']}", "pull_request_url": f"{place}/{comment['number']}",
    }  # fmt: skip


def _thread(world: World, given: Arguments, thread: Record) -> Record:
    comments = [_review_comment(world, given, comment) for comment in thread.get("comments") or ()]
    kept = {name: thread.get(name) for name in ("id", "is_resolved", "is_outdated", "path", "line")}
    return {**kept, "comments": comments}


def _commit(world: World, _: Arguments, commit: Record) -> Record:
    shown = show("commit", world, commit)
    place = f"{API}/repos/{commit['repository']}/commits/{commit['sha']}"
    shown |= {"url": place, "comments_url": f"{place}/comments", "committer": shown["author"]}
    if "stats" in commit:
        files = [{"repository": commit["repository"], **file} for file in commit["files"]]
        shown["files"] = [show("file", world, file) for file in files]
    else:
        shown.pop("stats", None)
    return shown


def _content(world: World, _: Arguments, rows: Any) -> Any:
    """A file with its content in base64; the entries of a folder as they are."""
    if isinstance(rows, list):
        return [show("entry", world, row) for row in rows]
    content = base64.encodebytes(rows["content"]).decode()
    return {**show("entry", world, rows), "encoding": "base64", "content": content}


def _tree(_: World, __: Arguments, rows: Record) -> Any:
    url = f"{API}/repos/{rows['repository']}/git/trees/{rows['sha']}"
    return {"sha": rows["sha"], "url": url, "tree": rows["tree"], "truncated": False}


def _file_commit(world: World, _: Arguments, rows: Record) -> Any:
    commit, file = rows["commit"], rows["content"]
    git = {
        **_git_commit(world, commit, commit["message"]),
        "parents": _parents(world, commit, commit.get("parents")),
    }
    shown = {"sha": commit["sha"], "html_url": f"{WEB}/{commit['repository']}/commit/{commit['sha']}", **git}
    return {"content": None if file is None else show("entry", world, file), "commit": shown}


def _combined(world: World, _: Arguments, rows: Record) -> Any:
    place = f"{API}/repos/{rows['repository']}/commits/{rows['sha']}"
    statuses = [show("status", world, row) for row in rows["statuses"]]
    kept = {name: rows[name] for name in ("state", "sha", "total_count")}
    return {**kept, "statuses": statuses, "commit_url": place, "url": f"{place}/status"}


def _comparison(world: World, given: Arguments, rows: Record) -> Any:
    kept = {name: rows[name] for name in ("status", "ahead_by", "behind_by", "total_commits")}
    commits = [_commit(world, given, row) for row in rows["commits"]]
    return {**kept, "commits": commits, "files": [show("file", world, file) for file in rows["files"]]}


def _reviewers(world: World, _: Arguments, pull: Record) -> Any:
    people = [user(world, pull, login) for login in pull["requested_reviewers"]]
    return {"users": people, "teams": pull.get("requested_teams") or []}


def _permission(world: World, _: Arguments, rows: Record) -> Any:
    kept = {name: rows[name] for name in ("permission", "role_name")}
    return {**kept, "user": user(world, rows, rows["login"])}


def _labels_of(world: World, _: Arguments, item: Record) -> Any:
    return rest_labels(world, item, item["labels"])


def _collaborator(world: World, _: Arguments, row: Record) -> Any:
    return {**user(world, row, row["login"]), "role_name": row.get("role_name") or "write"}


def _team(_: World, __: Arguments, team: Record) -> Any:
    return {
        "name": team.get("name") or team["slug"],
        "slug": team["slug"],
        "description": team.get("description"),
        "organization": {"login": team["organization"]},
    }


def _usage(_: World, __: Arguments, run: Record) -> Any:
    return {"billable": {}, "run_duration_ms": run.get("run_duration_ms") or 0}


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
    known = user(world, row, row["login"])
    return {"login": row["login"], "id": known["id"], "url": f"{API}/orgs/{row['login']}", **row}


def _installation(world: World, _: Arguments, row: Record) -> Any:
    return {**row, "account": user(world, row, row.get("account"))}


_BODIES: Final[dict[str, Callable[[World, Arguments, Any], Any]]] = {
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
    "event": lambda _, __, event: event,
}
"""Records that REST shows with more than their fields."""


def requested(query: Mapping[str, Any], path: str) -> str:
    """A path with its query, as a request has it."""
    return f"{path}?{urlencode(query)}" if query else path
