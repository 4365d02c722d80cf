"""How GraphQL, and ``gh --json`` after it, spell the kinds of fields."""

from __future__ import annotations

from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.github.operations.actions import jobs_of
from routine_harness.world.github.operations.commits import checks_of
from routine_harness.world.github.operations.issues import comments_of
from routine_harness.world.github.operations.merging import CLOSING
from routine_harness.world.github.operations.nodes import node_id
from routine_harness.world.github.operations.pulls import commits_of, files_of
from routine_harness.world.github.operations.reviews import reviews_of
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.derived import DERIVED, WEB, git_author, label_row, user_row
from routine_harness.world.github.records.fields import Kind, show_row
from routine_harness.world.state import World


def _author(world: World, _: Record, login: Json) -> Record:
    return person(world, login)


def person(world: World, login: Json) -> Record:
    """A user as ``gh`` shows the author of something; a bot is ``app/name``."""
    bot = str(login).endswith("[bot]")
    row = user_row(world, login)
    shown = f"app/{str(login).removesuffix('[bot]')}" if bot else login
    return {
        "id": node_id("User", {**row, "login": login}),
        "is_bot": bot,
        "login": shown,
        "name": row.get("name") or "",
    }


def _people(world: World, _: Record, people: Json) -> list[Record]:
    shown = (show("user", world, user_row(world, login)) for login in people or ())
    return [{field: one[field] for field in ("id", "login", "name")} for one in shown]


def _requests(_: World, row: Record, people: Json) -> list[Record]:
    """Who is asked for a review, with the kind of each, as cli/cli's export_pr.go writes them."""
    users = [
        {"__typename": "Bot" if str(login).endswith("[bot]") else "User", "login": login}
        for login in people or ()
    ]
    owner = str(row["repository"]).partition("/")[0]
    return users + [
        {"__typename": "Team", "name": team.get("name") or team["slug"], "slug": f"{owner}/{team['slug']}"}
        for team in row.get("requested_teams") or ()
    ]


def _node(kind: str) -> Kind:
    return lambda _, row, __: node_id(kind, row)


def _labels(world: World, row: Record, names: Json) -> list[Record]:
    shown = (
        show("label", world, {"repository": row["repository"], **label_row(world, row["repository"], name)})
        for name in names or ()
    )
    return [{field: one[field] for field in ("id", "name", "description", "color")} for one in shown]


def milestone_of(world: World, row: Record, number: Json) -> Json:
    found = tables.get(world, "milestones", row["repository"], number) if number else None
    if found is None:
        return None
    kept = {"number": found["number"], "title": found["title"], "description": found.get("description") or ""}
    return {**kept, "dueOn": found.get("due_on")}


def state_of(_: World, row: Record, state: Json) -> str:
    return "MERGED" if row.get("merged") else str(state or "").upper()


def _mergeable(_: World, row: Record, value: Json) -> str:
    if row.get("mergeable_state") == "dirty" or value is False:
        return "CONFLICTING"
    return "MERGEABLE" if value or row.get("mergeable_state") not in (None, "unknown") else "UNKNOWN"


def _repository(_: World, row: Record, value: Json) -> Json:
    if not value:
        return None
    name = str(value).rpartition("/")[2]
    return {"id": str(tables.user_id(value)), "name": name, "nameWithOwner": value}


def _comments(world: World, row: Record, _: Json) -> list[Record]:
    return [show("comment", world, comment) for comment in comments_of(world, row)]


def _reviews(world: World, row: Record, _: Json) -> list[Record]:
    return [show("review", world, review) for review in reviews_of(world, row)]


def latest_reviews(world: World, row: Record) -> dict[str, str]:
    return {
        review["user"]: str(review["state"])
        for review in reviews_of(world, row)
        if review["state"] != "COMMENTED"
    }


def decision(world: World, row: Record, _: Json) -> str:
    states = set(latest_reviews(world, row).values())
    if "CHANGES_REQUESTED" in states:
        return "CHANGES_REQUESTED"
    return "APPROVED" if "APPROVED" in states else "REVIEW_REQUIRED" if row["requested_reviewers"] else ""


def _files(world: World, row: Record, _: Json) -> list[Record]:
    return [show("file", world, file) for file in files_of(world, row)]


def _commits(world: World, row: Record, _: Json) -> list[Record]:
    return [show("commit", world, commit) for commit in commits_of(world, row)]


def _authors(world: World, row: Record, login: Json) -> list[Record]:
    git = git_author(row)
    return [{"email": git.get("email", ""), "id": "", "login": login or "", "name": git.get("name", "")}]


def _rollup(world: World, row: Record, _: Json) -> list[Record]:
    rows = checks_of(world, row["repository"], row["head_sha"])
    checks = [{"__typename": "CheckRun", **show("check", world, check)} for check in rows]
    statuses = tables.rows(world, "statuses", "sha", row["head_sha"], row["repository"])
    return checks + [{"__typename": "StatusContext", **show("status", world, one)} for one in statuses]


