"""Linear's issues: list with all filters, get, and the upsert."""

from __future__ import annotations

from operator import itemgetter
from typing import Final

from routine_harness.plain import Record
from routine_harness.world.linear import lookup
from routine_harness.world.linear.issue_changes import (
    UNKNOWN_LABEL,
    issue_changes,
    mirrored,
    unknown_labels,
    with_links,
)
from routine_harness.world.linear.issue_filters import candidates, narrowed
from routine_harness.world.linear.lists import listing
from routine_harness.world.linear.lookup import PRIORITIES, find_issue, me, refuse, slug
from routine_harness.world.linear.records import WORKSPACE, put
from routine_harness.world.simulated import Answer, Arguments, Detail
from routine_harness.world.state import World
from routine_harness.world.times import iso_millis

_INNER: Final = ("blocks", "blockedBy", "relatedTo", "duplicateOf")


def list_issues(world: World, arguments: Arguments) -> Answer:
    """Issues that fit every filter, the latest change first."""
    rows = narrowed(world, candidates(world, arguments), arguments)
    rows.reverse()  # of those changed at one time, the latest made comes first
    rows.sort(key=itemgetter(arguments.get("orderBy", "updatedAt")), reverse=True)
    return listing(world, "issues", rows, arguments, shown, default=50)


def get_issue(world: World, arguments: Arguments) -> Answer:
    """One issue by its key, with its relations where they are asked for."""
    issue = find_issue(world, arguments["id"])
    answer = shown(issue)
    answer["attachments"] = [
        {"id": one["id"], "title": one["title"], "subtitle": one.get("subtitle"), "url": one["url"]}
        for one in world.table("linear.attachments").find("issue", issue["id"])
    ]
    answer["documents"] = [
        {"id": one["id"], "title": one["title"]}
        for one in world.table("linear.documents")
        if one.get("issue") == issue["id"]
    ]
    if arguments.get("includeRelations"):
        answer["relations"] = {
            "blocks": [_brief(world, key) for key in issue["blocks"]],
            "blockedBy": [_brief(world, key) for key in issue["blockedBy"]],
            "relatedTo": [_brief(world, key) for key in issue["relatedTo"]],
            "duplicateOf": _brief(world, issue["duplicateOf"]) if issue["duplicateOf"] else None,
        }
    return Answer(world, answer)


def save_issue(world: World, arguments: Arguments) -> Answer:
    """Create an issue, or update the one whose id is given."""
    # One tool for both (snapshot of the server's tools, 2026-07-16); older servers have two.
    if arguments.get("id"):
        before = find_issue(world, arguments["id"])
        issue, fresh = before, False
    else:
        if not str(arguments.get("title") or "").strip():
            raise refuse("title is required when creating an issue")
        if not arguments.get("team"):
            raise refuse("team is required when creating an issue")
        team = lookup.team(world, arguments["team"])
        fresh, before = True, {}
        number = world.counters.get(f"linear.issues.{team['key']}", 1)
        issue = issue_defaults(world, team, f"{team['key']}-{number}", arguments["title"])
    hangs = (UNKNOWN_LABEL,) if unknown_labels(world, arguments) else ()
    after = {**issue, **issue_changes(world, issue, arguments)}
    if fresh:
        world, _ = world.next_id(f"linear.issues.{issue['id'].rpartition('-')[0]}")
    world, linked = with_links(world, after, arguments)
    unchanged = not fresh and not linked and after == before
    if not unchanged:
        after["updatedAt"] = iso_millis(world.clock)
        world = mirrored(put(world, "issues", after), before, after)
    details = (_detail(after, arguments, unchanged=unchanged),)
    return Answer(world, shown(after), details, depends_on=hangs)


_NO_PRIORITY: Final[Record] = {"value": 0, "name": PRIORITIES["0"]}
_NOTHING: Final[list[str]] = []
"""What all issues share until they hold something: nobody changes a record in place."""


def issue_defaults(world: World, team: Record, key: str, title: str) -> Record:
    """A new issue of ``team`` before anything is said about it."""
    now, owner = iso_millis(world.clock), me(world)
    backlog = next(
        iter(world.table("linear.statuses").find("team", team["name"])),
        {"name": "Backlog", "type": "backlog"},
    )
    words = slug(title)
    return {
        "id": key,
        "title": title,
        "description": "",
        "priority": _NO_PRIORITY,
        "estimate": None,
        "url": f"{WORKSPACE}/issue/{key}/{words[:60].strip('-')}",
        "gitBranchName": f"{owner['displayName']}/{key.lower()}-{words}"[:80].rstrip("-"),
        "createdAt": now,
        "updatedAt": now,
        "archivedAt": None,
        "completedAt": None,
        "startedAt": None,
        "canceledAt": None,
        "dueDate": None,
        "status": backlog["name"],
        "statusType": backlog["type"],
        "labels": _NOTHING,
        "createdBy": owner["name"],
        "createdById": owner["id"],
        "assignee": None,
        "assigneeId": None,
        "delegate": None,
        "project": None,
        "projectId": None,
        "projectMilestone": None,
        "cycle": None,
        "parentId": None,
        "team": team["name"],
        "teamId": team["id"],
        "blocks": _NOTHING,
        "blockedBy": _NOTHING,
        "relatedTo": _NOTHING,
        "duplicateOf": None,
    }


def shown(issue: Record) -> Record:
    """An issue as the service answers: without relations, and without what it leaves out if empty."""
    hidden = {
        *_INNER,
        *(
            name
            for name in (
                "assignee",
                "assigneeId",
                "delegate",
                "project",
                "projectId",
                "cycle",
                "parentId",
                "projectMilestone",
                "estimate",
            )
            if issue.get(name) is None
        ),
    }
    return {name: value for name, value in issue.items() if name not in hidden}


def _detail(issue: Record, arguments: Arguments, *, unchanged: bool) -> Detail:
    """Which issue it is, and in the service's words what the arguments said about it."""
    fields = {name: issue[name] for name in ("id", "url", "title", "team", "project")}
    said = {
        "priority": issue["priority"]["name"],
        "state": issue["status"],
        "labels": issue["labels"],
        "assignee": issue["assignee"],
    }
    created = not arguments.get("id")
    if created:
        fields["author"] = issue["createdBy"]
    fields.update({name: value for name, value in said.items() if created or name in arguments})
    return Detail(issue["id"], fields, unchanged=unchanged)


def _brief(world: World, key: str) -> Record:
    found = world.get("linear.issues", (key,)) or {}
    return {"id": key, "title": found.get("title", ""), "status": found.get("status")}
