"""Which of Linear's issues a list shows: one test for each filter that is given."""

from __future__ import annotations

from collections.abc import Callable

from routine_harness.plain import Json, Record
from routine_harness.world.linear import lookup
from routine_harness.world.linear.lists import fits_age
from routine_harness.world.linear.lookup import find_issue, find_label
from routine_harness.world.simulated import Arguments
from routine_harness.world.state import World

Narrow = Callable[[list[Record]], list[Record]]


def candidates(world: World, arguments: Arguments) -> list[Record]:
    """The issues that look-up by project or team leaves, or all."""
    table = world.table("linear.issues")
    if arguments.get("project"):
        return table.find("project", lookup.project(world, arguments["project"])["name"])
    if arguments.get("team"):
        return table.find("team", lookup.team(world, arguments["team"])["name"])
    return list(table)


def narrowed(world: World, rows: list[Record], arguments: Arguments) -> list[Record]:
    """The rows that fit every filter; people and places that do not exist are refused."""
    for narrow in [*_narrowing(world, arguments), *(_by(test) for test in fits_age(world, arguments))]:
        rows = narrow(rows)
    return rows


def _narrowing(world: World, arguments: Arguments) -> list[Narrow]:
    """One pass over the rows for each filter that is given."""
    passes: list[Narrow] = []
    if not arguments.get("includeArchived"):
        passes.append(lambda rows: [issue for issue in rows if not issue["archivedAt"]])
    if arguments.get("team") and arguments.get("project"):
        passes.append(_equal("team", lookup.team(world, arguments["team"])["name"]))
    for name in ("assignee", "delegate"):
        if name in arguments:
            person = lookup.user(world, arguments[name])["name"] if arguments[name] else None
            passes.append(_equal(name, person))
    if arguments.get("parentId"):
        passes.append(_equal("parentId", find_issue(world, arguments["parentId"])["id"]))
    if arguments.get("label"):
        label = (find_label(world, arguments["label"]) or {"name": arguments["label"]})["name"]
        passes.append(lambda rows: [issue for issue in rows if label in issue["labels"]])
    if "priority" in arguments:
        value = int(arguments["priority"])
        passes.append(lambda rows: [issue for issue in rows if issue["priority"]["value"] == value])
    if arguments.get("state"):
        passes.append(_in_state(world, arguments["state"].lower()))
    if arguments.get("cycle"):
        wanted = str(arguments["cycle"])
        passes.append(_by(lambda issue: wanted in map(str, (issue["cycle"] or {}).values())))
    if arguments.get("release"):
        passes.append(_by(lambda issue: arguments["release"] in issue.get("releases", [])))
    if arguments.get("query"):
        passes.append(_by(_having(arguments["query"].lower().split())))
    return passes


def _equal(field: str, value: Json) -> Narrow:
    return lambda rows: [issue for issue in rows if issue[field] == value]


def _by(test: Callable[[Record], bool]) -> Narrow:
    return lambda rows: [issue for issue in rows if test(issue)]


def _in_state(world: World, said: str) -> Narrow:
    """By the name of a status, its id, or the type of statuses."""
    ids = {one["id"]: one["name"].lower() for one in world.table("linear.statuses")}
    wanted = ids.get(said, said)
    return _by(lambda issue: wanted in (issue["status"].lower(), issue["statusType"]))


def _having(words: list[str]) -> Callable[[Record], bool]:
    def holds(issue: Record) -> bool:
        text = f"{issue['id']} {issue['title']} {issue['description']}".lower()
        return all(word in text for word in words)

    return holds
