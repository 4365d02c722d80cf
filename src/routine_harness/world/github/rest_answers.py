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
from routine_harness.world.github.addresses import addresses_of
from routine_harness.world.github.derived import (
    API,
    DERIVED,
    WEB,
    git_author,
    open_items,
    rest_labels,
    user_row,
)
from routine_harness.world.github.fields import Kind, fields_of, show_row
from routine_harness.world.github.labels import label_row
from routine_harness.world.github.nodes import node_id
from routine_harness.world.github.operation import Arguments, Done, Incomplete, Refused, renamed
from routine_harness.world.github.patches import hunk_to
from routine_harness.world.github.releases import asset_row
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
    """GitHub's error object, or that of the platform's proxy."""
    if refused.documentation:
        value = {"message": refused.message, "documentation_url": refused.documentation}
        return Reply(refused.status, value)
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
    if operation.name in _EMPTY:
        return Reply(status, {})
    write = _ALONE.get(record) or _BODIES.get(record) or (lambda world, given, row: show(record, world, row))
    value = write(world, given, done.rows)
    headers = {} if status >= 300 or not operation.reads else {"etag": _etag(value)}
    return Reply(status, value, headers)


def _etag(value: Any) -> str:
    return f'W/"{hashlib.sha256(msgspec.json.encode(value)).hexdigest()}"'


_STATUS: Final[dict[str, Callable[[Arguments], int]]] = {
    "file.put": lambda given: 200 if given.get("sha") else 201,
}

_EMPTY: Final = frozenset({"run.rerun", "run.rerun_failed", "run.cancel"})
"""What GitHub answers with an empty object."""

# --- pages

DEFAULT: Final = 30
MAXIMUM: Final = 100
_UNPAGED: Final = frozenset({"ref.list", "pull.threads", "repository.rulesets"})
"""What GitHub lists as a whole."""
_NAMED: Final = lazy_pattern(r"/repos/([^/]+/[^/]+)(?=/|\Z)")
_NUMBERED: Final = lazy_pattern(r"/(repositories|organizations|user)/(\d{1,18})(?=/|\Z)")
_ENVELOPES: Final = {
    "check": "check_runs", "run": "workflow_runs", "job": "jobs", "workflow": "workflows",
    "artifact": "artifacts",
}  # fmt: skip
"""Lists that stand beside their ``total_count`` → under which name."""


def named_path(world: World, path: str) -> str:
    """``path`` with the name of a repository, organisation or user where it has the number."""

    def name(match: re.Match[str]) -> str:
        table, field, place = _NAMES[match[1]]
        rows = world.table(table)
        found = next((row[field] for row in rows if str(row.get("id")) == match[2]), None)
        return match[0] if found is None else f"/{place}/{found}"

    return _NUMBERED.sub(name, path, count=1)


_NAMES: Final = {
    "repositories": ("github.repositories", "full_name", "repos"),
    "organizations": ("github.users", "login", "orgs"),
    "user": ("github.users", "login", "users"),
}
"""What stands before a number in a path → the table that has the name, its field, the path with names."""


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
        if record in ("commit", "entry"):
            names = [_repository_named(world, row, row["repository"]) for row in listed]
            shown = [{**one, "repository": name} for one, name in zip(shown, names, strict=True)]
        items = [{"score": 1.0, **item} for item in shown]
        value = {"total_count": len(rows), "incomplete_results": False, "items": items}
        value |= {"search_type": "lexical"} if operation.name == "search.issues" else {}
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
    shown = {**kept, **show_row("rest", KINDS, record, world, row)}
    if record in _NODES:
        shown["node_id"] = node_id(_NODES[record], row)
    return shown | {name: at for name, at in addresses_of(record, row).items() if shown.get(name) is None}


_NODES: Final = {
    "pull": "PullRequest", "issue": "Issue", "comment": "IssueComment", "review": "PullRequestReview",
    "label": "Label", "milestone": "Milestone", "repository": "Repository", "user": "User",
}  # fmt: skip
"""Record → GraphQL's type, by whose ids it is found there, too."""

_OWN: Final = frozenset(
    {"repository", "base_repository", "files", "tree", "root", "unknown_files", "diff", "diff_sha", "events"}
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
    "file": _OWN | {"number", "ref"},
    "repository": frozenset({"files", "starred", "empty", "former_names"}),
    "branch": _OWN | {"sha", "protection", "base"},
    "tag": _OWN | {"sha", "message"},
    "ref": _OWN | {"sha"},
    "job": _OWN | {"logs"},
    "check": _OWN | {"run_id", "steps", "logs", "workflow_name", "head_branch", "number", "branch"},
    "entry": frozenset({"repository", "ref", "content"}),
    "asset": _OWN | {"tag_name"},
    "reaction": _OWN | {"on"},
    **dict.fromkeys(("label", "milestone", "status", "workflow", "run", "artifact", "release",
                     "ruleset", "collaborator", "issue_type", "user"), _OWN),
}  # fmt: skip
"""Record → the fields that REST does not show."""