def closing(world: World, row: Record, _: Json) -> list[Record]:
    """The issues that a pull request closes, or the pull requests that close an issue."""
    repository = row["repository"]
    if "head" in row:
        numbers = [int(number) for number in CLOSING.findall(row["body"] or "")]
        issues = (tables.get(world, "issues", repository, number) for number in numbers)
        return [
            {"id": node_id("Issue", one), "number": one["number"], "url": one["html_url"]}
            for one in issues
            if one
        ]
    pulls = tables.of_repository(world, "pulls", repository)
    closers = [pull for pull in pulls if str(row["number"]) in CLOSING.findall(pull["body"] or "")]
    return [
        {"id": node_id("PullRequest", one), "number": one["number"], "url": one["html_url"]}
        for one in closers
    ]


def _jobs(world: World, run: Record, _: Json) -> list[Record]:
    return [show("job", world, job) for job in jobs_of(world, run)]


def _steps(_: World, __: Record, steps: Json) -> list[Record]:
    names = ("name", "number", "status", "conclusion")
    return [{name: step.get(name) for name in names} for step in steps or ()]


def is_latest_release(world: World, row: Record, _: Json) -> bool:
    rows = [
        one
        for one in tables.of_repository(world, "releases", row["repository"])
        if not one["draft"] and not one["prerelease"]
    ]
    return bool(rows) and max(rows, key=lambda one: str(one["created_at"]))["id"] == row["id"]


GROUPS: Final = {"+1": "THUMBS_UP", "-1": "THUMBS_DOWN", "laugh": "LAUGH", "hooray": "HOORAY",
                  "confused": "CONFUSED", "heart": "HEART", "rocket": "ROCKET", "eyes": "EYES"}  # fmt: skip


def _reactions(world: World, row: Record, _: Json) -> list[Record]:
    on = f"{row['repository']}#{row['number']}" if "title" in row else row["id"]
    contents = [one["content"] for one in tables.rows(world, "reactions", "on", on)]
    return [
        {"content": GROUPS[name], "users": {"totalCount": contents.count(name)}}
        for name in GROUPS
        if name in contents
    ]


_NODES: Final = {
    "pull": "PullRequest", "issue": "Issue", "comment": "IssueComment", "review": "PullRequestReview",
    "label": "Label", "repository": "Repository", "user": "User",
}  # fmt: skip
"""Record → GraphQL's type, whose ids ``gh`` shows."""

KINDS: Final[dict[str, Kind]] = {
    **DERIVED,
    "author": _author,
    "person": lambda world, _, login: person(world, login) if login else None,
    "people": _people,
    "requests": _requests,
    "labels": _labels,
    "milestone": milestone_of,
    "state": state_of,
    "lower": lambda _, __, value: str(value or "").lower(),
    "upper": lambda _, __, value: str(value or "").upper(),
    "closed": lambda _, __, state: state == "closed",
    **{f"{record}_node": _node(kind) for record, kind in _NODES.items()},
    "asset_node": lambda _, row, value: str(row.get("node_id") or f"RA_{value}"),
    "found_node": lambda _, row, __: node_id("PullRequest" if "head" in row else "Issue", row),
    "mergeable": _mergeable,
    "oid": lambda _, __, sha: {"oid": sha} if sha else None,
    "repository": _repository,
    "owner": lambda _, __, value: {"login": str(value or "").partition("/")[0]},
    "owner_of": lambda _, row, __: {"id": "", "login": row["owner"]},
    "cross": lambda _, row, value: value != row["repository"],
    "association": lambda _, __, value: value or "NONE",
    "reactions": _reactions,
    "named": lambda _, __, value: {"name": value},
    "language": lambda _, __, value: {"name": value} if value else None,
    "visibility": lambda _, __, private: "private" if private else "public",
    "shouted_visibility": lambda _, __, private: "PRIVATE" if private else "PUBLIC",
    "headline": lambda _, __, message: str(message or "").partition("\n")[0],
    "rest_of_message": lambda _, row, __: str(row.get("message") or "").partition("\n")[2].strip(),
    "authors": _authors,
    "details": lambda _, row, value: value or row.get("html_url") or "",
    "run_title": lambda _, row, value: value or row["name"],
    "started": lambda _, row, value: value or row["created_at"],
    "steps": _steps,
    "latest": is_latest_release,
    "never": lambda _, __, ___: False,
    "is_pull": lambda _, row, __: "head" in row,
    "label_web": lambda _, row, name: f"{WEB}/{row['repository']}/labels/{name}",
    "assets": lambda world, row, assets: [
        show("asset", world, {"repository": row["repository"], **one}) for one in assets or ()
    ],
}
LAZY: Final[dict[str, Kind]] = {
    "comments": _comments,
    "reviews": _reviews,
    "decision": decision,
    "files": _files,
    "commits": _commits,
    "rollup": _rollup,
    "closing": closing,
    "jobs": _jobs,
}
"""Kinds that read other records, for the fields that are asked for alone."""


def show(record: str, world: World, row: Record) -> Record:
    """``row`` as ``gh`` shows a ``record`` inside another one."""
    return show_row("gh", KINDS, record, world, row)
