"""Which of Linear's issues a list shows: one test for each filter that is given."""

from __future__ import annotations

from typing import Any

from routine_harness.world.linear import lookup
from routine_harness.world.linear.lists import fits_age
from routine_harness.world.linear.lookup import find_issue, find_label
from routine_harness.world.modelled import Arguments
from routine_harness.world.state import Record, World


def candidates(world: World, arguments: Arguments) -> list[Record]:
    table = world.table("linear.issues")
    if arguments.get("project"):
        return table.find("project", lookup.project(world, arguments["project"])["name"])
    if arguments.get("team"):
        return table.find("team", lookup.team(world, arguments["team"])["name"])
    return list(table)


def filters(world: World, arguments: Arguments) -> list[Any]:
    """One test an argument; people and places that nobody knows are refused."""
    tests: list[Any] = []
    if not arguments.get("includeArchived"):
        tests.append(lambda issue: not issue["archivedAt"])
    if arguments.get("team"):
        team = lookup.team(world, arguments["team"])["name"]
        tests.append(lambda issue: issue["team"] == team)
    for name in ("assignee", "delegate"):
        if name in arguments:
            person = lookup.user(world, arguments[name])["name"] if arguments[name] else None
            tests.append(lambda issue, name=name, person=person: issue[name] == person)
    if arguments.get("query"):
        words = arguments["query"].lower().split()
        tests.append(
            lambda issue: all(
                w in f"{issue['id']} {issue['title']} {issue['description']}".lower() for w in words
            )
        )
    if arguments.get("state"):
        state = arguments["state"].lower()
        ids = {one["id"]: one["name"].lower() for one in world.table("linear.statuses")}
        tests.append(lambda issue: ids.get(state, state) in (issue["status"].lower(), issue["statusType"]))
    if arguments.get("label"):
        label = (find_label(world, arguments["label"]) or {"name": arguments["label"]})["name"]
        tests.append(lambda issue: label in issue["labels"])
    if "priority" in arguments:
        tests.append(lambda issue: issue["priority"]["value"] == int(arguments["priority"]))
    if arguments.get("parentId"):
        parent = find_issue(world, arguments["parentId"])["id"]
        tests.append(lambda issue: issue["parentId"] == parent)
    if arguments.get("cycle"):
        wanted = str(arguments["cycle"])
        tests.append(lambda issue: wanted in map(str, (issue["cycle"] or {}).values()))
    if arguments.get("release"):
        tests.append(lambda issue: arguments["release"] in issue.get("releases", []))
    return [*tests, *fits_age(world, arguments)]
