"""How the REST API spells the kinds of fields: people, labels, commits, counts, links."""

from __future__ import annotations

import base64
from typing import Final

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.world.github.operations.nodes import node_id
from routine_harness.world.github.operations.releases import asset_row
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.derived import (
    API,
    DERIVED,
    WEB,
    git_author,
    label_row,
    open_items,
    rest_labels,
    user_row,
)
from routine_harness.world.github.records.fields import Kind, fields_of, show_row
from routine_harness.world.github.records.patches import hunk_to
from routine_harness.world.github.rest.addresses import addresses_of
from routine_harness.world.state import World


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


def user(world: World, _: Record, login: Json) -> Json:
    """A user as REST nests one; None where there is none."""
    if not login:
        return None
    row = user_row(world, login)
    nested: Record = {name: row[name] for name in _NESTED if name in row}
    shown = show("user", world, nested)
    return {name: shown[name] for name in (*_NESTED, *addresses_of("user", row))}


_NESTED: Final = ("login", "id", "node_id", "avatar_url", "gravatar_id", "html_url", "type", "site_admin")
"""What a user nested in another object has beside addresses; the rest stands in the user's own answer."""


def labels_of(world: World, item: Record, names: Json) -> list[Record]:
    rows = (label_row(world, item["repository"], name) for name in names or ())
    place = {"repository": item["repository"]}
    nodes = [node_id("Label", {**place, **row}) for row in rows]
    shown = rest_labels(world, item, names)
    return [{**one, "node_id": node} for one, node in zip(shown, nodes, strict=True)]


def _milestone(world: World, row: Record, number: Json) -> Json:
    found = tables.get(world, "milestones", row["repository"], number) if number else None
    return None if found is None else show("milestone", world, found)


def _tip(world: World, pull: Record, ref: Json) -> Record:
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


def git_commit(_: World, row: Record, message: Json) -> Record:
    author = git_author(row)
    tree = row.get("tree_sha") or tables.digest("tree of", row["sha"])
    return {
        "message": message or "", "author": author, "committer": author,
        "tree": {"sha": tree, "url": f"{API}/repos/{row['repository']}/git/trees/{tree}"},
        "url": f"{API}/repos/{row['repository']}/git/commits/{row['sha']}", "comment_count": 0,
    }  # fmt: skip


def parents_of(_: World, row: Record, shas: Json) -> list[Record]:
    place = f"/repos/{row['repository']}/commits"
    web = f"{WEB}/{row['repository']}/commit"
    return [{"sha": sha, "url": f"{API}{place}/{sha}", "html_url": f"{web}/{sha}"} for sha in shas or ()]


def _assets(world: World, release: Record, assets: Json) -> list[Record]:
    return [show("asset", world, asset_row(release, asset)) for asset in assets or ()]


def _reactions(world: World, row: Record, value: Json) -> Json:
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

    def count(world: World, row: Record, _: Json) -> int:
        rows = [*tables.of_repository(world, "issues", row["repository"]),
                *tables.of_repository(world, "pulls", row["repository"])]  # fmt: skip
        numbers = {
            one["number"] for one in rows if (one.get("milestone"), one["state"]) == (row["number"], state)
        }
        return max(len(numbers), row.get(recorded) or 0)

    return count


def _milestone_id(_: World, row: Record, value: Json) -> int:
    return int(value or tables.user_id(f"{row['repository']}/milestones/{row['number']}"))


def _hunk(world: World, comment: Record, value: Json) -> str:
    """The hunk that a comment stands on, down to its line."""
    key = (comment["repository"], comment["number"], comment.get("path"))
    patch = (tables.get(world, "pull_files", *key) or {}).get("patch")
    return str(value or (hunk_to(patch, comment.get("line")) if patch else ""))


def head_of(world: World, row: Record, value: Json) -> str:
    pull = tables.get(world, "pulls", row["repository"], row["number"]) or {}
    return str(value or row.get("commit_id") or pull.get("head_sha") or "")


def _from_run(*fields: str) -> Kind:
    """A job's own value, or what its run has."""

    def find(world: World, job: Record, value: Json) -> Json:
        run = tables.get(world, "workflow_runs", job["repository"], job["run_id"]) or {}
        return value or next((run[name] for name in fields if run.get(name)), None)

    return find


def _run_commit(world: World, run: Record, value: Json) -> Json:
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


def _network(world: World, row: Record, value: Json) -> int:
    """The forks of a repository, or of what it is a fork of."""
    source = tables.get(world, "repositories", str((row.get("source") or {}).get("full_name"))) or {}
    least = int(bool(row.get("fork")))
    return int(value or source.get("forks_count") or row.get("forks_count") or least)


def _repositories_of(world: World, login: str) -> int:
    """The public repositories of an account, as far as the world holds them."""
    rows = world.table("github.repositories")
    return sum(row.get("owner") == login and not row.get("private") for row in rows)


def _open_issues(world: World, row: Record, value: Json) -> int:
    return int(value if value is not None else open_items(world, row, row.get("open_issues_count")))


_OLD_NODES: Final = 420_000_000
"""Repositories with lower ids, made before late 2021, have node ids of the old form."""


def _ref_node(world: World, row: Record, ref: Json) -> str:
    """A ref's node id in GitHub's two forms, as recorded for repositories of 2020 and 2022."""
    number = int((tables.get(world, "repositories", row["repository"]) or {}).get("id") or 0)
    if number < _OLD_NODES:
        return base64.b64encode(f"03:Ref{number}:{ref}".encode()).decode()
    packed = base64.urlsafe_b64encode(msgspec.msgpack.encode([0, number, ref])).decode()
    return "REF_" + packed.rstrip("=")


def repository_named(world: World, _: Record, name: Json) -> Json:
    row = tables.get(world, "repositories", name)
    return show("repository", world, row if row is not None and "owner" in row else _bare(name))


def _bare(name: str) -> Record:
    """A repository that the world knows by its name alone."""
    owner, _, own = name.partition("/")
    return {"full_name": name, "name": own, "owner": owner, "id": tables.user_id(name)}


def _merge_state(_: World, pull: Record, value: Json) -> str:
    return "draft" if pull["draft"] and not value else str(value or "unknown")


KINDS: Final[dict[str, Kind]] = {
    **DERIVED,
    "person": user,
    "people": lambda world, row, people: [user(world, row, login) for login in people or ()],
    "labels": labels_of,
    "milestone": _milestone,
    "tip": _tip,
    "merge_state": _merge_state,
    "reactions": _reactions,
    "git_commit": git_commit,
    "shas": parents_of,
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
    "head_of": head_of,
    "sha_of_run": _from_run("head_sha"),
    "start_of_run": _from_run("run_started_at", "created_at"),
    "run_start": lambda _, row, value: value or row["created_at"],
    "run_commit": _run_commit,
    "repository_named": repository_named,
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
