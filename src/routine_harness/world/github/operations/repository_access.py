"""Who may do what in a repository: collaborators, teams, protected branches, rulesets."""

from __future__ import annotations

from typing import Final

from routine_harness.plain import Record
from routine_harness.world.github.operations.accounts import is_mentioned
from routine_harness.world.github.operations.contents import find_branch
from routine_harness.world.github.operations.operation import (
    Arguments,
    Done,
    Incomplete,
    applied,
    found,
    full_name,
    not_found,
)
from routine_harness.world.github.records import tables
from routine_harness.world.state import World


def add_team(world: World, arguments: Arguments) -> Done:
    """A team that may work on a repository; a team named by its number has that for a slug."""
    repository, wanted = full_name(world, arguments), arguments.get("team") or arguments.get("team_id")
    owner = arguments.get("organization") or repository.partition("/")[0]
    teams = [row for row in world.table("github.teams") if wanted in (row["slug"], row.get("id"))]
    row: Record = teams[0] if teams else {"organization": owner, "slug": str(wanted)}
    allowed = {**row.get("repositories", {}), repository: arguments.get("permission") or "push"}
    after = tables.change(world, "teams", row, repositories=allowed)
    return applied(world, after, target=repository, name=str(wanted))


def remove_team(world: World, arguments: Arguments) -> Done:
    repository, wanted = full_name(world, arguments), arguments.get("team") or arguments.get("team_id")
    after = world
    for row in world.table("github.teams"):
        if wanted in (row["slug"], row.get("id")) and repository in row.get("repositories", {}):
            kept = {name: role for name, role in row["repositories"].items() if name != repository}
            after = tables.change(after, "teams", row, repositories=kept)
    return applied(world, after, target=repository, name=str(wanted))


def list_collaborators(world: World, arguments: Arguments) -> Done:
    rows = tables.of_repository(world, "collaborators", full_name(world, arguments))
    wanted = arguments.get("affiliation") or "all"
    return found(
        world, [row for row in rows if wanted == "all" or row.get("affiliation", "direct") == wanted]
    )


_PERMISSIONS: Final = {"maintain": "write", "triage": "read"}


def get_permission(world: World, arguments: Arguments) -> Done:
    """What a login may do: as a collaborator, as the owner; anybody else whom the world knows may read.

    Raises:
        Incomplete: the world says nothing of that login.
    """
    repository, login = full_name(world, arguments), arguments["login"]
    row = tables.get(world, "collaborators", repository, login)
    known = tables.get(world, "users", login) is not None or is_mentioned(world, login)
    if row is None and not known:
        raise Incomplete(f"what {login} may do in {repository}")
    role = "admin" if login == repository.partition("/")[0] else "read"
    role = str((row or {}).get("role_name") or ("write" if row is not None else role))
    return found(world, {"permission": _PERMISSIONS.get(role, role), "role_name": role, "login": login})


def check_collaborator(world: World, arguments: Arguments) -> Done:
    if tables.get(world, "collaborators", full_name(world, arguments), arguments["login"]) is None:
        raise not_found()
    return found(world, None)


def add_collaborator(world: World, arguments: Arguments) -> Done:
    repository, login = full_name(world, arguments), arguments["username"]
    role = {"push": "write", "pull": "read"}.get(
        arguments.get("permission") or "push", arguments.get("permission")
    )
    row = {"repository": repository, "login": login, "role_name": role}
    after = tables.merge(world, "collaborators", row)
    return applied(world, after, row, target=f"{repository} {login}", name=login)


def remove_collaborator(world: World, arguments: Arguments) -> Done:
    repository, login = full_name(world, arguments), arguments["username"]
    row = tables.get(world, "collaborators", repository, login)
    after = world if row is None else tables.remove(world, "collaborators", row)
    return applied(world, after, target=f"{repository} {login}", name=login)


def list_rulesets(world: World, arguments: Arguments) -> Done:
    return found(world, tables.of_repository(world, "rulesets", full_name(world, arguments)))


def get_protection(world: World, arguments: Arguments) -> Done:
    repository, name = full_name(world, arguments), arguments["branch"]
    branch = find_branch(world, repository, name)
    if branch is None:
        raise _refused("Branch not found")
    if not branch.get("protected"):
        raise _refused("Branch not protected")
    return found(world, branch.get("protection") or {"enabled": True})


def _refused(message: str) -> Exception:
    refused = not_found()
    refused.message = message
    return refused


def set_protection(world: World, arguments: Arguments) -> Done:
    return _protect(
        world, arguments, {k: v for k, v in arguments.items() if k not in ("repository", "branch", "part")}
    )


def remove_protection(world: World, arguments: Arguments) -> Done:
    get_protection(world, arguments)
    return _protect(world, arguments, None)


def _protect(world: World, arguments: Arguments, protection: Record | None) -> Done:
    repository, name = full_name(world, arguments), arguments["branch"]
    branch = find_branch(world, repository, name)
    if branch is None:
        raise _refused("Branch not found")
    protected = protection is not None
    after = tables.change(world, "branches", branch, protected=protected, protection=protection)
    return applied(world, after, protection, target=f"{repository}@{name}", name=name)
