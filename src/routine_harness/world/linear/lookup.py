"""How Linear's records are found, and the words with which the service says that they are not."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.world.identifiers import uuid_of
from routine_harness.world.simulated import Refused
from routine_harness.world.state import World

ME: Final[Record] = {
    "id": uuid_of("linear.users", "routine-owner"),
    "name": "Routine Owner",
    "displayName": "routine-owner",
    "email": "routine-owner@example.com",
    "isAdmin": False,
    "isGuest": False,
    "isActive": True,
    "me": True,
}
"""The person whose account the connector uses, unless a world file marks another with ``me: true``."""

PRIORITIES: Final = {"0": "None", "1": "Urgent", "2": "High", "3": "Medium", "4": "Low"}
"""Linear's numbers and the names that it answers with."""


def refuse(message: str) -> Refused:
    """The refusal with the service's envelope around ``message``."""
    body = {"error": "invalid_request", "message": message, "status": 400}
    return Refused(msgspec.json.encode(body).decode())


def missing(entity: str) -> Refused:
    """``Could not find referenced Issue.``"""
    return refuse(f"Could not find referenced {entity}.")


def me(world: World) -> Record:
    """The person as whom the connector acts."""
    return next((user for user in world.table("linear.users") if user.get("me")), ME)


def find_user(world: World, said: str) -> Record | None:
    """A user by id, name, display name, e-mail address or ``me``."""
    own = me(world)
    if said == "me":
        return own
    users = [*world.table("linear.users"), own]
    low = said.lower().lstrip("@")
    return next(
        (
            user
            for user in users
            if low in (str(user.get(f, "")).lower() for f in ("id", "name", "displayName", "email"))
        ),
        None,
    )


def find_team(world: World, said: str) -> Record | None:
    """A team by name, key or id."""
    return world.get("linear.teams", (said,)) or first(world, "teams", said, ("name", "key", "id"))


def find_project(world: World, said: str) -> Record | None:
    """A project by name, id or slug."""
    found = world.get("linear.projects", (said,)) or first(world, "projects", said, ("name", "id"))
    return found or next((p for p in world.table("linear.projects") if slug(p["name"]) == slug(said)), None)


def find_status(world: World, team: str, said: str) -> Record | None:
    """A team's status by name, id or type."""
    statuses = world.table("linear.statuses").find("team", team)
    low = said.lower()
    for field in ("name", "id", "type"):
        for status in statuses:
            if str(status.get(field, "")).lower() == low:
                return status
    return None


def find_label(world: World, said: str) -> Record | None:
    """A label by name or id."""
    return world.get("linear.labels", (said,)) or first(world, "labels", said, ("name", "id"))


def team(world: World, said: str) -> Record:
    """The team, or the service's refusal."""
    return _known(find_team(world, said), "Team")


def project(world: World, said: str) -> Record:
    """The project, or the service's refusal."""
    return _known(find_project(world, said), "Project")


def user(world: World, said: str) -> Record:
    """The user, or the service's refusal."""
    return _known(find_user(world, said), "User")


def find_issue(world: World, said: str) -> Record:
    """An issue by its key (in any case) or its address, or the service's refusal."""
    match = re.search(r"/issue/([A-Za-z0-9]+-\d+)", said)
    key = (match[1] if match else said).upper()
    return _known(world.get("linear.issues", (key,)) or world.get("linear.issues", (said,)), "Issue")


def _known(found: Record | None, entity: str) -> Record:
    if found is None:
        raise missing(entity)
    return found


def slug(name: str) -> str:
    """A name as Linear's addresses write it."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def first(world: World, table: str, said: Json, fields: tuple[str, ...]) -> Record | None:
    low = str(said).lower()
    rows = world.table(f"linear.{table}")
    return next((row for field in fields for row in rows if str(row.get(field, "")).lower() == low), None)