def user(world: World, _: Record, login: Any) -> Any:
    """A user as REST nests one; None where there is none."""
    if not login:
        return None
    row = user_row(world, login)
    nested: Record = {name: row[name] for name in _NESTED if name in row}
    shown = show("user", world, nested)
    return {name: shown[name] for name in (*_NESTED, *addresses_of("user", row))}


_NESTED: Final = ("login", "id", "node_id", "avatar_url", "gravatar_id", "html_url", "type", "site_admin")
"""What a user nested in another object has beside addresses; the rest stands in the user's own answer."""


def _labels(world: World, item: Record, names: Any) -> list[Record]:
    rows = (label_row(world, item["repository"], name) for name in names or ())
    place = {"repository": item["repository"]}
    nodes = [node_id("Label", {**place, **row}) for row in rows]
    shown = rest_labels(world, item, names)
    return [{**one, "node_id": node} for one, node in zip(shown, nodes, strict=True)]


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
    return [show("asset", world, asset_row(release, asset)) for asset in assets or ()]


def _reactions(world: World, row: Record, value: Any) -> Any:
    """As recorded, with what the world holds where that is more."""
    on = f"{row['repository']}#{row['number']}" if "title" in row else row["id"]
    found = [one["content"] for one in tables.rows(world, "reactions", "on", on, row["repository"])]
    place = f"issues/{row['number']}" if "title" in row else f"issues/comments/{row['id']}"
    counted = {name: max(found.count(name), (value or {}).get(name) or 0) for name in _REACTIONS}
    total = max(sum(counted.values()), (value or {}).get("total_count") or 0)
    return {"url": f"{API}/repos/{row['repository']}/{place}/reactions", "total_count": total, **counted}


_REACTIONS: Final = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


def _milestone_items(state: str, recorded: str) -> Kind:
    """The open or closed issues and pull requests of a milestone."""

    def count(world: World, row: Record, _: Any) -> int:
        rows = [*tables.of_repository(world, "issues", row["repository"]),
                *tables.of_repository(world, "pulls", row["repository"])]  # fmt: skip
        numbers = {
            one["number"] for one in rows if (one.get("milestone"), one["state"]) == (row["number"], state)
        }
        return max(len(numbers), row.get(recorded) or 0)

    return count


def _milestone_id(_: World, row: Record, value: Any) -> int:
    return int(value or tables.user_id(f"{row['repository']}/milestones/{row['number']}"))


def _hunk(world: World, comment: Record, value: Any) -> str:
    """The hunk that a comment stands on, down to its line."""
    key = (comment["repository"], comment["number"], comment.get("path"))
    patch = (tables.get(world, "pull_files", *key) or {}).get("patch")
    return str(value or (hunk_to(patch, comment.get("line")) if patch else ""))


def _head_of(world: World, row: Record, value: Any) -> str:
    pull = tables.get(world, "pulls", row["repository"], row["number"]) or {}
    return str(value or row.get("commit_id") or pull.get("head_sha") or "")


def _from_run(*fields: str) -> Kind:
    """A job's own value, or what its run has."""

    def find(world: World, job: Record, value: Any) -> Any:
        run = tables.get(world, "workflow_runs", job["repository"], job["run_id"]) or {}
        return value or next((run[name] for name in fields if run.get(name)), None)

    return find


def _run_commit(world: World, run: Record, value: Any) -> Any:
    row = tables.get(world, "commits", run["repository"], run["head_sha"])
    if value or row is None or "message" not in row:
        return value
    author = git_author(row)
    shown = {"name": author.get("name") or "", "email": author.get("email")}
    tree = row.get("tree_sha") or tables.digest("tree of", row["sha"])
    return {
        "id": row["sha"], "tree_id": tree, "message": row["message"], "timestamp": author.get("date"),
        "author": shown, "committer": shown,
    }  # fmt: skip


def _network(world: World, row: Record, value: Any) -> int:
    """The forks of a repository, or of what it is a fork of."""
    source = tables.get(world, "repositories", str((row.get("source") or {}).get("full_name"))) or {}
    least = int(bool(row.get("fork")))
    return int(value or source.get("forks_count") or row.get("forks_count") or least)


def _repositories_of(world: World, login: str) -> int:
    """The public repositories of an account, as far as the world holds them."""
    rows = world.table("github.repositories")
    return sum(row.get("owner") == login and not row.get("private") for row in rows)


def _open_issues(world: World, row: Record, value: Any) -> int:
    return int(value if value is not None else open_items(world, row, row.get("open_issues_count")))


_OLD_NODES: Final = 420_000_000
"""Repositories with lower ids, made before late 2021, have node ids of the old form."""


def _ref_node(world: World, row: Record, ref: Any) -> str:
    """A ref's node id in GitHub's two forms, as recorded for repositories of 2020 and 2022."""
    number = int((tables.get(world, "repositories", row["repository"]) or {}).get("id") or 0)
    if number < _OLD_NODES:
        return base64.b64encode(f"03:Ref{number}:{ref}".encode()).decode()
    packed = base64.urlsafe_b64encode(msgspec.msgpack.encode([0, number, ref])).decode()
    return "REF_" + packed.rstrip("=")


