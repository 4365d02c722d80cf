"""Repositories, the people who work on them, teams, and who the agent is."""

from __future__ import annotations

from typing import Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import (
    Answer,
    Arguments,
    applied,
    find_repository,
    paged,
    respond,
    validation_failed,
)
from routine_harness.world.github.complete import complete_world
from routine_harness.world.github.show import compact, minimal, show_repository, show_user
from routine_harness.world.state import Record, World


def get_me(world: World, _: Arguments) -> Answer:
    login = tables.me(world)
    row = tables.get(world, "users", login) or {}
    details = compact(name=row.get("name"), company=row.get("company"), email=row.get("email"))
    return respond(world, {**(show_user(world, login) or {}), "details": details})


def get_teams(world: World, arguments: Arguments) -> Answer:
    login = arguments.get("user") or tables.me(world)
    teams: dict[str, list[Record]] = {}
    for team in world.table("github.teams"):
        if login in team.get("members", ()):
            teams.setdefault(team["organization"], []).append(
                {
                    "name": team.get("name") or team["slug"],
                    "slug": team["slug"],
                    "description": team.get("description") or "",
                }
            )
    return respond(world, [{"org": org, "teams": listed} for org, listed in teams.items()])


def get_team_members(world: World, arguments: Arguments) -> Answer:
    team = tables.get(world, "teams", arguments["org"], arguments["team_slug"])
    return respond(world, list(team.get("members", ())) if team is not None else [])


def get_repository(world: World, arguments: Arguments) -> Answer:
    row = find_repository(world, arguments, "failed to get repository")
    return respond(world, show_repository(world, row))


def list_collaborators(world: World, arguments: Arguments) -> Answer:
    repository = find_repository(world, arguments, "failed to list collaborators")["full_name"]
    rows = tables.of_repository(world, "collaborators", repository)
    wanted = arguments.get("affiliation") or "all"
    rows = [row for row in rows if wanted == "all" or row.get("affiliation", "direct") == wanted]
    shown = [
        {
            "login": row["login"],
            "id": tables.user_id(row["login"]),
            "role_name": row.get("role_name") or "write",
        }
        for row in paged(rows, arguments)
    ]
    return respond(world, shown)


def list_rulesets(world: World, arguments: Arguments) -> Answer:
    repository = find_repository(world, arguments, "failed to list rulesets")["full_name"]
    rows = tables.of_repository(world, "rulesets", repository)
    return respond(world, [{k: v for k, v in row.items() if k != "repository"} for row in rows])


def _put_repository(world: World, full_name: str, **fields: object) -> tuple[World, Record]:
    row: Record = {"full_name": full_name, **fields}
    after = complete_world(tables.put(world, "repositories", row))
    return after, tables.get(after, "repositories", full_name) or row


def create_repository(world: World, arguments: Arguments) -> Answer:
    owner = arguments.get("organization") or tables.me(world)
    full_name = f"{owner}/{arguments['name']}"
    if tables.get(world, "repositories", full_name) is not None:
        raise validation_failed(
            "failed to create repository",
            resource="Repository",
            code="custom",
            field="name",
            message="name already exists on this account",
        )
    files = {"README.md": f"# {arguments['name']}\n"} if arguments.get("autoInit") else {}
    private = bool(arguments.get("private", True))
    given = compact(description=arguments.get("description"), files=files)
    after, row = _put_repository(world, full_name, private=private, **given)
    return applied(world, after, minimal(row), target=full_name, repository=full_name, url=row["html_url"])


def fork_repository(world: World, arguments: Arguments) -> Answer:
    row = find_repository(world, arguments, "failed to fork repository")
    owner = arguments.get("organization") or tables.me(world)
    full_name = f"{owner}/{row['name']}"
    after = world
    fork = tables.get(world, "repositories", full_name)
    if fork is None:
        after, fork = _put_repository(
            world, full_name, fork=True, default_branch=row["default_branch"], description=row["description"]
        )
        for branch in tables.of_repository(world, "branches", row["full_name"]):
            after = tables.put(after, "branches", {**branch, "repository": full_name})
        for commit in tables.of_repository(world, "commits", row["full_name"]):
            after = tables.put(after, "commits", {**commit, "repository": full_name})
    return applied(world, after, minimal(fork), target=full_name, name=full_name, url=fork["html_url"])


def update_repository(world: World, arguments: Arguments) -> Answer:
    row = find_repository(world, arguments, "failed to update repository")
    given: Record = {
        name: arguments[name]
        for name in ("description", "private", "default_branch", "archived")
        if name in arguments
    }
    after = tables.change(world, "repositories", row, **given)
    shown = show_repository(after, {**row, **given})
    return applied(world, after, shown, target=row["full_name"], url=row["html_url"])


def delete_repository(world: World, arguments: Arguments) -> Answer:
    row = find_repository(world, arguments, "failed to delete repository")
    after = world
    for table, keys in tables.TABLES.items():
        if keys[:1] == ("repository",):
            for record in tables.of_repository(world, table, row["full_name"]):
                after = tables.remove(after, table, record)
    after = tables.remove(after, "repositories", row)
    text = f"Repository {row['full_name']} deleted successfully"
    return applied(world, after, text, target=row["full_name"], url=row["html_url"])


OPERATIONS: Final = {
    "get_me": get_me,
    "get_teams": get_teams,
    "get_team_members": get_team_members,
    "get_repository": get_repository,
    "list_repository_collaborators": list_collaborators,
    "list_repository_rulesets": list_rulesets,
    "create_repository": create_repository,
    "fork_repository": fork_repository,
    "update_repository": update_repository,
    "delete_repository": delete_repository,
}
