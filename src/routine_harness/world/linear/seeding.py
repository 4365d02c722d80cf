"""Linear's records from world files: what may be left out, and how it is filled in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.identifiers import uuid_of
from routine_harness.world.linear import lookup, records
from routine_harness.world.linear.issues import issue_defaults
from routine_harness.world.linear.lookup import PRIORITIES, find_label, find_team, find_user
from routine_harness.world.linear.records import SERVICE, put, stamped
from routine_harness.world.state import World

_DATED: Final = ("comments", "documents", "attachments", "milestones", "status_updates")
_NAMED: Final = ("labels", "milestones", "cycles", "initiatives")


def seed_record(world: World, table: str, record: Record) -> World:
    """A record of a world file, merged in; ValueError where it makes no sense."""
    given = SERVICE.dated(record)
    seed = _SEEDS.get(table)
    if seed is not None:
        return seed(world, given)
    world, given = SERVICE.identified(world, table, given)
    if table == "comments":
        given = _comment(world, given)
    return put(world, table, given, _default(world, table, given))


def _seed_user(world: World, record: Record) -> World:
    # A user of whom only the id is known is named by it: a name that is null could not be read back.
    name = next((record[key] for key in ("name", "displayName", "email", "id") if record.get(key)), "")
    if not name and "id" not in record:
        raise ValueError("expected a user with a name")
    known = next(
        (
            u
            for u in world.table("linear.users")
            for f in ("id", "email", "name")
            if record.get(f) and u.get(f) == record[f]
        ),
        None,
    )
    key = record.get("id") or (known["id"] if known else uuid_of("linear.users", name))
    if record.get("teams"):
        named = [(find_team(world, str(one)) or {"name": one})["name"] for one in record["teams"]]
        record = {**record, "teams": named}
    default: Record = {
        "name": name,
        "displayName": lookup.slug(str(name)),
        "isAdmin": False,
        "isGuest": False,
        "isActive": True,
    }
    return put(world, "users", {**record, "id": key}, default)


def _seed_status(world: World, record: Record) -> World:
    if "name" not in record or "team" not in record:
        raise ValueError("expected a status with a name and a team")
    world, team = _team(world, record["team"])
    given = {**record, "team": team["name"]}
    default = {
        "id": uuid_of("linear.statuses", team["name"], record["name"]),
        "type": "unstarted",
        "position": 100,
    }
    return put(world, "statuses", given, default)


def _seed_issue(world: World, record: Record) -> World:
    given = dict(record)
    given.update({"status": given.pop("state")} if "state" in given else {})
    world, team = _team_of(world, given)
    world = _people_and_places(world, given, team)
    if "id" not in given:
        world, number = world.next_id(f"linear.issues.{team['key']}")
        given["id"] = f"{team['key']}-{number}"
    else:
        world = _count(world, team["key"], str(given["id"]))
    if world.get("linear.issues", (given["id"],)) is None and "title" not in given:
        raise ValueError("expected an issue with a title")
    given["team"], given["teamId"] = team["name"], team["id"]
    if "priority" in given:
        given["priority"] = priority(given["priority"])
    if isinstance(given.get("estimate"), int | float):
        given["estimate"] = {"value": given["estimate"], "name": f"{given['estimate']:g} Points"}
    if "status" in given:
        status = lookup.find_status(world, team["name"], str(given["status"]))
        if status is None:
            names = ", ".join(
                one["name"] for one in world.table("linear.statuses").find("team", team["name"])
            )
            raise ValueError(f"expected a status of {team['name']} ({names}), found {given['status']!r}")
        given["status"], given["statusType"] = status["name"], status["type"]
    return put(world, "issues", given, issue_defaults(world, team, given["id"], str(given.get("title", ""))))


def priority(said: Json) -> Record:
    """``2``, ``High`` or ``{value, name}`` as the service shows it.

    Raises:
        ValueError: it is none of them.
    """
    value = said.get("value") if isinstance(said, dict) else said
    for number, name in PRIORITIES.items():
        if str(value).lower() in (number, name.lower()):
            return {"value": int(number), "name": name}
    raise ValueError(f"expected a priority ({', '.join(PRIORITIES.values())} or 0 to 4), found {said!r}")


def _team_of(world: World, given: Record) -> tuple[World, Record]:
    said = given.get("team")
    if said is None and "id" in given:
        key = str(given["id"]).partition("-")[0]
        said = (find_team(world, key) or {"name": key})["name"]
    if said is None and given.get("project"):
        found = lookup.find_project(world, str(given["project"]))
        said = next(iter((found or {}).get("teams", [])), None)
    if said is None:
        teams = list(world.table("linear.teams"))
        if len(teams) != 1:
            raise ValueError(
                "expected an issue with a team" if teams else "expected a team before its issues"
            )
        said = teams[0]["name"]
    return _team(world, said)


def _team(world: World, said: Json) -> tuple[World, Record]:
    found = find_team(world, str(said))
    if found is None:
        world = records.put_team(world, {"name": str(said)})
        found = find_team(world, str(said))
    return world, found or {}


def _people_and_places(world: World, given: Record, team: Record) -> World:
    """Names and ids of the people, the project and the labels; what is not there yet is made."""
    for field in ("assignee", "createdBy", "delegate"):
        if given.get(field):
            found = find_user(world, str(given[field]))
            if found is None:
                world = _seed_user(world, {"name": str(given[field])})
                found = find_user(world, str(given[field])) or {}
            given[field], given[f"{field}Id"] = found["name"], found["id"]
    if given.get("project"):
        if lookup.find_project(world, str(given["project"])) is None:
            world = records.put_project(world, {"name": str(given["project"]), "team": team["name"]})
        found = lookup.find_project(world, str(given["project"])) or {}
        given["project"], given["projectId"] = found["name"], found["id"]
    if "labels" in given:
        names: list[str] = []
        for label in given["labels"]:
            world, name = _label(world, label)
            names.append(name)
        given["labels"] = list(dict.fromkeys(names))
    return world


def _label(world: World, said: str) -> tuple[World, str]:
    """The name of the label called ``said`` in any case; a new one is made."""
    found = find_label(world, said)
    if found is not None:
        return world, str(found["name"])
    made = {"name": said, "id": uuid_of("linear.labels", said), "color": "#bec2c8"}
    return put(world, "labels", made), said


def _respelt(world: World, label: Record, name: str) -> World:
    """The world in which ``label``, known in another case until now, is called ``name``."""
    old = label["name"]
    for issue in world.table("linear.issues"):
        if old in issue["labels"]:
            labels = [name if one == old else one for one in issue["labels"]]
            world = put(world, "issues", {**issue, "labels": labels})
    return put(world.remove("linear.labels", (old,)), "labels", {**label, "name": name})


def _seed_label(world: World, record: Record) -> World:
    """A label by its name in any case: two that differ in case alone are one."""
    world, given = SERVICE.identified(world, "labels", record)
    known = find_label(world, given["name"])
    if known is not None and known["name"] != given["name"]:
        world = _respelt(world, known, given["name"])
    if given.get("team"):
        world, team = _team(world, given["team"])
        given["team"] = team["name"]
    return put(world, "labels", given, _default(world, "labels", given))


def _count(world: World, key: str, issue: str) -> World:
    """The world whose next number of the team lies above the one given."""
    number = issue.rpartition("-")[2]
    counter = f"linear.issues.{key}"
    if not number.isdigit() or world.counters.get(counter, 1) > int(number):
        return world
    return world.counting(counter, int(number) + 1)


def _comment(world: World, given: Record) -> Record:
    """A comment on ``issue`` (or another subject) in the fields that the model holds."""
    for kind in ("issue", "project", "document", "milestone", "initiative", "status_update"):
        if kind in given:
            given = {**{k: v for k, v in given.items() if k != kind}, "on": given[kind], "on_kind": kind}
    if "on" not in given or "body" not in given:
        raise ValueError("expected a comment with a body on an issue")
    author = given.get("author", given.pop("user", "me"))
    name = str(author.get("name", "")) if isinstance(author, dict) else str(author)
    found = find_user(world, name) or {"id": uuid_of("linear.users", name), "name": name}
    shown = {"id": found["id"], "name": found["name"]}
    return {"on_kind": "issue", "parentId": None, **given, "author": shown}


def _default(world: World, table: str, given: Record) -> Record:
    default: Record = stamped(world) if table in _DATED else {}
    named = given.get("name") or given.get("number") or given.get("id")
    if table in _NAMED:
        default.update({field: given[field] for field in SERVICE.keys[table]})
        default["id"] = uuid_of(f"linear.{table}", given.get("project", given.get("team", "")), named)
    return default


_SEEDS: Final[dict[str, Callable[[World, Record], World]]] = {
    "users": _seed_user,
    "teams": records.put_team,
    "labels": _seed_label,
    "projects": records.put_project,
    "statuses": _seed_status,
    "issues": _seed_issue,
}
