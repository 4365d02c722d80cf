"""Repositories and their settings, the people who work on them, teams, and who the agent is."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.world.github.operations.contents import find_branch
from routine_harness.world.github.operations.operation import (
    Arguments,
    Done,
    Incomplete,
    applied,
    find_repository,
    found,
    full_name,
    invalid,
    not_found,
)
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.complete import complete_world
from routine_harness.world.state import Record, World
from routine_harness.world.times import iso_seconds


def get_me(world: World, _: Arguments) -> Done:
    login = tables.me(world)
    return found(world, {"login": login, **(tables.get(world, "users", login) or {})})


def get_user(world: World, arguments: Arguments) -> Done:
    """Anybody whom the world knows: by a row of their own, or because they wrote or own something."""
    login = arguments["login"]
    row = tables.get(world, "users", login)
    if row is None and not _is_mentioned(world, login):
        raise not_found()
    return found(world, {"login": login, **(row or {})})


def _is_mentioned(world: World, login: str) -> bool:
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


def get_repository(world: World, arguments: Arguments) -> Done:
    return found(world, find_repository(world, arguments))


def list_repositories(world: World, arguments: Arguments) -> Done:
    owner = arguments.get("owner") or tables.me(world)
    return found(world, [row for row in world.table("github.repositories") if row["owner"] == owner])


def list_languages(world: World, arguments: Arguments) -> Done:
    return found(world, dict(find_repository(world, arguments).get("languages") or {}))


def list_topics(world: World, arguments: Arguments) -> Done:
    return found(world, {"names": list(find_repository(world, arguments).get("topics") or [])})


def set_topics(world: World, arguments: Arguments) -> Done:
    """The topics of a repository, replaced as a whole."""
    row = find_repository(world, arguments)
    names = [str(name).lower() for name in arguments["names"]]
    if names == (row.get("topics") or []):
        return applied(world, world, {"names": names}, target=row["full_name"])
    after = tables.change(world, "repositories", row, topics=names)
    return applied(world, after, {"names": names}, target=row["full_name"])


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
    known = tables.get(world, "users", login) is not None or _is_mentioned(world, login)
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


def _put_repository(world: World, full: str, **fields: Any) -> tuple[World, Record]:
    row: Record = {"full_name": full, **fields}
    after = complete_world(tables.put(world, "repositories", row))
    return after, tables.get(after, "repositories", full) or row


DEFAULT_LABELS: Final = (
    ("bug", "d73a4a", "Something isn't working"),
    ("documentation", "0075ca", "Improvements or additions to documentation"),
    ("duplicate", "cfd3d7", "This issue or pull request already exists"),
    ("enhancement", "a2eeef", "New feature or request"),
    ("good first issue", "7057ff", "Good for newcomers"),
    ("help wanted", "008672", "Extra attention is needed"),
    ("invalid", "e4e669", "This doesn't seem right"),
    ("question", "d876e3", "Further information is requested"),
    ("wontfix", "ffffff", "This will not be worked on"),
)
"""Name, colour and description of the labels that every new repository has."""


def create_repository(world: World, arguments: Arguments) -> Done:
    owner = arguments.get("organization") or tables.me(world)
    full = f"{owner}/{arguments['name']}"
    if tables.get(world, "repositories", full) is not None:
        message = "name already exists on this account"
        raise invalid(resource="Repository", code="custom", field="name", message=message)
    given: Record = {"private": bool(arguments.get("private", True))}
    if arguments.get("description"):
        given["description"] = arguments["description"]
    if arguments.get("auto_init"):
        given["files"] = {"README.md": f"# {arguments['name']}\n"}
    else:
        given["empty"] = True
    after = world
    if arguments.get("organization"):
        after = tables.merge(after, "users", {"login": owner, "type": "Organization"})
    after, row = _put_repository(after, full, **given)
    after = tables.merge(
        after, "collaborators", {"repository": full, "login": tables.me(world), "role_name": "admin"}
    )
    for name, color, about in DEFAULT_LABELS:
        label: Record = {"repository": full, "name": name, "color": color, "description": about}
        label |= {"id": tables.user_id(f"{full}/{name}"), "default": True}
        after = tables.put(after, "labels", label)
    return applied(world, after, row, target=full, repository=full, url=row["html_url"])


def fork_repository(world: World, arguments: Arguments) -> Done:
    row = find_repository(world, arguments)
    full = f"{arguments.get('organization') or tables.me(world)}/{row['name']}"
    after, fork = world, tables.get(world, "repositories", full)
    if fork is None:
        kept = {name: row[name] for name in ("default_branch", "description")}
        after, fork = _put_repository(world, full, fork=True, **kept)
        for table in ("branches", "commits"):
            for record in tables.of_repository(world, table, row["full_name"]):
                after = tables.put(after, table, {**record, "repository": full})
    return applied(world, after, fork, target=full, name=full, url=fork["html_url"])


SETTINGS: Final = (
    "description", "homepage", "private", "default_branch", "archived", "has_issues", "has_wiki",
    "delete_branch_on_merge", "allow_auto_merge", "allow_squash_merge", "allow_merge_commit",
    "allow_rebase_merge", "topics", "visibility",
)  # fmt: skip


def update_repository(world: World, arguments: Arguments) -> Done:
    """Settings, visibility, archiving and renaming: each is an effect of its own in the table."""
    row = find_repository(world, arguments)
    given: Record = {name: arguments[name] for name in SETTINGS if name in arguments}
    if "visibility" in given:
        given["private"] = given["visibility"] != "public"
    after = tables.change(world, "repositories", row, **given)
    changed = {**row, **given}
    new = arguments.get("name")
    if new and new != row["name"]:
        after, changed = _move(after, changed, f"{row['owner']}/{new}")
    return applied(world, after, changed, target=row["full_name"], url=changed["html_url"])


def transfer_repository(world: World, arguments: Arguments) -> Done:
    row = find_repository(world, arguments)
    name = arguments.get("new_name") or row["name"]
    after, moved = _move(world, row, f"{arguments['new_owner']}/{name}")
    return applied(world, after, moved, target=row["full_name"], url=moved["html_url"])


def _move(world: World, row: Record, full: str) -> tuple[World, Record]:
    """``world`` with a repository, and all that is in it, under another name; the old one leads to it."""
    old = row["full_name"]
    owner, _, name = full.partition("/")
    former = [*row.get("former_names", ()), old]
    moved = {
        **row,
        "former_names": former,
        "full_name": full,
        "owner": owner,
        "name": name,
        "html_url": f"https://github.com/{full}",
    }
    world = tables.put(tables.remove(world, "repositories", row), "repositories", moved)
    for table, keys in tables.TABLES.items():
        if keys[:1] == ("repository",):
            for record in tables.of_repository(world, table, old):
                world = tables.put(tables.remove(world, table, record), table, {**record, "repository": full})
    for pull in tables.of_repository(world, "pulls", full):
        if pull["head_repository"] == old:
            world = tables.change(world, "pulls", pull, head_repository=full)
    following = world.counters.get(f"github.number:{old}", 1)
    return world.counting(f"github.number:{full}", following), moved


def delete_repository(world: World, arguments: Arguments) -> Done:
    row, after = find_repository(world, arguments), world
    for table, keys in tables.TABLES.items():
        if keys[:1] == ("repository",):
            for record in tables.of_repository(world, table, row["full_name"]):
                after = tables.remove(after, table, record)
    after = tables.remove(after, "repositories", row)
    return applied(world, after, row, target=row["full_name"], url=row["html_url"])


def set_starred(world: World, arguments: Arguments, *, starred: bool) -> Done:
    row = find_repository(world, arguments)
    after = (
        world
        if bool(row.get("starred")) is starred
        else tables.change(world, "repositories", row, starred=starred)
    )
    return applied(world, after, row, target=row["full_name"])
