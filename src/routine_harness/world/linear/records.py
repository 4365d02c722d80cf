"""Linear's tables: what a world file may say, and how teams, people and the rest are found.

Records hold what the service shows, so a row reads like an answer. Teams, projects, statuses and
labels are named by their names in other records, as the service's answers do.
"""

from __future__ import annotations

import itertools
import re
from typing import Final

from routine_harness.plain import Record
from routine_harness.routine.spec import Binding
from routine_harness.world.identifiers import uuid_of
from routine_harness.world.linear.lookup import find_project, find_team, first, slug
from routine_harness.world.service import Service
from routine_harness.world.state import World
from routine_harness.world.times import iso_millis

SERVICE: Final = Service("linear", lambda table, number: uuid_of(f"linear.{table}", number))
put, new_id = SERVICE.put, SERVICE.new_id
WORKSPACE: Final = "https://linear.app/workspace"
STATUSES: Final = (
    ("Backlog", "backlog"),
    ("Todo", "unstarted"),
    ("In Progress", "started"),
    ("In Review", "started"),
    ("Done", "completed"),
    ("Canceled", "canceled"),
    ("Duplicate", "duplicate"),
)
"""What a new team has; a new issue is in the first one."""
LABELS: Final = (("Bug", "#EB5757"), ("Feature", "#BB87FC"), ("Improvement", "#4EA7FC"))


def stamped(world: World) -> Record:
    """The times of a new record."""
    now = iso_millis(world.clock)
    return {"createdAt": now, "updatedAt": now}


def put_team(world: World, record: Record) -> World:
    """A team with its statuses; found by name, else by key."""
    known = _by(world, "teams", record, ("name", "key", "id"))
    name = str(record.get("name") or (known or {}).get("name") or record.get("key") or "")
    if not name:
        raise ValueError("expected a team with a name or a key")
    key = record.get("key") or (known or {}).get("key")
    if key:
        world = _named_later(world, str(key).upper(), name)
        world = _free_key(world, str(key).upper(), name)
    key = str(key).upper() if key else _unused_key(world, name)
    default = {"id": uuid_of("linear.teams", name), "name": name, **stamped(world)}
    fresh = world.get("linear.teams", (name,)) is None
    world = put(world, "teams", {**record, "name": name, "key": key}, default)
    return _with_defaults(world, name) if fresh else world


def put_project(world: World, record: Record) -> World:
    """A project; its teams are made if need be."""
    if not record.get("name"):
        raise ValueError("expected a project with a name")
    given = dict(record)
    said = given.pop("teams", None) or ([given.pop("team")] if given.get("team") else [])
    names = [team["name"] if isinstance(team, dict) else team for team in said]
    for name in names:
        if find_team(world, name) is None:
            world = put_team(world, {"name": name})
    if names:
        given["teams"] = [(find_team(world, name) or {})["name"] for name in names]
    default: Record = {
        "id": uuid_of("linear.projects", given["name"]),
        "name": given["name"],
        "summary": "",
        "description": "",
        "status": "Backlog",
        "lead": None,
        "teams": [],
        "labels": [],
        "startDate": None,
        "targetDate": None,
        "url": f"{WORKSPACE}/project/{slug(given['name'])}",
        **stamped(world),
    }
    if "state" in given:
        given["status"] = given.pop("state")
    return put(world, "projects", given, default)


def seed_binding(world: World, binding: Binding) -> World:
    """``linear:X`` makes a team and a project X, unless they are there."""
    if find_team(world, binding.name) is None:
        world = put_team(world, {"name": binding.name})
    if find_project(world, binding.name) is None:
        made: Record = {"name": binding.name, "team": (find_team(world, binding.name) or {})["name"]}
        world = put_project(world, {**made, "id": binding.id} if binding.id else made)
    return world


def team_key(name: str) -> str:
    """The key that a new team gets: ``Security`` → SEC."""
    return re.sub(r"[^A-Z0-9]", "", name.upper())[:3] or "TEA"


def _with_defaults(world: World, name: str) -> World:
    for position, (status, kind) in enumerate(STATUSES):
        if world.get("linear.statuses", (name, status)) is None:
            made: Record = {
                "id": uuid_of("linear.statuses", name, status),
                "type": kind,
                "position": position,
            }
            world = put(world, "statuses", {"team": name, "name": status, **made})
    for label, color in LABELS:
        if world.get("linear.labels", (label,)) is None:
            world = put(
                world, "labels", {"name": label, "id": uuid_of("linear.labels", label), "color": color}
            )
    return world


def _named_later(world: World, key: str, name: str) -> World:
    """The world in which the team that was known by ``key`` alone (``linear:SEC``) bears its ``name``."""
    other = first(world, "teams", key, ("name",))
    if other is None or other["key"] != key or other["name"] == name:
        return world
    if world.get("linear.teams", (name,)) is not None:
        return world
    old = other["name"]
    for full in sorted(world.tables):
        connector, _, table = full.partition(".")
        if connector != SERVICE.name:
            continue
        for row_key, row in world.table(full).items():
            renamed = _with_team(table, row, old, name)
            if renamed != row:
                world = put(world.remove(full, row_key), table, renamed)
    return world


def _with_team(table: str, row: Record, old: str, name: str) -> Record:
    """A row that speaks of the team ``old``, speaking of ``name``."""
    changed = dict(row)
    if table == "teams" and row["name"] == old:
        changed["name"] = name
    if row.get("team") == old:
        changed["team"] = name
    if old in (row.get("teams") or ()):
        changed["teams"] = [name if one == old else one for one in row["teams"]]
    return changed


def _free_key(world: World, key: str, name: str) -> World:
    """The world in which no other team holds ``key``: a made-up key gives way to a given one."""
    for other in world.table("linear.teams"):
        if other["key"] == key and other["name"] != name:
            if world.table("linear.issues").find("team", other["name"]):
                raise ValueError(f"the key {key} belongs to the team {other['name']!r}, which has issues")
            world = put(world, "teams", {"name": other["name"], "key": _unused_key(world, other["name"])})
    return world


def _unused_key(world: World, name: str) -> str:
    taken = {other["key"] for other in world.table("linear.teams")}
    base = team_key(name)
    longer = re.sub(r"[^A-Z0-9]", "", name.upper())
    choices = itertools.chain(
        (base,),
        (longer[:size] for size in range(4, len(longer) + 1)),
        (f"{base}{n}" for n in itertools.count(2)),
    )
    return next(key for key in choices if key not in taken)


def _by(world: World, table: str, record: Record, fields: tuple[str, ...]) -> Record | None:
    for field in fields:
        if record.get(field):
            found = first(world, table, str(record[field]), (field,))
            if found is not None:
                return found
    return None
