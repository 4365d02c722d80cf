"""Who there is: the agent, users, organisations, teams, and installations of apps."""

from __future__ import annotations

from routine_harness.world.github.operations.operation import (
    Arguments,
    Done,
    Incomplete,
    applied,
    found,
    not_found,
)
from routine_harness.world.github.records import tables
from routine_harness.world.state import World
from routine_harness.world.times import iso_seconds


def get_me(world: World, _: Arguments) -> Done:
    login = tables.me(world)
    return found(world, {"login": login, **(tables.get(world, "users", login) or {})})


def get_user(world: World, arguments: Arguments) -> Done:
    """Anybody whom the world knows: by a row of their own, or because they wrote or own something."""
    login = arguments["login"]
    row = tables.get(world, "users", login)
    if row is None and not is_mentioned(world, login):
        raise not_found()
    return found(world, {"login": login, **(row or {})})


def is_mentioned(world: World, login: str) -> bool:
    written = ("issues", "pulls", "comments", "reviews")
    return any(row["user"] == login for table in written for row in world.table(f"github.{table}")) or any(
        row["owner"] == login for row in world.table("github.repositories")
    )


def get_organization(world: World, arguments: Arguments) -> Done:
    row = tables.get(world, "users", arguments["login"])
    if row is None or row.get("type") != "Organization":
        raise not_found()
    return found(world, row)


def get_installation(world: World, arguments: Arguments) -> Done:
    """The installation of an app: by its id, or that of an account or of a repository's owner."""
    login = arguments.get("login") or str(arguments.get("repository", "")).partition("/")[0]
    if not world.table("github.installations"):
        raise Incomplete("the installations of apps")
    for row in world.table("github.installations"):
        if row["id"] == arguments.get("installation_id") or row.get("account") == login:
            return found(world, row)
    raise not_found()


def create_token(world: World, arguments: Arguments) -> Done:
    """A token of an installation, good for an hour; only what the installation may do is known."""
    row = tables.get(world, "installations", arguments["installation_id"])
    given = arguments.get("permissions") or (row or {}).get("permissions") or {}
    selection = (row or {}).get("repository_selection") or "all"
    token = f"ghs_{tables.digest('token', arguments['installation_id'], world.clock)[:36]}"
    rows = {
        "token": token, "expires_at": iso_seconds(world.clock + 3600), "permissions": given,
        "repository_selection": selection,
    }  # fmt: skip
    return applied(world, world, rows, target=str(arguments["installation_id"]))


def list_teams(world: World, arguments: Arguments) -> Done:
    """The teams that somebody (by default the agent) is in."""
    login = arguments.get("user") or tables.me(world)
    teams = world.table("github.teams")
    return found(world, [team for team in teams if login in team.get("members", ())])


def list_team_members(world: World, arguments: Arguments) -> Done:
    team = tables.get(world, "teams", arguments["org"], arguments["team_slug"])
    members = team.get("members", ()) if team is not None else ()
    return found(world, [{"login": login, **(tables.get(world, "users", login) or {})} for login in members])
