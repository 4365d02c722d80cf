"""Linear's teams, users, statuses and labels."""

from __future__ import annotations

from routine_harness.plain import Record
from routine_harness.world.identifiers import uuid_of
from routine_harness.world.linear import lookup
from routine_harness.world.linear.lists import fits_age, has_words, listing
from routine_harness.world.linear.lookup import me, missing, refuse
from routine_harness.world.linear.records import put
from routine_harness.world.simulated import Answer, Arguments, Detail
from routine_harness.world.state import World


def list_teams(world: World, arguments: Arguments) -> Answer:
    """The workspace's teams."""
    tests = fits_age(world, arguments)
    rows = [
        one
        for one in world.table("linear.teams")
        if has_words(arguments.get("query"), one["name"], one["key"]) and all(test(one) for test in tests)
    ]
    return listing(world, "teams", rows, arguments, dict)


def get_team(world: World, arguments: Arguments) -> Answer:
    """One team by name, key or id."""
    return Answer(world, lookup.team(world, arguments["query"]))


def list_users(world: World, arguments: Arguments) -> Answer:
    """The workspace's users."""
    users = list(world.table("linear.users"))
    if not any(user.get("me") for user in users):
        users.append(me(world))
    if arguments.get("team"):
        team = lookup.team(world, arguments["team"])["name"]
        users = [user for user in users if team in user.get("teams", [team])]
    rows = [
        user
        for user in users
        if has_words(arguments.get("query"), user["name"], user.get("displayName"), user.get("email"))
    ]
    return listing(world, "users", rows, arguments, _user)


def get_user(world: World, arguments: Arguments) -> Answer:
    """One user by name, address, id or ``me``."""
    return Answer(world, _user(lookup.user(world, arguments["query"])))


def list_issue_statuses(world: World, arguments: Arguments) -> Answer:
    """A team's statuses in order."""
    team = lookup.team(world, arguments["team"])
    found = world.table("linear.statuses").find("team", team["name"])
    found.sort(key=lambda one: int(one["position"]))
    return Answer(world, [_status(one) for one in found])


def get_issue_status(world: World, arguments: Arguments) -> Answer:
    """One status of a team by id or name."""
    team = lookup.team(world, arguments["team"])
    said = arguments.get("id") or arguments.get("name")
    found = lookup.find_status(world, team["name"], said) if said else None
    if found is None:
        raise missing("WorkflowState")
    return Answer(world, _status(found))


def list_issue_labels(world: World, arguments: Arguments) -> Answer:
    """The labels of the workspace and, where one is named, of a team."""
    team = lookup.team(world, arguments["team"])["name"] if arguments.get("team") else None
    rows = [
        one
        for one in world.table("linear.labels")
        if has_words(arguments.get("name"), one["name"]) and (team is None or one.get("team") in (None, team))
    ]
    return listing(world, "labels", rows, arguments, dict)


def create_issue_label(world: World, arguments: Arguments) -> Answer:
    """A new label; two of one name are refused."""
    name = arguments["name"].strip()
    if not name:
        raise refuse("name should not be empty")
    if lookup.find_label(world, name) is not None:
        raise refuse(f"A label with the name '{name}' already exists.")
    record: Record = {
        "name": name,
        "id": uuid_of("linear.labels", name),
        "color": arguments.get("color", "#bec2c8"),
        "description": arguments.get("description"),
        "isGroup": bool(arguments.get("isGroup")),
    }
    if arguments.get("teamId"):
        record["team"] = lookup.team(world, arguments["teamId"])["name"]
    if arguments.get("parent"):
        parent = lookup.find_label(world, arguments["parent"])
        if parent is None:
            raise missing("IssueLabel")
        record["parent"] = parent["name"]
    world = put(world, "labels", record)
    return Answer(
        world,
        record,
        (Detail(name, {"id": record["id"], "color": record["color"], "team": record.get("team")}),),
    )


def _user(user: Record) -> Record:
    return {name: value for name, value in user.items() if name not in ("me", "teams")}


def _status(status: Record) -> Record:
    return {"id": status["id"], "type": status["type"], "name": status["name"]}