def _repository_named(world: World, _: Record, name: Any) -> Any:
    row = tables.get(world, "repositories", name)
    return show("repository", world, row if row is not None and "owner" in row else _bare(name))


def _bare(name: str) -> Record:
    """A repository that the world knows by its name alone."""
    owner, _, own = name.partition("/")
    return {"full_name": name, "name": own, "owner": owner, "id": tables.user_id(name)}


def _merge_state(_: World, pull: Record, value: Any) -> str:
    return "draft" if pull["draft"] and not value else str(value or "unknown")


KINDS: Final[dict[str, Kind]] = {
    **DERIVED,
    "person": user,
    "people": lambda world, row, people: [user(world, row, login) for login in people or ()],
    "labels": _labels,
    "milestone": _milestone,
    "tip": _tip,
    "merge_state": _merge_state,
    "reactions": _reactions,
    "git_commit": _git_commit,
    "shas": _parents,
    "assets": _assets,
    "ruled": lambda _, __, ___: "Repository",
    "forks": lambda _, row, value: value if value is not None else row.get("forks_count") or 0,
    "network": _network,
    "n_repositories": lambda world, row, value: value or _repositories_of(world, row["login"]),
    "stars": lambda _, row, value: value if value is not None else row.get("stargazers_count") or 0,
    "open_issues": _open_issues,
    "ref_node": _ref_node,
    "check_suite": lambda _, row, value: value or {"id": tables.user_id(f"suite {row['head_sha']}")},
    "on": lambda _, __, value: value is not False,
    "pushed": lambda _, row, value: value or row.get("updated_at"),
    "made": lambda _, row, value: value or row.get("created_at"),
    "actor": lambda world, row, login: user(world, row, login or row["repository"].partition("/")[0]),
    "uploaded": lambda _, __, value: value or "uploaded",
    "bytes": lambda _, __, value: value or "application/octet-stream",
    "side": lambda _, __, value: value or "RIGHT",
    "hunk": _hunk,
    "head_of": _head_of,
    "sha_of_run": _from_run("head_sha"),
    "start_of_run": _from_run("run_started_at", "created_at"),
    "run_start": lambda _, row, value: value or row["created_at"],
    "run_commit": _run_commit,
    "repository_named": _repository_named,
    "n_open": _milestone_items("open", "open_issues"),
    "n_closed": _milestone_items("closed", "closed_issues"),
    "milestone_id": _milestone_id,
    "milestone_node": lambda world, row, value: row.get("node_id") or str(_milestone_id(world, row, value)),
    "node_of_user": lambda _, row, value: row.get("node_id") or str(value or tables.user_id(row["login"])),
    "type_id": lambda _, row, value: value or tables.user_id(row["name"]),
    "type_node": lambda _, row, value: row.get("node_id") or str(value or tables.user_id(row["name"])),
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
    "check_output": lambda _, row, value: {
        "title": None,
        "summary": None,
        "text": None,
        "annotations_count": 0,
        "annotations_url": f"{API}/repos/{row['repository']}/check-runs/{row['id']}/annotations",
        **(value or {}),
    },
}
"""How REST spells the kinds of fields."""


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
        file["ref"] = _head_of(world, file, None)
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
        **_git_commit(world, commit, commit["message"]),
        "parents": _parents(world, commit, commit.get("parents")),
    }
    shown = {"sha": commit["sha"], "html_url": f"{WEB}/{commit['repository']}/commit/{commit['sha']}", **git}
    return {"content": None if file is None else _entry(world, {}, file), "commit": shown}


def _combined(world: World, _: Arguments, rows: Record) -> Any:
    place = f"{API}/repos/{rows['repository']}/commits/{rows['sha']}"
    statuses = [show("status", world, row) for row in rows["statuses"]]
    kept = {name: rows[name] for name in ("state", "sha", "total_count")}
    repository = _repository_named(world, rows, rows["repository"])
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
        "repository": _repository_named(world, row, row["repository"]), "created_at": tables.now(world),
        "url": f"{API}/user/repository_invitations/{identity}",
        "html_url": f"{WEB}/{row['repository']}/invitations",
    }  # fmt: skip


def _labels_of(world: World, _: Arguments, item: Record) -> Any:
    return _labels(world, item, item["labels"])


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


_ALONE: Final[dict[str, Callable[[World, Arguments, Any], Any]]] = {
    "branch": _alone_branch,
    "user": lambda world, _, row: show("user", world, row),
}
"""Records that REST shows with more where they are asked for alone than in a list."""

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
    "file": _file,
    "user": _simple_user,
    "invitation": _invitation,
    "entry": _entry,
    "event": lambda _, __, event: event,
}
"""Records that REST shows with more than their fields."""


def requested(query: Mapping[str, Any], path: str) -> str:
    """A path with its query, as a request has it."""
    return f"{path}?{urlencode(query)}" if query else path
